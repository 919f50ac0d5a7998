// A host of numbered lines, for tests of what is held of it.
import type { LogEntry } from "../../bindings/LogEntry";
import type { LogPageRequest } from "../../bindings/LogPageRequest";
import type { LogsFrame } from "../../bindings/LogsFrame";
import type { LogsWanted } from "../../bindings/LogsWanted";
import type { Door } from "./wish";

/** A host that has lines numbered by the millisecond, of which only some pass the filter. */
export class Lines implements Door {
  count = 1000;
  /** A line passes whose number is divisible by that. */
  every = 1;
  /** Lines read for one answer. */
  fair = 10_000;
  asked: LogPageRequest[] = [];
  followed: LogsWanted[] = [];
  told: ((frame: LogsFrame) => void) | null = null;
  refuse: unknown = null;
  #held: (() => void)[] | null = null;

  async page(request: LogPageRequest) {
    this.asked.push(request);
    const held = this.#held;
    if (held) await new Promise<void>((resolve) => held.push(resolve));
    if (this.refuse) throw this.refuse;
    const older = request.direction === "older";
    const { source, cursor } = request.sources[0]!;
    const from = request.at_ms ?? this.count;
    let next = cursor === null ? (older ? from - 1 : from) : Number(cursor);
    const entries: LogEntry[] = [];
    let read = 0;
    for (
      ;
      next >= 0 && next < this.count && entries.length < request.limit;
      next += older ? -1 : 1
    ) {
      if (read++ >= this.fair) break;
      if (next % this.every === 0) entries.push(entry(next));
    }
    return {
      entries: older ? entries.reverse() : entries,
      places: [{ source, cursor: String(next) }],
      ends: cursor === null ? [{ source, cursor: `end ${this.count}` }] : [],
      is_end: next < 0 || next >= this.count,
      read_bytes: read,
      left_bytes: older ? next + 1 : this.count - next,
      problems: [],
    };
  }
  follow(wanted: LogsWanted, told: (frame: LogsFrame) => void) {
    this.followed.push(wanted);
    this.told = told;
    return () => (this.told = null);
  }
  hold() {
    const held: (() => void)[] = (this.#held = []);
    return () => {
      this.#held = null;
      held.forEach((go) => go());
    };
  }
  say(count: number, more: Partial<LogsFrame> = {}) {
    const entries = Array.from({ length: count }, () => entry(this.count++));
    this.told?.({ entries, notices: [], left_out: 0, problems: [], ...more });
  }
}

export const entry = (at_ms: number): LogEntry => ({
  source: 0,
  place: String(at_ms),
  at_ms,
  time: "told",
  level: null,
  level_told: false,
  message: `line ${at_ms}`,
  styles: [],
  lines: [],
  fields: [],
  format: "plain",
  is_cut: false,
});
