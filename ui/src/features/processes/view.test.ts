import { fireEvent, screen, within } from "@testing-library/svelte";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { router } from "../../shared/router.svelte";
import { choices } from "./list.svelte";
import { build, frame, names, row, settle, shown, strike, typeFilter } from "./test-stage";

beforeEach(() => build());
afterEach(strike);

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

  it("tells of processes that were never in a row, and how they ended", async () => {
    await shown([row(2)]);
    const made = { parent_pid: 2, user: "anna", cpu_time_ms: 40, application: null };
    await frame([], [], false, [
      { ...made, pid: 70, start_time_ms: 1, name: "cc1plus", status: { code: 1 } },
      { ...made, pid: 71, start_time_ms: 2, name: "ld", status: { signal: 9 } },
    ]);
    await fireEvent.click(screen.getByRole("button", { name: "ended in the last minute: 2" }));
    await settle();
    expect(screen.getByText("exited 1")).toBeInTheDocument();
    expect(screen.getByText("killed by signal 9")).toBeInTheDocument();
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
