import type { LogFilter } from "../../bindings/LogFilter";
import type { LogPage } from "../../bindings/LogPage";
import type { LogPageRequest } from "../../bindings/LogPageRequest";
import type { LogPlace } from "../../bindings/LogPlace";
import type { LogsFrame } from "../../bindings/LogsFrame";
import type { LogsWanted } from "../../bindings/LogsWanted";

export interface Door {
  page(request: LogPageRequest): Promise<LogPage>;
  follow(wanted: LogsWanted, told: (frame: LogsFrame) => void): () => void;
}

/** What is to be shown: these sources, only what passes, at a moment or (`null`) live. */
export interface Wish {
  sources: readonly string[];
  filter: LogFilter;
  at_ms: number | null;
}

export const fromNow = (sources: readonly string[]): LogPlace[] =>
  sources.map((source) => ({ source, cursor: null }));
