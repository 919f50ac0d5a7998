// Points of a series: point `i` covers `start_ms + i * step_ms` until the next; `null` is a gap.

export type Points = readonly (number | null)[];

/** The value that covers a moment. */
export function valueAt(
  points: Points,
  start_ms: number,
  step_ms: number,
  at_ms: number,
): number | null {
  return points[Math.floor((at_ms - start_ms) / step_ms)] ?? null;
}

/** The largest value; 0 where there is none. */
export function largest(points: Points): number {
  let most = 0;
  for (const value of points) if (value !== null && value > most) most = value;
  return most;
}

/** The next of 1, 2, 2.5, 4, 5, 8 times a power of ten (or of 1024 and 2 for bytes): a round end of an axis. */
export function roundUp(value: number, base: 10 | 1024 = 10): number {
  if (value <= 0) return 1;
  if (base === 1024) {
    const unit = 1024 ** Math.floor(Math.log(value) / Math.log(1024));
    return unit * roundUp(value / unit);
  }
  const power = 10 ** Math.floor(Math.log10(value));
  const round = [1, 2, 2.5, 4, 5, 8, 10].find((step) => value <= step * power * 1.0001) ?? 10;
  return round * power;
}
