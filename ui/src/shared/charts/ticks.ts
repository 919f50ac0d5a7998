// Where a time axis has its marks: whole minutes, hours and days of local time.
import { clock, clockMinutes, date } from "../format";

export interface Tick {
  at_ms: number;
  label: string;
}

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const STEPS = [
  ...[1, 5, 10, 30].map((seconds) => seconds * SECOND),
  ...[1, 2, 5, 10, 15, 30].map((minutes) => minutes * MINUTE),
  ...[1, 2, 3, 6, 12].map((hours) => hours * HOUR),
  ...[1, 2, 7, 14, 30].map((days) => days * DAY),
];

/** The finest step with at least so many pixels between two labels. */
export function tickStep(span_ms: number, width: number, apart: number): number {
  const least = (span_ms / Math.max(1, width)) * apart;
  return STEPS.find((step) => step >= least) ?? 30 * DAY;
}

export function ticks(from_ms: number, to_ms: number, width: number, apart = 60): Tick[] {
  const step = tickStep(to_ms - from_ms, width, apart);
  const label = step >= DAY ? date : step >= MINUTE ? clockMinutes : clock;
  const found: Tick[] = [];
  const midnight = new Date(from_ms);
  midnight.setHours(0, 0, 0, 0);
  if (step >= DAY) {
    // By the calendar: a day is not always 24 hours. Weeks begin on Monday.
    const days = step / DAY;
    if (days % 7 === 0) midnight.setDate(midnight.getDate() - ((midnight.getDay() + 6) % 7));
    for (; midnight.getTime() <= to_ms; midnight.setDate(midnight.getDate() + days)) {
      const at_ms = midnight.getTime();
      if (at_ms >= from_ms) found.push({ at_ms, label: label(at_ms) });
    }
    return found;
  }
  const first = midnight.getTime() + Math.ceil((from_ms - midnight.getTime()) / step) * step;
  for (let at_ms = first; at_ms <= to_ms; at_ms += step) found.push({ at_ms, label: label(at_ms) });
  return found;
}
