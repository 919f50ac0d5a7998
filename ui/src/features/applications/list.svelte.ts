/* eslint-disable svelte/prefer-svelte-reactivity -- collections here are replaced, never changed in place */
/**
 * What the table of applications shows: rows of the moment, filtered, grouped, sorted. The part the
 * user chose outlives the view (`choices`); the rest is derived from what the host tells.
 */
import type { ApplicationClass } from "../../bindings/ApplicationClass";
import type { ApplicationKind } from "../../bindings/ApplicationKind";
import type { ApplicationRow } from "../../bindings/ApplicationRow";
import type { Applications } from "../../bindings/Applications";
import { cpuShare, duration } from "../../shared/format";
import { settings } from "../../shared/settings.svelte";
import { groupLines, rowLines } from "../../shared/table/lines";
import { compareBy, heldCompare } from "../../shared/table/order";
import { compileQuery } from "../../shared/table/query/compile";
import { roundScale } from "../../shared/table/scale";
import { TableState } from "../../shared/table/table.svelte";
import { time } from "../../shared/time/time.svelte";
import { applicationColumns, diskRate, networkRate, type Scale } from "./columns";
import { applicationLanguage, CLASSES, KINDS } from "./fields";
import { t } from "./i18n";

class Choices {
  table = new TableState({ column: "cpu", descending: true });
  kind = $state<ApplicationKind | null>(null);
  group = $state<"kind" | "class" | null>("kind");
}

export const choices = new Choices();

const keyOf = (row: ApplicationRow) => row.id;

export class ApplicationList {
  #data: () => Applications | undefined;

  constructor(data: () => Applications | undefined) {
    this.#data = data;
  }

  readonly rows = $derived.by(() => this.#data()?.applications ?? []);
  readonly cpu_count = $derived.by(() => this.#data()?.host.cpu_count ?? 1);

  readonly compiled = $derived.by(() =>
    compileQuery(
      choices.table.query,
      applicationLanguage({
        percent: (ratio) => cpuShare(ratio, this.cpu_count) * 100,
        units: settings.value.byte_units,
        now_ms: () => this.#data()?.at_ms ?? time.shown_ms,
      }),
    ),
  );
  readonly of_kind = $derived(
    choices.kind === null ? this.rows : this.rows.filter((row) => row.kind === choices.kind),
  );
  readonly matching = $derived(this.rows.filter(this.compiled.matches));
  readonly shown = $derived(
    choices.kind === null
      ? this.matching
      : this.matching.filter((row) => row.kind === choices.kind),
  );

  /** Columns are made anew when what they are made of changed, not with every tick. */
  readonly columns = $derived.by(() =>
    applicationColumns({
      cpu_count: this.cpu_count,
      now_ms: this.#today,
      span: duration(time.span_ms),
      scale: () => this.scale,
    }),
  );
  /** "14:32" becomes "24 Nov" at midnight, not each second. */
  readonly #today = $derived(Math.floor(time.shown_ms / 3_600_000) * 3_600_000);

  readonly scale: Scale = $derived.by(() => ({
    cpu: roundScale(this.rows, (row) => row.cpu_ratio),
    mem: roundScale(this.rows, (row) => row.memory_bytes),
    disk: roundScale(this.rows, diskRate),
    net: roundScale(this.rows, networkRate),
  }));

  readonly sorted = $derived.by(() => {
    const { sort, rank } = choices.table;
    const read = this.columns.find((column) => column.id === sort.column)?.sort;
    const compare = compareBy(read ?? ((row) => row.cpu_ratio), sort.descending, keyOf);
    return [...this.shown].sort(heldCompare(rank, compare, keyOf));
  });

  readonly lines = $derived.by(() => {
    const { group } = choices;
    if (group === null) return rowLines(this.sorted, keyOf);
    const groups =
      group === "kind"
        ? KINDS.map((key) => ({ key: key as string, label: t(`group_${key}`) }))
        : CLASSES.map((key) => ({ key: key as string, label: t(`class_${key}`) }));
    return groupLines(this.sorted, groups, (row) => row[group], keyOf, choices.table.shut);
  });

  /** How many of each kind match the query. */
  readonly counts = $derived.by(() => {
    const counts = new Map<ApplicationKind, number>();
    for (const row of this.matching) counts.set(row.kind, (counts.get(row.kind) ?? 0) + 1);
    return counts;
  });

  /** How many of each class there are. */
  readonly classes = $derived.by(() => {
    const classes = new Map<ApplicationClass, number>();
    for (const row of this.of_kind) classes.set(row.class, (classes.get(row.class) ?? 0) + 1);
    return classes;
  });

  readonly process_count = $derived(this.shown.reduce((sum, row) => sum + row.process_count, 0));
}
