/**
 * The query language of the filter fields, first half: text into terms.
 *
 *     cpu>10 user:anna,root not state:sleeping -nginx "two words" mem>=100M
 *
 * Terms stand side by side and all must hold; values joined by commas are alternatives; `not` or `-`
 * before a term turns it round; quotes take away every special meaning. What fields there are is
 * the other half's business (`compile.ts`).
 */

export type Op = ":" | "=" | ">" | ">=" | "<" | "<=";

export interface Term {
  negated: boolean;
  /** `null` for plain text. */
  field: string | null;
  op: Op;
  values: string[];
  /** As written, with its `not`. */
  source: string;
  /** Nothing was typed after it yet: an unfinished term is not yet a mistake. */
  open: boolean;
}

export function parseQuery(source: string): Term[] {
  const terms: Term[] = [];
  let negate: { from: number } | null = null;
  for (const word of words(source)) {
    const open = word.end === source.length;
    if (!negate && /^not$/i.test(word.text) && !open) {
      negate = { from: word.start };
      continue;
    }
    const from = negate ? negate.from : word.start;
    const term = termOf(word.text);
    terms.push({
      ...term,
      negated: term.negated !== (negate !== null),
      source: source.slice(from, word.end),
      open,
    });
    negate = null;
  }
  return terms;
}

interface Word {
  text: string;
  start: number;
  end: number;
}

/** Split at white space outside quotes; a quote that is never closed runs to the end. */
function words(source: string): Word[] {
  const found: Word[] = [];
  let start = -1;
  let quoted = false;
  for (let i = 0; i <= source.length; i += 1) {
    const c = source[i];
    const blank = c === undefined || (!quoted && /\s/.test(c));
    if (blank) {
      if (start !== -1) found.push({ text: source.slice(start, i), start, end: i });
      start = -1;
      continue;
    }
    if (start === -1) start = i;
    if (c === '"') quoted = !quoted;
  }
  return found;
}

function termOf(word: string): Omit<Term, "source" | "open"> {
  const minus = word.length > 1 && word.startsWith("-");
  const body = minus ? word.slice(1) : word;
  const match = /^([A-Za-z_]+)(!=|>=|<=|[:=<>])(.*)$/s.exec(body);
  const [, field, sign, rest] = match ?? [];
  if (field === undefined || sign === undefined || rest === undefined) {
    return { negated: minus, field: null, op: ":", values: [unquote(body)] };
  }
  const unequal = sign === "!=";
  // After > and < a comma is a decimal comma: an amount has no alternatives.
  const listed = unequal || sign === ":" || sign === "=";
  return {
    negated: minus !== unequal,
    field: field.toLowerCase(),
    op: unequal ? "=" : (sign as Op),
    values: listed ? alternatives(rest) : [unquote(rest)].filter(Boolean),
  };
}

function alternatives(text: string): string[] {
  const parts = text.match(/(?:"[^"]*"?|[^,"])+/g) ?? [];
  return parts.map(unquote).filter((part) => part !== "");
}

function unquote(text: string): string {
  return text.replaceAll('"', "");
}

/** A value written so that parsing gives it back. */
export function quote(value: string): string {
  return value === "" || /[\s,:=<>]|^-|^not$/i.test(value)
    ? `"${value.replaceAll('"', "")}"`
    : value;
}
