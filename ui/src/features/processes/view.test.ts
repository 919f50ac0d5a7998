import { cleanup, fireEvent, render, screen, within } from "@testing-library/svelte";
import axe from "axe-core";
import { tick } from "svelte";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { ProcessRow } from "../../bindings/ProcessRow";
import type { StreamFrame } from "../../bindings/StreamFrame";
import { FakePlatform } from "../../platform/fake";
import { hostAt, hostFrameAt } from "../../platform/fake/host";
import { setPlatform } from "../../platform/platform";
import { router } from "../../shared/router.svelte";
import { settings } from "../../shared/settings.svelte";
import { TableState } from "../../shared/table/table.svelte";
import { time } from "../../shared/time/time.svelte";
import { choices } from "./list.svelte";
import ProcessesList from "./ProcessesList.svelte";

let fake: FakePlatform;
let send: ((message: StreamFrame) => void) | undefined;

function row(pid: number, more: Partial<ProcessRow> = {}): ProcessRow {
  return {
    pid,
    start_time_ms: 1_000_000 + pid,
    parent_pid: 1,
    name: `p${pid}`,
    command: `/bin/p${pid} --flag`,
    user: "anna",
    state: "sleeping",
    threads: 2,
    cpu_ratio: pid / 10_000,
    cpu_time_ms: 1500,
    memory_bytes: 1_048_576,
    read_bytes_per_sec: null,
    write_bytes_per_sec: 0,
    application: "systemd:x.service",
    ...more,
  };
}

/** A frame of the stream, in place of the fake's own. */
async function frame(rows: ProcessRow[], gone: ProcessRow[] = [], full = false) {
  const at_ms = fake.now_ms;
  send?.({
    skipped: 0,
    frame: { kind: "processes", at_ms, host: hostAt(at_ms), full, rows, gone },
  });
  await settle();
}

async function settle() {
  for (let turn = 0; turn < 4; turn += 1) {
    await new Promise((resolve) => setTimeout(resolve));
    await tick();
  }
}

async function shown(rows?: ProcessRow[]) {
  if (rows) {
    const subscribe = fake.subscribe.bind(fake);
    fake.subscribe = (stream, onFrame, onState) => {
      if (stream !== "processes") return subscribe(stream, onFrame, onState);
      send = onFrame;
      return () => (send = undefined);
    };
  }
  render(ProcessesList);
  await settle();
  if (rows) await frame(rows, [], true);
  return screen.getByRole(choices.mode === "tree" ? "treegrid" : "grid");
}

const names = (grid: HTMLElement) =>
  [...grid.querySelectorAll(".short")].map((cell) => cell.textContent ?? "");

const typeFilter = async (text: string) => {
  await fireEvent.input(screen.getByRole("textbox", { name: "Filter" }), {
    target: { value: text },
  });
  await settle();
};

beforeEach(async () => {
  fake = new FakePlatform();
  setPlatform(fake);
  router.go("processes");
  time.live();
  time.tick({ ...hostFrameAt(fake.now_ms) });
  await settings.load();
  choices.table = new TableState({ column: "cpu", descending: true });
  choices.mode = "table";
  choices.frozen = null;
});
afterEach(() => {
  cleanup();
  time.live();
  send = undefined;
});

describe("thousands of rows", () => {
  const many = Array.from({ length: 3000 }, (_, i) => row(i + 2));

  it("draws only those in sight and says how many there are", async () => {
    const grid = await shown(many);
    expect(grid.querySelectorAll('[role="row"]').length).toBeLessThan(60);
    expect(grid).toHaveAttribute("aria-rowcount", "3001");
    expect(names(grid)[0]).toBe("p3001");
  });

  it("draws only those in sight of a tree as well", async () => {
    choices.mode = "tree";
    const grid = await shown([row(1, { parent_pid: 0 }), ...many]);
    expect(grid.querySelectorAll('[role="row"]').length).toBeLessThan(60);
    expect(grid).toHaveAttribute("aria-rowcount", "3002");
  });

  it("changes a figure in place", async () => {
    const grid = await shown(many);
    const first = grid.querySelector('[role="row"][aria-rowindex="2"]');
    await frame([row(3001, { cpu_ratio: 16 })]);
    expect(first).toHaveTextContent("100.0");
    expect(grid.querySelector('[role="row"][aria-rowindex="2"]')).toBe(first);
  });
});

describe("the tree", () => {
  const family = [
    row(1, { parent_pid: 0, name: "init", cpu_ratio: 0 }),
    row(10, { name: "shell", cpu_ratio: 0.16 }),
    row(11, { parent_pid: 10, name: "make", cpu_ratio: 1.6 }),
    row(12, { parent_pid: 11, name: "cc", cpu_ratio: 3.2, user: "root" }),
    row(20, { name: "idle", cpu_ratio: 0 }),
  ];
  beforeEach(() => (choices.mode = "tree"));

  it("folds a subtree up and shows its sum", async () => {
    const grid = await shown(family);
    expect(names(grid)).toEqual(["init", "shell", "make", "cc", "idle"]);
    await fireEvent.click(within(grid).getByRole("button", { name: "Fold shell" }));
    await settle();
    expect(names(grid)).toEqual(["init", "shell", "idle"]);
    const shell = grid.querySelectorAll('[role="row"]')[2];
    expect(shell).toHaveAttribute("aria-expanded", "false");
    expect(shell).toHaveTextContent("Σ31.0");
  });

  it("unfolds down to the process that the address names", async () => {
    const grid = await shown(family);
    await fireEvent.click(within(grid).getByRole("button", { name: "Fold shell" }));
    router.go("processes", "12:1000012");
    await settle();
    expect(names(grid)).toContain("cc");
    expect(grid.querySelector('[aria-selected="true"]')).toHaveTextContent("cc");
  });

  it("is folded and walked with keys", async () => {
    const grid = await shown(family);
    grid.focus();
    await fireEvent.keyDown(grid, { key: "Home" });
    await fireEvent.keyDown(grid, { key: "ArrowRight" });
    await fireEvent.keyDown(grid, { key: "ArrowRight" });
    expect(choices.table.selection.cursor).toBe("11:1000011");
    await fireEvent.keyDown(grid, { key: "ArrowLeft" });
    expect(names(grid)).toEqual(["init", "shell", "make", "idle"]);
    await fireEvent.keyDown(grid, { key: "ArrowLeft" });
    expect(choices.table.selection.cursor).toBe("10:1000010");
  });

  it("keeps the ancestors of what matches, even of a folded subtree", async () => {
    const grid = await shown(family);
    await fireEvent.click(within(grid).getByRole("button", { name: "Fold shell" }));
    await typeFilter("user:root ");
    expect(names(grid)).toEqual(["init", "shell", "make", "cc"]);
    expect(screen.getByText("1 of 5")).toBeInTheDocument();
  });
});

describe("what comes and goes", () => {
  it("does not move under the pointer, and keeps what has ended until it leaves", async () => {
    const [a, b, c] = [row(2), row(3), row(4)];
    const grid = await shown([a, b, c]);
    await fireEvent.pointerEnter(grid);
    await frame([row(2, { cpu_ratio: 9 }), row(5, { cpu_ratio: 15 })], [b]);
    expect(names(grid)).toEqual(["p4", "p3", "p2", "p5"]);
    expect(grid.querySelectorAll('[role="row"]')[2]).toHaveTextContent("ended");
    await fireEvent.pointerLeave(grid);
    await frame([]);
    expect(names(grid)).toEqual(["p5", "p2", "p4"]);
  });

  it("orders what a filter finds even under the pointer", async () => {
    const grid = await shown([row(2), row(3), row(4, { user: "root" })]);
    await typeFilter("user:anna ");
    await fireEvent.pointerEnter(grid);
    await fireEvent.click(screen.getByRole("button", { name: "Remove user:anna" }));
    await settle();
    expect(names(grid)).toEqual(["p4", "p3", "p2"]);
    expect(screen.getByText(/order held/)).toBeInTheDocument();
  });

  it("says that the process looked at has ended, and leads back to it", async () => {
    const grid = await shown([row(2), row(3)]);
    await fireEvent.click(grid.querySelectorAll('[role="row"]')[1]!);
    await settle();
    await fireEvent.pointerLeave(grid);
    await frame([], [row(3)]);
    expect(names(grid)).toEqual(["p2"]);
    expect(screen.getByText("This process has ended")).toBeInTheDocument();
  });

  it("stands still while frozen", async () => {
    const grid = await shown([row(2), row(3)]);
    await fireEvent.click(screen.getByRole("button", { name: /Freeze/ }));
    await frame([row(4)]);
    expect(names(grid)).toEqual(["p3", "p2"]);
    expect(screen.getByText(/frozen at/)).toBeInTheDocument();
    await fireEvent.click(screen.getByRole("button", { name: /Frozen/ }));
    await settle();
    expect(names(grid)).toContain("p4");
  });
});

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
  const { violations } = await axe.run(document.body, { rules: { region: { enabled: false } } });
  expect(violations.map((v) => `${v.id}: ${v.nodes[0]?.html}`)).toEqual([]);
});
