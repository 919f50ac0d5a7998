// Nobody should have to guess what is written: contrast is computed from the tokens themselves.
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { contrast, parseOklch } from "./oklch";

const CSS = readFileSync("src/shared/tokens.css", "utf8")
  .replace(/\/\*.*?\*\//gs, "")
  // What holds only for some windows or wishes is not what most people see.
  .replace(/@media[^{]*\{(?:[^{}]*\{[^{}]*\})*[^{}]*\}/g, "");

/** Declarations of the blocks whose selector is one of these, later ones winning. */
function tokens(...selectors: string[]): Map<string, string> {
  const found = new Map<string, string>();
  for (const [, selector = "", body = ""] of CSS.matchAll(/([^{}]+)\{([^{}]*)\}/g)) {
    const names = selector.split(",").map((name) => name.trim());
    if (!names.some((name) => selectors.includes(name))) continue;
    for (const [, name = "", value = ""] of body.matchAll(/(--[\w-]+):\s*([^;]+);/g))
      found.set(name, value.trim());
  }
  return found;
}

const DARK = [":root", '[data-theme="dark"]'];
const LIGHT = [":root", '[data-theme="light"]'];
const THEMES: [string, Map<string, string>][] = [
  ["dark", tokens(...DARK)],
  ["light", tokens(...LIGHT)],
  ["dark, past", tokens(...DARK, '[data-time="past"]')],
  ["light, past", tokens(...LIGHT, '[data-time="past"]', '[data-theme="light"][data-time="past"]')],
];

const GROUNDS = [
  "--bg-0",
  "--bg-1",
  "--bg-2",
  "--bg-3",
  "--bg-4",
  "--bg-pop",
  "--sel",
  "--accent-soft",
  "--segment",
];
const TEXT: [string, string[]][] = [
  ["--text-1", GROUNDS],
  ["--text-2", GROUNDS],
  ["--text-3", ["--bg-0", "--bg-1", "--bg-2", "--bg-3", "--bg-pop", "--sel"]],
  ["--accent", ["--bg-0", "--bg-1", "--bg-2", "--bg-pop", "--accent-soft", "--sel"]],
  ["--past", ["--bg-0", "--bg-1", "--past-soft"]],
  ["--accent-on", ["--accent-fill"]],
  ["--past-on", ["--past-fill"]],
  ["--critical-on", ["--critical-fill"]],
  ["--mark-on", ["--mark"]],
  ...["--ansi-0", "--ansi-5", "--ansi-6", "--ansi-7", "--text-1", "--text-2"].map(
    (name): [string, string[]] => [name, ["--bg-1", "--bg-2", "--critical-soft"]],
  ),
  ...["good", "notice", "warning", "critical"].map((state): [string, string[]] => [
    `--${state}`,
    ["--bg-0", "--bg-1", "--bg-2", "--bg-pop", `--${state}-soft`],
  ]),
];
const LINES: [string, string[]][] = [
  ...["--c-cpu", "--c-mem", "--c-disk", "--c-net", "--hot"].map((name): [string, string[]] => [
    name,
    ["--bg-1"],
  ]),
  ["--accent", ["--bg-0", "--bg-1", "--bg-2", "--bg-3"]],
  ["--frame-line", ["--bg-0", "--bg-1"]],
  ["--hatch", ["--bg-1"]],
  ["--c-rest", ["--bg-1"]],
];

function ratio(theme: Map<string, string>, front: string, back: string): number {
  const value = (name: string): string => {
    const text = theme.get(name) ?? "";
    const other = /^var\((.+)\)$/.exec(text)?.[1];
    return other ? value(other) : text;
  };
  const [one, other] = [front, back].map((name) => parseOklch(value(name)));
  if (!one || !other) throw new Error(`${front} or ${back} is no colour: ${theme.get(front)}`);
  return contrast(one, other);
}

describe.each(THEMES)("%s", (name, theme) => {
  const pairs = (list: [string, string[]][]) =>
    list.flatMap(([front, backs]) => backs.map((back) => [front, back] as const));

  it.each(pairs(TEXT))("%s can be read on %s (4.5:1)", (front, back) => {
    expect(ratio(theme, front, back)).toBeGreaterThanOrEqual(4.5);
  });

  it.each(pairs(LINES).filter(([front]) => front !== "--frame-line" || name.includes("past")))(
    "%s can be seen on %s (3:1)",
    (front, back) => {
      expect(ratio(theme, front, back)).toBeGreaterThanOrEqual(3);
    },
  );
});
