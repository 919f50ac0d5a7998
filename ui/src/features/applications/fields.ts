/** What can be asked for in the filter field of applications. */
import type { ApplicationRow } from "../../bindings/ApplicationRow";
import { inEach, t as shared } from "../../shared/i18n";
import type { Language } from "../../shared/table/query/compile";
import { diskRate, networkRate } from "./columns";
import { t } from "./i18n";

export const KINDS = [
  "custom",
  "project",
  "process",
  "docker",
  "container",
  "systemd",
  "desktop",
  "kernel",
] as const;

export const CLASSES = [
  "database",
  "cache",
  "queue",
  "web_server",
  "proxy",
  "runtime",
  "desktop",
  "system",
  "other",
] as const;

/** What the menu of filters offers before what applications are for. */
export const STATES = ["running", "stopped"] as const;
export const ORIGINS = ["kept", "discovered"] as const;

export const stateOf = (row: ApplicationRow): (typeof STATES)[number] =>
  row.process_count > 0 ? "running" : "stopped";
export const originOf = (row: ApplicationRow): (typeof ORIGINS)[number] =>
  row.is_kept ? "kept" : "discovered";

export function applicationLanguage(context: {
  /** A share of one core as the percentage that is shown. */
  percent: (cpu_ratio: number) => number;
  units: "iec" | "si";
  now_ms: () => number;
}): Language<ApplicationRow> {
  return {
    units: context.units,
    text: (row) => `${row.name}\n${row.id}`.toLowerCase(),
    fields: [
      { id: "name", aliases: ["app"], kind: "text", read: (row) => row.name },
      { id: "id", kind: "text", read: (row) => row.id },
      {
        id: "kind",
        kind: "choice",
        choices: KINDS,
        words: (kind) => [...inEach(shared, `kind_${kind}`), ...inEach(t, `group_${kind}`)],
        read: (row) => row.kind,
      },
      {
        id: "class",
        kind: "choice",
        choices: CLASSES,
        words: (one) => inEach(t, `class_${one}`),
        read: (row) => row.class,
      },
      {
        id: "state",
        kind: "choice",
        choices: STATES,
        words: (one) => inEach(t, `state_${one}`),
        read: stateOf,
      },
      {
        id: "is",
        kind: "choice",
        choices: ORIGINS,
        words: (one) => inEach(t, `state_${one}`),
        read: originOf,
      },
      { id: "dir", aliases: ["folder"], kind: "text", read: (row) => row.working_directory },
      { id: "engine", kind: "text", read: (row) => row.engine },
      { id: "port", aliases: ["ports"], kind: "number", read: (row) => row.ports },
      {
        id: "cpu",
        kind: "percent",
        read: (row) => (row.cpu_ratio === null ? null : context.percent(row.cpu_ratio)),
      },
      { id: "mem", aliases: ["memory", "rss"], kind: "bytes", read: (row) => row.memory_bytes },
      { id: "pss", kind: "bytes", read: (row) => row.pss_bytes },
      { id: "net", aliases: ["network"], kind: "bytes", read: networkRate },
      { id: "disk", aliases: ["io"], kind: "bytes", read: diskRate },
      { id: "read", kind: "bytes", read: (row) => row.read_bytes_per_sec },
      { id: "write", aliases: ["written"], kind: "bytes", read: (row) => row.write_bytes_per_sec },
      { id: "processes", aliases: ["procs"], kind: "count", read: (row) => row.process_count },
      {
        id: "age",
        kind: "duration",
        read: (row) => (row.since_ms === null ? null : context.now_ms() - row.since_ms),
      },
    ],
  };
}
