// The logs of the invented machine: sources, pages of them, the stream and the histogram. What a
// source says is a function of its number and of time, so that all four agree with each other.
import type { LogCounts } from "../../bindings/LogCounts";
import type { LogEntry } from "../../bindings/LogEntry";
import type { LogFilter } from "../../bindings/LogFilter";
import type { LogHistogram } from "../../bindings/LogHistogram";
import type { LogHistogramRequest } from "../../bindings/LogHistogramRequest";
import type { LogPage } from "../../bindings/LogPage";
import type { LogPageRequest } from "../../bindings/LogPageRequest";
import type { LogsFrame } from "../../bindings/LogsFrame";
import type { LogSourceRow } from "../../bindings/LogSourceRow";
import type { LogSources } from "../../bindings/LogSources";
import type { LogsWanted } from "../../bindings/LogsWanted";
import { ApiFailure } from "../platform";
import { SAYING, type Said } from "./log-lines";
import { APPLICATIONS, DAY, hash, NOW_MS } from "./world";

const BEGIN_MS = NOW_MS - DAY / 2;
const LINE_BYTES = 120;
/** Read for one answer at most. */
const A_FAIR_TIME = 5_000;

interface Source {
  row: LogSourceRow;
  /** A line each so many milliseconds; 0 for one that cannot be read. */
  period_ms: number;
  say: (index: number) => Said;
}
type Kind = LogSourceRow["kind"];

function source(
  kind: Kind,
  name: string,
  application: string | null,
  period_ms: number,
  say: Source["say"],
  more: Partial<LogSourceRow> = {},
): Source {
  const known = APPLICATIONS.find((one) => one.name === application);
  const row: LogSourceRow = {
    id: `${kind}:${name}`,
    kind,
    name,
    application: known?.id ?? null,
    application_name: known?.name ?? null,
    path: kind === "file" ? `/var/log/${name}` : null,
    evidence: kind === "file" ? "appended" : kind === "container" ? "engine" : kind,
    pid: kind === "file" ? 1204 : null,
    size_bytes: kind === "file" ? 2_400_000 + name.length * 100_000 : null,
    modified_ms: NOW_MS - period_ms,
    problem: null,
    ...more,
  };
  return { row, period_ms, say };
}

const denied = (name: string): Source =>
  source("file", name, null, 0, SAYING.KERNEL, {
    evidence: "folder",
    problem: {
      kind: "denied",
      message: `/var/log/${name}: permission denied`,
      remedy: "sudo usermod -aG adm dev",
    },
  });

const SOURCES: Source[] = [
  source("file", "dev.log", "catalog-web", 2_300, SAYING.VITE, {
    path: "/home/dev/code/catalog-web/logs/dev.log",
  }),
  source("file", "nginx/access.log", "nginx", 1_100, SAYING.ACCESS),
  source("container", "shop-api-1", "shop / api", 1_900, SAYING.API),
  source("container", "shop-worker-1", "shop / worker", 4_300, SAYING.WORKER),
  source("container", "shop-redis-1", "shop / redis", 31_000, SAYING.REDIS),
  source("file", "postgresql-16-main.log", "PostgreSQL 16", 9_700, SAYING.POSTGRES),
  source("journal", "mail-relay.service", null, 17_000, SAYING.MAIL),
  source("journal", "init.scope", null, 23_000, SAYING.SYSTEMD),
  source("kernel", "kernel", null, 29_000, SAYING.KERNEL),
  denied("audit/audit.log"),
];

/** When the line with a number was said. */
const atOf = (one: Source, index: number) =>
  Math.floor(BEGIN_MS + (index + 0.9 * hash(one.row.name.length, index)) * one.period_ms);
/** The first line at or after a moment. */
function firstFrom(one: Source, at_ms: number): number {
  let index = Math.max(0, Math.floor((at_ms - BEGIN_MS) / one.period_ms) - 1);
  while (atOf(one, index) < at_ms) index += 1;
  return index;
}

const NOTHING: LogCounts = { error: 0, warn: 0, info: 0, debug: 0, unlevelled: 0 };
const GROUPS = { trace: "debug", debug: "debug", info: "info", warn: "warn" } as const;
export function countIn(counts: LogCounts, level: LogEntry["level"]): void {
  if (level === null) counts.unlevelled += 1;
  else counts[level === "error" || level === "fatal" ? "error" : GROUPS[level]] += 1;
}

function matcher(filter: LogFilter): (said: Said) => boolean {
  const flags = filter.match_case ? "" : "i";
  let pattern: RegExp;
  try {
    const plain = filter.text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
    pattern = new RegExp(filter.is_regex ? filter.text : plain, flags);
  } catch {
    throw new ApiFailure("invalid", `“${filter.text}” is not a regular expression: unclosed group`);
  }
  return ({ message, lines = [], level = null, fields = [] }) =>
    (filter.text === "" || pattern.test([message, ...lines].join("\n"))) &&
    (level === null ? !filter.hide_unlevelled : !filter.hidden_levels.includes(level)) &&
    filter.fields.every((wanted) =>
      fields.some(({ name, value }) => name === wanted.name && value === wanted.value),
    );
}

export class FakeLogs {
  sources: LogSources;
  #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
    this.sources = {
      sources: SOURCES.map(({ row }) => row),
      more: false,
      timed_out: false,
      denied_count: 3,
      journal: null,
    };
  }

  readonly handlers = {
    log_sources: () => this.sources,
    log_page: (request: LogPageRequest) => this.#page(request),
    log_histogram: (request: LogHistogramRequest) => this.#histogram(request),
  };

  /** What came within the last second; at first what came behind the places. */
  frame({ sources, filter }: LogsWanted, full: boolean): LogsFrame | null {
    const matches = matcher(filter);
    const entries = sources.flatMap(({ source, cursor }, number) => {
      const one = this.#source(source);
      if (!one) return [];
      const end = firstFrom(one, this.#now() + 1);
      const from = full ? Number(cursor ?? end) : firstFrom(one, this.#now() - 999);
      return this.#entries(one, number, from, end).filter(matches);
    });
    if (entries.length === 0 && !full) return null;
    entries.sort((a, b) => a.at_ms - b.at_ms);
    return { entries, notices: [], left_out: 0, problems: [] };
  }

  #source(id: string): Source | undefined {
    return SOURCES.find(({ row, period_ms }) => row.id === id && period_ms > 0);
  }

  #entries(one: Source, source: number, from: number, end: number): LogEntry[] {
    return Array.from({ length: Math.max(0, end - from) }, (_, offset) =>
      this.#entry(one, source, from + offset),
    );
  }

  #entry(one: Source, source: number, index: number): LogEntry {
    return {
      source,
      place: String(index),
      at_ms: atOf(one, index),
      time: "told",
      level: null,
      level_told: false,
      styles: [],
      lines: [],
      fields: [],
      format: "plain",
      is_cut: false,
      ...one.say(index),
    };
  }

  #page({ sources, at_ms, direction, filter, limit }: LogPageRequest): LogPage {
    const matches = matcher(filter);
    const older = direction === "older";
    const ends: number[] = [];
    const heads = sources.map(({ source, cursor }, number) => {
      const one = this.#source(source);
      const end = one ? firstFrom(one, this.#now() + 1) : 0;
      ends.push(end);
      const from = one && at_ms !== null ? firstFrom(one, at_ms) : end;
      return {
        one,
        number,
        end,
        next: cursor === null ? (older ? from - 1 : from) : Number(cursor),
      };
    });
    const entries: LogEntry[] = [];
    let read = 0;
    const left = () =>
      heads.filter(({ one, next, end }) => one && (older ? next >= 0 : next < end));
    for (let open = left(); open.length > 0 && entries.length < limit; open = left()) {
      if (read >= A_FAIR_TIME) break;
      const at = ({ one, next }: (typeof open)[number]) => atOf(one!, next);
      const head = open.reduce((a, b) => ((older ? at(b) > at(a) : at(b) < at(a)) ? b : a));
      const entry = this.#entry(head.one!, head.number, head.next);
      head.next += older ? -1 : 1;
      read += 1;
      if (matches(entry)) entries.push(entry);
    }
    const rest = left().reduce((sum, { next, end }) => sum + (older ? next + 1 : end - next), 0);
    return {
      entries: older ? entries.reverse() : entries,
      places: heads.map(({ next }, number) => place(sources[number]!.source, next)),
      ends: sources.some(({ cursor }) => cursor !== null)
        ? []
        : ends.map((end, number) => place(sources[number]!.source, end)),
      is_end: rest === 0,
      read_bytes: read * LINE_BYTES,
      left_bytes: rest * LINE_BYTES,
      problems: heads
        .filter(({ one }) => !one)
        .map(({ number }) => ({
          source: number,
          problem: { kind: "denied" as const, message: "permission denied", remedy: null },
        })),
    };
  }

  #histogram({ sources, from_ms, to_ms, buckets, filter }: LogHistogramRequest): LogHistogram {
    const matches = matcher(filter);
    const counted = Array.from({ length: buckets }, () => ({ ...NOTHING }));
    const by_source = sources.map(() => ({ ...NOTHING }));
    sources.forEach((id, number) => {
      const one = this.#source(id);
      if (!one) return;
      const end = Math.min(firstFrom(one, to_ms), firstFrom(one, this.#now() + 1));
      for (let index = firstFrom(one, from_ms); index < end; index++) {
        const said = one.say(index);
        if (!matches(said)) continue;
        const at = Math.floor(((atOf(one, index) - from_ms) / (to_ms - from_ms)) * buckets);
        countIn(counted[at]!, said.level ?? null);
        countIn(by_source[number]!, said.level ?? null);
      }
    });
    return { buckets: counted, sources: by_source, is_partial: false, counted_from_ms: from_ms };
  }
}

const place = (source: string, cursor: number) => ({ source, cursor: String(cursor) });
