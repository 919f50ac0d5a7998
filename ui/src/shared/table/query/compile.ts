/**
 * The query language, second half: terms against the fields of a table. What cannot be understood
 * becomes a problem in plain words and filters nothing, so that a typing mistake never empties the
 * table.
 */
import { parseQuery, type Term } from "./parse";
import { parseBytes, parseDuration, parseNumber, parsePercent } from "./values";

interface FieldBase {
  id: string;
  aliases?: readonly string[];
}

/** How the values of a field are read and compared. */
export type Field<R> = FieldBase &
  (
    | { kind: "text"; read: (row: R) => string | null }
    /** Whole words, `*` for anything: `user:www-*`. */
    | { kind: "word"; read: (row: R) => string | null }
    /** One of a few words; `words` are those that the view shows for one, in its language first. */
    | {
        kind: "choice";
        choices: readonly string[];
        words?: (choice: string) => readonly string[];
        read: (row: R) => string | null;
      }
    /** Whole numbers that are equal or not. */
    | { kind: "number"; read: (row: R) => number | readonly number[] | null }
    /** Amounts that are compared. */
    | {
        kind: "percent" | "bytes" | "count" | "duration";
        read: (row: R) => number | null;
      }
  );

/** Everything a query is compiled against. */
export interface Language<R> {
  fields: readonly Field<R>[];
  /** Where plain text is looked for, in lower case. */
  text: (row: R) => string;
  units: "iec" | "si";
}

type AmountKind = "number" | "percent" | "bytes" | "count" | "duration";

/** Why a term was passed over. */
export type Problem =
  | { code: "unknown_field"; term: Term; field: string; near: string | null }
  | { code: "no_value"; term: Term; field: string }
  | { code: "unknown_choice"; term: Term; field: string; value: string; choices: readonly string[] }
  | { code: "no_unit"; term: Term; field: string; value: string }
  | { code: "not_an_amount"; term: Term; field: string; value: string; kind: AmountKind }
  | { code: "compare_amount"; term: Term; field: string }
  | { code: "cannot_compare"; term: Term; field: string };

export interface CompiledTerm<R> {
  term: Term;
  matches: (row: R) => boolean;
}

export interface Compiled<R> {
  terms: CompiledTerm<R>[];
  problems: Problem[];
  matches: (row: R) => boolean;
}

export function compileQuery<R>(source: string, language: Language<R>): Compiled<R> {
  const terms: CompiledTerm<R>[] = [];
  const problems: Problem[] = [];
  for (const term of parseQuery(source)) {
    const outcome = compileTerm(term, language);
    if (typeof outcome === "function") {
      const test = outcome;
      terms.push({ term, matches: term.negated ? (row) => !test(row) : test });
    } else if (outcome && !(term.open && outcome.code === "no_value")) {
      problems.push(outcome);
    }
  }
  return { terms, problems, matches: (row) => terms.every((term) => term.matches(row)) };
}

/** For each term, how many rows there would be without it; the emptiest filter first. */
export function withoutEach<R>(
  compiled: Compiled<R>,
  rows: readonly R[],
): Array<{ term: Term; count: number }> {
  return compiled.terms
    .map(({ term }) => {
      const others = compiled.terms.filter((other) => other.term !== term);
      const count = rows.filter((row) => others.every((other) => other.matches(row))).length;
      return { term, count };
    })
    .sort((a, b) => b.count - a.count);
}

function compileTerm<R>(term: Term, language: Language<R>): ((row: R) => boolean) | Problem | null {
  if (term.field === null) {
    const text = (term.values[0] ?? "").toLowerCase();
    return text === "" ? null : (row) => language.text(row).includes(text);
  }
  const name = term.field;
  const field = language.fields.find((f) => f.id === name || f.aliases?.includes(name));
  if (!field) {
    return { code: "unknown_field", term, field: name, near: nearest(name, language.fields) };
  }
  if (term.values.length === 0) return { code: "no_value", term, field: field.id };
  switch (field.kind) {
    case "choice":
      return compileChoice(term, field);
    case "text":
    case "word":
      return compileText(term, field);
    case "number":
      return compileNumber(term, field);
    default:
      return compileAmount(term, field, language.units);
  }
}

type Kind<R, K> = Extract<Field<R>, { kind: K }>;

function compileChoice<R>(term: Term, field: Kind<R, "choice">) {
  if (term.op !== ":" && term.op !== "=") {
    return { code: "cannot_compare", term, field: field.id } satisfies Problem;
  }
  const shown = (choice: string) => field.words?.(choice) ?? [];
  const names = (choice: string) => [choice, ...shown(choice)].map((word) => word.toLowerCase());
  const meant = new Set<string>();
  for (const value of term.values.map((value) => value.toLowerCase())) {
    const found = field.choices.filter((choice) => names(choice).includes(value));
    if (found.length === 0) {
      // While a word is being typed it is not wrong yet, only short.
      const begun = (choice: string) => names(choice).some((name) => name.startsWith(value));
      if (term.open && field.choices.some(begun)) return null;
      const choices = [
        ...new Set(field.choices.map((choice) => quoted(shown(choice)[0] ?? choice))),
      ];
      return { code: "unknown_choice", term, field: field.id, value, choices } as Problem;
    }
    found.forEach((choice) => meant.add(choice));
  }
  return (row: R) => {
    const choice = field.read(row);
    return choice !== null && meant.has(choice);
  };
}

/** As it is to be typed. */
const quoted = (word: string) => (/\s/.test(word) ? `"${word}"` : word);

function compileText<R>(term: Term, field: Kind<R, "text" | "word">) {
  if (term.op !== ":" && term.op !== "=") {
    return { code: "cannot_compare", term, field: field.id } satisfies Problem;
  }
  const values = term.values.map((value) => value.toLowerCase());
  const contains = field.kind === "text" && term.op === ":";
  const tests = values.map((value) => {
    if (contains) return (text: string) => text.includes(value);
    if (value.includes("*")) {
      const pattern = new RegExp(`^${value.split("*").map(escapePattern).join(".*")}$`, "s");
      return (text: string) => pattern.test(text);
    }
    return (text: string) => text === value;
  });
  return (row: R) => {
    const text = field.read(row)?.toLowerCase();
    return text !== undefined && tests.some((test) => test(text));
  };
}

function compileNumber<R>(term: Term, field: Kind<R, "number">) {
  const numbers: number[] = [];
  for (const value of term.values) {
    const number = parseNumber(value);
    if (number === null) {
      return { code: "not_an_amount", term, field: field.id, value, kind: "number" } as Problem;
    }
    numbers.push(number);
  }
  const test = comparison(term.op, numbers);
  return (row: R) => {
    const value = field.read(row);
    if (value === null) return false;
    return typeof value === "number" ? test(value) : value.some(test);
  };
}

function compileAmount<R>(
  term: Term,
  field: Kind<R, "percent" | "bytes" | "count" | "duration">,
  units: "iec" | "si",
) {
  if (term.op === ":") return { code: "compare_amount", term, field: field.id } satisfies Problem;
  const amounts: number[] = [];
  for (const value of term.values) {
    const amount = parseAmount(value, field.kind, units);
    if (field.kind === "bytes" && amount !== null && amount > 0 && parseNumber(value) !== null) {
      // Nobody means bytes, and who has stopped typing is to see why nothing happens.
      return { code: "no_unit", term, field: field.id, value } satisfies Problem;
    }
    if (amount === null) {
      return { code: "not_an_amount", term, field: field.id, value, kind: field.kind } as Problem;
    }
    amounts.push(amount);
  }
  const test = comparison(term.op, amounts);
  return (row: R) => {
    const value = field.read(row);
    return value !== null && test(value);
  };
}

function parseAmount(text: string, kind: AmountKind, units: "iec" | "si"): number | null {
  if (kind === "percent") return parsePercent(text);
  if (kind === "bytes") return parseBytes(text, units);
  if (kind === "duration") return parseDuration(text);
  return parseNumber(text);
}

function comparison(op: Term["op"], amounts: readonly number[]): (value: number) => boolean {
  switch (op) {
    case ">":
      return (value) => amounts.some((amount) => value > amount);
    case ">=":
      return (value) => amounts.some((amount) => value >= amount);
    case "<":
      return (value) => amounts.some((amount) => value < amount);
    case "<=":
      return (value) => amounts.some((amount) => value <= amount);
    default:
      return (value) => amounts.includes(value);
  }
}

function escapePattern(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

/** The field most like `name`, if any is near enough to be what was meant. */
function nearest<R>(name: string, fields: readonly Field<R>[]): string | null {
  const names = fields.flatMap((field) => [field.id, ...(field.aliases ?? [])]);
  const begins = names.find((other) => name.length > 1 && other.startsWith(name));
  if (begins) return begins;
  return names.find((other) => oneEditApart(name, other)) ?? null;
}

/** One letter more, less, different or swapped with its neighbour. */
function oneEditApart(a: string, b: string): boolean {
  if (Math.abs(a.length - b.length) > 1) return false;
  let i = 0;
  while (i < a.length && i < b.length && a[i] === b[i]) i += 1;
  const rest = (text: string, from: number) => text.slice(from);
  return (
    rest(a, i + 1) === rest(b, i + 1) ||
    rest(a, i + 1) === rest(b, i) ||
    rest(a, i) === rest(b, i + 1) ||
    (a[i] === b[i + 1] && a[i + 1] === b[i] && rest(a, i + 2) === rest(b, i + 2))
  );
}
