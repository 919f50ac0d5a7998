/** Entries as text and as JSON lines, as they were told: nothing is made visible in a file. */
import type { EntryLine, LogLine } from "./lines";

export type NameOf = (source: string) => string;

export const entriesOf = (lines: readonly LogLine[]): EntryLine[] =>
  lines.filter((line): line is EntryLine => line.kind === "entry");

/** One entry in lines, with its time, level and source. */
export function toText({ entry, source, at_ms }: EntryLine, nameOf: NameOf): string {
  const level = (entry.level ?? "-").toUpperCase().padEnd(5);
  const head = `${new Date(at_ms).toISOString()} ${level} ${nameOf(source)} ${entry.message}`;
  return [head, ...entry.lines].join("\n");
}

export function toJson({ entry, source, at_ms }: EntryLine, nameOf: NameOf, indent = 0): string {
  const { time, level, level_told, message, lines, fields, format, is_cut } = entry;
  const all = {
    time: new Date(at_ms).toISOString(),
    time_is: time,
    level,
    level_told,
    source: nameOf(source),
    message,
    lines,
    fields: fields.map(({ name, value }) => ({ name, value })),
    format,
    is_cut,
  };
  return JSON.stringify(all, null, indent);
}
