// Keys of the time bar: arrows a second (Shift ten), Page up and down a tenth of the span, Home and
// End its ends.

export interface KeyMove {
  to_ms: number;
  forward: boolean;
}

const SECOND_MS = 1000;

export function moveOf(
  event: Pick<KeyboardEvent, "key" | "shiftKey">,
  shown_ms: number,
  range: { from_ms: number; to_ms: number },
): KeyMove | null {
  const second = event.shiftKey ? 10 * SECOND_MS : SECOND_MS;
  const tenth = (range.to_ms - range.from_ms) / 10;
  const by = {
    ArrowLeft: -second,
    ArrowDown: -second,
    ArrowRight: second,
    ArrowUp: second,
    PageUp: -tenth,
    PageDown: tenth,
  }[event.key];
  if (by !== undefined) return { to_ms: shown_ms + by, forward: by > 0 };
  if (event.key === "Home") return { to_ms: range.from_ms, forward: true };
  if (event.key === "End") return { to_ms: range.to_ms, forward: false };
  return null;
}
