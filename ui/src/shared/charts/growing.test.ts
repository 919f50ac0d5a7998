import { describe, expect, it } from "vitest";
import { Growing } from "./growing";

const column = (mean: (number | null)[], edges = false) => ({
  mean,
  min: edges ? [...mean] : [],
  max: edges ? [...mean] : [],
});

describe("points that grow", () => {
  it("fold samples into the point under way and tell when one begins", () => {
    const growing = new Growing(0, 10_000, [column([1, 2])], 19_000);
    expect(growing.add(19_500, [4], 0)).toBe(false);
    expect(growing.columns[0]?.mean[1]).toBeCloseTo((2 * 9 + 4) / 10);
    expect(growing.add(20_000, [7], 0)).toBe(true);
    expect(growing.columns[0]?.mean).toHaveLength(3);
  });

  it("keep the smallest and the largest", () => {
    const growing = new Growing(0, 10_000, [column([5], true)], 5_000);
    growing.add(6_000, [9], 0);
    growing.add(7_000, [1], 0);
    expect(growing.columns[0]?.max).toEqual([9]);
    expect(growing.columns[0]?.min).toEqual([1]);
  });

  it("leave a gap for what was missed", () => {
    const growing = new Growing(0, 1_000, [column([1])], 0);
    growing.add(3_000, [4], 0);
    expect(growing.columns[0]?.mean).toEqual([1, null, null, 4]);
  });

  it("do not make a figure of one that is missing", () => {
    const growing = new Growing(0, 2_000, [column([null])], 0);
    growing.add(500, [null], 0);
    expect(growing.columns[0]?.mean).toEqual([null]);
    growing.add(1_500, [3], 0);
    expect(growing.columns[0]?.mean).toEqual([3]);
  });

  it("let go of what has left the span", () => {
    const growing = new Growing(0, 1_000, [column([0, 1, 2, 3, 4])], 4_000);
    growing.add(5_000, [5], 3_000);
    expect(growing.start_ms).toBe(2_000);
    expect(growing.columns[0]?.mean).toEqual([2, 3, 4, 5]);
  });
});
