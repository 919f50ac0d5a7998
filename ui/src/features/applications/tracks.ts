/** The tracks of an application: lines, the figure at a moment, and a word on each. */
import type { ApplicationRow } from "../../bindings/ApplicationRow";
import type { Column } from "../../shared/charts/growing";
import type { TrackLine } from "../../shared/charts/plot";
import { largest, roundUp, type Points } from "../../shared/charts/points";
import * as format from "../../shared/format";
import { t as shared } from "../../shared/i18n";
import { t } from "./i18n";

export interface TrackView {
  id: string;
  name: string;
  color: string;
  parts: format.FigureParts;
  sub: string;
  line: TrackLine;
  show: (value: number | null) => format.FigureParts;
  /** Round numbers are those of 1024. */
  binary: boolean;
  /** Upper end of the axis; `null` for a round number above the largest value. */
  max: number | null;
}

export interface TrackSource {
  /** In the order of `METRICS`. */
  columns: readonly Column[];
  row: ApplicationRow | undefined;
  cpu_count: number;
  memory_total_bytes: number;
  /** The value of a line at the moment pointed at; without one, of the moment shown. */
  pick: (points: Points, shown: number | null | undefined) => number | null;
  /** Something is pointed at, so what is only known of the moment shown is left out. */
  pointing: boolean;
}

const EMPTY: Column = { mean: [], min: [], max: [] };

export function tracksOf(source: TrackSource): TrackView[] {
  const network = directions(source, 4, "received", "sent");
  // The kernel does not tell of the network everywhere; an empty track would only take room.
  const measured = network.value !== null || network.line.some((value) => value !== null);
  return [
    cpuTrack(source),
    memoryTrack(source),
    twoWay("disk", "--c-disk", directions(source, 2, "read", "write")),
    ...(measured ? [twoWay("network", "--c-net", network)] : []),
  ];
}

function cpuTrack({ columns, row, cpu_count, pick }: TrackSource): TrackView {
  const column = columns[0] ?? EMPTY;
  const value = pick(column.mean, row?.cpu_ratio);
  const show = (ratio: number | null) => format.cpu(ratio, cpu_count);
  // Round in the percentages that are shown, which are of the machine or of one core.
  const unit = format.cpuShare(1, cpu_count);
  const top = roundUp(largest(column.max.length > 0 ? column.max : column.mean) * unit || 0.01);
  return {
    id: "cpu",
    name: shared("cpu"),
    color: "--c-cpu",
    parts: show(value),
    sub: value === null ? "" : t("of_cores", { n: value.toFixed(2) }),
    line: { ...column, label: shared("cpu"), color: "--c-cpu" },
    show,
    binary: false,
    max: Math.min(top, unit * cpu_count) / unit,
  };
}

function memoryTrack(source: TrackSource): TrackView {
  const { columns, row, memory_total_bytes: total, pick, pointing } = source;
  const column = columns[1] ?? EMPTY;
  const value = pick(column.mean, row?.memory_bytes);
  const pss = row?.pss_bytes ?? null;
  return {
    id: "memory",
    name: shared("memory"),
    color: "--c-mem",
    parts: format.bytes(value),
    sub:
      !pointing && pss !== null
        ? t("pss_of", { value: format.text(format.bytes(pss)) })
        : value === null || total === 0
          ? ""
          : t("memory_of", {
              percent: format.share(value / total).value,
              total: format.text(format.bytes(total)),
            }),
    line: { ...column, label: shared("memory"), color: "--c-mem" },
    show: format.bytes,
    binary: true,
    max: null,
  };
}

interface Directions {
  line: Points;
  value: number | null;
  first: number | null;
  second: number | null;
}

const sum = (a: number | null, b: number | null) =>
  a === null && b === null ? null : (a ?? 0) + (b ?? 0);

/** Two directions as one line; extremes of a sum are not the sum of extremes, so it has no band. */
function directions(
  { columns, row, pick }: TrackSource,
  at: number,
  one: "read" | "received",
  other: "write" | "sent",
): Directions {
  const [a, b] = [columns[at] ?? EMPTY, columns[at + 1] ?? EMPTY];
  const first = pick(a.mean, row?.[`${one}_bytes_per_sec`]);
  const second = pick(b.mean, row?.[`${other}_bytes_per_sec`]);
  const line = a.mean.map((value, index) => sum(value, b.mean[index] ?? null));
  return { line, first, second, value: sum(first, second) };
}

function twoWay(
  id: "disk" | "network",
  color: string,
  { line, value, first, second }: Directions,
): TrackView {
  // In the unit of the sum above it, which so need not be said again.
  const like = (amount: number | null) => format.bytesLike(amount, format.bytes(value)).value;
  const words =
    id === "disk"
      ? t("read_write", { read: like(first), write: like(second) })
      : t("in_out", { received: like(first), sent: like(second) });
  return {
    id,
    name: shared(id),
    color,
    parts: format.rate(value),
    sub: value === null ? "" : words,
    line: { mean: line, label: t(`${id}_title`), color },
    show: format.rate,
    binary: true,
    max: null,
  };
}
