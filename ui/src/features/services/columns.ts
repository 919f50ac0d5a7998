/** Columns of the table of services, and what a unit is called. */
import type { ApplicationRow } from "../../bindings/ApplicationRow";
import type { ServiceRow } from "../../bindings/ServiceRow";
import * as format from "../../shared/format";
import { t as shared } from "../../shared/i18n";
import type { Column } from "../../shared/table/columns";
import { t } from "./i18n";

export type Usage = Pick<ApplicationRow, "cpu_ratio" | "memory_bytes">;

export const serviceKey = (row: { scope: string; unit: string }) => `${row.scope}/${row.unit}`;

/** What needs a look comes first. */
const RANK: Record<string, number> = {
  failed: 0,
  activating: 1,
  deactivating: 1,
  reloading: 1,
  active: 2,
};
export const stateRank = (row: ServiceRow) => RANK[row.active] ?? 3;

export function stateText(row: ServiceRow): string {
  if (row.active === "failed" && row.result) return t("failed_because", { result: row.result });
  if (!STATES.includes(row.active as (typeof STATES)[number])) return row.active;
  const state = t(`state_${row.active as (typeof STATES)[number]}`);
  return row.sub === row.active || row.sub === "dead" ? state : `${state}, ${row.sub}`;
}

export const STATES = [
  "active",
  "inactive",
  "failed",
  "activating",
  "deactivating",
  "reloading",
] as const;

interface Context {
  cpu_count: number;
  now_ms: number;
  usageOf: (row: ServiceRow) => Usage | undefined;
}

export function serviceColumns({ cpu_count, now_ms, usageOf }: Context): Column<ServiceRow>[] {
  const cpu = (row: ServiceRow) => usageOf(row)?.cpu_ratio ?? null;
  const memory = (row: ServiceRow) => row.memory_bytes ?? usageOf(row)?.memory_bytes ?? null;
  const end = "end" as const;
  return [
    {
      id: "unit",
      label: t("unit"),
      width: 240,
      grow: true,
      fixed: true,
      sort: (row) => row.unit,
      fields: [
        { name: "unit", read: (row) => row.unit },
        { name: "description", read: (row) => row.description },
      ],
    },
    {
      id: "state",
      label: t("state"),
      width: 170,
      fixed: true,
      sort: stateRank,
      text: stateText,
      drawn: true,
      fields: [
        { name: "active", read: (row) => row.active },
        { name: "sub", read: (row) => row.sub },
        { name: "result", read: (row) => row.result },
      ],
    },
    {
      id: "enabled",
      label: t("enabled"),
      width: 90,
      leaves: 3,
      initial: true,
      quiet: true,
      sort: (row) => row.enabled,
      text: (row) => row.enabled ?? "–",
      fields: [{ name: "enabled", read: (row) => row.enabled }],
    },
    {
      id: "restarts",
      label: t("restarts"),
      title: t("restarts_title"),
      width: 80,
      align: end,
      leaves: 4,
      initial: true,
      sort: (row) => row.restarts,
      figure: (row) => (row.restarts ? format.count(row.restarts) : null),
      fields: [{ name: "restarts", read: (row) => row.restarts }],
    },
    {
      id: "cpu",
      label: shared("cpu"),
      width: 76,
      align: end,
      initial: true,
      sort: cpu,
      figure: (row) => (cpu(row) === null ? null : format.cpu(cpu(row), cpu_count)),
      fields: [{ name: "cpu_ratio", read: cpu }],
    },
    {
      id: "memory",
      label: shared("memory"),
      width: 86,
      align: end,
      initial: true,
      sort: memory,
      figure: (row) => (memory(row) === null ? null : format.bytes(memory(row))),
      fields: [{ name: "memory_bytes", read: memory }],
    },
    {
      id: "pid",
      label: t("pid"),
      width: 84,
      align: end,
      leaves: 2,
      initial: true,
      quiet: true,
      sort: (row) => row.main_pid,
      text: (row) => (row.main_pid === null ? "–" : String(row.main_pid)),
      fields: [{ name: "main_pid", read: (row) => row.main_pid }],
    },
    {
      id: "since",
      label: t("since"),
      width: 110,
      align: end,
      leaves: 5,
      initial: true,
      quiet: true,
      sort: (row) => row.since_ms,
      text: (row) => (row.since_ms === null ? "–" : format.since(row.since_ms, now_ms)),
      fields: [{ name: "since_ms", read: (row) => row.since_ms }],
    },
    {
      id: "scope",
      label: t("scope"),
      width: 80,
      leaves: 1,
      initial: true,
      quiet: true,
      sort: (row) => row.scope,
      text: (row) => t(`scope_${row.scope}`),
      fields: [{ name: "scope", read: (row) => row.scope }],
    },
  ];
}
