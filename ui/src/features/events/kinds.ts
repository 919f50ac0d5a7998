/** Kinds of events: which end an application, which are worth more notice than others. */
import type { Event } from "../../bindings/Event";
import type { EventKind } from "../../bindings/EventKind";

/** What is more worth seeing wins where several stand in one place. */
export const RANK: Record<EventKind, number> = {
  given_up: 10,
  crash_loop: 9,
  out_of_memory: 8,
  crashed: 7,
  stopped: 5,
  ordered: 4,
  version_changed: 3,
  restarted: 2,
  many: 2,
  started: 1,
  ports_opened: 1,
  ports_closed: 1,
  crash_loop_ended: 1,
  recording_started: 0,
};

const GRAVE: readonly EventKind[] = ["given_up", "crash_loop", "out_of_memory", "crashed"];

export const isGrave = (kind: EventKind) => GRAVE.includes(kind);

/** Whether there is a card of it: something ended. */
export const hasCard = (event: Event) =>
  event.application !== null &&
  (isGrave(event.kind) || event.kind === "stopped" || (event.note?.part ?? false));
