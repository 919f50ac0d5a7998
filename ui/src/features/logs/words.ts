/** How what is known of an entry is said. */
import type { LogCounts } from "../../bindings/LogCounts";
import type { LogFilter } from "../../bindings/LogFilter";
import type { LogLevel } from "../../bindings/LogLevel";
import { clock } from "../../shared/format";

export const NO_FILTER: LogFilter = {
  text: "",
  is_regex: false,
  match_case: false,
  hidden_levels: [],
  hide_unlevelled: false,
  fields: [],
};

/** Levels as they are counted and chosen. */
export type Group = keyof LogCounts;
export const GROUPS = ["error", "warn", "info", "debug", "unlevelled"] as const satisfies Group[];

const LEVELS: Record<Group, readonly LogLevel[]> = {
  error: ["error", "fatal"],
  warn: ["warn"],
  info: ["info"],
  debug: ["debug", "trace"],
  unlevelled: [],
};

export function groupOf(level: LogLevel | null): Group {
  return GROUPS.find((group) => level !== null && LEVELS[group].includes(level)) ?? "unlevelled";
}

export function withoutGroups(filter: LogFilter, hidden: ReadonlySet<Group>): LogFilter {
  return {
    ...filter,
    hidden_levels: GROUPS.flatMap((group) => (hidden.has(group) ? LEVELS[group] : [])),
    hide_unlevelled: hidden.has("unlevelled"),
  };
}

/** "14:32:07.921", local. */
export function clockMs(at_ms: number): string {
  const ms = ((Math.floor(at_ms) % 1000) + 1000) % 1000;
  return `${clock(at_ms)}.${String(ms).padStart(3, "0")}`;
}
