/* eslint-disable svelte/prefer-svelte-reactivity -- collections here are replaced, never changed in place */
/**
 * What the table of processes shows: rows of the moment as a tree or flat, filtered and sorted. What
 * the user chose outlives the view (`choices`).
 */
import type { EndedRow } from "../../bindings/EndedRow";
import type { Host } from "../../bindings/Host";
import type { ApplicationClass } from "../../bindings/ApplicationClass";
import type { ProcessRow } from "../../bindings/ProcessRow";
import { cpuShare } from "../../shared/format";
import { settings } from "../../shared/settings.svelte";
import type { RowLine } from "../../shared/table/lines";
import { compareBy, heldCompare } from "../../shared/table/order";
import { compileQuery } from "../../shared/table/query/compile";
import { roundScale } from "../../shared/table/scale";
import { TableState } from "../../shared/table/table.svelte";
import { time } from "../../shared/time/time.svelte";
import { processColumns, SUM_OF, type Scale } from "./columns";
import { processLanguage } from "./fields";
import { processKey } from "./process-map";
import { flatten, growTree, keptNodes, weigh, type TreeNode } from "./tree";

export interface Snapshot {
  at_ms: number;
  host: Host;
  rows: readonly ProcessRow[];
  /** Ended but still in sight. */
  hasEnded: (key: string) => boolean;
  /** Those that ended: in the last minute now, in that second in the past; the newest last. */
  ended: readonly EndedRow[];
}

/** What is known of applications here: names and ports. */
export interface Naming {
  name: string;
  ports: readonly number[];
  class?: ApplicationClass;
}

interface Keyed {
  key: string;
  row: ProcessRow;
}

class Choices {
  table = new TableState({ column: "cpu", descending: true });
  mode = $state<"tree" | "table">("tree");
  frozen = $state.raw<Snapshot | null>(null);
  #folded = false;

  /** Two hundred kernel threads are folded up until somebody asks for them. */
  foldKernel(rows: readonly ProcessRow[]): void {
    if (this.#folded || rows.length === 0) return;
    this.#folded = true;
    const root = rows.find((row) => row.pid === 2 && row.parent_pid === 0);
    if (root) this.table.fold(processKey(root), true);
  }
}

export const choices = new Choices();

export class ProcessList {
  #live: () => Snapshot | undefined;
  #namings: () => ReadonlyMap<string, Naming>;

  constructor(
    snapshot: () => Snapshot | undefined,
    namings: () => ReadonlyMap<string, Naming> = () => new Map(),
  ) {
    this.#live = snapshot;
    this.#namings = namings;
  }

  readonly snapshot = $derived.by(() => choices.frozen ?? this.#live());
  readonly rows = $derived.by(() => this.snapshot?.rows ?? []);
  readonly ended = $derived.by(() => this.snapshot?.ended ?? []);
  readonly cpu_count = $derived.by(() => this.snapshot?.host.cpu_count ?? 1);

  /** An identifier is `kind:key`; its key is a better name than nothing. */
  nameOf = (application: string): string =>
    this.#namings().get(application)?.name ?? application.slice(application.indexOf(":") + 1);

  classOf = (application: string) => this.#namings().get(application)?.class;

  readonly compiled = $derived.by(() =>
    compileQuery(
      choices.table.query,
      processLanguage({
        percent: (ratio) => cpuShare(ratio, this.cpu_count) * 100,
        units: settings.value.byte_units,
        now_ms: () => this.snapshot?.at_ms ?? time.shown_ms,
        nameOf: this.nameOf,
        portsOf: (application) => this.#namings().get(application)?.ports ?? [],
      }),
    ),
  );
  readonly shown = $derived(
    this.compiled.terms.length === 0 ? this.rows : this.rows.filter(this.compiled.matches),
  );

  /** Columns are made anew when what they are made of changed, not with every tick. */
  readonly columns = $derived.by(() =>
    processColumns({
      cpu_count: this.cpu_count,
      now_ms: this.#hour,
      scale: () => this.scale,
      nameOf: this.nameOf,
    }),
  );
  /** "14:32" becomes "24 Nov" at midnight, not each second. */
  readonly #hour = $derived(Math.floor(time.shown_ms / 3_600_000) * 3_600_000);

  readonly scale: Scale = $derived.by(() => ({
    cpu: roundScale(this.rows, (row) => row.cpu_ratio),
    mem: roundScale(this.rows, (row) => row.memory_bytes),
  }));

  /** Keys of the ancestors of a process. */
  above(key: string): string[] {
    const nodes = growTree(this.rows);
    const keys: string[] = [];
    for (let up = nodes.get(key)?.parent; up; up = up.parent) keys.push(up.key);
    return keys;
  }

  readonly lines = $derived.by((): RowLine<ProcessRow>[] =>
    choices.mode === "tree" ? this.#treeLines() : this.#flatLines(),
  );

  #flatLines(): RowLine<ProcessRow>[] {
    const ended = this.snapshot?.hasEnded;
    const { sort, rank } = choices.table;
    const read = this.columns.find((column) => column.id === sort.column)?.sort;
    const keyOf = (line: Keyed) => line.key;
    const compare = compareBy((line: Keyed) => read?.(line.row) ?? null, sort.descending, keyOf);
    return this.shown
      .map((row): Keyed => ({ key: processKey(row), row }))
      .sort(heldCompare(rank, compare, keyOf))
      .map(({ key, row }) => ({ kind: "row", key, row, ended: ended?.(key) ?? false }));
  }

  #treeLines(): RowLine<ProcessRow>[] {
    const ended = this.snapshot?.hasEnded;
    const { sort, rank, shut } = choices.table;
    const filtered = this.compiled.terms.length > 0;
    const matches = filtered ? this.compiled.matches : null;
    const nodes = growTree(this.rows);
    const { kept } = keptNodes(nodes, matches);
    const sum = SUM_OF[sort.column];
    if (sum) weigh(nodes, sum);
    const read = this.columns.find((column) => column.id === sort.column)?.sort;
    const keyOf = (node: TreeNode) => node.key;
    const compare = compareBy(
      (node: TreeNode) => (sum ? node.weight : (read?.(node.row) ?? null)),
      sort.descending,
      keyOf,
    );
    const lines = flatten(nodes, {
      kept,
      matches,
      compare: heldCompare(rank, compare, keyOf),
      // What a filter found must be seen, whatever is folded up.
      isCollapsed: (node) => !filtered && shut.has(node.key),
    });
    for (const line of lines) if (ended?.(line.key)) line.ended = true;
    return lines;
  }
}
