/** Columns of the table of processes. */
import type { ProcessRow } from "../../bindings/ProcessRow";
import * as format from "../../shared/format";
import { t as shared } from "../../shared/i18n";
import type { Column } from "../../shared/table/columns";
import { t } from "./i18n";
import type { Summed } from "./tree";

export interface Scale {
  cpu: number;
  mem: number;
}

export interface ColumnContext {
  cpu_count: number;
  now_ms: number;
  /** What a full bar stands for. */
  scale: () => Scale;
  /** Name of an application by its identifier. */
  nameOf: (application: string) => string;
}

/** Which sum over a subtree a column is sorted by in the tree. */
export const SUM_OF: Record<string, Summed> = {
  cpu: "cpu_ratio",
  rss: "memory_bytes",
  pss: "pss_bytes",
  read: "read_bytes_per_sec",
  write: "write_bytes_per_sec",
  received: "received_bytes_per_sec",
  sent: "sent_bytes_per_sec",
  cpu_time: "cpu_time_ms",
  threads: "threads",
};

function optional(value: number | null, figure: (value: number) => format.FigureParts) {
  return value === null ? null : figure(value);
}

/** CPU time as `top` writes it: "1:04.36", from an hour on "2:31:07". */
export function cpuTime(ms: number): string {
  const two = (n: number) => String(n).padStart(2, "0");
  const seconds = Math.floor(ms / 1000);
  const minutes = Math.floor(seconds / 60);
  const hundredths = Math.floor((ms % 1000) / 10);
  if (minutes < 60) return `${minutes}:${two(seconds % 60)}.${two(hundredths)}`;
  return `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(seconds % 60)}`;
}

const RATES = [
  { id: "read", leaves: 2, initial: true },
  { id: "write", leaves: 7, initial: true },
  { id: "received", leaves: 1, initial: false },
  { id: "sent", leaves: 1, initial: false },
] as const;

export function processColumns(context: ColumnContext): Column<ProcessRow>[] {
  const { cpu_count, now_ms, scale, nameOf } = context;
  const end = "end" as const;
  return [
    {
      id: "name",
      label: t("name"),
      width: 300,
      grow: true,
      fixed: true,
      sort: (row) => row.name,
      fields: [
        { name: "name", read: (row) => row.name },
        { name: "command", read: (row) => row.command },
      ],
    },
    {
      id: "user",
      label: t("user"),
      width: 84,
      leaves: 6,
      initial: true,
      quiet: true,
      sort: (row) => row.user,
      text: (row) => row.user ?? "–",
      fields: [{ name: "user", read: (row) => row.user }],
    },
    {
      id: "pid",
      label: t("pid"),
      width: 68,
      align: end,
      leaves: 8,
      initial: true,
      quiet: true,
      sort: (row) => row.pid,
      text: (row) => String(row.pid),
      fields: [{ name: "pid", read: (row) => row.pid }],
    },
    {
      id: "parent",
      label: t("parent"),
      title: t("parent_title"),
      width: 68,
      align: end,
      leaves: 0,
      quiet: true,
      sort: (row) => row.parent_pid,
      text: (row) => String(row.parent_pid),
      fields: [{ name: "parent_pid", read: (row) => row.parent_pid }],
    },
    {
      id: "state",
      label: t("state"),
      width: 112,
      leaves: 4,
      initial: true,
      sort: (row) => row.state,
      fields: [{ name: "state", read: (row) => row.state }],
    },
    {
      id: "threads",
      label: t("threads_head"),
      width: 66,
      align: end,
      leaves: 1,
      initial: true,
      sums: true,
      sort: (row) => row.threads,
      figure: (row) => optional(row.threads, format.count),
      fields: [{ name: "threads", read: (row) => row.threads }],
    },
    {
      id: "cpu",
      label: shared("cpu"),
      width: 78,
      align: end,
      fixed: true,
      sums: true,
      sort: (row) => row.cpu_ratio,
      // A column of percentages needs no percent sign in every row.
      figure: (row) =>
        optional(row.cpu_ratio, (ratio) => ({
          value: format.cpu(ratio, cpu_count).value,
          unit: "",
        })),
      share: (row) => (row.cpu_ratio ?? 0) / scale().cpu,
      resource: "cpu",
      fields: [{ name: "cpu_core_ratio", read: (row) => row.cpu_ratio }],
    },
    {
      id: "cpu_time",
      label: t("cpu_time"),
      width: 84,
      align: end,
      leaves: 1,
      initial: true,
      sums: true,
      quiet: true,
      sort: (row) => row.cpu_time_ms,
      figure: (row) => ({ value: cpuTime(row.cpu_time_ms), unit: "" }),
      fields: [{ name: "cpu_time_ms", read: (row) => row.cpu_time_ms }],
    },
    {
      id: "rss",
      label: t("rss"),
      title: t("rss_title"),
      width: 92,
      align: end,
      fixed: true,
      sums: true,
      sort: (row) => row.memory_bytes,
      figure: (row) => optional(row.memory_bytes, format.bytes),
      share: (row) => (row.memory_bytes ?? 0) / scale().mem,
      resource: "mem",
      fields: [{ name: "memory_bytes", read: (row) => row.memory_bytes }],
    },
    {
      id: "pss",
      label: t("pss"),
      title: t("pss_title"),
      width: 88,
      align: end,
      leaves: 2,
      initial: true,
      sums: true,
      sort: (row) => row.pss_bytes,
      figure: (row) => optional(row.pss_bytes, format.bytes),
      fields: [{ name: "pss_bytes", read: (row) => row.pss_bytes }],
    },
    ...RATES.map(({ id, leaves, initial }): Column<ProcessRow> => {
      const field = `${id}_bytes_per_sec` as const;
      return {
        id,
        label: t(id),
        width: 88,
        align: end,
        leaves,
        initial,
        sums: true,
        sort: (row) => row[field],
        figure: (row) => optional(row[field], format.rate),
        fields: [{ name: field, read: (row) => row[field] }],
      };
    }),
    {
      id: "application",
      label: t("application"),
      width: 140,
      leaves: 3,
      initial: true,
      quiet: true,
      sort: (row) => (row.application === null ? null : nameOf(row.application)),
      text: (row) => (row.application === null ? "–" : nameOf(row.application)),
      fields: [{ name: "application", read: (row) => row.application }],
    },
    {
      id: "started",
      label: t("started"),
      width: 74,
      align: end,
      leaves: 5,
      initial: true,
      quiet: true,
      sort: (row) => row.start_time_ms,
      text: (row) => format.since(row.start_time_ms, now_ms),
      fields: [{ name: "start_time_ms", read: (row) => row.start_time_ms }],
    },
  ];
}
