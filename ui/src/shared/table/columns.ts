/**
 * What a column is, and which columns there is room for. Owns no drawing: `Table.svelte` draws
 * figures and text itself and leaves anything richer to the view's `cell` snippet.
 */

/** A number and its unit, apart because the unit is drawn smaller and dimmer. */
export interface CellFigure {
  value: string;
  unit: string;
}

/** Which resource a bar behind a cell stands for; decides its colour. */
export type Resource = "cpu" | "mem" | "disk" | "net";

/** A value as it is compared and exported. */
export type Plain = string | number | null;

export interface Column<R> {
  id: string;
  /** Head of the column. */
  label: string;
  /** The name in full for the chooser and the tooltip, where the head is short. */
  title?: string;
  /** Width in pixels; the column with `grow` takes this at least, and what is left over. */
  width: number;
  grow?: boolean;
  align?: "start" | "end";
  /** Order in which columns leave a narrow window, smallest first; without it the column stays. */
  leaves?: number;
  /** Shown until the user chooses otherwise. */
  initial?: boolean;
  /** The user may not hide it. */
  fixed?: boolean;
  /** What it is sorted by; without it the column cannot be sorted. */
  sort?: (row: R) => Plain;
  /** Can be added up: a folded subtree shows the sum. */
  sums?: boolean;
  /** Names and raw values (bytes, ratios, milliseconds) for CSV and JSON. */
  fields?: ReadonlyArray<{ name: string; read: (row: R) => Plain | readonly Plain[] }>;
  /** The whole text, for the cell's tooltip. */
  text?: (row: R) => string;
  /** Drawn by the view's `cell` snippet even though it has a text. */
  drawn?: boolean;
  /** Draw the cell as this figure. */
  figure?: (row: R) => CellFigure | null;
  /** Bar behind the figure, 0 to 1. */
  share?: (row: R) => number;
  resource?: Resource;
  /** Dimmer than the rest of the row. */
  quiet?: boolean;
  mono?: boolean;
}

/** The chosen columns in their defined order; fixed ones always, the initial ones where none were chosen. */
export function chosenColumns<R>(
  columns: readonly Column<R>[],
  chosen: readonly string[] | undefined,
): Column<R>[] {
  // Names that no longer exist (a setting of an older Ira) are passed over silently.
  const known = chosen?.filter((id) => columns.some((column) => column.id === id));
  if (!known || known.length === 0) {
    return columns.filter((column) => column.fixed || column.initial);
  }
  return columns.filter((column) => column.fixed || known.includes(column.id));
}

/** Those of the columns that fit in `width`, after the ones that leave first have left. */
export function fittingColumns<R>(columns: readonly Column<R>[], width: number): Column<R>[] {
  const kept = [...columns];
  const needed = () => kept.reduce((sum, column) => sum + column.width, 0);
  while (needed() > width) {
    const next = firstToLeave(kept);
    if (next === -1) break;
    kept.splice(next, 1);
  }
  return kept;
}

function firstToLeave<R>(columns: readonly Column<R>[]): number {
  let found = -1;
  let smallest = Infinity;
  columns.forEach((column, index) => {
    if (column.leaves !== undefined && column.leaves < smallest) {
      smallest = column.leaves;
      found = index;
    }
  });
  return found;
}

/** The grid that head, rows and foot share, so that their columns line up. */
export function gridTemplate<R>(columns: readonly Column<R>[]): string {
  return columns
    .map((column) =>
      column.grow ? `minmax(${column.width}px, 1fr)` : `minmax(0, ${column.width}px)`,
    )
    .join(" ");
}

/** The chosen ids after the user ticked or unticked one; never empty. */
export function toggleColumn<R>(
  columns: readonly Column<R>[],
  chosen: readonly string[] | undefined,
  id: string,
): string[] {
  const now = chosenColumns(columns, chosen).map((column) => column.id);
  const column = columns.find((other) => other.id === id);
  if (!column || column.fixed) return now;
  const next = now.includes(id) ? now.filter((other) => other !== id) : [...now, id];
  return columns.filter((other) => next.includes(other.id)).map((other) => other.id);
}
