import type { LogPage } from "../../bindings/LogPage";
import type { LogPlace } from "../../bindings/LogPlace";

/** How far was read to one side, and what is under way there. */
export class Side {
  /** Where the next page begins; `null` before the first. */
  places: LogPlace[] | null = null;
  /** There is nothing further. */
  is_end = false;
  loading = false;
  /** The user stopped the search; only the user goes on with it. */
  stopped = false;
  /** Of the search under way. */
  read_bytes = 0;
  left_bytes: number | null = null;
  /** Counts searches: what belongs to an older one is of no interest. */
  #turn = 0;
  /** Moment where the first page begins; `null` for the newest. */
  readonly at_ms: number | null;

  constructor(at_ms: number | null) {
    this.at_ms = at_ms;
  }

  /** Begins a search; the answer says whether it is still the one that is waited for. */
  begin(): () => boolean {
    this.loading = true;
    this.stopped = false;
    this.read_bytes = 0;
    const turn = ++this.#turn;
    return () => turn === this.#turn;
  }

  /** What comes back is of no interest any more. */
  let_go(): void {
    this.loading = false;
    this.#turn += 1;
  }

  accept({ places, is_end, entries, read_bytes, left_bytes }: LogPage): void {
    // A host that neither reads nor moves on would be asked for ever.
    const stands = JSON.stringify(places) === JSON.stringify(this.places);
    this.is_end = is_end || (stands && entries.length === 0);
    this.places = places;
    this.read_bytes += read_bytes;
    this.left_bytes = left_bytes;
  }

  /** How much of the search is done, 0 to 1, where that is known. */
  get part(): number | null {
    const all = this.read_bytes + (this.left_bytes ?? 0);
    return this.left_bytes === null || all === 0 ? null : this.read_bytes / all;
  }
}
