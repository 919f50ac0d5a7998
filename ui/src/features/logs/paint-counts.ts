/** Bars of lines by level over time; what was not counted is hatched. */
import type { LogCounts } from "../../bindings/LogCounts";
import { hatch, type Surface } from "../../shared/charts/paint";
import { palette } from "../../shared/charts/palette.svelte";
import { roundUp } from "../../shared/charts/points";
import type { Counted } from "./counts.svelte";
import type { Group } from "./words";

/** From the foot up. */
const STACK = ["unlevelled", "debug", "info", "warn", "error"] as const;

/** A round number above the tallest bar. */
export function topOf({ buckets }: Counted, hidden: ReadonlySet<Group>): number {
  let most = 0;
  for (const counts of buckets) most = Math.max(most, heightOf(counts, hidden));
  return Math.max(4, roundUp(most));
}

function heightOf(counts: LogCounts, hidden: ReadonlySet<Group>): number {
  let all = 0;
  for (const group of STACK) if (!hidden.has(group)) all += counts[group];
  return all;
}

function colorOf(group: Group): string {
  if (group === "error") return palette.color("--critical");
  if (group === "warn") return palette.color("--hot");
  return palette.color("--text-3", group === "info" ? 0.45 : 0.25);
}

export function paintCounts(
  { context, width, height }: Surface,
  counted: Counted,
  hidden: ReadonlySet<Group>,
): void {
  const top = topOf(counted, hidden);
  context.fillStyle = palette.color("--c-grid");
  for (const part of [0, 0.5]) context.fillRect(0, Math.round(part * height), width, 1);
  if (counted.counted_from_ms !== null) {
    const span = counted.to_ms - counted.from_ms;
    const wide = ((counted.counted_from_ms - counted.from_ms) / span) * width;
    hatch(context, 0, 0, Math.min(width, wide), height, palette.color("--hatch", 0.3));
  }
  const step = width / counted.buckets.length;
  for (const [at, counts] of counted.buckets.entries()) {
    const left = Math.round(at * step);
    const wide = Math.max(1, Math.round((at + 1) * step) - left - 1);
    let y = height;
    for (const group of STACK) {
      if (hidden.has(group) || counts[group] === 0) continue;
      // What is rare and bad is seen, however much else there is.
      const least = group === "error" ? 2 : 1;
      const tall = Math.max(least, Math.round((counts[group] / top) * (height - 2)));
      context.fillStyle = colorOf(group);
      context.fillRect(left, y - tall, wide, tall);
      y -= tall;
    }
  }
  context.fillStyle = palette.color("--line-3");
  context.fillRect(0, height - 1, width, 1);
}
