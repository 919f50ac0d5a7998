// What the invented machine tells about a span.
import type { Metric } from "../../bindings/Metric";
import type { Series } from "../../bindings/Series";
import type { SeriesAnswer } from "../../bindings/SeriesAnswer";
import type { Sparklines } from "../../bindings/Sparklines";
import type { Timeline } from "../../bindings/Timeline";
import { hostAt } from "./host";
import {
  APPLICATIONS,
  cpuAt,
  diskAt,
  GAPS,
  gapAt,
  memoryAt,
  PSS_PART,
  RECORDED_FROM_MS,
  trafficAt,
  type FakeApplication,
} from "./world";

interface Span {
  from_ms: number;
  to_ms: number;
  points: number;
}

/** The grid of an answer: whole seconds, at least one. */
function grid({ from_ms, to_ms, points }: Span) {
  const step_ms = Math.max(1000, Math.ceil((to_ms - from_ms) / points / 1000) * 1000);
  const first_ms = Math.floor(from_ms / step_ms) * step_ms;
  const length = Math.ceil((to_ms - first_ms) / step_ms);
  const resolution_ms = step_ms > 900_000 ? 900_000 : step_ms > 60_000 ? 60_000 : 1000;
  return { step_ms, first_ms, length, resolution_ms };
}

type Figure = (at_ms: number) => number | null;

function ofHost(metric: Metric): Figure {
  return (at_ms) => {
    const host = hostAt(at_ms);
    const figures: Record<Metric, number | null> = {
      load_ratio: host.load_ratio,
      cpu_ratio: host.cpu_ratio,
      memory_bytes: host.memory_used_bytes,
      swap_bytes: host.swap_used_bytes,
      read_bytes_per_sec: host.disk_read_bytes_per_sec,
      write_bytes_per_sec: host.disk_write_bytes_per_sec,
      disk_busy_ratio: host.disk_busy_ratio,
      received_bytes_per_sec: host.received_bytes_per_sec,
      sent_bytes_per_sec: host.sent_bytes_per_sec,
      memory_pressure_ratio: host.memory_pressure_ratio,
      pss_bytes: null,
    };
    return figures[metric];
  };
}

function ofApplication(application: FakeApplication, metric: Metric): Figure {
  if (metric === "cpu_ratio") return (at_ms) => cpuAt(application, at_ms);
  if (metric === "memory_bytes") return (at_ms) => memoryAt(application, at_ms);
  if (metric === "read_bytes_per_sec") return (at_ms) => diskAt(application, at_ms).read;
  if (metric === "write_bytes_per_sec") return (at_ms) => diskAt(application, at_ms).write;
  if (metric === "received_bytes_per_sec") return (at_ms) => trafficAt(application, at_ms).received;
  if (metric === "sent_bytes_per_sec") return (at_ms) => trafficAt(application, at_ms).sent;
  if (metric === "pss_bytes") return (at_ms) => memoryAt(application, at_ms) * PSS_PART;
  return () => null;
}

/** Mean, smallest and largest of four looks into each point. */
function fold(figure: Figure, span: Span, now_ms: number) {
  const { step_ms, first_ms, length } = grid(span);
  const single = step_ms === 1000;
  const mean: (number | null)[] = [];
  const min: (number | null)[] = [];
  const max: (number | null)[] = [];
  for (let index = 0; index < length; index++) {
    const start_ms = first_ms + index * step_ms;
    const looks = (single ? [0] : [0, 0.27, 0.51, 0.77])
      .map((part) => start_ms + part * step_ms)
      .filter((at_ms) => at_ms <= now_ms && !gapAt(at_ms))
      .map(figure)
      .filter((value): value is number => value !== null);
    const none = looks.length === 0;
    mean.push(none ? null : looks.reduce((sum, value) => sum + value, 0) / looks.length);
    if (single) continue;
    min.push(none ? null : Math.min(...looks));
    max.push(none ? null : Math.max(...looks));
  }
  return { mean, min, max };
}

export function seriesAt(
  application: string | null,
  metrics: Metric[],
  span: Span,
  now_ms: number,
): SeriesAnswer {
  const found = APPLICATIONS.find(({ id }) => id === application);
  const { first_ms, step_ms, resolution_ms } = grid(span);
  const series = metrics.map((metric): Series => {
    const figure = found ? ofApplication(found, metric) : ofHost(metric);
    return { metric, ...fold(figure, span, now_ms) };
  });
  return { from_ms: first_ms, step_ms, resolution_ms, series };
}

export function timelineAt(span: Span, now_ms: number): Timeline {
  const { first_ms, step_ms, resolution_ms } = grid(span);
  const { mean, max } = fold(ofHost("load_ratio"), span, now_ms);
  return {
    from_ms: first_ms,
    step_ms,
    resolution_ms,
    mean,
    max,
    gaps: GAPS.filter((gap) => gap.to_ms > span.from_ms && gap.from_ms < span.to_ms),
    recorded_from_ms: RECORDED_FROM_MS,
  };
}

export function sparklinesAt(metric: Metric, span: Span, now_ms: number): Sparklines {
  const { first_ms, step_ms } = grid(span);
  const sparklines = APPLICATIONS.map((application) => ({
    application: application.id,
    mean: fold(ofApplication(application, metric), span, now_ms).mean,
  }));
  return { from_ms: first_ms, step_ms, sparklines };
}
