// Points of a span that grow with the present: samples fold into the point under way, and what has
// left the span is let go. It tells when something that can be seen changed, which on a span of
// hours is once a minute and not each second.

export interface Column {
  mean: (number | null)[];
  /** Empty where each point is one sample. */
  min: (number | null)[];
  max: (number | null)[];
}

const SAMPLE_MS = 1000;

export class Growing {
  readonly step_ms: number;
  start_ms: number;
  columns: Column[];
  #samples: number[];

  /** `until_ms` is the last sample that the points already contain. */
  constructor(start_ms: number, step_ms: number, columns: readonly Column[], until_ms: number) {
    this.start_ms = start_ms;
    this.step_ms = step_ms;
    this.columns = columns.map(({ mean, min, max }) => ({
      mean: [...mean],
      min: [...min],
      max: [...max],
    }));
    const length = this.columns[0]?.mean.length ?? 0;
    const into_ms = until_ms - (start_ms + (length - 1) * step_ms);
    const samples = Math.max(1, Math.min(step_ms, into_ms) / SAMPLE_MS);
    this.#samples = this.columns.map(() => samples);
  }

  /** Folds a sample in; tells whether a point was begun, which is when to paint. */
  add(at_ms: number, values: readonly (number | null)[], from_ms: number): boolean {
    const index = Math.floor((at_ms - this.start_ms) / this.step_ms);
    const last = (this.columns[0]?.mean.length ?? 0) - 1;
    if (index < last) return false;
    const begun = index > last;
    this.columns.forEach((column, number) => {
      const value = values[number] ?? null;
      if (begun) this.#begin(column, number, index, value);
      else this.#fold(column, number, index, value);
    });
    if (begun) this.#release(from_ms);
    return begun;
  }

  #begin(column: Column, number: number, index: number, value: number | null) {
    for (const points of [column.mean, column.min, column.max]) {
      if (points !== column.mean && points.length === 0) continue;
      // What was missed, because nobody looked or nothing was sampled, stays a gap.
      while (points.length < index) points.push(null);
      points.push(value);
    }
    this.#samples[number] = value === null ? 0 : 1;
  }

  #fold({ mean, min, max }: Column, number: number, index: number, value: number | null) {
    if (value === null) return;
    const samples = this.#samples[number] ?? 0;
    const before = mean[index] ?? null;
    mean[index] = before === null ? value : (before * samples + value) / (samples + 1);
    if (min.length > 0) min[index] = Math.min(min[index] ?? value, value);
    if (max.length > 0) max[index] = Math.max(max[index] ?? value, value);
    this.#samples[number] = before === null ? 1 : samples + 1;
  }

  /** Lets go of points before the span, all but one that the line comes from. */
  #release(from_ms: number) {
    const gone = Math.floor((from_ms - this.start_ms) / this.step_ms) - 1;
    if (gone < 1) return;
    for (const { mean, min, max } of this.columns)
      for (const points of [mean, min, max]) points.splice(0, Math.min(gone, points.length));
    this.start_ms += gone * this.step_ms;
  }

  /** A copy for whoever compares by identity. */
  snapshot(): Column[] {
    return this.columns.map(({ mean, min, max }) => ({
      mean: [...mean],
      min: [...min],
      max: [...max],
    }));
  }
}
