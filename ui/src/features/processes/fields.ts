/** What can be asked for in the filter field of processes. */
import type { ProcessRow } from "../../bindings/ProcessRow";
import type { ProcessState } from "../../bindings/ProcessState";
import { inEach, t as shared } from "../../shared/i18n";
import type { Language } from "../../shared/table/query/compile";

const STATES: readonly ProcessState[] = [
  "running",
  "sleeping",
  "disk_sleep",
  "stopped",
  "traced",
  "zombie",
  "dead",
  "idle",
  "parked",
  "unknown",
];
const KINDS = ["process", "docker", "systemd", "desktop", "kernel"];

export function processLanguage(context: {
  /** A share of one core as the percentage that is shown. */
  percent: (cpu_ratio: number) => number;
  units: "iec" | "si";
  now_ms: () => number;
  nameOf: (application: string) => string;
  /** Ports of an application: which of its processes holds one is only known in its detail. */
  portsOf: (application: string) => readonly number[];
}): Language<ProcessRow> {
  const { percent, units, now_ms, nameOf, portsOf } = context;
  return {
    units,
    text: (row) => `${row.name}\n${row.command}`.toLowerCase(),
    fields: [
      { id: "name", kind: "text", read: (row) => row.name },
      { id: "command", aliases: ["cmd"], kind: "text", read: (row) => row.command },
      { id: "user", kind: "word", read: (row) => row.user },
      { id: "pid", kind: "number", read: (row) => row.pid },
      { id: "ppid", aliases: ["parent"], kind: "number", read: (row) => row.parent_pid },
      {
        id: "state",
        kind: "choice",
        choices: STATES,
        words: (one) => inEach(shared, `state_${one}`),
        read: (row) => row.state,
      },
      {
        id: "app",
        aliases: ["application"],
        kind: "text",
        read: (row) => row.application && `${row.application} ${nameOf(row.application)}`,
      },
      {
        id: "kind",
        kind: "choice",
        choices: KINDS,
        words: (one) => inEach(shared, `kind_${one}`),
        read: (row) => row.application?.split(":")[0] ?? null,
      },
      {
        id: "port",
        kind: "number",
        read: (row) => (row.application === null ? null : portsOf(row.application)),
      },
      {
        id: "cpu",
        kind: "percent",
        read: (row) => (row.cpu_ratio === null ? null : percent(row.cpu_ratio)),
      },
      { id: "mem", aliases: ["memory", "rss"], kind: "bytes", read: (row) => row.memory_bytes },
      { id: "read", kind: "bytes", read: (row) => row.read_bytes_per_sec },
      { id: "write", aliases: ["written"], kind: "bytes", read: (row) => row.write_bytes_per_sec },
      { id: "pss", kind: "bytes", read: (row) => row.pss_bytes },
      { id: "received", kind: "bytes", read: (row) => row.received_bytes_per_sec },
      { id: "sent", kind: "bytes", read: (row) => row.sent_bytes_per_sec },
      { id: "threads", kind: "count", read: (row) => row.threads },
      { id: "time", aliases: ["cputime"], kind: "duration", read: (row) => row.cpu_time_ms },
      { id: "age", kind: "duration", read: (row) => now_ms() - row.start_time_ms },
    ],
  };
}
