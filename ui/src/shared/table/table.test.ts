import { describe, expect, it } from "vitest";
import { chosenColumns, fittingColumns, toggleColumn, type Column } from "./columns";
import { fileName, toCsv, toJson } from "./export";
import { tableAction, type Press } from "./keys";
import { groupLines } from "./lines";
import { compareBy, heldCompare, nextSort, rankOf } from "./order";
import { extendTo, NOTHING_SELECTED, selectAll, selectOnly, toggle } from "./selection";
import { pageSize, scrollToShow, visibleWindow } from "./virtual";

interface Row {
  id: string;
  n: number | null;
}

const column = (id: string, more: Partial<Column<Row>> = {}): Column<Row> => ({
  id,
  label: id,
  width: 100,
  initial: true,
  ...more,
});
const COLUMNS = [
  column("name", { fixed: true, grow: true }),
  column("kind", { leaves: 1 }),
  column("cpu", { align: "end" }),
  column("since", { leaves: 0 }),
  column("extra", { initial: false }),
];
const ids = (columns: readonly Column<Row>[]) => columns.map((c) => c.id);

describe("the window of lines that are drawn", () => {
  const view = { scroll_top: 0, height: 280, row_height: 28, count: 3000 };

  it("draws what is seen and a little more", () => {
    expect(visibleWindow(view)).toEqual({ first: 0, end: 16 });
    expect(visibleWindow({ ...view, scroll_top: 2800 })).toEqual({ first: 94, end: 116 });
  });

  it("stays inside a list that became shorter than the scroll position", () => {
    const { first, end } = visibleWindow({ ...view, scroll_top: 80_000, count: 5 });
    expect([first, end]).toEqual([0, 5]);
  });

  it("is empty for an empty list", () => {
    expect(visibleWindow({ ...view, count: 0 })).toEqual({ first: 0, end: 0 });
  });

  it("scrolls as little as it must", () => {
    expect(scrollToShow(view, 5)).toBe(0);
    expect(scrollToShow(view, 10)).toBe(28);
    expect(scrollToShow({ ...view, scroll_top: 280 }, 3)).toBe(84);
    expect(pageSize(view)).toBe(9);
  });
});

describe("columns", () => {
  it("shows the initial ones until the user chooses", () => {
    expect(ids(chosenColumns(COLUMNS, undefined))).toEqual(["name", "kind", "cpu", "since"]);
    expect(ids(chosenColumns(COLUMNS, ["extra"]))).toEqual(["name", "extra"]);
  });

  it("is not emptied by a setting that names columns of another version", () => {
    expect(ids(chosenColumns(COLUMNS, ["gone"]))).toEqual(["name", "kind", "cpu", "since"]);
  });

  it("lets them leave in the set order and never those that stay", () => {
    const shown = chosenColumns(COLUMNS, undefined);
    expect(ids(fittingColumns(shown, 400))).toEqual(["name", "kind", "cpu", "since"]);
    expect(ids(fittingColumns(shown, 399))).toEqual(["name", "kind", "cpu"]);
    expect(ids(fittingColumns(shown, 10))).toEqual(["name", "cpu"]);
  });

  it("adds and removes in the defined order", () => {
    expect(toggleColumn(COLUMNS, undefined, "extra").at(-1)).toBe("extra");
    expect(toggleColumn(COLUMNS, ["name", "extra"], "cpu")).toEqual(["name", "cpu", "extra"]);
    expect(toggleColumn(COLUMNS, undefined, "name")).toContain("name");
  });
});

describe("order", () => {
  const rows: Row[] = [
    { id: "b", n: 2 },
    { id: "a", n: null },
    { id: "c", n: 10 },
    { id: "d", n: 2 },
  ];
  const key = (row: Row) => row.id;
  const sorted = (descending: boolean) =>
    [...rows].sort(compareBy((row) => row.n, descending, key)).map(key);

  it("keeps the unknown last either way, and equals in one order", () => {
    expect(sorted(false)).toEqual(["b", "d", "c", "a"]);
    expect(sorted(true)).toEqual(["c", "b", "d", "a"]);
  });

  it("holds places, and puts later arrivals after them", () => {
    const compare = heldCompare(
      rankOf(["d", "a"]),
      compareBy((row: Row) => row.n, true, key),
      key,
    );
    expect([...rows].sort(compare).map(key)).toEqual(["d", "a", "c", "b"]);
  });

  it("starts numbers with the largest and text with A", () => {
    const cpu = column("cpu", { align: "end" });
    expect(nextSort({ column: "name", descending: false }, cpu).descending).toBe(true);
    expect(nextSort({ column: "cpu", descending: true }, cpu).descending).toBe(false);
    expect(nextSort({ column: "cpu", descending: true }, column("name")).descending).toBe(false);
  });
});

it("groups rows in the order of the groups and hides the members of a shut one", () => {
  const rows = ["x1", "y1", "x2"].map((id) => ({ id, n: 0 }));
  const groups = [
    { key: "y", label: "Y" },
    { key: "x", label: "X" },
    { key: "z", label: "Z" },
  ];
  const lines = groupLines(
    rows,
    groups,
    (r) => r.id.slice(0, 1),
    (r) => r.id,
    new Set(["group:y"]),
  );
  expect(lines.map((line) => line.key)).toEqual(["group:y", "group:x", "x1", "x2"]);
});

describe("selection", () => {
  const keys = ["a", "b", "c", "d"];

  it("takes a range from the anchor either way", () => {
    const from = selectOnly("c");
    expect([...extendTo(from, keys, "d").selected]).toEqual(["c", "d"]);
    expect([...extendTo(extendTo(from, keys, "d"), keys, "a").selected]).toEqual(["a", "b", "c"]);
  });

  it("adds and removes one at a time", () => {
    const two = toggle(selectOnly("a"), "c");
    expect([...two.selected]).toEqual(["a", "c"]);
    expect([...toggle(two, "a").selected]).toEqual(["c"]);
    expect(selectAll(NOTHING_SELECTED, keys).selected.size).toBe(4);
  });

  it("starts anew where the anchor has ended", () => {
    expect([...extendTo(selectOnly("gone"), keys, "b").selected]).toEqual(["b"]);
  });
});

describe("keys", () => {
  const press = (key: string, more: Partial<Press> = {}): Press => ({
    key,
    ctrlKey: false,
    metaKey: false,
    shiftKey: false,
    altKey: false,
    ...more,
  });
  const at = { index: 5, count: 20, page: 8 };

  it.each([
    ["ArrowDown", 6],
    ["ArrowUp", 4],
    ["PageDown", 13],
    ["PageUp", 0],
    ["Home", 0],
    ["End", 19],
  ])("%s moves to %i", (key, to) =>
    expect(tableAction(press(key), at)).toEqual({ do: "move", to, extend: false }),
  );

  it("leaves the window's own keys alone", () => {
    expect(tableAction(press("k", { ctrlKey: true }), at)).toBeNull();
    expect(tableAction(press("ArrowLeft", { altKey: true }), at)).toBeNull();
    expect(tableAction(press("x"), at)).toBeNull();
  });

  it("selects, opens, filters", () => {
    expect(tableAction(press("a", { metaKey: true }), at)).toEqual({ do: "select_all" });
    expect(tableAction(press(" "), at)).toEqual({ do: "select" });
    expect(tableAction(press("Enter"), at)).toEqual({ do: "open" });
    expect(tableAction(press("/"), at)).toEqual({ do: "filter" });
    expect(tableAction(press("ArrowDown"), { ...at, index: -1 })).toMatchObject({ to: 0 });
  });
});

describe("export", () => {
  const columns = [
    column("name", { fields: [{ name: "name", read: (row) => row.id }] }),
    column("cpu", { fields: [{ name: "cpu_ratio", read: (row) => row.n }] }),
    column("spark"),
  ];

  it("writes raw values under names with units", () => {
    expect(toCsv(columns, [{ id: "a", n: 0.25 }])).toBe("name,cpu_ratio\r\na,0.25\r\n");
    expect(JSON.parse(toJson(columns, [{ id: "a", n: null }]))).toEqual([
      { name: "a", cpu_ratio: null },
    ]);
  });

  it("quotes what would break a line, and keeps a spreadsheet from running a name", () => {
    expect(toCsv(columns, [{ id: 'a "b", c\nd', n: -1 }])).toContain('"a ""b"", c\nd",-1');
    expect(toCsv(columns, [{ id: "=cmd|' /C calc'!A0", n: 1 }])).toContain("'=cmd");
  });

  it("names the file after the table and the moment", () => {
    expect(fileName("processes", new Date(2026, 10, 24, 14, 32, 8).getTime(), "csv")).toBe(
      "processes-2026-11-24-143208.csv",
    );
  });
});
