/**
 * Processes under their parents. Built anew on each tick, so it is written to be quick with
 * thousands of rows and without recursion: a chain of processes may be as deep as it likes.
 */
import type { ProcessRow } from "../../bindings/ProcessRow";
import type { RowLine } from "../../shared/table/lines";
import { processKey } from "./process-map";

/** Sums over a process and everything under it. */
export interface Subtree {
  count: number;
  /** Unknown only where it is unknown of all of them. */
  cpu_ratio: number | null;
  memory_bytes: number | null;
  read_bytes_per_sec: number | null;
  write_bytes_per_sec: number | null;
  received_bytes_per_sec: number | null;
  sent_bytes_per_sec: number | null;
  pss_bytes: number | null;
  cpu_time_ms: number;
  threads: number | null;
}

export interface TreeNode {
  key: string;
  row: ProcessRow;
  parent: TreeNode | null;
  children: TreeNode[];
  sum: Subtree;
}

/** Every process as a node with the sums of its subtree. */
export function growTree(rows: readonly ProcessRow[]): Map<string, TreeNode> {
  const nodes = new Map<string, TreeNode>();
  const by_pid = new Map<number, TreeNode>();
  for (const row of rows) {
    const node: TreeNode = {
      key: processKey(row),
      row,
      parent: null,
      children: [],
      sum: ownSum(row),
    };
    nodes.set(node.key, node);
    // While ended rows are kept a pid may be there twice: children belong to the younger.
    const other = by_pid.get(row.pid);
    if (!other || other.row.start_time_ms < row.start_time_ms) by_pid.set(row.pid, node);
  }
  for (const node of nodes.values()) {
    const parent = by_pid.get(node.row.parent_pid);
    // A pid that was used again is younger than the child that names it.
    if (!parent || parent === node || parent.row.start_time_ms > node.row.start_time_ms) continue;
    node.parent = parent;
  }
  breakCircles(nodes);
  for (const node of nodes.values()) node.parent?.children.push(node);
  addUp(nodes);
  return nodes;
}

/**
 * The kernel cannot make a circle, but a table put together over a moment in which pids were used
 * again may hold one, and it must not take the window down.
 */
function breakCircles(nodes: Map<string, TreeNode>): void {
  const safe = new Set<TreeNode>();
  for (const start of nodes.values()) {
    const path = new Set<TreeNode>();
    let node: TreeNode | null = start;
    while (node && !safe.has(node)) {
      if (path.has(node)) {
        node.parent = null;
        break;
      }
      path.add(node);
      node = node.parent;
    }
    for (const seen of path) safe.add(seen);
  }
}

function ownSum(row: ProcessRow): Subtree {
  return {
    count: 1,
    cpu_ratio: row.cpu_ratio,
    memory_bytes: row.memory_bytes,
    read_bytes_per_sec: row.read_bytes_per_sec,
    write_bytes_per_sec: row.write_bytes_per_sec,
    received_bytes_per_sec: row.received_bytes_per_sec,
    sent_bytes_per_sec: row.sent_bytes_per_sec,
    pss_bytes: row.pss_bytes,
    cpu_time_ms: row.cpu_time_ms,
    threads: row.threads,
  };
}

const AMOUNTS = [
  "cpu_ratio",
  "memory_bytes",
  "pss_bytes",
  "read_bytes_per_sec",
  "write_bytes_per_sec",
  "received_bytes_per_sec",
  "sent_bytes_per_sec",
  "threads",
] as const;

function plus(a: number | null, b: number | null): number | null {
  return a === null ? b : b === null ? a : a + b;
}

function addUp(nodes: Map<string, TreeNode>): void {
  // Parents come before their children in this list, so walking it backwards adds from the leaves.
  const order: TreeNode[] = [];
  for (const node of nodes.values()) if (!node.parent) order.push(node);
  for (let i = 0; i < order.length; i += 1) order.push(...(order[i]?.children ?? []));
  for (const node of order.reverse()) {
    const into = node.parent?.sum;
    if (!into) continue;
    into.count += node.sum.count;
    into.cpu_time_ms += node.sum.cpu_time_ms;
    for (const name of AMOUNTS) into[name] = plus(into[name], node.sum[name]);
  }
}

/** What matches, and its ancestors so that it can be found; `null` keeps everything. */
export function keptNodes(
  nodes: Map<string, TreeNode>,
  matches: ((row: ProcessRow) => boolean) | null,
): { kept: Set<TreeNode> | null; matching: number } {
  if (!matches) return { kept: null, matching: nodes.size };
  const kept = new Set<TreeNode>();
  let matching = 0;
  for (const node of nodes.values()) {
    if (!matches(node.row)) continue;
    matching += 1;
    for (let up: TreeNode | null = node; up && !kept.has(up); up = up.parent) kept.add(up);
  }
  return { kept, matching };
}

export interface Flattening {
  kept: Set<TreeNode> | null;
  matches: ((row: ProcessRow) => boolean) | null;
  compare: (a: TreeNode, b: TreeNode) => number;
  isCollapsed: (node: TreeNode) => boolean;
}

/** The lines of the tree, top to bottom, without what is under a shut one. */
export function flatten(
  nodes: Map<string, TreeNode>,
  { kept, matches, compare, isCollapsed }: Flattening,
): RowLine<ProcessRow>[] {
  const shown = (list: readonly TreeNode[]) =>
    (kept ? list.filter((node) => kept.has(node)) : [...list]).sort(compare);
  const roots = [...nodes.values()].filter((node) => !node.parent);
  const lines: RowLine<ProcessRow>[] = [];
  const stack: Array<{ node: TreeNode; guides: readonly boolean[]; last: boolean }> = [];
  const push = (list: TreeNode[], guides: readonly boolean[]) => {
    for (let i = list.length - 1; i >= 0; i -= 1) {
      const node = list[i];
      if (node) stack.push({ node, guides, last: i === list.length - 1 });
    }
  };
  push(shown(roots), []);
  for (let next = stack.pop(); next; next = stack.pop()) {
    const { node, guides, last } = next;
    const children = shown(node.children);
    const collapsed = children.length > 0 && isCollapsed(node);
    const { application } = node.row;
    const head = application !== null && application !== node.parent?.row.application;
    lines.push({
      kind: "row",
      key: node.key,
      row: node.row,
      dim: matches !== null && !matches(node.row),
      tree: { depth: guides.length, guides, last, children: children.length, collapsed, head },
      ...(collapsed ? { sum: { ...node.row, ...node.sum } } : {}),
    });
    if (!collapsed) push(children, node.parent ? [...guides, !last] : [false]);
  }
  return lines;
}
