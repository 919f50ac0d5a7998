/** Lines of several sources in one list, by time: entries, and what stands between them. */
import type { LogEntry } from "../../bindings/LogEntry";
import type { LogNoticeKind } from "../../bindings/LogNoticeKind";
import type { LogsFrame } from "../../bindings/LogsFrame";

export interface EntryLine {
  kind: "entry";
  /** Source and place: its name for good. */
  key: string;
  at_ms: number;
  source: string;
  entry: LogEntry;
}
export type LogLine =
  | EntryLine
  | { kind: "notice"; key: string; at_ms: number; source: string; what: LogNoticeKind }
  | { kind: "left_out"; key: string; at_ms: number; count: number };

/** What is drawn in one row of the list. */
export type LogRow =
  | { kind: "line"; key: string; line: LogLine }
  /** A further line of an entry. */
  | { kind: "further"; key: string; line: EntryLine; text: string }
  /** So many further lines are folded up. */
  | { kind: "rest"; key: string; line: EntryLine; count: number }
  | { kind: "moment" | "day"; key: string; at_ms: number };

/** Further lines of an entry that are shown at once. */
export const SHOWN_LINES = 3;

type Named = readonly { source: string }[];
const byTime = (one: LogLine, other: LogLine) => one.at_ms - other.at_ms;

/** Entries with the sources they were asked of, in order of time; each once. */
export function linesOf(entries: readonly LogEntry[], sources: Named): EntryLine[] {
  const lines = new Map<string, EntryLine>();
  for (const entry of entries) {
    const source = sources[entry.source]?.source ?? "";
    const key = `${source} ${entry.place}`;
    lines.set(key, { kind: "entry", key, at_ms: entry.at_ms, source, entry });
  }
  return [...lines.values()].sort(byTime);
}

/** Makes what stands between entries. */
export class Marks {
  #count = 0;

  of({ notices, left_out, entries }: LogsFrame, sources: Named, last_ms: number): LogLine[] {
    const marks: LogLine[] = notices.map(({ source, at_ms, kind }) => ({
      kind: "notice",
      key: `mark ${this.#count++}`,
      at_ms,
      source: sources[source]?.source ?? "",
      what: kind,
    }));
    const at_ms = entries[0]?.at_ms ?? last_ms;
    if (left_out > 0)
      marks.push({ kind: "left_out", key: `mark ${this.#count++}`, at_ms, count: left_out });
    return marks.sort(byTime);
  }
}

/** Both are in order of time; of the same moment those of `lines` come first. */
export function merged(lines: readonly LogLine[], more: readonly LogLine[]): LogLine[] {
  const last = lines.at(-1);
  const first = more[0];
  if (!last || !first || first.at_ms >= last.at_ms) return [...lines, ...more];
  const all: LogLine[] = [];
  let next = 0;
  for (const line of lines) {
    for (; next < more.length && more[next]!.at_ms < line.at_ms; next++) all.push(more[next]!);
    all.push(line);
  }
  return [...all, ...more.slice(next)];
}

/** Rows that an entry takes; the same objects as long as it is folded or unfolded. */
const known = new WeakMap<EntryLine, { open: boolean; rows: LogRow[] }>();

function rowsOfEntry(line: EntryLine, open: boolean): LogRow[] {
  const before = known.get(line);
  if (before?.open === open) return before.rows;
  const { lines } = line.entry;
  // One that is folded up would take as much room as the row that says so.
  const shown = open || lines.length <= SHOWN_LINES + 1 ? lines.length : SHOWN_LINES;
  const rows: LogRow[] = [{ kind: "line", key: line.key, line }];
  for (const [at, text] of lines.slice(0, shown).entries())
    rows.push({ kind: "further", key: `${line.key} ${at}`, line, text });
  if (shown < lines.length)
    rows.push({ kind: "rest", key: `${line.key} +`, line, count: lines.length - shown });
  known.set(line, { open, rows });
  return rows;
}

/** Local midnight before a moment. */
function midnight(at_ms: number): number {
  return new Date(at_ms).setHours(0, 0, 0, 0);
}

/** The rows of lines, with a mark at the moment shown and where a day begins. */
export function rowsOf(
  lines: readonly LogLine[],
  unfolded: ReadonlySet<string>,
  moment_ms: number | null,
): LogRow[] {
  const rows: LogRow[] = [];
  let to_mark = moment_ms;
  let day_from: number | null = null;
  let day_to = 0;
  const mark = (at_ms: number) => rows.push({ kind: "moment", key: "moment", at_ms });
  for (const line of lines) {
    if (to_mark !== null && line.at_ms > to_mark) {
      mark(to_mark);
      to_mark = null;
    }
    if (day_from === null || line.at_ms < day_from || line.at_ms >= day_to) {
      const first = day_from === null;
      day_from = midnight(line.at_ms);
      // The day after, whatever the clocks do in between.
      day_to = midnight(day_from + 30 * 3_600_000);
      if (!first) rows.push({ kind: "day", key: `day ${line.key}`, at_ms: day_from });
    }
    if (line.kind === "entry") rows.push(...rowsOfEntry(line, unfolded.has(line.key)));
    else rows.push({ kind: "line", key: line.key, line });
  }
  if (to_mark !== null && lines.length > 0) mark(to_mark);
  return rows;
}
