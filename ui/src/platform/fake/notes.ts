// What more is known of an event of the invented machine.
import type { EventKind } from "../../bindings/EventKind";
import type { EventNote } from "../../bindings/EventNote";

export function noteOf(kind: EventKind): EventNote | null {
  if (kind === "recording_started" || kind === "ordered") return null;
  const killed = kind === "out_of_memory";
  return {
    status: killed ? { signal: 9 } : null,
    out_of_memory: killed,
    ordered: false,
    part: false,
    moved: false,
    pid: killed ? 3391 : null,
    process: killed ? "uvicorn" : null,
    count: 1,
    last_ms: null,
    ports: [],
    version: null,
    version_before: null,
  };
}
