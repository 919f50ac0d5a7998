/* eslint-disable svelte/prefer-svelte-reactivity -- collections here are replaced, never changed in place */
/**
 * The small CPU curves of the table. Asked for when the span changes or history went stale; between,
 * each live frame adds to the last point, so that a curve is drawn anew only when a point is full.
 */
import type { ApplicationRow } from "../../bindings/ApplicationRow";
import type { Sparklines } from "../../bindings/Sparklines";

export type Curve = readonly (number | null)[];

export class GrowingSparklines {
  /** One curve an application; a new array where it has grown. */
  curves = $state.raw<ReadonlyMap<string, Curve>>(new Map());
  #from_ms = 0;
  #step_ms = 0;
  #length = 0;
  #sums = new Map<string, { sum: number; count: number }>();

  /** Starts from what is recorded. */
  start(answer: Sparklines): void {
    this.#from_ms = answer.from_ms;
    this.#step_ms = answer.step_ms;
    this.#length = Math.max(0, ...answer.sparklines.map((line) => line.mean.length));
    this.#sums.clear();
    this.curves = new Map(answer.sparklines.map((line) => [line.application, line.mean]));
  }

  /** A live frame: counts towards the point under way. */
  add(at_ms: number, rows: readonly ApplicationRow[]): void {
    if (this.#step_ms <= 0) return;
    const place = Math.floor((at_ms - this.#from_ms) / this.#step_ms);
    // What the answer covers already is not counted twice.
    if (place < this.#length) return;
    const full = place - this.#length;
    if (full > 0) this.#push(full);
    for (const row of rows) {
      if (row.cpu_ratio === null) continue;
      const sum = this.#sums.get(row.id) ?? { sum: 0, count: 0 };
      sum.sum += row.cpu_ratio;
      sum.count += 1;
      this.#sums.set(row.id, sum);
    }
  }

  /** The point under way is full; after sleep there are empty ones after it. */
  #push(count: number): void {
    const grown = new Map<string, Curve>();
    const ids = new Set([...this.curves.keys(), ...this.#sums.keys()]);
    const gap: null[] = new Array(Math.min(count - 1, this.#length)).fill(null);
    for (const id of ids) {
      const old = this.curves.get(id) ?? new Array<null>(this.#length).fill(null);
      const sum = this.#sums.get(id);
      const next = [...old, sum ? sum.sum / sum.count : null, ...gap].slice(-this.#length);
      grown.set(id, next);
    }
    this.#from_ms += count * this.#step_ms;
    this.#sums.clear();
    this.curves = grown;
  }
}
