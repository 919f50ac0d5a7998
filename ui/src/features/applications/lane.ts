/** The event lane of an application: where its glyphs stand and which have room for a word. */
import type { Event } from "../../bindings/Event";
import type { EventKind } from "../../bindings/EventKind";
import { RANK } from "../events";

export interface LaneMark {
  /** Middle, in pixels. */
  x: number;
  /** The one worth most notice. */
  kind: EventKind;
  /** What there is, each once, in order. */
  kinds: EventKind[];
  count: number;
  /** The first of them. */
  at_ms: number;
  /** The one that gives the kind. */
  worst: Event;
  /** Side of the glyph on which its word has room; `null` for none. */
  word: "left" | "right" | null;
}

/** Those closer than this become one, with a count. */
const APART_PX = 11;
/** The count beside a glyph, which the next must not stand on. */
const COUNT_PX = 14;
/** A glyph and the space around it. */
const GLYPH_PX = 9;

export interface Lane {
  from_ms: number;
  to_ms: number;
  width: number;
  /** Width of the words of a mark, about. */
  wordWidth: (mark: LaneMark) => number;
}

export function laneMarks(events: readonly Event[], lane: Lane): LaneMark[] {
  const { from_ms, to_ms, width, wordWidth } = lane;
  if (width <= 0 || to_ms <= from_ms) return [];
  const merged: LaneMark[] = [];
  for (const event of events) {
    if (event.at_ms < from_ms || event.at_ms > to_ms) continue;
    const place = ((event.at_ms - from_ms) / (to_ms - from_ms)) * width;
    const x = Math.min(width - GLYPH_PX, Math.max(GLYPH_PX, place));
    const last = merged.at(-1);
    if (last && x - last.x < APART_PX + (last.count > 1 ? COUNT_PX : 0)) {
      last.count += 1;
      if (!last.kinds.includes(event.kind)) last.kinds.push(event.kind);
      // A stop is worth more notice than the start that follows it.
      if (RANK[event.kind] > RANK[last.kind]) [last.kind, last.worst] = [event.kind, event];
      continue;
    }
    const { at_ms, kind } = event;
    merged.push({ x, kind, kinds: [kind], count: 1, at_ms, worst: event, word: null });
  }
  let taken = 0;
  merged.forEach((mark, i) => {
    const needed = wordWidth(mark) + GLYPH_PX + 4 + (mark.count > 1 ? 10 : 0);
    const next = (merged[i + 1]?.x ?? width + GLYPH_PX) - GLYPH_PX;
    if (mark.x + needed <= next) mark.word = "right";
    else if (mark.x - needed >= taken) mark.word = "left";
    taken = mark.x + (mark.word === "right" ? needed : GLYPH_PX);
  });
  return merged;
}
