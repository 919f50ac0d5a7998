import { roundUp } from "../charts/points";

/**
 * What a full bar behind a cell stands for: the largest value rounded up, so that the bars do not all
 * twitch whenever the largest moves a little.
 */
export function roundScale<R>(rows: readonly R[], read: (row: R) => number | null): number {
  let largest = 0;
  for (const row of rows) largest = Math.max(largest, read(row) ?? 0);
  return roundUp(largest);
}
