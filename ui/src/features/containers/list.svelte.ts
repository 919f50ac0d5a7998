/* eslint-disable svelte/prefer-svelte-reactivity -- collections here are replaced, never changed in place */
/** What the tables of containers show: those of now, filtered, sorted, gathered by compose project. */
import type { ContainerRow } from "../../bindings/ContainerRow";
import type { Containers } from "../../bindings/Containers";
import type { ContainerSize } from "../../bindings/ContainerSize";
import type { ContainerUses } from "../../bindings/ContainerUses";
import { inEach } from "../../shared/i18n";
import { settings } from "../../shared/settings.svelte";
import { groupLines, rowLines } from "../../shared/table/lines";
import { compareBy, heldCompare } from "../../shared/table/order";
import { compileQuery, type Language } from "../../shared/table/query/compile";
import { TableState } from "../../shared/table/table.svelte";
import { time } from "../../shared/time/time.svelte";
import { containerColumns, containerKey, runs, stateRank, STATES } from "./columns";
import { t } from "./i18n";
import { isOrphan, thingColumns, thingsOf, type Thing, type ThingKind } from "./things";

export const STATE_VIEWS = ["running", "exited", "all"] as const;
export const VIEWS = [...STATE_VIEWS, "images", "volumes", "networks"] as const;
export type View = (typeof VIEWS)[number];

class Choices {
  view = $state<View>("running");
  table = new TableState({ column: "state", descending: false });
  things = new TableState({ column: "used_by", descending: false });
  readonly thing = $derived<ThingKind | null>(
    this.view === "images" || this.view === "volumes" || this.view === "networks"
      ? this.view
      : null,
  );
  /** Of what is shown. */
  readonly state = $derived(this.thing === null ? this.table : this.things);
}

export const choices = new Choices();

const containerLanguage: Language<ContainerRow> = {
  units: "iec",
  text: (row) => `${row.name}\n${row.image}\n${row.project ?? ""}\n${row.id}`.toLowerCase(),
  fields: [
    { id: "name", kind: "text", read: (row) => row.name },
    { id: "image", kind: "text", read: (row) => row.image },
    {
      id: "state",
      kind: "choice",
      choices: STATES,
      words: (one) => inEach(t, `state_${one}`),
      read: (row) => row.state,
    },
    { id: "health", kind: "text", read: (row) => row.health },
    { id: "project", kind: "text", read: (row) => row.project },
    { id: "restarts", kind: "number", read: (row) => row.restarts },
    { id: "engine", kind: "text", read: (row) => row.engine },
  ],
};
const thingLanguage = (units: "iec" | "si"): Language<Thing> => ({
  units,
  text: (row) => `${row.name}\n${row.about}\n${row.used_by.join("\n")}`.toLowerCase(),
  fields: [
    { id: "name", kind: "text", read: (row) => row.name },
    { id: "size", kind: "bytes", read: (row) => row.size_bytes },
    { id: "driver", kind: "text", read: (row) => row.driver },
    { id: "project", kind: "text", read: (row) => row.project },
  ],
});

export class ContainerList {
  #all: () => Containers | undefined;
  #uses: () => ContainerUses | undefined;
  #sizes: () => readonly ContainerSize[];

  constructor(
    all: () => Containers | undefined,
    uses: () => ContainerUses | undefined,
    sizes: () => readonly ContainerSize[],
  ) {
    this.#all = all;
    this.#uses = uses;
    this.#sizes = sizes;
  }

  readonly rows = $derived.by(() => this.#all()?.containers ?? []);
  readonly running = $derived(this.rows.filter(runs).length);
  readonly #hour = $derived(Math.floor(time.shown_ms / 3_600_000) * 3_600_000);
  readonly #byId = $derived.by(
    () => new Map(this.#uses()?.containers.map((use) => [use.id, use]) ?? []),
  );
  useOf = (row: ContainerRow) => this.#byId.get(row.id);

  readonly cpu_count = $derived.by(() => this.#uses()?.cpu_count ?? 1);
  readonly compiled = $derived(compileQuery(choices.table.query, containerLanguage));
  readonly of_view = $derived(this.rows.filter((row) => isIn(row, choices.view)));
  readonly matching = $derived(this.rows.filter(this.compiled.matches));
  readonly shown = $derived(this.matching.filter((row) => isIn(row, choices.view)));
  readonly columns = $derived.by(() =>
    containerColumns({
      cpu_count: this.cpu_count,
      now_ms: this.#hour,
      useOf: this.useOf,
    }),
  );
  readonly lines = $derived.by(() => {
    const { sort, rank, shut } = choices.table;
    const read = this.columns.find((column) => column.id === sort.column)?.sort ?? stateRank;
    const byName = (row: ContainerRow) => `${row.name} ${containerKey(row)}`;
    const compare = compareBy(read, sort.descending, byName);
    const sorted = [...this.shown].sort(heldCompare(rank, compare, containerKey));
    const projects = [...new Set(sorted.map((row) => row.project ?? ""))].sort();
    if (projects.every((project) => project === "")) return rowLines(sorted, containerKey);
    // Those without a project last.
    const groups = [...projects.filter(Boolean), ...projects.filter((project) => !project)];
    return groupLines(
      sorted,
      groups.map((key) => ({ key, label: key || t("no_project") })),
      (row) => row.project ?? "",
      containerKey,
      shut,
    );
  });

  readonly things = $derived.by(() => {
    const all = this.#all();
    return all && choices.thing ? thingsOf(choices.thing, all, this.#sizes()) : [];
  });
  readonly things_compiled = $derived(
    compileQuery(choices.things.query, thingLanguage(settings.value.byte_units)),
  );
  readonly things_shown = $derived(this.things.filter(this.things_compiled.matches));
  readonly orphans = $derived(this.things.filter(isOrphan));
  readonly orphan_bytes = $derived.by(() => {
    const known = this.orphans.flatMap((one) => (one.size_bytes === null ? [] : [one.size_bytes]));
    return known.length > 0 ? known.reduce((a, b) => a + b, 0) : null;
  });
  readonly thing_columns = $derived(thingColumns(choices.thing ?? "images", this.#hour));
  readonly thing_lines = $derived.by(() => {
    const { sort, rank } = choices.things;
    const keyOf = (row: Thing) => row.key;
    const column = this.thing_columns.find(({ id }) => id === sort.column);
    const compare = compareBy(column?.sort ?? ((row) => row.name), sort.descending, keyOf);
    return rowLines([...this.things_shown].sort(heldCompare(rank, compare, keyOf)), keyOf);
  });

  count(view: View): number {
    const all = this.#all();
    if (view === "images" || view === "volumes" || view === "networks")
      return all?.[view].length ?? 0;
    return this.matching.filter((row) => isIn(row, view)).length;
  }
}

function isIn(row: ContainerRow, view: View): boolean {
  if (view === "running") return runs(row);
  return view === "exited" ? !runs(row) : true;
}
