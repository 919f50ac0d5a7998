import { describe, expect, it } from "vitest";
import { joinQuery, splitQuery } from "./chips";
import { visibleText } from "./visible-text";

const known = () => true;
const parts = (source: string) => {
  const { chips, draft } = splitQuery(source, known);
  return [chips.map((chip) => chip.source), draft];
};

describe("chips", () => {
  it.each([
    ["", [[], ""]],
    ["cpu>1", [[], "cpu>1"]],
    ["cpu>1 ", [["cpu>1"], ""]],
    ["cpu>1 user:anna ngin", [["cpu>1", "user:anna"], "ngin"]],
    ["ngin cpu>1 ", [[], "ngin cpu>1 "]],
    ["not user:anna x  y", [["not user:anna"], "x  y"]],
    ["cpu>1 cpu>1 cpu>1", [["cpu>1", "cpu>1"], "cpu>1"]],
  ])("%j", (source, expected) => expect(parts(source)).toEqual(expected));

  it("leaves text that is not understood where it can be mended", () => {
    expect(splitQuery("usr:x y", (term) => term.field !== "usr")).toMatchObject({
      chips: [],
      draft: "usr:x y",
    });
  });

  it("puts both back together", () => {
    const { chips, draft } = splitQuery("cpu>1 ngin", known);
    expect(joinQuery(chips, draft)).toBe("cpu>1 ngin");
    expect(joinQuery([], "x")).toBe("x");
    expect(joinQuery(chips, "")).toBe("cpu>1 ");
  });
});

describe("names chosen by others", () => {
  it("makes visible what hides", () => {
    expect(visibleText("a\nb\tc\u0000")).toBe("a␊b␉c␀");
    expect(visibleText("evil\u202egpj.exe")).toBe("evil\\u202egpj.exe");
    expect(visibleText("zero\u200bwidth")).toBe("zero\\u200bwidth");
    expect(visibleText("naïve ñ 日本語 العربية")).toBe("naïve ñ 日本語 العربية");
  });

  it("cuts what no cell could show", () => {
    expect(visibleText("x".repeat(100_000))).toHaveLength(401);
  });
});
