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
import { groupLines, rowLines, type Line } from "../../shared/table/lines";
import { compareBy, heldCompare } from "../../shared/table/order";
import { compileQuery } from "../../shared/table/query/compile";
import { roundScale } from "../../shared/table/scale";
import { TableState } from "../../shared/table/table.svelte";
import { visibleText } from "../../shared/table/visible-text";
import { time } from "../../shared/time/time.svelte";
import { applicationColumns, diskRate, networkRate, type Scale } from "./columns";
import { applicationLanguage, CLASSES, KINDS, originOf, stateOf } from "./fields";
import { t } from "./i18n";

class Choices {
  table = new TableState({ column: "cpu", descending: true });
  kind = $state<ApplicationKind | null>(null);
  group = $state<"kind" | "class" | "folder" | null>("kind");
}

export const choices = new Choices();

const keyOf = (row: ApplicationRow) => row.id;
const folderOf = (row: ApplicationRow) => row.working_directory ?? "";

/** What does not run is dimmer than what does. */
const dimmed = (lines: Line<ApplicationRow>[]): Line<ApplicationRow>[] =>
  lines.map((line) =>
    line.kind === "row" && line.row.process_count === 0 ? { ...line, dim: true } : line,
  );

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
    const { shut } = choices.table;
    if (group === null) return dimmed(rowLines(this.sorted, keyOf));
    if (group === "folder")
      return dimmed(groupLines(this.sorted, this.#folders, folderOf, keyOf, shut));
    const groups =
      group === "kind"
        ? KINDS.map((key) => ({ key: key as string, label: t(`group_${key}`) }))
        : CLASSES.map((key) => ({ key: key as string, label: t(`class_${key}`) }));
    return dimmed(groupLines(this.sorted, groups, (row) => row[group], keyOf, shut));
  });

  /** Folders that something shown runs in, those without one last. */
  get #folders() {
    const folders = [...new Set(this.shown.map(folderOf))].sort((one, other) =>
      one === "" || other === "" ? other.length - one.length : one.localeCompare(other),
    );
    return folders.map((key) => ({ key, label: key === "" ? t("no_folder") : visibleText(key) }));
  }

  /** How many of each kind match the query. */
  /** Of all, whatever the filter says: what is offered does not come and go while somebody types. */
  readonly kinds = $derived(new Set(this.rows.map((row) => row.kind)));
  readonly counts = $derived.by(() => {
    const counts = new Map<ApplicationKind, number>();
    for (const row of this.matching) counts.set(row.kind, (counts.get(row.kind) ?? 0) + 1);
    return counts;
  });

  /** How many of each state and origin there are. */
  readonly states = $derived.by(() => {
    const states = new Map<string, number>();
    for (const row of this.of_kind)
      for (const one of [stateOf(row), originOf(row)]) states.set(one, (states.get(one) ?? 0) + 1);
    return states;
  });

  /** How many of each class there are. */
  readonly classes = $derived.by(() => {
    const classes = new Map<ApplicationClass, number>();
    for (const row of this.of_kind) classes.set(row.class, (classes.get(row.class) ?? 0) + 1);
    return classes;
  });

  readonly process_count = $derived(this.shown.reduce((sum, row) => sum + row.process_count, 0));
}
