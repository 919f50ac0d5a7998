/** Columns of the table of applications. */
import type { ApplicationRow } from "../../bindings/ApplicationRow";
import * as format from "../../shared/format";
import { t as shared } from "../../shared/i18n";
import type { Column } from "../../shared/table/columns";
import { t } from "./i18n";

export interface ColumnContext {
  cpu_count: number;
  now_ms: number;
  /** The span of the sparklines, in words. */
  span: string;
  /** What a full bar stands for. */
  scale: () => Scale;
}

export interface Scale {
  cpu: number;
  mem: number;
  disk: number;
}

/** Reading and writing together; unknown only where both are. */
export function diskRate(row: {
  read_bytes_per_sec: number | null;
  write_bytes_per_sec: number | null;
}): number | null {
  if (row.read_bytes_per_sec === null && row.write_bytes_per_sec === null) return null;
  return (row.read_bytes_per_sec ?? 0) + (row.write_bytes_per_sec ?? 0);
}

export function applicationColumns(context: ColumnContext): Column<ApplicationRow>[] {
  const { cpu_count, now_ms, scale } = context;
  return [
    {
      id: "name",
      label: t("name"),
      width: 190,
      grow: true,
      fixed: true,
      sort: (row) => row.name,
      fields: [
        { name: "id", read: (row) => row.id },
        { name: "name", read: (row) => row.name },
      ],
    },
    {
      id: "kind",
      label: t("kind"),
      width: 84,
      leaves: 2,
      initial: true,
      quiet: true,
      sort: (row) => row.kind,
      text: (row) => shared(`kind_${row.kind}`),
      fields: [{ name: "kind", read: (row) => row.kind }],
    },
    {
      id: "state",
      label: t("state"),
      width: 132,
      leaves: 6,
      initial: true,
      sort: (row) => row.process_count,
      fields: [{ name: "process_count", read: (row) => row.process_count }],
    },
    {
      id: "spark",
      label: t("spark", { span: context.span }),
      title: t("spark_title"),
      width: 116,
      leaves: 3,
      initial: true,
    },
    {
      id: "cpu",
      label: shared("cpu"),
      width: 92,
      align: "end",
      fixed: true,
      sort: (row) => row.cpu_ratio,
      figure: (row) => (row.cpu_ratio === null ? null : format.cpu(row.cpu_ratio, cpu_count)),
      share: (row) => (row.cpu_ratio ?? 0) / scale().cpu,
      resource: "cpu",
      fields: [{ name: "cpu_core_ratio", read: (row) => row.cpu_ratio }],
    },
    {
      id: "memory",
      label: shared("memory"),
      width: 104,
      align: "end",
      fixed: true,
      sort: (row) => row.memory_bytes,
      figure: (row) => (row.memory_bytes === null ? null : format.bytes(row.memory_bytes)),
      share: (row) => (row.memory_bytes ?? 0) / scale().mem,
      resource: "mem",
      fields: [{ name: "memory_bytes", read: (row) => row.memory_bytes }],
    },
    {
      id: "disk",
      label: t("disk"),
      title: t("disk_title"),
      width: 104,
      align: "end",
      leaves: 5,
      initial: true,
      sort: diskRate,
      figure: (row) => rateOf(diskRate(row)),
      share: (row) => (diskRate(row) ?? 0) / scale().disk,
      resource: "disk",
      fields: [
        { name: "read_bytes_per_sec", read: (row) => row.read_bytes_per_sec },
        { name: "write_bytes_per_sec", read: (row) => row.write_bytes_per_sec },
      ],
    },
    {
      id: "read",
      label: t("read"),
      width: 96,
      align: "end",
      leaves: 5,
      sort: (row) => row.read_bytes_per_sec,
      figure: (row) => rateOf(row.read_bytes_per_sec),
    },
    {
      id: "write",
      label: t("write"),
      width: 96,
      align: "end",
      leaves: 5,
      sort: (row) => row.write_bytes_per_sec,
      figure: (row) => rateOf(row.write_bytes_per_sec),
    },
    {
      id: "ports",
      label: t("ports"),
      width: 148,
      leaves: 4,
      initial: true,
      sort: (row) => row.ports[0] ?? null,
      fields: [{ name: "ports", read: (row) => row.ports }],
    },
    {
      id: "since",
      label: t("since"),
      width: 84,
      align: "end",
      leaves: 1,
      initial: true,
      quiet: true,
      sort: (row) => row.since_ms,
      text: (row) => format.since(row.since_ms, now_ms),
      fields: [{ name: "since_ms", read: (row) => row.since_ms }],
    },
    {
      id: "id",
      label: t("identifier"),
      width: 220,
      leaves: 0,
      quiet: true,
      mono: true,
      sort: (row) => row.id,
      text: (row) => row.id,
    },
  ];
}

function rateOf(bytes_per_sec: number | null) {
  return bytes_per_sec === null ? null : format.rate(bytes_per_sec);
}
