// The machine's load over the span, and the whiles of which nothing is known. One for the window:
// the time bar draws it, charts take their gaps from it.
import { untrack } from "svelte";
import type { Gap } from "../../bindings/Gap";
import type { Timeline } from "../../bindings/Timeline";
import { platform } from "../../platform/platform";
import { Growing } from "../charts/growing";
import { spanToAsk } from "../charts/span-series.svelte";
import { ask, type Held } from "../live.svelte";
import { time } from "./time.svelte";

const POINTS = 600;

class TimelineModel {
  /** What is drawn. */
  shown = $state.raw<Timeline | undefined>();
  #held: Held<{ to_ms: number; answer: Timeline }> | undefined;
  #growing: Growing | undefined;

  get gaps(): readonly Gap[] {
    return this.shown?.gaps ?? [];
  }

  get error() {
    return this.#held?.error;
  }

  /** Called once while the frame of the window is set up. */
  start(): void {
    const held = ask(
      () => {
        const span = spanToAsk();
        return span && { ...span, points: POINTS };
      },
      async (request) => ({
        to_ms: request.to_ms,
        answer: await platform().call("timeline", request),
      }),
      ["history"],
    );
    this.#held = held;
    $effect(() => {
      const { data } = held;
      this.shown = data?.answer;
      this.#growing = undefined;
      if (!data) return;
      const { from_ms, step_ms, mean, max } = data.answer;
      const column = { mean, min: [], max };
      this.#growing = new Growing(from_ms, step_ms, [column], data.to_ms);
    });
    $effect(() => {
      const frame = time.host;
      if (!frame || time.past) return;
      untrack(() => this.#grow(frame.at_ms, frame.host.load_ratio));
    });
  }

  /**
   * A moment of which something is known: inside a gap the last sample before it, or the first
   * after it when moving forward or when there is nothing before.
   */
  snap(at_ms: number, forward = false): number {
    const gap = this.gapAt(at_ms);
    if (!gap) return at_ms;
    return forward || gap.reason === "before_first" ? gap.to_ms : gap.from_ms;
  }

  gapAt(at_ms: number): Gap | undefined {
    // The ends of a gap are samples, but for the one that begins before there were any.
    return this.gaps.find(
      (gap) => at_ms < gap.to_ms && (at_ms > gap.from_ms || gap.reason === "before_first"),
    );
  }

  #grow(at_ms: number, load_ratio: number | null) {
    const growing = this.#growing;
    if (!growing || !this.shown) return;
    if (!growing.add(at_ms, [load_ratio], time.range.from_ms)) return;
    const [column] = growing.snapshot();
    this.shown = {
      ...this.shown,
      from_ms: growing.start_ms,
      mean: column?.mean ?? [],
      max: column?.max ?? [],
    };
  }
}

export const timeline = new TimelineModel();
