/* eslint-disable svelte/prefer-svelte-reactivity -- what is counted on is told by `#version` */
// How many lines there are over the time bar's span: asked for now and then, and counted on with what
// comes live in between.
import type { LogCounts } from "../../bindings/LogCounts";
import type { LogEntry } from "../../bindings/LogEntry";
import type { LogFilter } from "../../bindings/LogFilter";
import type { LogHistogram } from "../../bindings/LogHistogram";
import type { LogHistogramRequest } from "../../bindings/LogHistogramRequest";
import { platform } from "../../platform/platform";
import { ask, type Held } from "../../shared/live.svelte";
import { time } from "../../shared/time/time.svelte";
import { GROUPS, groupOf, type Group } from "./words";

export const BUCKETS = 120;
/** While live the span asked for ends up to one such part ahead, so that it is asked again only then. */
const PARTS = 24;

export const NO_COUNTS: LogCounts = { error: 0, warn: 0, info: 0, debug: 0, unlevelled: 0 };

/** What came live since a question was asked. */
interface Since {
  request: LogHistogramRequest;
  buckets: Map<number, LogCounts>;
  sources: Map<string, LogCounts>;
}

export interface Counted {
  from_ms: number;
  to_ms: number;
  buckets: LogCounts[];
  totals: LogCounts;
  sources: Map<string, LogCounts>;
  /** Before that not everything is counted; `null` where all is. */
  counted_from_ms: number | null;
}

const sum = (one: LogCounts, other: LogCounts | undefined): LogCounts =>
  other
    ? {
        error: one.error + other.error,
        warn: one.warn + other.warn,
        info: one.info + other.info,
        debug: one.debug + other.debug,
        unlevelled: one.unlevelled + other.unlevelled,
      }
    : one;

export const allOf = (counts: LogCounts, hidden: ReadonlySet<Group>): number =>
  GROUPS.reduce((all, group) => (hidden.has(group) ? all : all + counts[group]), 0);

function count<K>(into: Map<K, LogCounts>, key: K, group: Group) {
  const counts = into.get(key) ?? { ...NO_COUNTS };
  counts[group] += 1;
  into.set(key, counts);
}

export class Counter {
  readonly held: Held<{ answer: LogHistogram; since: Since }>;
  #underway: Since | null = null;
  #version = $state(0);

  constructor(sources: () => readonly string[], filter: () => LogFilter) {
    const to_ms = $derived.by(() => {
      const step = time.span_ms / PARTS;
      return time.past ? time.range.to_ms : Math.ceil(time.now_ms / step) * step;
    });
    const span = $derived({ from_ms: Math.floor(to_ms - time.span_ms), to_ms: Math.ceil(to_ms) });
    // Every level is counted, so that those that are hidden have a figure, too.
    const key = $derived(
      sources().length === 0 || !time.ready
        ? null
        : JSON.stringify({
            sources: [...sources()],
            ...span,
            buckets: BUCKETS,
            filter: { ...filter(), hidden_levels: [], hide_unlevelled: false },
          } satisfies LogHistogramRequest),
    );
    this.held = ask(
      () => (key === null ? null : (JSON.parse(key) as LogHistogramRequest)),
      async (request) => {
        const since: Since = { request, buckets: new Map(), sources: new Map() };
        this.#underway = since;
        return { answer: await platform().call("log_histogram", request), since };
      },
    );
  }

  /** Lines that came live. */
  add(entries: readonly LogEntry[], sources: readonly string[]): void {
    for (const since of new Set([this.#underway, this.held.data?.since])) {
      if (!since) continue;
      const { from_ms, to_ms, buckets } = since.request;
      for (const { at_ms, level, source } of entries) {
        const at = Math.floor(((at_ms - from_ms) / (to_ms - from_ms)) * buckets);
        if (at >= 0 && at < buckets) count(since.buckets, at, groupOf(level));
        count(since.sources, sources[source] ?? "", groupOf(level));
      }
    }
    if (entries.length > 0) this.#version += 1;
  }

  readonly counted = $derived.by((): Counted | undefined => {
    void this.#version;
    if (!this.held.data) return undefined;
    const { answer, since } = this.held.data;
    const { from_ms, to_ms, sources } = since.request;
    const buckets = answer.buckets.map((counts, at) => sum(counts, since.buckets.get(at)));
    return {
      from_ms,
      to_ms,
      buckets,
      totals: buckets.reduce(sum, NO_COUNTS),
      sources: new Map(
        sources.map((id, at) => [id, sum(answer.sources[at] ?? NO_COUNTS, since.sources.get(id))]),
      ),
      counted_from_ms: answer.is_partial ? answer.counted_from_ms : null,
    };
  });
}
