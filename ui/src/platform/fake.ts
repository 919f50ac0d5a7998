// A host for component tests and for looking at the window without a back end: an invented machine
// that does the same at every start. Its clock stands still until `tick()`.
import type { Commands } from "../bindings/commands";
import type { Containers } from "../bindings/Containers";
import type { Frame } from "../bindings/Frame";
import type { HostFrame } from "../bindings/HostFrame";
import type { LogsFrame } from "../bindings/LogsFrame";
import type { Services } from "../bindings/Services";
import type { Settings } from "../bindings/Settings";
import type { Stream } from "../bindings/Stream";
import type { StreamFrame } from "../bindings/StreamFrame";
import type { Topic } from "../bindings/Topic";
import { FakeCorrections } from "./fake/corrections";
import { crashCardAt } from "./fake/crash-card";
import { containerDetail, containersNow, containerUses } from "./fake/containers";
import { ledgerAt } from "./fake/ledger";
import { FakeLogs } from "./fake/logs";
import { seriesAt, sparklinesAt, timelineAt } from "./fake/history";
import { applicationsAt, hostAt, hostFrameAt } from "./fake/host";
import { applicationFiles } from "./fake/open-files";
import { DOCTOR, MACHINE } from "./fake/machine";
import { FakeOrders } from "./fake/orders";
import { FakeRegistrations } from "./fake/registrations";
import { serviceDetail, servicesNow } from "./fake/services";
import { applicationAt, endedAt, processAt, processesAt } from "./fake/processes";
import { EVENTS, GAPS, gapAt, NOW_MS } from "./fake/world";
import { ApiFailure, type Platform, type StreamState } from "./platform";

type Handlers = {
  [K in keyof Commands]: (request: Commands[K]["request"]) => Commands[K]["response"];
};
interface Subscription {
  stream: Stream;
  onFrame: (frame: StreamFrame) => void;
  onState: ((state: StreamState) => void) | undefined;
}

const SETTINGS: Settings = {
  theme: "dark",
  density: "normal",
  cpu_per: "machine",
  byte_units: "iec",
  language: "en",
  span_s: 21600,
  sidebar_collapsed: false,
  columns: {},
};

export class FakePlatform implements Platform {
  /** The clock of the invented machine. */
  now_ms = NOW_MS;
  settings: Settings = SETTINGS;
  /** Changes every host frame, for states such as failed recording. */
  frame: Partial<HostFrame> = {};
  /** What was corrected, and how far the past follows. */
  readonly corrections = new FakeCorrections(
    () => processesAt(this.now_ms),
    () => this.change("corrections"),
  );
  /** What is kept. */
  readonly registrations = new FakeRegistrations(
    () => applicationsAt(this.now_ms).applications,
    () => this.change("registrations", "applications"),
  );
  /** Applications that have ended, as a test has it. */
  ended: readonly string[] = [];
  /** Every command that came, in order. */
  calls: { command: keyof Commands; request: unknown }[] = [];
  /** Units of the invented machine. */
  services: Services = servicesNow();
  containers: Containers = containersNow();
  /** What everything on it says. */
  logs = new FakeLogs(() => this.now_ms);
  /** Orders given to the invented machine. */
  orders = new FakeOrders();
  /** Set by a test of what opens elsewhere; a host need not have it. */
  openExternal?: (url: string) => Promise<void>;
  #subscriptions = new Set<Subscription>();
  #failures = new Map<keyof Commands, ApiFailure>();
  #held: (() => void)[] | null = null;

  #handlers: Handlers = {
    machine: () => MACHINE,
    applications: ({ at_ms }) =>
      at_ms === null ? this.#applications() : applicationsAt(this.#sample(at_ms)),
    application: ({ id, at_ms }) => {
      const found = applicationAt(id, this.#sample(at_ms), at_ms !== null);
      if (!found) throw new ApiFailure("not_found", `No application ${id}`);
      return found;
    },
    application_files: ({ id }) =>
      applicationFiles(processesAt(this.now_ms).filter((row) => row.application === id)),
    application_ledger: (request) => ledgerAt(request, this.now_ms),
    sparklines: (request) => sparklinesAt(request.metric, request, this.now_ms),
    processes: ({ at_ms }) => {
      const sample_ms = this.#sample(at_ms);
      return {
        at_ms: sample_ms,
        host: hostAt(sample_ms),
        processes: processesAt(sample_ms),
        ended: endedAt(sample_ms),
      };
    },
    process: ({ pid, at_ms }) => {
      const found = processAt(pid, this.#sample(at_ms));
      if (!found) throw new ApiFailure("not_found", `No process ${pid}`);
      return found;
    },
    process_series: (request) =>
      seriesAt("process:~/code/catalog-web", ["cpu_ratio", "memory_bytes"], request, this.now_ms),
    series: (request) => seriesAt(request.application, request.metrics, request, this.now_ms),
    timeline: (request) => timelineAt(request, this.now_ms),
    events: ({ from_ms, to_ms, application, limit }) => {
      const found = EVENTS.filter(
        (event) =>
          event.at_ms >= from_ms &&
          event.at_ms <= to_ms &&
          (application === null || event.application === application),
      );
      return { events: found.slice(-limit), more: found.length > limit };
    },
    crash_card: (request) => {
      const found = crashCardAt(request);
      if (!found) throw new ApiFailure("not_found", `Nothing of ${request.application} ended then`);
      return found;
    },
    settings: () => this.settings,
    save_settings: (settings) => (this.settings = structuredClone(settings)),
    services: () => this.services,
    service: ({ unit }) => serviceDetail(unit),
    ...this.corrections.handlers,
    ...this.registrations.handlers,
    containers: () => this.containers,
    container: () => containerDetail(),
    container_sizes: () => ({
      sizes: [{ engine: "/var/run/docker.sock", name: "old_data", bytes: 73_400_320 }],
      problems: [],
    }),
    order_preview: (request) => this.orders.preview(request, this.now_ms),
    order: ({ token }) => this.orders.give(token, this.now_ms),
    ...this.logs.handlers,
    audit: ({ limit }) => ({ orders: this.orders.given.slice(0, limit) }),
    doctor: () => DOCTOR,
    health: () => ({ ira_version: "0.1.0", recording: true, last_sample_age_ms: 120 }),
  };

  async call<K extends keyof Commands>(
    command: K,
    request: Commands[K]["request"],
  ): Promise<Commands[K]["response"]> {
    this.calls.push({ command, request });
    const held = this.#held;
    if (held) await new Promise<void>((resolve) => held.push(resolve));
    const failure = this.#failures.get(command);
    if (failure) throw failure;
    return this.#handlers[command](request);
  }

  subscribe(
    stream: Stream,
    onFrame: (frame: StreamFrame) => void,
    onState?: (state: StreamState) => void,
  ): () => void {
    const subscription = { stream, onFrame, onState };
    this.#subscriptions.add(subscription);
    queueMicrotask(() => {
      if (!this.#subscriptions.has(subscription)) return;
      onState?.("open");
      const first = this.#content(stream, true);
      if (first) onFrame({ skipped: 0, frame: first });
    });
    return () => this.#subscriptions.delete(subscription);
  }

  /** The next second (or so many of them): every subscriber gets its frame. */
  tick(seconds = 1): void {
    for (let second = 0; second < seconds; second++) {
      this.now_ms += 1000;
      for (const { stream, onFrame } of [...this.#subscriptions]) {
        const frame = this.#content(stream, false);
        if (frame) onFrame({ skipped: 0, frame });
      }
    }
  }

  /** Tells that topics went stale. */
  change(...topics: Topic[]): void {
    for (const { stream, onFrame } of [...this.#subscriptions])
      if (stream === "changed") onFrame({ skipped: 0, frame: { kind: "changed", topics } });
  }

  /** Tells whoever follows logs. */
  tell(frame: Partial<LogsFrame>): void {
    const all = { entries: [], notices: [], left_out: 0, problems: [], ...frame };
    for (const { stream, onFrame } of [...this.#subscriptions])
      if (typeof stream === "object") onFrame({ skipped: 0, frame: { kind: "logs", ...all } });
  }

  /** The connection of all streams is lost or there again. */
  connection(state: StreamState): void {
    for (const { onState } of [...this.#subscriptions]) onState?.(state);
  }

  /** Streams subscribed to now. */
  get subscribed(): Stream[] {
    return [...this.#subscriptions].map(({ stream }) => stream);
  }

  /** Lets a command fail until `null` is given. */
  fail(command: keyof Commands, failure: ApiFailure | null): void {
    if (failure) this.#failures.set(command, failure);
    else this.#failures.delete(command);
  }

  /** Holds every answer back until the returned function is called. */
  hold(): () => void {
    const held: (() => void)[] = (this.#held = []);
    return () => {
      this.#held = null;
      held.forEach((resolve) => resolve());
    };
  }

  /** Those of now. */
  #applications() {
    const now = applicationsAt(this.now_ms);
    const applications = now.applications.filter(({ id }) => !this.ended.includes(id));
    return this.registrations.among({ ...now, applications });
  }

  /** The last sample at or before a moment. */
  #sample(at_ms: number | null): number {
    if (at_ms === null) return this.now_ms;
    const gap = gapAt(at_ms);
    if (gap === GAPS[0]) throw new ApiFailure("not_recorded", "Nothing is recorded before that");
    return gap ? gap.from_ms : Math.min(this.now_ms, Math.floor(at_ms / 1000) * 1000);
  }

  #content(stream: Stream, full: boolean): Frame | null {
    const at_ms = this.now_ms;
    if (typeof stream === "object") {
      const said = this.logs.frame(stream.logs, full);
      return said && { kind: "logs", ...said };
    }
    switch (stream) {
      case "host":
        return { kind: "host", ...hostFrameAt(at_ms), ...this.frame };
      case "applications":
        return { kind: "applications", ...this.#applications() };
      case "processes": {
        const rows = processesAt(at_ms).filter((row) => full || (row.cpu_ratio ?? 0) > 0);
        return {
          kind: "processes",
          at_ms,
          host: hostAt(at_ms),
          full,
          rows,
          gone: [],
          ended: endedAt(at_ms),
        };
      }
      case "services":
        return full ? { kind: "services", ...this.services } : null;
      case "containers":
        return full ? { kind: "containers", ...this.containers } : null;
      case "container_uses":
        return { kind: "container_uses", ...containerUses(at_ms) };
      case "changed":
        return null;
    }
  }
}
