// Events as marks of the time bar: those closer than 11 px become one, the worst of them, with a
// count.
import type { Event } from "../../bindings/Event";
import type { EventKind } from "../../bindings/EventKind";
import { RANK } from "../events";

export interface Mark {
  /** Middle, in pixels. */
  x: number;
  kind: EventKind;
  count: number;
  /** The first of them. */
  at_ms: number;
  /** The one that gives the kind. */
  worst: Event;
}

const APART_PX = 11;
/** A mark that stands for more of the bar than this would say nothing of when. */
const WIDEST_PX = 36;
/** Of the figure beside a glyph, about: the next one must not stand on it. */
const countWidth = (count: number) => (count > 1 ? 4 + String(count).length * 6 : 0);

export function marks(
  events: readonly Event[],
  from_ms: number,
  to_ms: number,
  width: number,
): Mark[] {
  const merged: (Mark & { first_x: number; last_x: number })[] = [];
  for (const event of events) {
    const { at_ms, kind } = event;
    if (at_ms < from_ms || at_ms > to_ms) continue;
    const place = ((at_ms - from_ms) / (to_ms - from_ms)) * width;
    const x = Math.max(6, Math.min(width - 7, place));
    const last = merged.at(-1);
    const near = last && x - last.last_x < APART_PX && x - last.first_x < WIDEST_PX;
    if (last && (near || x - last.x < APART_PX + countWidth(last.count))) {
      last.count += 1;
      last.last_x = x;
      last.x = (last.first_x + x) / 2;
      if (RANK[kind] > RANK[last.kind]) [last.kind, last.worst] = [kind, event];
    } else {
      merged.push({ x, kind, count: 1, at_ms, worst: event, first_x: x, last_x: x });
    }
  }
  return merged.map(({ x, kind, count, at_ms, worst }) => ({ x, kind, count, at_ms, worst }));
}
