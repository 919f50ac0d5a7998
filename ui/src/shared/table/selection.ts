/** Which lines are chosen. Pure: takes a state and what was done, gives the next state. */

export interface Selection {
  /** The line that keys move; drawn with a focus ring. */
  cursor: string | null;
  /** Where a range with Shift begins. */
  anchor: string | null;
  selected: ReadonlySet<string>;
}

export const NOTHING_SELECTED: Selection = { cursor: null, anchor: null, selected: new Set() };

/** Just this one. */
export function selectOnly(key: string): Selection {
  return { cursor: key, anchor: key, selected: new Set([key]) };
}

/** This one too, or no longer. */
export function toggle(selection: Selection, key: string): Selection {
  const selected = new Set(selection.selected);
  if (!selected.delete(key)) selected.add(key);
  return { cursor: key, anchor: key, selected };
}

/** From the anchor to here. */
export function extendTo(selection: Selection, keys: readonly string[], key: string): Selection {
  const anchor = selection.anchor ?? selection.cursor ?? key;
  const from = keys.indexOf(anchor);
  const to = keys.indexOf(key);
  if (from === -1 || to === -1) return selectOnly(key);
  const range = keys.slice(Math.min(from, to), Math.max(from, to) + 1);
  return { cursor: key, anchor, selected: new Set(range) };
}

export function selectAll(selection: Selection, keys: readonly string[]): Selection {
  return { ...selection, selected: new Set(keys) };
}

export function clear(selection: Selection): Selection {
  return { cursor: selection.cursor, anchor: null, selected: new Set() };
}

/** Moves the cursor and leaves what is chosen. */
export function moveTo(selection: Selection, key: string): Selection {
  return { cursor: key, anchor: key, selected: selection.selected };
}
