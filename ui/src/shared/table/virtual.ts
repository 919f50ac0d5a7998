/**
 * Which lines of a long list are drawn. Rows have one fixed height, so this is plain arithmetic and
 * costs the same for ten lines as for ten thousand.
 */

/** What the window arithmetic needs to know; lengths in CSS pixels. */
export interface Viewport {
  /** How far the list is scrolled. */
  scroll_top: number;
  /** Height in which lines are seen: the scroller without its head and foot. */
  height: number;
  /** Height of one line. */
  row_height: number;
  /** Number of lines. */
  count: number;
}

/** Lines drawn: `first` up to but without `end`. */
export interface Window {
  first: number;
  end: number;
}

/** Lines drawn beyond each edge, so that a quick scroll shows no empty strip before the next paint. */
export const OVERSCAN = 6;

/** The lines that touch the viewport, with some to spare at both edges. */
export function visibleWindow(view: Viewport, overscan = OVERSCAN): Window {
  if (view.count <= 0 || view.row_height <= 0) return { first: 0, end: 0 };
  const last_scroll = Math.max(0, view.count * view.row_height - view.height);
  const top = Math.min(Math.max(0, view.scroll_top), last_scroll);
  const first = Math.max(0, Math.floor(top / view.row_height) - overscan);
  const end = Math.ceil((top + Math.max(0, view.height)) / view.row_height) + overscan;
  return { first, end: Math.min(view.count, end) };
}

/** The nearest scroll position at which line `index` is wholly seen. */
export function scrollToShow(view: Viewport, index: number): number {
  const top = index * view.row_height;
  const bottom = top + view.row_height;
  if (top < view.scroll_top) return top;
  if (bottom > view.scroll_top + view.height) return Math.max(0, bottom - view.height);
  return view.scroll_top;
}

/** How many whole lines one PageUp or PageDown moves; one line stays in sight for orientation. */
export function pageSize(view: Viewport): number {
  return Math.max(1, Math.floor(view.height / Math.max(1, view.row_height)) - 1);
}
