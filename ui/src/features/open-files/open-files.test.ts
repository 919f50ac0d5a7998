import { cleanup, fireEvent, render, screen, within } from "@testing-library/svelte";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { runningWindow, settled as settle, violations } from "../../../tests/fake-window";
import type { ApplicationFiles } from "../../bindings/ApplicationFiles";
import type { FakePlatform } from "../../platform/fake";
import { ApiFailure } from "../../platform/platform";
import { time } from "../../shared/time/time.svelte";
import FilesPanel from "./FilesPanel.svelte";

const id = "process:~/code/catalog-web";
let fake: FakePlatform;

beforeEach(async () => {
  fake = await runningWindow();
});
afterEach(() => {
  cleanup();
  time.live();
});

/** Changes what is answered. */
function answer(more: Partial<ApplicationFiles>) {
  const call = fake.call.bind(fake);
  fake.call = async (command, request) => {
    const told = await call(command, request);
    return command === "application_files" ? { ...told, ...more } : told;
  };
}
const asked = () => fake.calls.filter(({ command }) => command === "application_files").length;

describe("open files", () => {
  it("tells what is held, how, by whom, and what a deleted file keeps", async () => {
    render(FilesPanel, { id, members: "41877,41902" });
    await settle();
    const rows = within(screen.getByRole("grid", { name: "Open files" })).getAllByRole("row");
    expect(rows[1]).toHaveTextContent("/home/dev/code/catalog-web/.cache/trace.json");
    expect(rows[1]).toHaveTextContent("deleted");
    expect(rows[1]).toHaveTextContent("700MiB");
    expect(rows[2]).toHaveTextContent("append");
    expect(screen.getByText("on nfs4, not asked")).toBeInTheDocument();
    expect(screen.getByText("14 sockets, not listed")).toBeInTheDocument();
    expect(screen.getByText("deleted and still taking 700 MiB")).toBeInTheDocument();
    expect(screen.getByRole("button", { name: "Copy /dev/pts/3" })).toBeInTheDocument();
    expect(await violations()).toEqual([]);
  });

  it("is filtered by text, and shows all again", async () => {
    render(FilesPanel, { id, members: "41877" });
    await settle();
    const field = screen.getByRole("textbox", { name: "Filter by path, kind or process" });
    await fireEvent.input(field, { target: { value: "append log" } });
    const grid = screen.getByRole("grid", { name: "Open files" });
    expect(grid).toHaveAttribute("aria-rowcount", "2");
    await fireEvent.input(field, { target: { value: "nowhere" } });
    expect(screen.getByText(/None of 8 files has “nowhere” in it/)).toBeInTheDocument();
    await fireEvent.click(screen.getByRole("button", { name: "Show all" }));
    expect(screen.getByRole("grid", { name: "Open files" })).toHaveAttribute("aria-rowcount", "9");
  });

  it("is read again on demand and when processes change, not with every frame", async () => {
    const { rerender } = render(FilesPanel, { id, members: "41877" });
    await settle();
    expect(asked()).toBe(1);
    fake.tick(10);
    await settle();
    expect(asked()).toBe(1);
    await fireEvent.click(screen.getByRole("button", { name: "Read again" }));
    await settle();
    expect(asked()).toBe(2);
    await rerender({ members: "41877,41902" });
    await settle();
    expect(asked()).toBe(3);
  });

  it("says what was denied, what is missing and what hangs", async () => {
    answer({ denied_count: 3, process_count: 5, more: true, timed_out: true });
    render(FilesPanel, { id, members: "41877" });
    await settle();
    expect(screen.getByText(/^3 of 5 processes do not let this user/)).toBeInTheDocument();
    expect(screen.getByText(/did not answer in time/)).toBeInTheDocument();
    expect(screen.getByText(/more than are read at once/)).toBeInTheDocument();
    cleanup();
    answer({ denied_count: 5, process_count: 5, files: [] });
    render(FilesPanel, { id, members: "41877" });
    await settle();
    expect(screen.getByText("Its files may not be seen")).toBeInTheDocument();
  });

  it("knows nothing of the past, and says so without asking", async () => {
    time.rewind(fake.now_ms - 60_000);
    render(FilesPanel, { id, members: "41877" });
    await settle();
    expect(screen.getByText("Open files are not recorded")).toBeInTheDocument();
    expect(asked()).toBe(0);
    await fireEvent.click(screen.getByRole("button", { name: "Go live" }));
    await settle();
    expect(screen.getByRole("grid", { name: "Open files" })).toBeInTheDocument();
  });

  it("shows why it failed and tries again", async () => {
    fake.fail("application_files", new ApiFailure("refused", "only of this machine"));
    render(FilesPanel, { id, members: "41877" });
    await settle();
    expect(screen.getByRole("alert")).toHaveTextContent("only of this machine");
    fake.fail("application_files", null);
    await fireEvent.click(screen.getByRole("button", { name: "Try again" }));
    await settle();
    expect(screen.getByRole("grid", { name: "Open files" })).toBeInTheDocument();
  });
});
