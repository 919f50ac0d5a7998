import { describe, expect, it } from "vitest";
import type { EndedRow } from "../../bindings/EndedRow";
import type { ProcessRow } from "../../bindings/ProcessRow";
import { RecentlyEnded, seenLeaving } from "./ended";
import { processKey, ProcessMap } from "./process-map";
import { flatten, growTree, keptNodes, subtreeOf, weigh, type TreeNode } from "./tree";

function row(pid: number, parent_pid: number, more: Partial<ProcessRow> = {}): ProcessRow {
  return {
    pid,
    start_time_ms: 1000 + pid,
    parent_pid,
    name: `p${pid}`,
    command: `/bin/p${pid}`,
    user: "anna",
    state: "sleeping",
    threads: 1,
    cpu_ratio: 0.1,
    cpu_time_ms: 10,
    memory_bytes: 100,
    read_bytes_per_sec: null,
    write_bytes_per_sec: 0,
    received_bytes_per_sec: null,
    sent_bytes_per_sec: null,
    pss_bytes: null,
    application: null,
    ...more,
  };
}

describe("the table as frames tell it", () => {
  it("keeps the identity of rows that did not change", () => {
    const map = new ProcessMap();
    const first = row(1, 0);
    map.apply({ full: true, rows: [first, row(2, 1)], gone: [] });
    map.apply({ full: false, rows: [row(2, 1, { cpu_ratio: 0.5 })], gone: [] });
    expect(map.get(processKey(first))).toBe(first);
    expect(map.rows()[1]?.cpu_ratio).toBe(0.5);
  });

  it("takes a pid that was used again as another process", () => {
    const map = new ProcessMap();
    map.apply({ full: true, rows: [row(7, 1)], gone: [] });
    const again = row(7, 1, { start_time_ms: 9999 });
    map.apply({ full: false, rows: [again], gone: [{ pid: 7, start_time_ms: 1007 }] });
    expect(map.rows()).toEqual([again]);
  });

  it("forgets in a full frame what is not in it", () => {
    const map = new ProcessMap();
    map.apply({ full: true, rows: [row(1, 0), row(2, 1)], gone: [] });
    map.apply({ full: true, rows: [row(2, 1)], gone: [] });
    expect(map.rows().map((r) => r.pid)).toEqual([2]);
  });

  it("keeps ended rows in sight for as long as it is told to", () => {
    const map = new ProcessMap();
    map.apply({ full: true, rows: [row(1, 0), row(2, 1)], gone: [] });
    map.apply({ full: false, rows: [], gone: [{ pid: 2, start_time_ms: 1002 }] }, true);
    expect([map.rows().length, map.size, map.hasEnded("2:1002")]).toEqual([2, 1, true]);
    map.dropEnded();
    expect(map.rows().map((r) => r.pid)).toEqual([1]);
  });
});

describe("the tree", () => {
  const rows = [row(1, 0), row(2, 1), row(3, 1, { cpu_ratio: 2 }), row(4, 2), row(5, 4)];
  const byPid = (a: TreeNode, b: TreeNode) => a.row.pid - b.row.pid;
  const lines = (
    list: ProcessRow[],
    matches: ((r: ProcessRow) => boolean) | null = null,
    collapsed: number[] = [],
  ) => {
    const nodes = growTree(list);
    const { kept } = keptNodes(nodes, matches);
    const isCollapsed = (node: TreeNode) => collapsed.includes(node.row.pid);
    return flatten(nodes, { kept, matches, compare: byPid, isCollapsed });
  };
  const pids = (found: ReturnType<typeof lines>) => found.map((line) => line.row.pid);

  it("puts children under their parents, with sums", () => {
    expect(pids(lines(rows))).toEqual([1, 2, 4, 5, 3]);
    expect(lines(rows).map((line) => line.tree?.depth)).toEqual([0, 1, 2, 3, 1]);
    const nodes = growTree(rows);
    weigh(nodes, "cpu_ratio");
    expect(nodes.get("1:1001")?.weight).toBeCloseTo(2.4);
    const sum = subtreeOf(nodes.get("2:1002")!);
    expect(sum).toMatchObject({ count: 3, memory_bytes: 300 });
    expect(sum.read_bytes_per_sec, "unknown of all is not zero").toBeNull();
  });

  it("hides what is under a shut one", () => {
    const found = lines(rows, null, [2]);
    expect(pids(found)).toEqual([1, 2, 3]);
    expect(found[1]?.tree).toMatchObject({ collapsed: true, children: 1 });
  });

  it("keeps the ancestors of what matches, dimmed", () => {
    const found = lines(rows, (r) => r.pid === 5);
    expect(pids(found)).toEqual([1, 2, 4, 5]);
    expect(found.map((line) => line.dim)).toEqual([true, true, true, false]);
  });

  it("does not hang a child under a younger process that got its parent's pid", () => {
    expect(pids(lines([row(9, 5, { start_time_ms: 1 }), row(5, 0)]))).toEqual([5, 9]);
    expect(growTree([row(9, 5, { start_time_ms: 1 }), row(5, 0)]).get("9:1")?.parent).toBeNull();
  });

  it("shows every process once even if parents go in a circle", () => {
    const same = { start_time_ms: 1 };
    const found = lines([row(1, 2, same), row(2, 1, same), row(3, 3, same)]);
    expect(pids(found).sort()).toEqual([1, 2, 3]);
  });

  it("survives a chain thousands deep", () => {
    const chain = Array.from({ length: 5000 }, (_, i) => row(i + 1, i));
    expect(lines(chain)).toHaveLength(5000);
  });
});

it("tells of rows that left when nobody told of their end, once", () => {
  const [a, b] = [row(7, 1), row(8, 1)];
  const rowOf = (key: string) => [a, b].find((one) => processKey(one) === key);
  const told = { ...b, status: { code: 1 }, name: "p8" };
  const left = seenLeaving([a, b, { pid: 9, start_time_ms: 1 }], [told], rowOf);
  expect(left.map(({ pid, status }) => [pid, status])).toEqual([[7, null]]);
});

it("remembers for a minute what has ended", () => {
  const recent = new RecentlyEnded();
  const one = { pid: 9 } as EndedRow;
  const two = { pid: 10 } as EndedRow;
  recent.add(1000, [one]);
  expect(recent.add(31_000, [two])).toEqual([one, two]);
  const same = recent.add(32_000, []);
  expect(recent.add(33_000, []), "nothing new, the same list").toBe(same);
  expect(recent.add(61_000, [])).toEqual([two]);
});
