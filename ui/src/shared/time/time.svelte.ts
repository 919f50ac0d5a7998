// The one controller of time: what moment the whole window shows, and over which span.
// It owns no timer: the clock is the last frame of the machine.
import type { HostFrame } from "../../bindings/HostFrame";
import { router } from "../router.svelte";

/** A part of the past. */
export interface TimeRange {
  from_ms: number;
  to_ms: number;
}

export const SPANS = [
  { key: "15m", span_ms: 15 * 60_000 },
  { key: "1h", span_ms: 3_600_000 },
  { key: "6h", span_ms: 6 * 3_600_000 },
  { key: "24h", span_ms: 24 * 3_600_000 },
  { key: "7d", span_ms: 7 * 24 * 3_600_000 },
  { key: "30d", span_ms: 30 * 24 * 3_600_000 },
] as const;

/** A quarter of an hour: longer, a machine seen for the first time would be one hatched field. */
const DEFAULT_SPAN_MS = 15 * 60_000;
const SHORTEST_SPAN_MS = 60_000;
const SECOND_MS = 1000;

class TimeController {
  /** The moment shown; `null` is now. */
  at_ms = $state<number | null>(null);
  span_ms = $state(DEFAULT_SPAN_MS);
  /** The machine's last frame. */
  host = $state.raw<HostFrame | null>(null);
  /** The machine is not heard any more; what is shown is of its last frame. */
  lost = $state(false);
  /** Whether the moment moves on by one second with each frame. */
  playing = $state(false);
  /** End of the span while in the past: it stands still, or charts would creep under the pointer. */
  end_ms = $state<number | null>(null);

  // Derived, so that whoever waits for it does not run again with every frame.
  #ready = $derived(this.host !== null || this.at_ms !== null);
  #before_zoom: { span_ms: number; end_ms: number | null } | null = null;
  #started_ms = Date.now();
  #default_span_ms = DEFAULT_SPAN_MS;

  /** Now, by the clock of the machine that is watched. */
  get now_ms(): number {
    return this.host?.at_ms ?? this.#started_ms;
  }

  /** Whether the machine has told its clock, or a past moment makes that unnecessary. */
  get ready(): boolean {
    return this.#ready;
  }

  /** The moment shown as a number. */
  get shown_ms(): number {
    return this.at_ms ?? this.now_ms;
  }

  get past(): boolean {
    return this.at_ms !== null;
  }

  /** What is shown is a recording: its last second stands for now. */
  get opened(): boolean {
    return this.host?.recording.state === "opened";
  }

  /** Whether anything can be told to the machine: only to this one, and only now. */
  get acts(): boolean {
    return !this.past && !this.opened;
  }

  /** What the time bar and the charts show. In live mode it moves with every frame. */
  get range(): TimeRange {
    const to_ms = this.end_ms ?? this.now_ms;
    return { from_ms: to_ms - this.span_ms, to_ms };
  }

  /** Takes moment and span from the address and follows it; returns what ends it. */
  start(): () => void {
    const read = () => this.#readAddress();
    read();
    return router.listen(read);
  }

  /** A frame of the machine came. */
  tick(frame: HostFrame): void {
    // Until the first frame "now" is this window's clock, which need not be the machine's.
    if (this.host === null && this.end_ms !== null)
      this.end_ms = Math.min(this.end_ms, frame.at_ms);
    this.host = frame;
    if (this.playing && this.at_ms !== null) {
      const next_ms = this.at_ms + SECOND_MS;
      if (next_ms >= frame.at_ms) this.live();
      else this.rewind(next_ms, { settle: false });
    }
  }

  /**
   * Shows a past moment. `settle: false` while dragging: the address is written when `settle()` is
   * called, so that a drag is one step of back and forward.
   */
  rewind(at_ms: number, { settle = true } = {}): void {
    const moment = Math.round(at_ms);
    if (moment >= this.now_ms) {
      this.live({ settle });
      return;
    }
    this.end_ms ??= this.now_ms;
    this.at_ms = moment;
    this.#keepInside(moment);
    if (settle) this.settle();
  }

  /** Returns to now. */
  live({ settle = true } = {}): void {
    this.at_ms = null;
    this.end_ms = null;
    this.playing = false;
    if (settle) this.settle();
  }

  /** Moves the moment by so many milliseconds. */
  step(by_ms: number, options?: { settle?: boolean }): void {
    this.rewind(this.shown_ms + by_ms, options);
  }

  /** Plays the past on, one second a second; from live there is nothing to play. */
  togglePlaying(): void {
    if (this.at_ms === null) this.rewind(this.now_ms - SECOND_MS);
    else this.playing = !this.playing;
  }

  setSpan(span_ms: number): void {
    this.#before_zoom = null;
    this.span_ms = Math.max(SHORTEST_SPAN_MS, Math.round(span_ms));
    if (this.at_ms !== null) this.#keepInside(this.at_ms);
    this.settle();
  }

  /** Shows exactly this part of the past, at its end. */
  showRange({ from_ms, to_ms }: TimeRange): void {
    this.#before_zoom ??= { span_ms: this.span_ms, end_ms: this.end_ms };
    this.span_ms = Math.max(SHORTEST_SPAN_MS, Math.round(to_ms - from_ms));
    if (to_ms >= this.now_ms) {
      this.live();
      return;
    }
    this.end_ms = Math.round(to_ms);
    this.at_ms = Math.round(Math.min(Math.max(this.at_ms ?? to_ms, from_ms), to_ms));
    this.settle();
  }

  /** Undoes `showRange`; the moment stays. */
  resetRange(): void {
    if (this.#before_zoom === null) return;
    this.span_ms = this.#before_zoom.span_ms;
    if (this.at_ms !== null) {
      this.end_ms = this.#before_zoom.end_ms ?? this.now_ms;
      this.#keepInside(this.at_ms);
    }
    this.#before_zoom = null;
    this.settle();
  }

  /** The span of the settings, used where the address names none. */
  setDefaultSpan(span_ms: number | null): void {
    this.#default_span_ms = span_ms ?? DEFAULT_SPAN_MS;
    if (!router.query.span) this.span_ms = this.#default_span_ms;
  }

  /** Writes the moment and the span into the address. */
  settle(): void {
    const changes = {
      at: this.at_ms === null ? null : String(this.at_ms),
      span: this.span_ms === this.#default_span_ms ? null : String(this.span_ms / SECOND_MS),
    };
    // Moving within the past replaces the step: back leads to where the past was entered.
    const within = changes.at !== null && router.query.at !== undefined;
    router.setQuery(changes, { replace: within || changes.at === (router.query.at ?? null) });
  }

  #readAddress() {
    const span_ms = Number(router.query.span) * SECOND_MS;
    this.span_ms = span_ms >= SHORTEST_SPAN_MS ? span_ms : this.#default_span_ms;
    const at_ms = Number(router.query.at);
    if (router.query.at && Number.isFinite(at_ms) && at_ms < this.now_ms) {
      this.end_ms ??= this.now_ms;
      this.at_ms = at_ms;
      this.#keepInside(at_ms);
    } else {
      this.at_ms = null;
      this.end_ms = null;
      this.playing = false;
    }
  }

  /** Moves the span so that the moment is in it. */
  #keepInside(at_ms: number) {
    const end_ms = this.end_ms ?? this.now_ms;
    if (at_ms >= end_ms - this.span_ms && at_ms <= end_ms) return;
    this.end_ms = Math.min(this.now_ms, at_ms + this.span_ms / 2);
  }
}

export const time = new TimeController();
