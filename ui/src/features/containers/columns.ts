/** Columns of the table of containers, and the words for their states. */
import type { ContainerRow } from "../../bindings/ContainerRow";
import type { ContainerUse } from "../../bindings/ContainerUse";
import * as format from "../../shared/format";
import { t as shared } from "../../shared/i18n";
import type { Column } from "../../shared/table/columns";
import { t } from "./i18n";

export const containerKey = (row: { engine: string; id: string }) => `${row.engine} ${row.id}`;

export const STATES = [
  "created",
  "running",
  "paused",
  "restarting",
  "removing",
  "exited",
  "stopped",
  "dead",
] as const;
const HEALTH = ["starting", "healthy", "unhealthy"] as const;

export const runs = (row: ContainerRow) =>
  row.state === "running" || row.state === "paused" || row.state === "restarting";

/** Whether something is wrong with it that somebody should look at. */
export const isBad = (row: ContainerRow) =>
  row.health === "unhealthy" ||
  row.state === "dead" ||
  row.state === "restarting" ||
  row.out_of_memory ||
  (row.exit_code !== null && row.exit_code !== 0);

/** What needs a look comes first, then what runs. */
export const stateRank = (row: ContainerRow) => (isBad(row) ? 0 : runs(row) ? 1 : 2);

export function stateText(row: ContainerRow): string {
  const health = HEALTH.find((word) => word === row.health);
  if (row.state === "running" && health) return `${t("state_running")}, ${t(`health_${health}`)}`;
  if (row.out_of_memory && !runs(row)) return `${t("state_exited")}, ${t("out_of_memory")}`;
  if (row.exit_code !== null && row.exit_code !== 0)
    return t("exited_with", { code: String(row.exit_code) });
  const state = STATES.find((word) => word === row.state);
  return state ? t(`state_${state}`) : row.state;
}

/** When it came into its state, as far as that is known. */
export const sinceOf = (row: ContainerRow) =>
  runs(row) ? row.started_ms : (row.finished_ms ?? row.created_ms);

interface Context {
  cpu_count: number;
  now_ms: number;
  useOf: (row: ContainerRow) => ContainerUse | undefined;
}

export function containerColumns({ cpu_count, now_ms, useOf }: Context): Column<ContainerRow>[] {
  const end = "end" as const;
  const disk = (row: ContainerRow) => {
    const use = useOf(row);
    if (!use || (use.read_bytes_per_sec ?? use.write_bytes_per_sec) === null) return null;
    return (use.read_bytes_per_sec ?? 0) + (use.write_bytes_per_sec ?? 0);
  };
  const figure = (
    id: string,
    label: string,
    width: number,
    read: (row: ContainerRow) => number | null,
    draw: (value: number) => { value: string; unit: string },
    more: Partial<Column<ContainerRow>> = {},
  ): Column<ContainerRow> => ({
    id,
    label,
    width,
    align: end,
    initial: true,
    sort: read,
    figure: (row) => {
      const value = read(row);
      return value === null ? null : draw(value);
    },
    fields: [{ name: id, read }],
    ...more,
  });
  const text = (
    id: string,
    label: string,
    width: number,
    read: (row: ContainerRow) => string | null,
    more: Partial<Column<ContainerRow>> = {},
  ): Column<ContainerRow> => ({
    id,
    label,
    width,
    quiet: true,
    sort: read,
    text: (row) => read(row) ?? "–",
    fields: [{ name: id, read }],
    ...more,
  });
  return [
    {
      id: "name",
      label: t("name"),
      width: 240,
      grow: true,
      fixed: true,
      sort: (row) => row.name,
      fields: [
        { name: "name", read: (row) => row.name },
        { name: "image", read: (row) => row.image },
        { name: "id", read: (row) => row.id },
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
        { name: "state", read: (row) => row.state },
        { name: "health", read: (row) => row.health },
        { name: "exit_code", read: (row) => row.exit_code },
      ],
    },
    figure("restarts", t("restarts"), 80, (row) => row.restarts, format.count, {
      title: t("restarts_title"),
      leaves: 4,
      figure: (row) => (row.restarts ? format.count(row.restarts) : null),
    }),
    figure(
      "cpu",
      shared("cpu"),
      76,
      (row) => useOf(row)?.cpu_ratio ?? null,
      (ratio) => format.cpu(ratio, cpu_count),
    ),
    figure("memory", shared("memory"), 86, (row) => useOf(row)?.memory_bytes ?? null, format.bytes),
    figure("disk", t("disk"), 86, disk, format.rate, { initial: false }),
    figure(
      "processes",
      t("processes"),
      80,
      (row) => useOf(row)?.process_count ?? null,
      format.count,
      {
        initial: false,
      },
    ),
    text("ports", t("ports"), 150, (row) => row.ports.join(" ") || null, {
      leaves: 2,
      initial: true,
    }),
    {
      id: "since",
      label: t("since"),
      width: 100,
      align: end,
      leaves: 3,
      initial: true,
      quiet: true,
      sort: sinceOf,
      text: (row) => {
        const since = sinceOf(row);
        return since === null ? "–" : format.since(since, now_ms);
      },
      fields: [
        { name: "started_ms", read: (row) => row.started_ms },
        { name: "finished_ms", read: (row) => row.finished_ms },
      ],
    },
    text("project", t("project"), 110, (row) => row.project),
    text("engine", t("engine"), 160, (row) => row.engine),
  ];
}
