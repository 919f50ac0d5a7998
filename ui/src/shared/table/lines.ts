/** What a table draws, top to bottom: rows, and the heads of groups between them. */

export interface RowLine<R> {
  kind: "row";
  key: string;
  row: R;
  /** Depth and shape in a tree; `undefined` in a flat list. */
  tree?: TreePlace;
  /** Shown for orientation only: an ancestor of what matches, or something that has ended. */
  dim?: boolean;
  /** Has ended and stays in sight until the order is no longer held. */
  ended?: boolean;
  /** The row with the sums of its subtree, where that is folded up. */
  sum?: R;
}

export interface GroupLine<R> {
  kind: "group";
  key: string;
  label: string;
  rows: readonly R[];
  collapsed: boolean;
}

export type Line<R> = RowLine<R> | GroupLine<R>;

/** Where a row stands in a tree. */
export interface TreePlace {
  depth: number;
  /** For each level above: whether a line goes on downwards there. */
  guides: readonly boolean[];
  /** The last of its siblings. */
  last: boolean;
  children: number;
  collapsed: boolean;
  /** Belongs to something else than the row it hangs from. */
  head?: boolean;
}

export interface Group {
  key: string;
  label: string;
}

/** Rows gathered under heads, in the order in which groups are listed; the rows' own order is kept. */
export function groupLines<R>(
  rows: readonly R[],
  groups: readonly Group[],
  groupOf: (row: R) => string,
  keyOf: (row: R) => string,
  collapsed: ReadonlySet<string>,
): Line<R>[] {
  const members = new Map<string, R[]>();
  for (const row of rows) {
    const key = groupOf(row);
    const list = members.get(key);
    if (list) list.push(row);
    else members.set(key, [row]);
  }
  const lines: Line<R>[] = [];
  for (const group of groups) {
    const list = members.get(group.key);
    if (!list) continue;
    const key = `group:${group.key}`;
    const shut = collapsed.has(key);
    lines.push({ kind: "group", key, label: group.label, rows: list, collapsed: shut });
    if (!shut) for (const row of list) lines.push({ kind: "row", key: keyOf(row), row });
  }
  return lines;
}

export function rowLines<R>(rows: readonly R[], keyOf: (row: R) => string): RowLine<R>[] {
  return rows.map((row) => ({ kind: "row", key: keyOf(row), row }));
}

/** Place of the row that the row at `index` hangs from; -1 for none. */
export function parentIndex<R>(lines: readonly Line<R>[], index: number): number {
  const depth = (at: number) => {
    const line = lines[at];
    return line?.kind === "row" ? (line.tree?.depth ?? 0) : -1;
  };
  const own = depth(index);
  for (let at = index - 1; at >= 0; at -= 1) if (depth(at) < own) return at;
  return -1;
}
