/**
 * The filter field shows finished terms as chips and lets the rest be typed. Both together are the
 * query; these functions only cut it in two.
 */
import { parseQuery, type Term } from "./query/parse";

export interface Split {
  chips: Term[];
  draft: string;
}

/**
 * Terms with a field become chips as soon as something follows them; plain text and whatever comes
 * after it stay typed text, so that nobody's words jump about while they write.
 */
export function splitQuery(source: string, isKnown: (term: Term) => boolean): Split {
  const terms = parseQuery(source);
  const chips: Term[] = [];
  for (const term of terms) {
    if (term.open || term.field === null || !isKnown(term)) break;
    chips.push(term);
  }
  const rest = terms.slice(chips.length);
  const first = rest[0];
  if (!first) return { chips, draft: "" };
  let from = 0;
  for (const term of [...chips, first])
    from = source.indexOf(term.source, from) + term.source.length;
  return { chips, draft: source.slice(from - first.source.length) };
}

/** The query of some chips and some typed text. */
export function joinQuery(chips: readonly Term[], draft: string): string {
  const head = chips.map((chip) => chip.source).join(" ");
  return head ? `${head} ${draft}` : draft;
}
