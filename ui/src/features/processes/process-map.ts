/**
 * The table of processes as frames tell it: the first frame has every row, later ones only what
 * changed and what ended. Rows that did not change keep their identity, so nothing that shows them
 * is drawn anew.
 */
import type { ProcessRef } from "../../bindings/ProcessRef";
import type { ProcessRow } from "../../bindings/ProcessRow";

/** The part of a `processes` frame that concerns rows. */
export interface Changes {
  full: boolean;
  rows: readonly ProcessRow[];
  gone: readonly ProcessRef[];
}

/** A pid is used again after its process ended; with its start it names one process for good. */
export function processKey(ref: ProcessRef): string {
  // Asked for several times a row and tick: a row is never changed, so its key is kept with it.
  let key = keys.get(ref);
  if (key === undefined) keys.set(ref, (key = `${ref.pid}:${ref.start_time_ms}`));
  return key;
}

const keys = new WeakMap<ProcessRef, string>();

export class ProcessMap {
  readonly #rows = new Map<string, ProcessRow>();
  /** Ended, but kept in sight while the order is held. */
  readonly #ended = new Set<string>();

  get size(): number {
    return this.#rows.size - this.#ended.size;
  }

  get(key: string): ProcessRow | undefined {
    return this.#rows.get(key);
  }

  hasEnded(key: string): boolean {
    return this.#ended.has(key);
  }

  /** With `keep_ended`, rows of ended processes stay until `dropEnded`. */
  apply(changes: Changes, keep_ended = false): void {
    if (changes.full) this.#replace(changes.rows, keep_ended);
    else for (const row of changes.rows) this.#put(row);
    for (const ref of changes.gone) this.#end(processKey(ref), keep_ended);
  }

  dropEnded(): void {
    for (const key of this.#ended) this.#rows.delete(key);
    this.#ended.clear();
  }

  clear(): void {
    this.#rows.clear();
    this.#ended.clear();
  }

  rows(): ProcessRow[] {
    return [...this.#rows.values()];
  }

  #put(row: ProcessRow): void {
    const key = processKey(row);
    this.#ended.delete(key);
    this.#rows.set(key, row);
  }

  #replace(rows: readonly ProcessRow[], keep_ended: boolean): void {
    const there = new Set(rows.map(processKey));
    for (const key of [...this.#rows.keys()]) if (!there.has(key)) this.#end(key, keep_ended);
    for (const row of rows) this.#put(row);
  }

  #end(key: string, keep: boolean): void {
    if (!this.#rows.has(key)) return;
    if (keep) this.#ended.add(key);
    else this.#rows.delete(key);
  }
}
