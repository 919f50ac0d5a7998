/**
 * A recorded series that goes on growing. It is asked for once; then each live frame counts towards
 * the point under way, and a point is added when it is full: the charts are drawn anew no more
 * often than there is something new to see.
 */
import type { SeriesAnswer } from "../../bindings/SeriesAnswer";

interface Open {
  sum: number;
  count: number;
  min: number;
  max: number;
}

export class GrowingSeries {
  answer = $state.raw<SeriesAnswer | null>(null);
  #open: (Open | null)[] = [];

  start(answer: SeriesAnswer): void {
    this.answer = answer;
    this.#open = [];
  }

  stop(): void {
    this.answer = null;
  }

  /** Values in the order of the series; `null` where one is unknown. */
  add(at_ms: number, values: readonly (number | null)[]): void {
    const { answer } = this;
    if (!answer || answer.step_ms <= 0) return;
    const length = answer.series[0]?.mean.length ?? 0;
    const place = Math.floor((at_ms - answer.from_ms) / answer.step_ms);
    // What the answer covers already is not counted twice.
    if (length === 0 || place < length) return;
    if (place > length) this.#close(answer, place - length, length);
    values.forEach((value, i) => {
      if (value === null) return;
      const open = this.#open[i];
      this.#open[i] = {
        sum: (open?.sum ?? 0) + value,
        count: (open?.count ?? 0) + 1,
        min: Math.min(open?.min ?? value, value),
        max: Math.max(open?.max ?? value, value),
      };
    });
    // At one sample a point there is nothing to wait for.
    if (answer.step_ms <= 1000) this.#close(this.answer ?? answer, 1, length);
  }

  #close(answer: SeriesAnswer, count: number, length: number): void {
    const gap = new Array<null>(Math.min(count - 1, length)).fill(null);
    const grow = (points: readonly (number | null)[], next: number | null) =>
      points.length === 0 ? [] : [...points, next, ...gap].slice(-length);
    this.answer = {
      ...answer,
      from_ms: answer.from_ms + count * answer.step_ms,
      series: answer.series.map((series, i) => {
        const open = this.#open[i];
        return {
          ...series,
          mean: grow(series.mean, open ? open.sum / open.count : null),
          min: grow(series.min, open?.min ?? null),
          max: grow(series.max, open?.max ?? null),
        };
      }),
    };
    this.#open = [];
  }
}
