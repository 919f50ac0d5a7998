import { fireEvent, screen } from "@testing-library/svelte";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { violations } from "../../../tests/fake-window";
import { router } from "../../shared/router.svelte";
import { settings } from "../../shared/settings.svelte";
import { time } from "../../shared/time/time.svelte";
import { choices } from "./list.svelte";
import { build, fake, names, row, settle, shown, strike } from "./test-stage";

beforeEach(() => build());
afterEach(strike);

describe("choosing", () => {
  it("tells about one, and what several come to", async () => {
    const grid = await shown();
    const rows = grid.querySelectorAll('[role="row"]');
    await fireEvent.click(rows[1]!);
    await settle();
    expect(screen.getByText("Command line")).toBeInTheDocument();
    expect(router.path[1]).toMatch(/^\d+:\d+$/);
    await fireEvent.click(rows[3]!, { shiftKey: true });
    await settle();
    expect(screen.getByText("3 selected")).toBeInTheDocument();
  });

  it("copies what is shown as CSV with raw figures", async () => {
    const writeText = vi.fn(async () => undefined);
    Object.defineProperty(navigator, "clipboard", { value: { writeText }, configurable: true });
    const grid = await shown([row(2, { name: "=1+1", cpu_ratio: 0.5 })]);
    grid.focus();
    await fireEvent.keyDown(grid, { key: "c", ctrlKey: true });
    await settle();
    const [head, line] = String(writeText.mock.calls[0]?.at(0)).split("\r\n");
    expect(head).toContain("name,command,user,pid");
    expect(line).toContain("'=1+1,/bin/p2 --flag,anna,2");
    expect(screen.getByText("Copied: 1 row")).toBeInTheDocument();
  });

  it("saves the chosen columns", async () => {
    await shown([row(2)]);
    await settings.change({ columns: { processes: ["name", "parent"] } });
    await settle();
    const heads = screen.getAllByRole("columnheader").map((head) => head.textContent?.trim());
    expect(heads).toEqual(["Process and command", "Parent", "CPU", "RSS"]);
  });
});

it("shows the processes of a past moment", async () => {
  choices.mode = "tree";
  await shown();
  time.rewind(Date.UTC(2026, 10, 24, 9, 30));
  await settle();
  expect(fake.calls.find((call) => call.command === "processes")?.request).toEqual({
    at_ms: Date.UTC(2026, 10, 24, 9, 30),
  });
  expect(fake.subscribed).not.toContain("processes");
  expect(screen.getByRole("button", { name: /Freeze/ })).toBeDisabled();
});

it("shows names and commands as the text they are", async () => {
  const grid = await shown([
    row(2, { name: "<b>bold</b>", command: `sh -c "\u202e${"y".repeat(100_000)}"` }),
  ]);
  expect(grid.querySelector("b")).toBeNull();
  expect(names(grid)).toEqual(["<b>bold</b>"]);
  const command = grid.querySelector(".command")?.textContent ?? "";
  expect(command).toContain("\\u202e");
  expect(command.length).toBeLessThan(500);
});

it("has nothing that axe finds", async () => {
  choices.mode = "tree";
  const grid = await shown();
  await fireEvent.click(grid.querySelectorAll('[role="row"]')[2]!);
  await settle();
  expect(await violations()).toEqual([]);
});
