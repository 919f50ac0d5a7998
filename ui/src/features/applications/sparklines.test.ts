import { describe, expect, it } from "vitest";
import type { ApplicationRow } from "../../bindings/ApplicationRow";
import { GrowingSparklines } from "./sparklines.svelte";

const row = (id: string, cpu_ratio: number | null) => ({ id, cpu_ratio }) as ApplicationRow;
const started = () => {
  const lines = new GrowingSparklines();
  const sparklines = [{ application: "a", mean: [1, 2, 3] }];
  lines.start({ from_ms: 0, step_ms: 10, sparklines });
  return lines;
};

describe("curves that grow", () => {
  it("adds a point when it is full, and lets the oldest go", () => {
    const lines = started();
    const before = lines.curves;
    lines.add(30, [row("a", 4)]);
    lines.add(35, [row("a", 6)]);
    expect(lines.curves, "nothing to see yet").toBe(before);
    lines.add(40, [row("a", 9)]);
    expect(lines.curves.get("a")).toEqual([2, 3, 5]);
  });

  it("does not count twice what the answer covers", () => {
    const lines = started();
    lines.add(25, [row("a", 100)]);
    lines.add(40, [row("a", 1)]);
    expect(lines.curves.get("a")).toEqual([2, 3, null]);
  });

  it("leaves a gap for what was missed, and takes in what is new", () => {
    const lines = started();
    lines.add(30, [row("a", 4), row("b", 7)]);
    lines.add(50, [row("a", 1)]);
    expect(lines.curves.get("a")).toEqual([3, 4, null]);
    expect(lines.curves.get("b")).toEqual([null, 7, null]);
  });
});
