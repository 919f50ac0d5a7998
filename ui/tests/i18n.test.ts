// English and Spanish say the same: the same keys, the same parameters, nothing left empty.
import { describe, expect, it } from "vitest";
import { fill } from "../src/shared/i18n/catalogue.svelte";
import { t as shared } from "../src/shared/i18n";

interface Catalogue {
  texts: Record<"en" | "es", Record<string, string>>;
}
const found = import.meta.glob<Record<string, unknown>>(["../src/**/i18n.ts"], { eager: true });
const isCatalogue = (value: unknown): value is Catalogue =>
  typeof value === "function" && "texts" in value;
const catalogues: [string, Catalogue][] = [
  ["shared", shared],
  ...Object.entries(found).flatMap(([path, module]) =>
    Object.values(module)
      .filter(isCatalogue)
      .map((one): [string, Catalogue] => [path, one]),
  ),
];
const parameters = (text: string) =>
  [...new Set([...text.matchAll(/\{(\w+)/g)].map(([, name]) => name))].sort();

it("finds every catalogue", () => expect(catalogues.length).toBeGreaterThan(6));

describe.each(catalogues)("%s", (_path, { texts }) => {
  it("has the same keys in both languages", () => {
    expect(Object.keys(texts.es).sort()).toEqual(Object.keys(texts.en).sort());
  });

  it("has the same parameters and no empty text", () => {
    for (const [key, text] of Object.entries(texts.en)) {
      expect(parameters(texts.es[key] ?? ""), key).toEqual(parameters(text));
      expect(text.trim() && texts.es[key]?.trim(), key).toBeTruthy();
    }
  });
});

describe("texts", () => {
  it("choose by number", () => {
    const text = "{n} {n:process|processes}";
    expect(fill(text, { n: 1 }, "en")).toBe("1 process");
    expect(fill(text, { n: 0 }, "en")).toBe("0 processes");
    expect(fill("{n:hilo|hilos}", { n: 1 }, "es")).toBe("hilo");
  });

  it("leave an unknown parameter to be seen", () => {
    expect(fill("{who} is here", {}, "en")).toBe("{who} is here");
  });
});
