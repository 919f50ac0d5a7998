import { cleanup, fireEvent, render, screen, within } from "@testing-library/svelte";
import { tick } from "svelte";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { violations } from "../../../tests/fake-window";
import type { StreamFrame } from "../../bindings/StreamFrame";
import { FakePlatform } from "../../platform/fake";
import { hostFrameAt } from "../../platform/fake/host";
import { ApiFailure, setPlatform } from "../../platform/platform";
import { router } from "../../shared/router.svelte";
import { settings } from "../../shared/settings.svelte";
import { TableState } from "../../shared/table/table.svelte";
import { time } from "../../shared/time/time.svelte";
import ApplicationsList from "./ApplicationsList.svelte";
import { choices } from "./list.svelte";

let fake: FakePlatform;

beforeEach(async () => {
  fake = new FakePlatform();
  setPlatform(fake);
  location.hash = "#/applications";
  router.go("applications");
  time.live();
  time.tick({ ...hostFrameAt(fake.now_ms) });
  await settings.load();
  choices.table = new TableState({ column: "cpu", descending: true });
  choices.kind = null;
  choices.group = "kind";
});
afterEach(() => {
  cleanup();
  time.live();
});

/** Answers are there after a turn of the loop, what follows from them after another. */
async function settle() {
  for (let turn = 0; turn < 4; turn += 1) {
    await new Promise((resolve) => setTimeout(resolve));
    await tick();
  }
}

async function shown() {
  render(ApplicationsList);
  await settle();
  return screen.getByRole("grid");
}

const names = (grid: HTMLElement) =>
  [...grid.querySelectorAll('[role="row"] .name .isolate')].map((cell) => cell.textContent ?? "");

const typeFilter = async (text: string) => {
  await fireEvent.input(screen.getByRole("textbox", { name: "Filter" }), {
    target: { value: text },
  });
  await settle();
};

describe("the table of applications", () => {
  it("groups by kind and tells the sums and the rest", async () => {
    const grid = await shown();
    expect(within(grid).getByRole("button", { name: /Containers/ })).toBeInTheDocument();
    expect(names(grid).slice(0, 3)).toEqual(["catalog-web", "notes-api", "shop / api"]);
    expect(within(grid).getByText("unattributed")).toBeInTheDocument();
    expect(screen.getByText(/16 applications, 33\d processes/)).toBeInTheDocument();
  });

  it("sorts by any column, and says so", async () => {
    const grid = await shown();
    choices.group = null;
    await fireEvent.click(within(grid).getByRole("button", { name: "Name" }));
    await settle();
    expect(names(grid).slice(0, 3)).toEqual(["catalog-web", "cron", "Docker Engine"]);
    expect(within(grid).getByRole("columnheader", { name: "Name" })).toHaveAttribute(
      "aria-sort",
      "ascending",
    );
    await fireEvent.click(within(grid).getByRole("button", { name: "Name" }));
    await settle();
    expect(names(grid)[0]).toBe("Visual Studio Code");
  });

  it("filters by the query, with the finished terms as chips", async () => {
    const grid = await shown();
    await typeFilter("kind:docker port:6379 ");
    expect(names(grid)).toEqual(["shop / redis"]);
    expect(screen.getByRole("button", { name: "Remove kind:docker" })).toBeInTheDocument();
    expect(screen.getByText("1 of 16")).toBeInTheDocument();
    await fireEvent.click(screen.getByRole("button", { name: "Remove port:6379" }));
    await settle();
    expect(names(grid)).toHaveLength(3);
  });

  it("takes the kinds as they are shown, in both languages, and offers them all the time", async () => {
    const grid = await shown();
    const all = () =>
      within(screen.getByRole("radiogroup", { name: "Kind" })).getAllByRole("radio");
    const offered = all().length;
    await typeFilter("kind:containers port:6379 ");
    expect(names(grid)).toEqual(["shop / redis"]);
    expect(all()).toHaveLength(offered);
    await typeFilter("kind:contenedor port:6379 ");
    expect(names(grid)).toEqual(["shop / redis"]);
  });

  it("says in plain words what is wrong with a query and hides nothing for it", async () => {
    const grid = await shown();
    await typeFilter("colour:red ");
    expect(screen.getByText(/There is no field “colour”/)).toBeInTheDocument();
    expect(names(grid).length).toBeGreaterThan(10);
  });

  it("says which filter hides everything and takes it away", async () => {
    await shown();
    choices.kind = "docker";
    await typeFilter("port:5432 ");
    expect(screen.getByText("Nothing matches 2 filters")).toBeInTheDocument();
    expect(screen.getByText("there would be 3.", { exact: false })).toBeInTheDocument();
    await fireEvent.click(screen.getByRole("button", { name: "Remove that filter" }));
    await settle();
    expect(names(screen.getByRole("grid"))).toHaveLength(3);
  });

  it("is worked with keys", async () => {
    const grid = await shown();
    choices.group = null;
    grid.focus();
    await fireEvent.keyDown(grid, { key: "End" });
    await settle();
    const active = () => document.getElementById(grid.getAttribute("aria-activedescendant") ?? "");
    expect(active()).toHaveAttribute("aria-rowindex", "17");
    await fireEvent.keyDown(grid, { key: "Home" });
    await fireEvent.keyDown(grid, { key: "ArrowDown" });
    await settle();
    await fireEvent.keyDown(grid, { key: " " });
    await settle();
    expect(active()).toHaveAttribute("aria-selected", "true");
    await fireEvent.keyDown(grid, { key: "a", ctrlKey: true });
    expect(choices.table.selection.selected.size).toBe(16);
    await fireEvent.keyDown(grid, { key: "Escape" });
    expect(choices.table.selection.selected.size).toBe(0);
    await fireEvent.keyDown(grid, { key: "/" });
    expect(screen.getByRole("textbox", { name: "Filter" })).toHaveFocus();
    grid.focus();
    await fireEvent.keyDown(grid, { key: "Enter" });
    expect(router.path[0]).toBe("applications");
    expect(router.path[1]).toBe(active()?.querySelector(".name") && choices.table.selection.cursor);
  });

  it("filters and groups by what applications are for", async () => {
    const grid = await shown();
    await fireEvent.click(screen.getByRole("button", { name: "Show" }));
    await settle();
    await fireEvent.click(screen.getByRole("menuitemcheckbox", { name: "Databases 1" }));
    await settle();
    expect(choices.table.query.trim()).toBe("class:database");
    expect(names(grid)).toEqual(["PostgreSQL 16"]);
    await fireEvent.click(screen.getByRole("menuitemcheckbox", { name: "Databases 1" }));
    choices.group = "class";
    await settle();
    expect(choices.table.query.trim()).toBe("");
    expect(screen.getByText("Web servers")).toBeInTheDocument();
  });

  it("holds the order under the pointer while figures change", async () => {
    const grid = await shown();
    choices.group = null;
    await settle();
    await fireEvent.pointerEnter(grid);
    const order = names(grid);
    const cpu = () => grid.querySelectorAll(".figure")[0]?.textContent;
    const before = cpu();
    for (let second = 0; second < 20; second += 1) fake.tick(7);
    await settle();
    expect(names(grid)).toEqual(order);
    expect(cpu(), "figures go on").not.toBe(before);
    expect(screen.getByText(/order held/)).toBeInTheDocument();
    await fireEvent.pointerLeave(grid);
    await settle();
    expect(screen.queryByText(/order held/)).toBeNull();
  });

  it("shows a past moment and stops the stream meanwhile", async () => {
    await shown();
    time.rewind(Date.UTC(2026, 10, 24, 9, 30));
    await settle();
    expect(fake.calls.findLast((call) => call.command === "applications")?.request).toEqual({
      at_ms: Date.UTC(2026, 10, 24, 9, 30),
    });
    expect(fake.subscribed).not.toContain("applications");
    expect(names(screen.getByRole("grid")), "it began later").not.toContain("notes-api");
  });

  it("says when nothing was recorded, with the way out", async () => {
    await shown();
    fake.fail("applications", new ApiFailure("not_recorded", "no"));
    time.rewind(fake.now_ms - 3_600_000);
    await settle();
    expect(screen.getByText("Nothing was recorded then")).toBeInTheDocument();
    await fireEvent.click(screen.getByRole("button", { name: "Go live" }));
    await settle();
    expect(screen.getByRole("grid")).toBeInTheDocument();
  });

  it("shows names as the text they are", async () => {
    const subscribe = fake.subscribe.bind(fake);
    const hostile = [
      '<img src=x onerror="alert(1)">',
      "a\u202egpj.exe",
      `${"x".repeat(5000)}`,
      "l\n2",
    ];
    fake.subscribe = (stream, onFrame, onState) =>
      subscribe(stream, (message) => onFrame(renamed(message, hostile)), onState);
    const grid = await shown();
    const found = names(grid);
    expect(found).toContain('<img src=x onerror="alert(1)">');
    expect(grid.querySelector("img")).toBeNull();
    expect(found).toContain("a\\u202egpj.exe");
    expect(found).toContain("l␊2");
    expect(Math.max(...found.map((name) => name.length))).toBeLessThan(500);
  });

  it("has nothing that axe finds", async () => {
    await shown();
    expect(await violations()).toEqual([]);
  });
});

function renamed(message: StreamFrame, names: string[]): StreamFrame {
  const { frame } = message;
  if (frame.kind !== "applications") return message;
  const applications = frame.applications.map((row, i) => ({ ...row, name: names[i] ?? row.name }));
  return { ...message, frame: { ...frame, applications } };
}
