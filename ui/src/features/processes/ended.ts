/** Processes that have ended: those of the last minute, and how each went in words. */
import type { EndedRow } from "../../bindings/EndedRow";
import type { ExitStatus } from "../../bindings/ExitStatus";
import type { ProcessRef } from "../../bindings/ProcessRef";
import type { ProcessRow } from "../../bindings/ProcessRow";
import { t } from "./i18n";
import { processKey } from "./process-map";

const MINUTE_MS = 60_000;

export class RecentlyEnded {
  #rows: { at_ms: number; row: EndedRow }[] = [];
  #shown: readonly EndedRow[] = [];

  /** Takes in what ended in a second; gives all of the last minute, the newest last. */
  add(at_ms: number, rows: readonly EndedRow[]): readonly EndedRow[] {
    const kept = this.#rows.filter((one) => one.at_ms > at_ms - MINUTE_MS);
    if (rows.length > 0 || kept.length < this.#rows.length) {
      this.#rows = [...kept, ...rows.map((row) => ({ at_ms, row }))];
      this.#shown = this.#rows.map((one) => one.row);
    }
    return this.#shown;
  }

  clear(): void {
    this.#rows = [];
    this.#shown = [];
  }
}

/** Rows that left, where nobody told of their end: not every kernel does, but that they went is known. */
export function seenLeaving(
  gone: readonly ProcessRef[],
  told: readonly EndedRow[],
  rowOf: (key: string) => ProcessRow | undefined,
): EndedRow[] {
  const known = new Set(told.map(processKey));
  return gone.flatMap((ref): EndedRow[] => {
    const row = known.has(processKey(ref)) ? undefined : rowOf(processKey(ref));
    if (!row) return [];
    const { pid, start_time_ms, parent_pid, name, user, cpu_time_ms, application } = row;
    return [{ pid, start_time_ms, parent_pid, name, user, cpu_time_ms, application, status: null }];
  });
}

export function statusText(status: ExitStatus | null): string {
  if (status === null) return t("status_unknown");
  return "code" in status
    ? t("exited", { code: status.code })
    : t("killed", { signal: status.signal });
}
