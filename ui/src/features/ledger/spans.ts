/** The spans of a ledger and its figures in words. Days are those of whoever looks. */
import type { LedgerRow } from "../../bindings/LedgerRow";
import type { LedgerSpan } from "../../bindings/LedgerSpan";
import * as format from "../../shared/format";

export const SPANS = ["today", "yesterday", "week", "month", "first_seen"] as const;

const DAY_MS = 86_400_000;

/** In the order of `SPANS`. */
export function spansAt(at_ms: number): LedgerSpan[] {
  // A day may have 23 or 25 hours.
  const midnight = (days_ago: number) => {
    const day = new Date(at_ms);
    day.setHours(0, 0, 0, 0);
    day.setDate(day.getDate() - days_ago);
    return day.getTime();
  };
  return [
    { from_ms: midnight(0), to_ms: null },
    { from_ms: midnight(1), to_ms: midnight(0) },
    { from_ms: at_ms - 7 * DAY_MS, to_ms: null },
    { from_ms: at_ms - 30 * DAY_MS, to_ms: null },
    { from_ms: null, to_ms: null },
  ];
}

/** How much of a span was recorded, 0 to 1. */
export function coverage(row: LedgerRow): number {
  return Math.min(1, row.recorded_ms / Math.max(1, row.to_ms - row.from_ms));
}

/** Whole percents, but neither 0 of something nor 100 of less than all of it. */
export function coverageText(row: LedgerRow): format.FigureParts {
  const share = coverage(row);
  if (share > 0 && share < 0.01) return { value: "< 1", unit: "%" };
  return format.share(share < 0.995 || share === 1 ? share : Math.min(share, 0.99), 0);
}

const HOUR_MS = 3_600_000;

/** CPU time in one unit, so that rows can be compared. */
export function cpuTime(ms: number | null): format.FigureParts {
  if (ms === null) return format.NO_FIGURE;
  if (ms >= HOUR_MS) return { value: format.plain(ms / HOUR_MS, 2), unit: "h" };
  if (ms >= 60_000) return { value: format.plain(ms / 60_000, 1), unit: "min" };
  return { value: format.plain(ms / 1000, 1), unit: "s" };
}

export function ranTime(ms: number | null): format.FigureParts {
  return ms === null ? format.NO_FIGURE : { value: format.duration(ms), unit: "" };
}
