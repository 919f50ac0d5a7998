// Events as a list is read: an application that came and went again and again takes one line, where
// it last did.
import type { Event } from "../../bindings/Event";
import type { EventKind } from "../../bindings/EventKind";

export interface Run {
  /** The newest. */
  event: Event;
  from_ms: number;
  starts: number;
  stops: number;
  /** One event as it is, or several as one. */
  many: boolean;
}

/** An application that is quiet for longer begins anew. */
const QUIET_MS = 10 * 60_000;

const COMES_OR_GOES: readonly EventKind[] = [
  "started",
  "restarted",
  "stopped",
  "recording_started",
];

const dayOf = (at_ms: number) => new Date(at_ms).toDateString();

/** From events in ascending order, the newest first. */
export function runs(events: readonly Event[]): Run[] {
  const found: Event[][] = [];
  const open = new Map<string, Event[]>();
  for (const event of events) {
    // What the user ordered, a crash, a part and a change are never one of many.
    if (!COMES_OR_GOES.includes(event.kind) || event.note?.ordered || event.note?.part) {
      found.push([event]);
      continue;
    }
    const known = event.application === null ? undefined : open.get(event.application);
    const last = known?.at(-1);
    if (
      known &&
      last &&
      event.at_ms - last.at_ms <= QUIET_MS &&
      dayOf(event.at_ms) === dayOf(last.at_ms)
    ) {
      known.push(event);
      continue;
    }
    const begun = [event];
    found.push(begun);
    if (event.application !== null) open.set(event.application, begun);
  }
  return found
    .flatMap((one) => (isRun(one) ? [runOf(one)] : one.map((event) => runOf([event]))))
    .sort((one, other) => other.event.at_ms - one.event.at_ms);
}

/** A stop and the start after it are a restart, which is worth two lines. */
function isRun(events: readonly Event[]): boolean {
  return events.length > 2 || (events.length === 2 && events[0]?.kind === "started");
}

function runOf(events: readonly Event[]): Run {
  const [first] = events;
  const event = events.at(-1) ?? first;
  if (!first || !event) throw new Error("A run has at least one event");
  const of = (...kinds: EventKind[]) => events.filter((one) => kinds.includes(one.kind)).length;
  return {
    event,
    from_ms: first.at_ms,
    starts: of("started", "restarted"),
    stops: of("stopped"),
    many: events.length > 1,
  };
}
