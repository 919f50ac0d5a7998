// Borders of the house, where a linter rule would be harder to read than a look at the files.
import { readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { describe, expect, it } from "vitest";

const ROOT = "src";
const FILES = (function walk(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    return statSync(path).isDirectory() ? walk(path) : [path];
  });
})(ROOT).filter((path) => /\.(ts|svelte)$/.test(path) && !path.startsWith("src/bindings"));

const text = (path: string) => readFileSync(path, "utf8");

/** What a file imports, as paths from `src`; packages as they are. */
function imports(path: string): string[] {
  return [...text(path).matchAll(/(?:from|import)\s*\(?\s*"([^"]+)"/g)].map(([, target = ""]) =>
    target.startsWith(".") ? relative(resolve(ROOT), resolve(dirname(path), target)) : target,
  );
}

describe.each(FILES)("%s", (path) => {
  const product = !path.endsWith(".test.ts");

  it("is short enough to be read at once", () => {
    expect(text(path).split("\n").length).toBeLessThanOrEqual(301);
  });

  it("has a name that says what it is", () => {
    expect(path).not.toMatch(/utils|helpers|common|manager/i);
  });

  it.runIf(!path.startsWith("src/platform"))("speaks to the host only through the platform", () => {
    expect(imports(path).filter((target) => target.startsWith("@tauri-apps"))).toEqual([]);
  });

  it.runIf(product && !path.startsWith("src/platform"))("has no timers", () => {
    expect(text(path)).not.toMatch(/\bset(Interval|Timeout)\(/);
  });

  it.runIf(product)("uses other features only through their index", () => {
    const own = /^src\/features\/([^/]+)\//.exec(path)?.[1];
    const inner = imports(path).filter((target) => {
      const [, feature, rest] = /^features\/([^/]+)\/(.+)$/.exec(target) ?? [];
      return feature !== undefined && feature !== own && rest !== "index" && rest !== "index.ts";
    });
    expect(inner).toEqual([]);
  });

  it.runIf(product && path.startsWith("src/shared"))("does not know views or features", () => {
    expect(imports(path).filter((target) => /^(features|views|shell)\//.test(target))).toEqual([]);
  });
});
