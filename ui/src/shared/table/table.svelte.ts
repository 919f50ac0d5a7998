/* eslint-disable svelte/prefer-svelte-reactivity -- collections here are replaced, never changed in place */
/**
 * What the user did to one table: order, choice, what is folded up, where it is scrolled. Lives
 * outside the component, so that coming back from a detail finds the table as it was left.
 */
import { rankOf, type Rank, type Sort } from "./order";
import { NOTHING_SELECTED, selectOnly, type Selection } from "./selection";

export class TableState {
  sort = $state.raw<Sort>({ column: "", descending: false });
  selection = $state.raw<Selection>(NOTHING_SELECTED);
  /** Groups and subtrees that are folded up. */
  shut = $state.raw<ReadonlySet<string>>(new Set());
  query = $state("");
  /** Places held while the pointer is over the table. */
  rank = $state.raw<Rank | null>(null);
  /** A line to bring into sight as soon as it is there. */
  wanted = $state<string | null>(null);
  /** Not reactive: only read when the table is mounted again. */
  scroll_top = 0;

  constructor(sort: Sort) {
    this.sort = sort;
  }

  /** Rows do not jump under the pointer. */
  get held(): boolean {
    return this.rank !== null;
  }

  /** Chooses a line that may be out of sight. */
  reveal(key: string): void {
    this.selection = selectOnly(key);
    this.wanted = key;
  }

  hold(keys: Iterable<string>): void {
    this.rank = rankOf(keys);
  }

  release(): void {
    this.rank = null;
  }

  fold(key: string, shut = !this.shut.has(key)): void {
    const next = new Set(this.shut);
    if (shut) next.add(key);
    else next.delete(key);
    this.shut = next;
  }
}
