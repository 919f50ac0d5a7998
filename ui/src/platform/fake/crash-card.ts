// The card of an end on the invented machine.
import type { CrashCard } from "../../bindings/CrashCard";
import type { CrashCardRequest } from "../../bindings/CrashCardRequest";
import { seriesAt } from "./history";
import { APPLICATIONS, EVENTS } from "./world";

const HOUR_MS = 3_600_000;

export function crashCardAt({ application, at_ms }: CrashCardRequest): CrashCard | undefined {
  const event = EVENTS.find((one) => one.application === application && one.at_ms === at_ms);
  const known = APPLICATIONS.find((one) => one.id === application);
  if (!event || !known) return undefined;
  const span = { from_ms: at_ms - 60_000, to_ms: at_ms, points: 60 };
  return {
    event,
    unknown: event.note?.status ? null : "denied",
    given_up: false,
    since_ms: known.since_ms < at_ms ? known.since_ms : at_ms - HOUR_MS,
    command: "uvicorn shop.api:app",
    ports: known.ports.map((port) => ({
      protocol: "tcp",
      port,
      address: "0.0.0.0",
      pid: 3391,
      is_elsewhere: false,
    })),
    minute: seriesAt(application, ["cpu_ratio", "memory_bytes"], span, at_ms),
    changes: EVENTS.filter(
      (one) => one.at_ms < at_ms && one.at_ms >= at_ms - HOUR_MS && one.application === application,
    ),
    orders: [],
    log: { source: "not_followed", unit: null, lines: [], detail: null },
  };
}
