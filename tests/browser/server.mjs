// A real `ira serve` with a recording of its own, and Debian's Chromium before it.
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
export const PROGRAM = process.env.IRA ?? join(ROOT, "target/debug/ira");
const OUTPUT = join(ROOT, "tests/output/browser");
const require = createRequire(join(ROOT, "ui/package.json"));
const { chromium } = require("playwright-core");
export const AXE = require.resolve("axe-core/axe.min.js");

const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Starts `ira serve` on a free port, over a recording if one is given. `stop` ends it and removes what it kept. */
export async function serve({ open } = {}) {
  const folder = await mkdtemp(join(tmpdir(), "ira-serve-"));
  const what = open ? ["--open", open] : ["--data", folder];
  const child = spawn(PROGRAM, [...what, "serve", "--listen", "127.0.0.1:0"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let said = "";
  for await (const text of child.stdout) {
    said += text;
    if (said.includes("\n")) break;
  }
  const url = said.match(/ira: serving (http\S+)/)?.[1];
  if (!url) throw new Error(`ira serve said: ${said}`);
  const [address, token] = url.split("/#token=");
  return {
    url,
    address,
    token,
    folder,
    pid: child.pid,
    call: async (command, request = {}) => {
      const answer = await fetch(`${address}/api/${command}`, {
        method: "POST",
        headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
        body: JSON.stringify(request),
      });
      return { status: answer.status, body: await answer.json() };
    },
    async stop() {
      if (child.exitCode === null && child.kill("SIGTERM")) await once(child, "exit");
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** A browser whose pages fail the test when they complain. */
export async function browse() {
  const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: FLAGS });
  return {
    async page({ size = [1280, 800], theme = "dark" } = {}) {
      const [width, height] = size;
      const page = await browser.newPage({ viewport: { width, height }, colorScheme: theme });
      page.complaints = [];
      page.on("pageerror", (error) => page.complaints.push(String(error)));
      page.on("console", (message) => {
        if (message.type() === "error") page.complaints.push(message.text());
      });
      return page;
    },
    async picture(page, name) {
      await mkdir(OUTPUT, { recursive: true });
      await page.screenshot({ path: join(OUTPUT, `${name}.png`) });
    },
    close: () => browser.close(),
  };
}

/** Waits for a fact. */
export async function eventually(what, look, patience_ms = 60_000) {
  for (const until = Date.now() + patience_ms; ; ) {
    const found = await look();
    if (found) return found;
    assert.ok(Date.now() < until, `never so: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

/** What the page complained of, but for refused requests, which Chromium writes to the console. */
export const complaints = (page) => page.complaints.filter((one) => !/status of 4\d\d/.test(one));

/** Starts a project of its own that listens, which is found whoever started it; returns its pid. */
export async function startProject(folder, name) {
  const cwd = join(folder, name);
  await mkdir(cwd);
  await writeFile(join(cwd, "package.json"), JSON.stringify({ name }));
  const listen = 'require("node:net").createServer().listen(0, "127.0.0.1")';
  await writeFile(join(cwd, "server.js"), listen);
  // Whoever starts it ends at once: it is no part of what runs the tests.
  const start = '"$0" server.js >/dev/null 2>&1 & echo $!';
  return Number(execFileSync("/bin/sh", ["-c", start, process.execPath], { cwd, encoding: "utf8" }));
}
