// Sums of the invented machine: it records since nine days, two of three hours.
import type { ApplicationLedger } from "../../bindings/ApplicationLedger";
import type { LedgerRequest } from "../../bindings/LedgerRequest";

const DAY_MS = 86_400_000;
const KEPT_MS = 9 * DAY_MS;

export function ledgerAt({ at_ms, spans }: LedgerRequest, now_ms: number): ApplicationLedger {
  const end_ms = at_ms ?? now_ms;
  const kept_from_ms = now_ms - KEPT_MS;
  return {
    at_ms: end_ms,
    first_seen_ms: now_ms - 40 * DAY_MS,
    kept_from_ms,
    rows: spans.map((span) => {
      const from_ms = span.from_ms ?? now_ms - 40 * DAY_MS;
      const to_ms = Math.min(span.to_ms ?? end_ms, end_ms);
      const recorded_ms = Math.max(0, Math.round((to_ms - Math.max(from_ms, kept_from_ms)) * 0.66));
      const hours = recorded_ms / 3_600_000;
      const known = recorded_ms > 0;
      const of = (value: number) => (known ? Math.round(value) : null);
      return {
        from_ms,
        to_ms,
        recorded_ms,
        ran_ms: of(recorded_ms * 0.8),
        cpu_ms: of(hours * 700_000),
        memory_mean_bytes: of(2.1e9),
        memory_highest_bytes: of(3.4e9),
        pss_mean_bytes: of(1.9e9),
        pss_highest_bytes: of(3.1e9),
        read_bytes: of(hours * 4.1e7),
        written_bytes: of(hours * 1.6e8),
        received_bytes: null,
        sent_bytes: null,
        starts: of(hours / 9),
        crashes: of(hours / 40),
        at_least: false,
      };
    }),
  };
}
