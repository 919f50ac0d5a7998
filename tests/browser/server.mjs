// A real `ira serve` with a recording of its own, and Debian's Chromium before it.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
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
