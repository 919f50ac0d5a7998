// The command palette: open or not, and what can be found. Applications and processes are asked for
// once each time it opens, of the moment shown.
import type { ApplicationRow } from "../../bindings/ApplicationRow";
import type { Event } from "../../bindings/Event";
import type { EventKind } from "../../bindings/EventKind";
import type { Port } from "../../bindings/Port";
import type { ProcessRow } from "../../bindings/ProcessRow";
import type { RegistrationRow } from "../../bindings/RegistrationRow";
import type { Settings } from "../../bindings/Settings";
import { ApiFailure, platform } from "../../platform/platform";
import { t as shared } from "../../shared/i18n";
import { router } from "../../shared/router.svelte";
import { settings } from "../../shared/settings.svelte";
import { time } from "../../shared/time/time.svelte";
import { orders, STOP } from "../orders";
import { hits, type Hit } from "./hits";
import { t } from "./i18n";

type Action = { action: string; label: string; run: () => void };

const ENDS: readonly EventKind[] = ["stopped", "crashed", "out_of_memory", "crash_loop"];
const SECOND_MS = 1000;
/** What ended so long ago is found. */
const LATELY_MS = 15 * 60_000;

class PaletteController {
  shown = $state(false);
  typed = $state("");
  error = $state.raw<ApiFailure | undefined>();
  #applications = $state.raw<ApplicationRow[]>([]);
  #processes = $state.raw<ProcessRow[]>([]);
  #events = $state.raw<readonly Event[]>([]);
  #kept = $state.raw<readonly RegistrationRow[]>([]);

  /** Pids that hold ports, by application; asked for when one of its ports is chosen. */
  #holders = $state.raw<ReadonlyMap<string, readonly Port[]>>(new Map());
  #asked = new Set<string>();

  open(): void {
    this.#holders = new Map();
    this.#asked.clear();
    this.typed = "";
    this.shown = true;
    void this.#load();
  }

  get hits(): Hit[] {
    return hits(this.typed, {
      views: [
        ...(
          [
            "overview",
            "applications",
            "processes",
            "services",
            "containers",
            "logs",
            "settings",
          ] as const
        ).map((view) => ({ view, label: shared(view) })),
        { view: "doctor", label: t("doctor") },
      ],
      actions: this.#actions(),
      applications: this.#applications,
      processes: this.#processes,
      ended: this.#ended,
      kept: this.#found_by,
      now_ms: time.now_ms,
    });
  }

  readonly #found_by = $derived(
    new Map(this.#kept.map(({ application, draft }) => [application, draft])),
  );

  /** The last end of each, the newest first. */
  readonly #ended = $derived.by(() => {
    const running = this.#applications.filter(({ process_count }) => process_count > 0);
    const ends = this.#events.filter(({ kind, note }) => ENDS.includes(kind) && !note?.part);
    const last = new Map(ends.map((event) => [event.application, event]));
    return [...last.values()]
      .filter(({ application }) => application && running.every(({ id }) => id !== application))
      .toSorted((one, other) => other.at_ms - one.at_ms);
  });

  choose(hit: Hit): void {
    this.shown = false;
    switch (hit.section) {
      case "views":
        // Doctor is a part of the settings.
        return router.go(hit.view === "doctor" ? "settings" : hit.view);
      case "ports":
        return router.go("applications", hit.application.id, "ports");
      case "applications":
        return router.go("applications", hit.application.id);
      case "processes":
        return router.go("processes", `${hit.process.pid}:${hit.process.start_time_ms}`);
      case "ended":
        // As it was in its last second.
        time.rewind(hit.event.at_ms - SECOND_MS);
        return router.go("applications", hit.event.application ?? "");
      case "time":
        return time.rewind(hit.at_ms);
      case "actions":
        return this.#actions()
          .find(({ action }) => action === hit.action)
          ?.run();
    }
  }

  /** The process that holds a port, once that is known. */
  holder(port: number, application: string): number | undefined {
    return this.#holders.get(application)?.find((one) => one.port === port)?.pid;
  }

  /** When a process began. */
  startOf(pid: number): number | undefined {
    return this.#processes.find((one) => one.pid === pid)?.start_time_ms;
  }

  /** A list of applications knows their ports but not who of them holds which. */
  async askHolder(application: string): Promise<void> {
    if (this.#asked.has(application)) return;
    this.#asked.add(application);
    try {
      const { ports } = await platform().call("application", {
        id: application,
        at_ms: time.at_ms,
      });
      this.#holders = new Map([...this.#holders, [application, ports]]);
    } catch {
      // The application itself is named all the same; it may have ended meanwhile.
    }
  }

  async #load(): Promise<void> {
    const at = { at_ms: time.at_ms };
    try {
      const to_ms = time.at_ms ?? time.now_ms;
      const [applications, processes, kept, events] = await Promise.all([
        platform().call("applications", at),
        platform().call("processes", at),
        // Without them nothing is started from here, and all the rest is found.
        platform()
          .call("registrations", {})
          .catch(() => undefined),
        platform()
          .call("events", { from_ms: to_ms - LATELY_MS, to_ms, application: null, limit: 2000 })
          .catch(() => undefined),
      ]);
      this.#events = events?.events ?? [];
      this.#kept = kept?.registrations ?? [];
      this.#applications = applications.applications;
      this.#processes = processes.processes;
      this.error = undefined;
    } catch (thrown) {
      this.error = ApiFailure.from(thrown);
    }
  }

  #actions(): Action[] {
    const set = (action: string, label: string, changed: Partial<Settings>): Action => ({
      action,
      label,
      run: () => void settings.change(changed),
    });
    const perMachine = settings.value.cpu_per === "machine";
    return [
      ...(time.past ? [{ action: "live", label: t("go_live"), run: () => time.live() }] : []),
      set("light", t("light"), { theme: "light" }),
      set("dark", t("dark"), { theme: "dark" }),
      set("system", t("system"), { theme: "system" }),
      set("dense", t("dense"), { density: "dense" }),
      set("normal", t("normal"), { density: "normal" }),
      set("roomy", t("roomy"), { density: "roomy" }),
      perMachine
        ? set("per_core", t("per_core"), { cpu_per: "core" })
        : set("per_machine", t("per_machine"), { cpu_per: "machine" }),
      ...this.#stops(),
      ...this.#starts(),
    ];
  }

  /** Only once something was typed: a list of everything that could be stopped helps nobody. */
  #stops(): Action[] {
    if (this.typed.trim() === "" || !orders.possible) return [];
    const found = this.#applications.filter(
      (row) => row.kind !== "kernel" && row.process_count > 0,
    );
    const listed = new Set(found.map(({ id }) => id));
    const kept = this.#kept
      .filter(({ is_running, application }) => is_running && !listed.has(application))
      .map(({ application: id, draft: { name } }) => ({ id, name }));
    // What is kept comes first: there is room for few.
    const first = (id: string) => Number(!this.#found_by.has(id));
    return [...kept, ...found]
      .toSorted((one, other) => first(one.id) - first(other.id))
      .map(({ id, name }) => ({
        action: `stop ${id}`,
        label: t("stop", { name }),
        run: () => orders.ask({ kind: "application", id }, STOP, name),
      }));
  }

  /** Of what is kept with a command. */
  #starts(): Action[] {
    if (this.typed.trim() === "" || !orders.possible) return [];
    return this.#kept
      .filter(({ command }) => command.length > 0)
      .map(({ application: id, draft: { name }, is_running }) => {
        const kind = is_running ? "restart" : "start";
        const run = () => orders.ask({ kind: "application", id }, { kind }, name);
        return { action: `${kind} ${id}`, label: t(kind, { name }), run };
      });
  }
}

export const palette = new PaletteController();
