/**
 * The lines that are held: pages towards both sides, and what comes live. Knows neither the window
 * nor Svelte. One question at a time is under way; whatever comes back for what is no longer shown
 * is thrown away. In memory is never more than `HELD` lines: the far end goes, and is asked for
 * again when somebody scrolls there.
 */
import type { LogDirection } from "../../bindings/LogDirection";
import type { LogEntry } from "../../bindings/LogEntry";
import type { LogPage } from "../../bindings/LogPage";
import type { LogPageRequest } from "../../bindings/LogPageRequest";
import type { LogPlace } from "../../bindings/LogPlace";
import type { LogsFrame } from "../../bindings/LogsFrame";
import type { Problem } from "../../bindings/Problem";
import { linesOf, Marks, merged, type LogLine } from "./lines";
import { Side } from "./side";
import { fromNow, type Door, type Wish } from "./wish";

export const HELD = 5_000;
/** Lines that wait while it is paused; beyond, the newest page is read instead. */
export const WAITING = 2_000;
/** Asked for at once, and enough for one screen. */
const PAGE = 200;
const ENOUGH = 100;

export class LogBook {
  lines: readonly LogLine[] = [];
  following = false;
  /** When following was stopped. */
  paused_ms: number | null = null;
  /** Lines that came since. */
  waiting = 0;
  left_out = 0;
  /** A first page was read for what is shown. */
  ready = false;
  /** First pages are under way. */
  opening = false;
  error: unknown = null;
  problems: ReadonlyMap<string, Problem> = new Map();
  older = new Side(null);
  newer = new Side(null);

  #door: Door;
  #changed: () => void;
  #wish: Wish | null = null;
  #pending: LogLine[] = [];
  /** The newest line held is not the one before the next that comes. */
  #detached = false;
  #keys = new Set<string>();
  #unfollow: (() => void) | null = null;
  #lane: Promise<void> = Promise.resolve();
  readonly #marks = new Marks();

  constructor(door: Door, changed: () => void) {
    this.#door = door;
    this.#changed = changed;
  }

  /** The moment that is held; `null` while live. */
  get at_ms(): number | null {
    return this.#wish?.at_ms ?? null;
  }
  get past(): boolean {
    return this.at_ms !== null;
  }

  /** Shows something else, or goes on with the same. */
  show(wish: Wish): void {
    const before = this.#wish;
    const same =
      before !== null &&
      this.ready &&
      this.error === null &&
      JSON.stringify([before.sources, before.filter]) ===
        JSON.stringify([wish.sources, wish.filter]);
    if (same && wish.at_ms !== null && this.#covers(wish.at_ms)) this.#move(wish);
    else if (same && wish.at_ms === null && !this.past && this.paused_ms !== null) {
      // Nobody looked for a while, and what is read stays where it is.
      this.#detach();
      this.#subscribe(fromNow(wish.sources));
    } else this.#open(wish);
    this.#changed();
  }

  /** Nobody looks: nothing is asked for and nothing comes. */
  close(): void {
    this.#unfollow?.();
    this.#unfollow = null;
    this.older.let_go();
    this.newer.let_go();
  }

  pause(at_ms: number): void {
    if (!this.following) return;
    this.following = false;
    this.paused_ms = at_ms;
    this.#changed();
  }

  /** To the newest line, and on with what comes. */
  follow(): void {
    if (this.#wish === null || this.past || this.following) return;
    if (this.#detached) this.#open(this.#wish);
    else {
      this.following = true;
      this.paused_ms = null;
      this.waiting = 0;
      this.#add(this.#pending.splice(0), "older");
    }
    this.#changed();
  }

  /** The end of the list was scrolled to. */
  async reached(direction: LogDirection, { again = false } = {}): Promise<void> {
    const newest = direction === "newer" && !this.past && (!this.#detached || this.newer.is_end);
    if (newest) this.follow();
    else if (this.ready && (again || !this[direction].stopped)) await this.#read(direction);
  }

  /** Once more after a failure. */
  retry(): void {
    if (this.#wish) this.#open(this.#wish);
  }

  /** Stops a search that is under way; what was found stays. */
  stop(): void {
    for (const side of [this.older, this.newer]) if (side.loading) side.stopped = true;
    this.#changed();
  }

  #covers(at_ms: number): boolean {
    const [first, last] = [this.lines[0], this.lines.at(-1)];
    return first !== undefined && first.at_ms <= at_ms && at_ms <= last!.at_ms;
  }

  #move(wish: Wish) {
    if (!this.past) this.#detach();
    this.close();
    this.#wish = wish;
    this.following = false;
    this.paused_ms = null;
  }

  #open(wish: Wish) {
    this.close();
    this.#wish = wish;
    // What was shown stays until there is something else.
    if (wish.sources.length === 0) this.lines = [];
    this.#pending = [];
    this.#detached = false;
    this.waiting = this.left_out = 0;
    this.paused_ms = null;
    this.following = wish.at_ms === null;
    this.ready = false;
    this.error = null;
    this.problems = new Map();
    this.older = new Side(wish.at_ms);
    this.newer = new Side(wish.at_ms);
    this.newer.is_end = wish.at_ms === null;
    if (wish.sources.length > 0) void this.#first();
  }

  async #first() {
    const { older, newer } = this;
    this.opening = true;
    await this.#read("older");
    if (this.past && this.older === older && this.newer === newer) await this.#read("newer");
    if (this.older !== older && this.newer !== newer) return;
    this.opening = false;
    this.#changed();
  }

  /** Asks until there is enough for a screen: a page may hold little of what is searched for. */
  async #read(direction: LogDirection) {
    const side = this[direction];
    const wish = this.#wish;
    if (!wish || side.loading || side.is_end) return;
    const alive = side.begin();
    this.#changed();
    let found = 0;
    try {
      while (!side.is_end && found < ENOUGH && !side.stopped) {
        const sources = side.places ?? fromNow(wish.sources);
        const page = await this.#ask(alive, {
          sources,
          at_ms: side.at_ms,
          direction,
          filter: wish.filter,
          limit: PAGE,
        });
        if (!page) return;
        side.accept(page);
        this.#take(page, sources, direction);
        found += page.entries.length;
        this.#changed();
      }
    } catch (thrown) {
      if (!alive()) return;
      this.error = thrown;
    }
    if (!alive()) return;
    side.loading = false;
    this.#changed();
  }

  /** One question at a time; `null` where nobody waits for the answer any more. */
  async #ask(alive: () => boolean, request: LogPageRequest): Promise<LogPage | null> {
    const before = this.#lane;
    let done = () => {};
    this.#lane = new Promise((resolve) => (done = resolve));
    await before;
    try {
      const page = alive() ? await this.#door.page(request) : null;
      return alive() ? page : null;
    } finally {
      done();
    }
  }

  #take(page: LogPage, sources: readonly { source: string }[], direction: LogDirection) {
    this.#note(page.problems, sources);
    const first = !this.ready;
    if (first) {
      this.lines = [];
      this.#keys.clear();
    }
    this.#add(this.#fresh(page.entries, sources), direction === "older" ? "newer" : "older");
    this.ready = true;
    this.error = null;
    if (first && !this.past) {
      const { ends } = page;
      this.#subscribe(ends.length > 0 ? ends : fromNow(sources.map(({ source }) => source)));
    }
  }

  #subscribe(sources: LogPlace[]) {
    const { filter } = this.#wish!;
    this.#unfollow?.();
    this.#unfollow = this.#door.follow({ sources, filter }, (frame) => this.#told(frame, sources));
  }

  #told(frame: LogsFrame, sources: readonly LogPlace[]) {
    this.#note(frame.problems, sources);
    const entries = this.#fresh(frame.entries, sources);
    const lines = merged(this.#marks.of(frame, sources, this.lines.at(-1)?.at_ms ?? 0), entries);
    this.left_out += frame.left_out;
    if (this.following) this.#add(lines, "older");
    else {
      this.waiting += entries.length + frame.left_out;
      if (!this.#detached) this.#pending = merged(this.#pending, lines);
      if (this.#pending.length > WAITING) this.#detach();
    }
    this.#changed();
  }

  /** Those that are not held yet. */
  #fresh(entries: readonly LogEntry[], sources: readonly { source: string }[]): LogLine[] {
    const lines = linesOf(entries, sources).filter(({ key }) => !this.#keys.has(key));
    for (const { key } of lines) this.#keys.add(key);
    return lines;
  }

  #note(problems: LogPage["problems"], sources: readonly { source: string }[]) {
    if (problems.length === 0) return;
    const all = new Map(this.problems);
    for (const { source, problem } of problems) all.set(sources[source]?.source ?? "", problem);
    this.problems = all;
  }

  #add(lines: LogLine[], far: LogDirection) {
    if (lines.length === 0) return;
    const all = merged(this.lines, lines);
    const over = all.length - HELD;
    this.lines = over <= 0 ? all : far === "older" ? all.slice(over) : all.slice(0, HELD);
    if (over <= 0) return;
    for (const { key } of far === "older" ? all.slice(0, over) : all.slice(HELD))
      this.#keys.delete(key);
    // Where it was cut, reading goes on from the moment of the last that is held.
    this[far].let_go();
    if (far === "older") this.older = new Side(this.lines[0]!.at_ms + 1);
    else this.#detach();
  }

  /** From here on what comes is only counted. */
  #detach() {
    this.#detached = true;
    if (this.following) this.paused_ms = this.lines.at(-1)?.at_ms ?? null;
    for (const { key } of this.#pending) this.#keys.delete(key);
    this.#pending = [];
    this.following = false;
    this.newer.let_go();
    this.newer = new Side(this.lines.at(-1)?.at_ms ?? null);
  }
}
