// What the palette finds, as plain data: at most 50 hits, the best first in each section.
import type { ApplicationRow } from "../../bindings/ApplicationRow";
import type { Event } from "../../bindings/Event";
import type { ProcessRow } from "../../bindings/ProcessRow";
import { parseMoment } from "../../shared/time/moment";

export type Hit =
  | { section: "views"; key: string; view: string; label: string }
  | { section: "ports"; key: string; port: number; application: ApplicationRow }
  | { section: "applications"; key: string; application: ApplicationRow; ports: number[] }
  | { section: "processes"; key: string; process: ProcessRow; application: string | null }
  | { section: "ended"; key: string; event: Event }
  | { section: "time"; key: string; at_ms: number }
  | { section: "actions"; key: string; action: string; label: string };

export interface Searchable {
  views: readonly { view: string; label: string }[];
  actions: readonly { action: string; label: string }[];
  applications: readonly ApplicationRow[];
  processes: readonly ProcessRow[];
  /** The end of each application that ended lately and does not run. */
  ended: readonly Event[];
  /** Words that applications are found by, and the ports of those that do not run, by identifier. */
  kept: ReadonlyMap<string, { tags: readonly string[]; port: number | null }>;
  now_ms: number;
}

export const MOST_HITS = 50;
const MOST_IN_SECTION = 12;

/** Accents and case do not matter to whoever searches. */
function plain(text: string): string {
  return text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
}

/** How well a text answers: begins with it, begins a word with it, holds it; `null` when not. */
export function score(text: string, typed: string): number | null {
  const at = plain(text).indexOf(plain(typed));
  if (at < 0) return null;
  if (at === 0) return 0;
  return /[\s/:._-]/.test(text.charAt(at - 1)) ? 1 : 2;
}

function best<T>(all: readonly T[], scored: (one: T) => number | null): T[] {
  return all
    .map((one) => ({ one, points: scored(one) }))
    .filter((entry): entry is { one: T; points: number } => entry.points !== null)
    .sort((one, other) => one.points - other.points)
    .slice(0, MOST_IN_SECTION)
    .map(({ one }) => one);
}

export function hits(typed: string, from: Searchable): Hit[] {
  const text = typed.trim();
  const rest = text.slice(1).trim();
  let found: Hit[];
  if (text.startsWith(":")) found = [...ports(rest, from), ...listening(rest, from)];
  else if (text.startsWith("#")) found = processes(from, (row) => pidScore(row, rest));
  else if (text.startsWith("~")) found = moments(rest, from);
  else found = everything(text, from);
  return found.slice(0, MOST_HITS);
}

function everything(text: string, from: Searchable): Hit[] {
  const named = (label: string) => (text === "" ? 0 : score(label, text));
  const byName =
    text === "" ? [] : processes(from, (row) => named(row.name) ?? commandScore(row, text));
  return [
    ...best(from.views, ({ label }) => named(label)).map((one): Hit => ({
      section: "views",
      key: `view ${one.view}`,
      ...one,
    })),
    ...(/^\d{1,5}$/.test(text) ? ports(text, from) : []),
    ...best(
      from.applications,
      ({ name, id }) =>
        named(name) ??
        (text && [id, ...tagsOf(id, from)].some((one) => score(one, text) !== null) ? 3 : null),
    ).map((application): Hit => ({
      section: "applications",
      key: `application ${application.id}`,
      application,
      ports: portsOf(application, from),
    })),
    ...byName,
    ...(text === "" ? [] : best(from.ended, endScore(text))).map((event): Hit => ({
      section: "ended",
      key: `ended ${event.application ?? ""}`,
      event,
    })),
    ...(text === "" ? [] : moments(text, from)),
    ...best(from.actions, ({ label }) => named(label)).map((one): Hit => ({
      section: "actions",
      key: `action ${one.action}`,
      ...one,
    })),
  ];
}

const endScore = (text: string) => (event: Event) =>
  score(event.name ?? "", text) ?? (score(event.application ?? "", text) === null ? null : 3);

function commandScore(row: ProcessRow, text: string): number | null {
  if (/^\d+$/.test(text)) return pidScore(row, text);
  return score(row.command, text) === null ? null : 3;
}

function pidScore(row: ProcessRow, digits: string): number | null {
  const pid = String(row.pid);
  return pid === digits ? 0 : pid.startsWith(digits) ? 1 : null;
}

function processes(from: Searchable, scored: (row: ProcessRow) => number | null): Hit[] {
  const names = new Map(from.applications.map(({ id, name }) => [id, name]));
  return best(from.processes, scored).map((process) => ({
    section: "processes",
    key: `process ${process.pid} ${process.start_time_ms}`,
    process,
    application: process.application === null ? null : (names.get(process.application) ?? null),
  }));
}

function ports(digits: string, from: Searchable): Hit[] {
  return from.applications
    .flatMap((application) => application.ports.map((port) => ({ port, application })))
    .filter(({ port }) => String(port).startsWith(digits))
    .sort((one, other) => one.port - other.port)
    .slice(0, MOST_IN_SECTION)
    .map(({ port, application }) => ({
      section: "ports",
      key: `port ${port} ${application.id}`,
      port,
      application,
    }));
}

const tagsOf = (id: string, from: Searchable) => from.kept.get(id)?.tags ?? [];

/** What it listens on; where it does not run, what it is expected to listen on. */
function portsOf({ id, ports, process_count }: ApplicationRow, from: Searchable): number[] {
  const expected = from.kept.get(id)?.port ?? null;
  return process_count === 0 && expected !== null ? [expected] : ports;
}

function listening(digits: string, from: Searchable): Hit[] {
  return from.applications
    .map((application) => ({
      application,
      ports: portsOf(application, from).filter((port) => String(port).startsWith(digits)),
    }))
    .filter((one) => one.ports.length > 0)
    .slice(0, MOST_IN_SECTION)
    .map((one) => ({ section: "applications", key: `application ${one.application.id}`, ...one }));
}

function moments(text: string, from: Searchable): Hit[] {
  const at_ms = parseMoment(text, from.now_ms);
  return at_ms === null ? [] : [{ section: "time", key: `time ${at_ms}`, at_ms }];
}
