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
  net: number;
}

/** Two directions together; unknown only where both are. */
function together(a: number | null, b: number | null): number | null {
  return a === null && b === null ? null : (a ?? 0) + (b ?? 0);
}

/** Reading and writing. */
export function diskRate(row: {
  read_bytes_per_sec: number | null;
  write_bytes_per_sec: number | null;
}): number | null {
  return together(row.read_bytes_per_sec, row.write_bytes_per_sec);
}

/** Receiving and sending. */
export function networkRate(row: {
  received_bytes_per_sec: number | null;
  sent_bytes_per_sec: number | null;
}): number | null {
  return together(row.received_bytes_per_sec, row.sent_bytes_per_sec);
}

/** "PostgreSQL 16"; `null` where the engine is not known. */
export function engineText(row: Pick<ApplicationRow, "engine" | "version">): string | null {
  return row.engine && [row.engine, row.version].filter(Boolean).join(" ");
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
      width: 78,
      leaves: 2,
      initial: true,
      quiet: true,
      sort: (row) => row.kind,
      text: (row) => shared(`kind_${row.kind}`),
      fields: [{ name: "kind", read: (row) => row.kind }],
    },
    {
      id: "engine",
      label: t("engine"),
      width: 120,
      leaves: 1,
      quiet: true,
      sort: engineText,
      text: (row) => engineText(row) ?? "",
      fields: [
        { name: "class", read: (row) => row.class },
        { name: "engine", read: (row) => row.engine },
        { name: "version", read: (row) => row.version },
      ],
    },
    {
      id: "state",
      label: t("state"),
      width: 128,
      leaves: 7,
      initial: true,
      sort: (row) => row.process_count,
      fields: [
        { name: "process_count", read: (row) => row.process_count },
        { name: "is_kept", read: (row) => String(row.is_kept) },
      ],
    },
    {
      id: "spark",
      label: t("spark", { span: context.span }),
      title: t("spark_title"),
      width: 112,
      leaves: 3,
      initial: true,
    },
    {
      id: "cpu",
      label: shared("cpu"),
      width: 86,
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
      width: 98,
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
      width: 98,
      align: "end",
      leaves: 6,
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
      id: "network",
      label: shared("network"),
      title: t("network_title"),
      width: 98,
      align: "end",
      leaves: 5,
      initial: true,
      sort: networkRate,
      figure: (row) => rateOf(networkRate(row)),
      share: (row) => (networkRate(row) ?? 0) / scale().net,
      resource: "net",
      fields: [
        { name: "received_bytes_per_sec", read: (row) => row.received_bytes_per_sec },
        { name: "sent_bytes_per_sec", read: (row) => row.sent_bytes_per_sec },
      ],
    },
    {
      id: "pss",
      label: t("pss"),
      title: t("pss_title"),
      width: 100,
      align: "end",
      leaves: 5,
      sort: (row) => row.pss_bytes,
      figure: (row) => (row.pss_bytes === null ? null : format.bytes(row.pss_bytes)),
      fields: [{ name: "pss_bytes", read: (row) => row.pss_bytes }],
    },
    ...(["read", "write", "received", "sent"] as const).map((id): Column<ApplicationRow> => {
      const field = `${id}_bytes_per_sec` as const;
      return {
        id,
        label: t(id),
        width: 96,
        align: "end",
        leaves: 4,
        sort: (row) => row[field],
        figure: (row) => rateOf(row[field]),
      };
    }),
    {
      id: "ports",
      label: t("ports"),
      width: 116,
      leaves: 4,
      initial: true,
      sort: (row) => row.ports[0] ?? null,
      fields: [{ name: "ports", read: (row) => row.ports }],
    },
    {
      id: "since",
      label: t("since"),
      width: 76,
      align: "end",
      leaves: 1,
      initial: true,
      quiet: true,
      sort: (row) => row.since_ms,
      text: (row) => format.since(row.since_ms, now_ms),
      fields: [{ name: "since_ms", read: (row) => row.since_ms }],
    },
    {
      id: "folder",
      label: t("directory"),
      width: 220,
      leaves: 0,
      quiet: true,
      mono: true,
      sort: (row) => row.working_directory,
      text: (row) => row.working_directory ?? "",
      fields: [{ name: "working_directory", read: (row) => row.working_directory }],
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
