import { describe, expect, it } from "vitest";
import { colorOf, finderOf, segments } from "./segments";
import { NO_FILTER } from "./words";

const style = (start: number, end: number, color: number | null = 2) => ({
  start,
  end,
  color,
  bold: false,
  dim: false,
});
const find = (text: string, more = {}) => finderOf({ ...NO_FILTER, text, ...more });
const parts = (text: string, finder = find("")) => segments(text, [], finder);

describe("parts of a text", () => {
  it("have the colours of a terminal and what is searched for", () => {
    const found = segments("[vite] watch it", [style(0, 6), style(7, 99, 9)], find("WATCH"));
    expect(found.map(({ text, style: of, hit }) => [text, of?.color ?? null, hit])).toEqual([
      ["[vite]", 2, false],
      [" ", null, false],
      ["watch", 9, true],
      [" it", 9, false],
    ]);
  });

  it("show what cannot be seen, and count in the text as it was told", () => {
    const found = segments("a\u202eb\u001b[31mc\td", [style(1, 3)], find("c"));
    expect(found.map(({ text }) => text)).toEqual(["a", "\\u202eb", "␛[31m", "c", "    d"]);
    expect(segments("", [], null)).toEqual([]);
  });

  it("are bounded", () => {
    const found = parts("x".repeat(100_000), find("x"));
    expect(found.length).toBeLessThan(120);
    expect(found.at(-1)?.text).toBe("…");
  });
});

describe("what is searched for", () => {
  it("is text, or an expression, with case where wished", () => {
    expect(find("a.c")?.("abc a.c")).toEqual([[4, 7]]);
    expect(find("a.c", { is_regex: true })?.("abc")).toEqual([[0, 3]]);
    expect(find("A", { match_case: true })?.("a")).toEqual([]);
    expect(find("x*", { is_regex: true })?.("aaa")).toEqual([]);
  });

  it.each(["(a+)+$", "(", "(a|a)*b", ".*.*.*x", "(?=a)a", "(a)\\1"])(
    "is not marked where that might take for ever: %s",
    (text) => expect(find(text, { is_regex: true })).toBeNull(),
  );
});

it("brings the colours of others near the text's", () => {
  expect(colorOf(style(0, 1, 1))).toBe("var(--ansi-1)");
  expect(colorOf(style(0, 1, 12))).toBe("var(--ansi-4)");
  expect(colorOf(style(0, 1, 196))).toContain("rgb(255 0 0)");
  expect(colorOf(style(0, 1, 232))).toContain("rgb(8 8 8)");
  expect(colorOf(style(0, 1, 0x1000000 + 0x0a0b0c))).toContain("rgb(10 11 12)");
  expect(colorOf(style(0, 1, null))).toBeUndefined();
});
