/** What is shown, as CSV or JSON: raw values under names with units, so that a program can read them. */
import type { Column, Plain } from "./columns";

type Value = Plain | readonly Plain[];

function fieldsOf<R>(columns: readonly Column<R>[]) {
  return columns.flatMap((column) => column.fields ?? []);
}

export function toJson<R>(columns: readonly Column<R>[], rows: readonly R[]): string {
  const fields = fieldsOf(columns);
  const objects = rows.map((row) =>
    Object.fromEntries(fields.map((field) => [field.name, field.read(row)])),
  );
  return `${JSON.stringify(objects, null, 2)}\n`;
}

/** RFC 4180: lines end in CR LF, a cell with a comma, a quote or a line end is quoted. */
export function toCsv<R>(columns: readonly Column<R>[], rows: readonly R[]): string {
  const fields = fieldsOf(columns);
  const lines = [fields.map((field) => csvCell(field.name)).join(",")];
  for (const row of rows) lines.push(fields.map((field) => csvCell(field.read(row))).join(","));
  return `${lines.join("\r\n")}\r\n`;
}

function csvCell(value: Value): string {
  if (value === null) return "";
  if (typeof value === "number") return String(value);
  const text = typeof value === "string" ? value : value.join(" ");
  // A process may call itself "=cmd|…". A spreadsheet would run that as a formula, so such text gets
  // a leading apostrophe, which spreadsheets take as "this is text".
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** A name for the saved file that sorts by time: `processes-2026-11-24-143208.csv`. */
export function fileName(table: string, at_ms: number, extension: string): string {
  const date = new Date(at_ms);
  const two = (n: number) => String(n).padStart(2, "0");
  const day = [date.getFullYear(), two(date.getMonth() + 1), two(date.getDate())].join("-");
  const time = two(date.getHours()) + two(date.getMinutes()) + two(date.getSeconds());
  return `${table}-${day}-${time}.${extension}`;
}
