// Evidence as it is read: what many processes share is said once, the one that names comes first.
import type { SharedEvidence } from "../../bindings/SharedEvidence";

export interface Reason {
  key: string;
  rule: number;
  /** What was looked at, each once, the most common first. */
  inputs: string[];
  result: string;
  process_count: number;
  /** It gives the application its name; at most one does. */
  decides: boolean;
  /** It comes to the same application. */
  agrees: boolean;
}

export function merge(evidence: readonly SharedEvidence[]): Reason[] {
  const merged = new Map<string, Reason>();
  for (const { evidence: one, process_count, names_it } of evidence) {
    const key = `${one.rule} ${one.result}`;
    const known = merged.get(key);
    if (known) {
      known.process_count += process_count;
      if (!known.inputs.includes(one.input)) known.inputs.push(one.input);
      continue;
    }
    merged.set(key, {
      key,
      rule: one.rule,
      inputs: [one.input],
      result: one.result,
      process_count,
      decides: false,
      agrees: names_it,
    });
  }
  const reasons = [...merged.values()].sort(
    (one, other) =>
      Number(other.agrees) - Number(one.agrees) ||
      one.rule - other.rule ||
      other.process_count - one.process_count,
  );
  const [first] = reasons;
  if (first?.agrees) first.decides = true;
  return reasons;
}

/** A line of descent as people draw it, the oldest first; anything else as it is. */
export function lineOf(rule: number, input: string): string {
  return rule === 8 ? input.split(" < ").reverse().join(" › ") : input;
}
