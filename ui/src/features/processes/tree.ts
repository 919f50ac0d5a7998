/**
 * Processes under their parents. Built anew on each tick, so it is written to be quick with
 * thousands of rows and without recursion: a chain of processes may be as deep as it likes.
 */
import type { ProcessRow } from "../../bindings/ProcessRow";
import type { RowLine } from "../../shared/table/lines";
import { processKey } from "./process-map";

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

/** Unknown only where it is unknown of all of them. */
type Amounts = Record<(typeof AMOUNTS)[number], number | null>;

/** Sums over a process and everything under it. */
export interface Subtree extends Amounts {
  count: number;
  cpu_time_ms: number;
}

/** What `weigh` can sum. */
export type Summed = keyof Amounts | "cpu_time_ms";

const NOTHING: Subtree = {
  count: 0,
  cpu_ratio: null,
  memory_bytes: null,
  pss_bytes: null,
  read_bytes_per_sec: null,
  write_bytes_per_sec: null,
  received_bytes_per_sec: null,
  sent_bytes_per_sec: null,
  cpu_time_ms: 0,
  threads: null,
};

export interface TreeNode {
  key: string;
  row: ProcessRow;
  parent: TreeNode | null;
  children: TreeNode[];
  /** Sum over its subtree of the one figure that `weigh` was asked for. */
  weight: number | null;
}

/** Most processes have no children; thousands of empty lists a second would only be collected again. */
const LEAF: TreeNode[] = [];

/** Every process as a node under its parent. */
export function growTree(rows: readonly ProcessRow[]): Map<string, TreeNode> {
  const nodes = new Map<string, TreeNode>();
  const by_pid = new Map<number, TreeNode>();
  for (const row of rows) {
    const node: TreeNode = {
      key: processKey(row),
      row,
      parent: null,
      children: LEAF,
      weight: null,
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
  for (const node of nodes.values()) {
    const { parent } = node;
    if (!parent) continue;
    if (parent.children === LEAF) parent.children = [node];
    else parent.children.push(node);
  }
  return nodes;
}

/**
 * The kernel cannot make a circle, but a table put together over a moment in which pids were used
 * again may hold one, and it must not take the window down.
 */
function breakCircles(nodes: Map<string, TreeNode>): void {
  const safe = new Set<TreeNode>();
  for (const start of nodes.values()) {
    // A parent is never younger than its child, so in a circle all are of the same age.
    if (start.parent?.row.start_time_ms !== start.row.start_time_ms) continue;
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

/** Sums one figure over every subtree; only this one is needed of all rows, to sort them by. */
export function weigh(nodes: Map<string, TreeNode>, figure: Summed): void {
  // Parents come before their children in this list, so walking it backwards adds from the leaves.
  const order: TreeNode[] = [];
  for (const node of nodes.values()) {
    node.weight = node.row[figure];
    if (!node.parent) order.push(node);
  }
  for (let i = 0; i < order.length; i += 1) order.push(...(order[i]?.children ?? []));
  for (const node of order.reverse()) {
    if (node.parent) node.parent.weight = plus(node.parent.weight, node.weight);
  }
}

/** All sums over a subtree; only wanted of those that are folded up and in sight. */
export function subtreeOf(root: TreeNode): Subtree {
  const sum: Subtree = { ...NOTHING };
  const rest = [root];
  for (let node = rest.pop(); node; node = rest.pop()) {
    sum.count += 1;
    sum.cpu_time_ms += node.row.cpu_time_ms;
    for (const name of AMOUNTS) sum[name] = plus(sum[name], node.row[name]);
    rest.push(...node.children);
  }
  return sum;
}

function plus(a: number | null, b: number | null): number | null {
  return a === null ? b : b === null ? a : a + b;
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
  const shown = (list: TreeNode[]) =>
    list === LEAF ? list : (kept ? list.filter((node) => kept.has(node)) : [...list]).sort(compare);
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
      ...(collapsed ? { sum: { ...node.row, ...subtreeOf(node) } } : {}),
    });
    if (!collapsed) push(children, node.parent ? [...guides, !last] : [false]);
  }
  return lines;
}
