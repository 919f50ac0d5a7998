/** Which sources are read, and how they stand in their list. */
import type { LogSourceRow } from "../../bindings/LogSourceRow";

/** Read together at most. */
export const MOST = 64;
const COLORS = 7;

export interface SourceGroups {
  applications: LogSourceRow[];
  system: LogSourceRow[];
  off: LogSourceRow[];
  unreadable: LogSourceRow[];
}

/**
 * Identifiers of those that are read, in the order of the rows: what the user chose, what was read
 * before, then those written to last.
 */
export function chosen(
  rows: readonly LogSourceRow[],
  wanted: Readonly<Record<string, boolean>>,
  before: ReadonlySet<string>,
): string[] {
  const rank = ({ id }: LogSourceRow) => (wanted[id] ? 0 : before.has(id) ? 1 : 2);
  const able = rows.filter(({ id, problem }) => problem === null && wanted[id] !== false);
  const first = able
    .map((row, place) => ({ row, place }))
    .sort(
      (one, other) =>
        rank(one.row) - rank(other.row) ||
        (other.row.modified_ms ?? 0) - (one.row.modified_ms ?? 0) ||
        one.place - other.place,
    )
    .slice(0, MOST);
  const on = new Set(first.map(({ row }) => row.id));
  return rows.filter(({ id }) => on.has(id)).map(({ id }) => id);
}

export function grouped(rows: readonly LogSourceRow[], on: ReadonlySet<string>): SourceGroups {
  const groups: SourceGroups = { applications: [], system: [], off: [], unreadable: [] };
  for (const row of rows) {
    if (row.problem) groups.unreadable.push(row);
    else if (!on.has(row.id)) groups.off.push(row);
    else if (row.application) groups.applications.push(row);
    else groups.system.push(row);
  }
  return groups;
}

export interface Label {
  /** What stands in a row of the list. */
  name: string;
  /** Which of several of one application. */
  of: string | null;
  /** Token of its colour. */
  color: string;
}

/** Names and colours: an application has one, whatever has none is grey. */
export function labels(rows: readonly LogSourceRow[]): Map<string, Label> {
  const of_application = new Map<string, number>();
  for (const { application } of rows)
    if (application) of_application.set(application, (of_application.get(application) ?? 0) + 1);
  const order = [...of_application.keys()];
  return new Map(
    rows.map(({ id, name, application, application_name }) => {
      const label = {
        name: application ? (application_name ?? application) : shortName(name),
        of: application && of_application.get(application)! > 1 ? name : null,
        color: application ? `--k-${(order.indexOf(application) % COLORS) + 1}` : "--k-8",
      };
      return [id, label];
    }),
  );
}

/** The manager itself and services without the ending that all of them have. */
function shortName(name: string): string {
  return name === "init.scope" ? "systemd" : name.replace(/\.service$/, "");
}
