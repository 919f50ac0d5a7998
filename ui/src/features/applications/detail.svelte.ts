/**
 * What is known of one application at the chosen moment, put together from the streams that are
 * there anyway. Made while the view is set up; one for each identifier.
 */
import type { ApplicationDetail } from "../../bindings/ApplicationDetail";
import type { ApplicationRow } from "../../bindings/ApplicationRow";
import type { Applications } from "../../bindings/Applications";
import type { Event } from "../../bindings/Event";
import type { Metric } from "../../bindings/Metric";
import type { ProcessRow } from "../../bindings/ProcessRow";
import type { RegistrationRow } from "../../bindings/RegistrationRow";
import { platform } from "../../platform/platform";
import type { Points } from "../../shared/charts/points";
import { spanSeries, spanToAsk, type SpanPoints } from "../../shared/charts/span-series.svelte";
import { ask, live } from "../../shared/live.svelte";
import { time } from "../../shared/time/time.svelte";
import { liveProcesses } from "../processes";
import { kept } from "../registry";

export const METRICS: Metric[] = [
  "cpu_ratio",
  "memory_bytes",
  "read_bytes_per_sec",
  "write_bytes_per_sec",
  "received_bytes_per_sec",
  "sent_bytes_per_sec",
];
const EVENT_LIMIT = 500;

export class ApplicationModel {
  readonly id: string;
  readonly all;
  readonly series;
  readonly #processes;
  readonly #detail;
  readonly #events;
  readonly #kept;

  constructor(id: string) {
    this.id = id;
    this.all = live<Applications>({
      stream: "applications",
      frame: (frame) => (frame.kind === "applications" ? frame : undefined),
      query: (at_ms) => platform().call("applications", { at_ms }),
    });
    this.#processes = liveProcesses();
    this.#kept = kept();
    // Evidence and ports come with one question, asked while it runs and again when a process came or went.
    this.#detail = ask(
      () =>
        this.members === null || (this.members === "" && this.#processes.data)
          ? null
          : { id, at_ms: time.at_ms },
      (request) => platform().call("application", request),
      ["applications", "corrections"],
    );
    this.#events = ask(
      () => {
        const span = spanToAsk();
        return span && { ...span, application: id, limit: EVENT_LIMIT };
      },
      (request) => platform().call("events", request),
      ["events"],
    );
    this.series = spanSeries({
      request: () => ({ application: id, metrics: METRICS }),
      live: () => {
        const data = this.all.data;
        if (!data) return null;
        const row = data.applications.find((one) => one.id === id);
        return {
          at_ms: data.at_ms,
          values: [
            row?.cpu_ratio ?? null,
            row?.memory_bytes ?? null,
            row?.read_bytes_per_sec ?? null,
            row?.write_bytes_per_sec ?? null,
            row?.received_bytes_per_sec ?? null,
            row?.sent_bytes_per_sec ?? null,
          ],
        };
      },
    });
  }

  readonly row: ApplicationRow | undefined = $derived.by(() =>
    this.all.data?.applications.find((row) => row.id === this.id),
  );
  readonly processes: readonly ProcessRow[] = $derived.by(() =>
    (this.#processes.data?.rows ?? []).filter((row) => row.application === this.id),
  );
  /** Changes when a process came or went; `null` until they are known. */
  readonly members: string | null = $derived.by(() => {
    const data = this.#processes.data;
    if (!data && !this.#processes.error) return null;
    return this.processes.map((row) => row.pid).join();
  });
  readonly detail: ApplicationDetail | undefined = $derived.by(() =>
    this.running ? this.#detail.data : undefined,
  );
  readonly events: readonly Event[] = $derived.by(() => this.#events.data?.events ?? []);
  readonly more_events = $derived.by(() => this.#events.data?.more ?? false);
  readonly events_loading = $derived.by(() => this.#events.loading);
  readonly running = $derived((this.row?.process_count ?? 0) > 0);
  /** How it is kept now; of the past that is not known. */
  readonly registration: RegistrationRow | undefined = $derived.by(() =>
    this.#kept.data?.registrations.find(({ application }) => application === this.id),
  );
  readonly cpu_count = $derived.by(() => this.all.data?.host.cpu_count ?? 1);

  /** What people call it; the last event knows it after it has gone. */
  readonly name = $derived.by(
    () =>
      this.row?.name ??
      this.registration?.draft.name ??
      this.events.findLast((event) => event.name !== null)?.name ??
      this.id.slice(this.id.indexOf(":") + 1),
  );

  /** A moment at which it ran: the nearest before the one shown, otherwise the first after it. */
  readonly ran_ms: number | null = $derived.by(() =>
    this.series.points ? nearestRun(this.series.points, time.shown_ms) : null,
  );

  /** What is kept was changed by this window. */
  refreshKept(): void {
    this.#kept.refresh();
  }

  /** Nothing at all: it neither runs, nor ran in this span. */
  readonly unknown = $derived.by(
    () =>
      !this.row &&
      (time.past || !this.registration) &&
      this.all.data !== undefined &&
      !this.events_loading &&
      this.events.length === 0 &&
      this.series.points !== undefined &&
      this.ran_ms === null,
  );
}

export function nearestRun(points: SpanPoints, at_ms: number): number | null {
  const mean: Points = points.columns[0]?.mean ?? [];
  const middle = (index: number) => points.start_ms + (index + 0.5) * points.step_ms;
  const runs = mean.flatMap((value, index) => (value === null ? [] : [middle(index)]));
  return runs.findLast((moment) => moment <= at_ms) ?? runs[0] ?? null;
}
