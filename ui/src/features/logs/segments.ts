/** A text in parts that are drawn alike: colours as for a terminal, and what is searched for. */
import type { LogFilter } from "../../bindings/LogFilter";
import type { LogStyle } from "../../bindings/LogStyle";
import { visibleText } from "../../shared/table/visible-text";

export interface Segment {
  text: string;
  style: LogStyle | null;
  hit: boolean;
}
type Range = [start: number, end: number];
/** Where something searched for is in a text. */
export type Finder = (text: string) => Range[];

/** A row shows no more than this. */
const LONGEST = 600;
const MOST_HITS = 50;

/**
 * A regular expression of the window's own may take for ever where the host's never does: nested and
 * many repetitions are not tried. Rows are found all the same, only the part is not marked.
 */
function isCheap(pattern: string): boolean {
  const repeats = pattern.match(/[*+]|\{\d+,/g)?.length ?? 0;
  return repeats <= 2 && pattern.length <= 200 && !/\)[*+{?]|\\[1-9k]|\(\?<?[=!]/.test(pattern);
}

/** `null` where there is nothing to be marked. */
export function finderOf({ text, is_regex, match_case }: LogFilter): Finder | null {
  if (text === "" || (is_regex && !isCheap(text))) return null;
  let pattern: RegExp;
  try {
    const source = is_regex ? text : text.replace(/[.*+?^${}()|[\]\\/-]/g, "\\$&");
    pattern = new RegExp(source, match_case ? "g" : "gi");
  } catch {
    // The host says what is wrong with it, or has another kind of expressions.
    return null;
  }
  return (text) => {
    const found: Range[] = [];
    for (const { index, 0: hit } of text.matchAll(pattern)) {
      if (hit.length > 0) found.push([index, index + hit.length]);
      if (found.length >= MOST_HITS) break;
    }
    return found;
  };
}

const TABS = /\t/g;

/** Parts of the beginning of a text. What cannot be seen is made visible in each. */
export function segments(
  whole: string,
  styles: readonly LogStyle[],
  finder: Finder | null,
): Segment[] {
  const text = whole.slice(0, LONGEST);
  const hits = finder?.(text) ?? [];
  const inside = styles.filter(({ start, end }) => start < end && start < text.length);
  const edges = [
    ...new Set([
      0,
      text.length,
      ...inside.flatMap(({ start, end }) => [start, end]),
      ...hits.flat(),
    ]),
  ]
    .filter((edge) => edge <= text.length)
    .sort((one, other) => one - other);
  const parts: Segment[] = [];
  for (const [at, start] of edges.slice(0, -1).entries()) {
    const end = edges[at + 1]!;
    parts.push({
      text: visibleText(text.slice(start, end).replace(TABS, "    "), Infinity),
      style: inside.find((style) => style.start <= start && end <= style.end) ?? null,
      hit: hits.some(([from, to]) => from <= start && end <= to),
    });
  }
  if (whole.length > text.length) parts.push({ text: "…", style: null, hit: false });
  return parts;
}

/** Colour of a terminal's palette as the tokens have it; `undefined` for that of the text. */
export function colorOf({ color }: LogStyle): string | undefined {
  if (color === null) return undefined;
  if (color < 16) return `var(--ansi-${color === 8 ? 8 : color % 8})`;
  const [red, green, blue] = color < 256 ? ofPalette(color) : ofRgb(color);
  // Any colour a program chose can be read on this ground: its lightness is brought near the text's.
  return `oklch(from rgb(${red} ${green} ${blue}) clamp(var(--ansi-least), l, var(--ansi-most)) c h)`;
}

function ofRgb(color: number): [number, number, number] {
  return [(color >> 16) & 255, (color >> 8) & 255, color & 255];
}

/** The cube of 6 and the greys of a palette of 256. */
function ofPalette(color: number): [number, number, number] {
  if (color >= 232) {
    const grey = 8 + (color - 232) * 10;
    return [grey, grey, grey];
  }
  const step = (of: number) => (of === 0 ? 0 : 55 + of * 40);
  const cube = color - 16;
  return [step(Math.floor(cube / 36)), step(Math.floor(cube / 6) % 6), step(cube % 6)];
}
