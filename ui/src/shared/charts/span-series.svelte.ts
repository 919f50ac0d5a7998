// Series over the span of the time bar: asked for when the span changes, grown by live frames.
// Called while a component is set up.
import { untrack } from "svelte";
import type { Metric } from "../../bindings/Metric";
import type { ApiFailure } from "../../platform/platform";
import { platform } from "../../platform/platform";
import { ask } from "../live.svelte";
import { time } from "../time/time.svelte";
import { Growing, type Column } from "./growing";

/** A sample to add in live mode, in the order of the metrics. */
export interface LiveSample {
  at_ms: number;
  values: readonly (number | null)[];
}

export interface SpanSeriesOptions {
  /** What to ask for; `null` for nothing yet. `application: null` is the machine. */
  request: () => { application: string | null; metrics: Metric[] } | null;
  /** The newest sample; read in an effect. */
  live?: () => LiveSample | null;
  points?: number;
}

export interface SpanPoints {
  start_ms: number;
  step_ms: number;
  resolution_ms: number;
  /** In the order of the metrics. */
  columns: Column[];
}

export interface SpanSeries {
  readonly points: SpanPoints | undefined;
  readonly error: ApiFailure | undefined;
  refresh(): void;
}

const POINTS = 480;

/** The span to ask for: it stands still in the past, and is taken once in live mode. */
export function spanToAsk(): { from_ms: number; to_ms: number } | null {
  if (!time.ready) return null;
  const { span_ms, end_ms } = time;
  const to_ms = end_ms ?? untrack(() => time.now_ms);
  return { from_ms: to_ms - span_ms, to_ms };
}

export function spanSeries(options: SpanSeriesOptions): SpanSeries {
  let shown = $state.raw<SpanPoints | undefined>();
  let growing: Growing | undefined;

  const held = ask(
    () => {
      const request = options.request();
      const span = spanToAsk();
      return request && span && { ...request, ...span, points: options.points ?? POINTS };
    },
    async (request) => ({ request, answer: await platform().call("series", request) }),
    ["history"],
  );

  $effect(() => {
    const { data } = held;
    if (!data) {
      growing = undefined;
      shown = undefined;
      return;
    }
    const { answer, request } = data;
    growing = new Growing(answer.from_ms, answer.step_ms, answer.series, request.to_ms);
    shown = {
      start_ms: answer.from_ms,
      step_ms: answer.step_ms,
      resolution_ms: answer.resolution_ms,
      columns: answer.series,
    };
  });

  $effect(() => {
    if (time.past) return;
    const sample = options.live?.();
    if (!sample) return;
    untrack(() => {
      if (!growing || !shown) return;
      if (growing.add(sample.at_ms, sample.values, time.range.from_ms))
        shown = { ...shown, start_ms: growing.start_ms, columns: growing.snapshot() };
    });
  });

  return {
    get points() {
      return shown;
    },
    get error() {
      return held.error;
    },
    refresh: () => held.refresh(),
  };
}
