/* eslint-disable svelte/prefer-svelte-reactivity -- collections here are replaced, never changed in place */
/** What the table of services shows: units of now, filtered and sorted; what needs a look first. */
import type { Applications } from "../../bindings/Applications";
import type { ServiceRow } from "../../bindings/ServiceRow";
import type { Services } from "../../bindings/Services";
import type { UnitKind } from "../../bindings/UnitKind";
import { inEach } from "../../shared/i18n";
import { settings } from "../../shared/settings.svelte";
import { rowLines } from "../../shared/table/lines";
import { compareBy, heldCompare } from "../../shared/table/order";
import { compileQuery, type Language } from "../../shared/table/query/compile";
import { TableState } from "../../shared/table/table.svelte";
import { time } from "../../shared/time/time.svelte";
import { serviceColumns, serviceKey, stateRank, STATES, type Usage } from "./columns";
import { t } from "./i18n";

export type Choice = UnitKind | "all" | "failed";

class Choices {
  table = new TableState({ column: "state", descending: false });
  kind = $state<Choice>("service");
}

export const choices = new Choices();

const language = (units: "iec" | "si"): Language<ServiceRow> => ({
  units,
  text: (row) => `${row.unit}\n${row.description}`.toLowerCase(),
  fields: [
    { id: "unit", aliases: ["name"], kind: "text", read: (row) => row.unit },
    {
      id: "state",
      kind: "choice",
      choices: STATES,
      words: (one) => inEach(t, `state_${one}`),
      read: (row) => row.active,
    },
    { id: "sub", kind: "text", read: (row) => row.sub },
    { id: "enabled", kind: "text", read: (row) => row.enabled },
    { id: "restarts", kind: "number", read: (row) => row.restarts },
    { id: "pid", kind: "number", read: (row) => row.main_pid },
    { id: "mem", aliases: ["memory"], kind: "bytes", read: (row) => row.memory_bytes },
  ],
});

export class ServiceList {
  #services: () => Services | undefined;
  #applications: () => Applications | undefined;

  constructor(services: () => Services | undefined, applications: () => Applications | undefined) {
    this.#services = services;
    this.#applications = applications;
  }

  readonly rows = $derived.by(() => this.#services()?.services ?? []);
  readonly failed = $derived(this.rows.filter((row) => row.active === "failed").length);
  readonly compiled = $derived(
    compileQuery(choices.table.query, language(settings.value.byte_units)),
  );
  readonly of_kind = $derived(this.rows.filter((row) => isOf(row, choices.kind)));
  readonly matching = $derived(this.rows.filter(this.compiled.matches));
  readonly shown = $derived(this.matching.filter((row) => isOf(row, choices.kind)));

  readonly #usage = $derived.by(
    () =>
      new Map<string, Usage>(this.#applications()?.applications.map((row) => [row.id, row]) ?? []),
  );
  readonly #hour = $derived(Math.floor(time.shown_ms / 3_600_000) * 3_600_000);

  /** Only what runs processes uses anything; a timer's application is what it starts. */
  usageOf = (row: ServiceRow): Usage | undefined =>
    row.kind === "service" ? this.#usage.get(row.application) : undefined;

  readonly columns = $derived.by(() =>
    serviceColumns({
      cpu_count: this.#applications()?.host.cpu_count ?? 1,
      now_ms: this.#hour,
      usageOf: this.usageOf,
    }),
  );

  readonly lines = $derived.by(() => {
    const { sort, rank } = choices.table;
    const read = this.columns.find((column) => column.id === sort.column)?.sort ?? stateRank;
    const compare = compareBy(read, sort.descending, serviceKey);
    return rowLines([...this.shown].sort(heldCompare(rank, compare, serviceKey)), serviceKey);
  });

  count(kind: Choice): number {
    return this.matching.filter((row) => isOf(row, kind)).length;
  }
}

function isOf(row: ServiceRow, kind: Choice): boolean {
  if (kind === "all") return true;
  return kind === "failed" ? row.active === "failed" : row.kind === kind;
}
