// The real window, driven over WebDriver (https://www.w3.org/TR/webdriver2/). WebKitWebDriver starts
// the program itself; TAURI_WEBVIEW_AUTOMATION makes Tauri accept it, without which no session opens.
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
export const PROGRAM = process.env.IRA_WINDOW ?? join(ROOT, "target/debug/ira-window");
const OUTPUT = join(ROOT, "tests/output/window");
const ELEMENT = "element-6066-11e4-a52e-4f735466cecf";

/** Repeats `look` until it returns something true, and returns that; fails with `what` after `within_ms`. */
export async function until(what, look, within_ms = 40_000) {
  const end = Date.now() + within_ms;
  for (;;) {
    const seen = await look();
    if (seen) return seen;
    if (Date.now() > end) throw new Error(`not within ${within_ms} ms: ${what}`);
    await sleep(50);
  }
}

function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer().once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

const children = async (pid) =>
  (await readFile(`/proc/${pid}/task/${pid}/children`, "utf8").catch(() => "")).split(" ").filter(Boolean);
const isAlive = async (pid) =>
  !/^State:\s+Z/m.test(await readFile(`/proc/${pid}/status`, "utf8").catch(() => "State: Z"));

/** Opens the window with a recording of its own. `close` ends it and everything that came with it. */
export async function openWindow({ args, env = {} } = {}) {
  const folder = await mkdtemp(join(tmpdir(), "ira-window-"));
  const port = await freePort();
  const driver = spawn("WebKitWebDriver", [`--port=${port}`, "--host=127.0.0.1"], {
    env: {
      ...process.env,
      TAURI_WEBVIEW_AUTOMATION: "true",
      XDG_CONFIG_HOME: join(folder, "config"),
      XDG_DATA_HOME: join(folder, "data"),
      XDG_CACHE_HOME: join(folder, "cache"),
      ...env,
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let log = "";
  for (const stream of [driver.stdout, driver.stderr]) stream.on("data", (text) => (log += text));

  const address = `http://127.0.0.1:${port}`;
  async function ask(method, path, body) {
    const answer = await fetch(address + path, {
      method,
      body: body && JSON.stringify(body),
      signal: AbortSignal.timeout(30_000),
    });
    const { value } = await answer.json();
    if (!answer.ok) throw new Error(`${method} ${path}: ${value.error}: ${value.message}\n${log}`);
    return value;
  }

  let session;
  const window = {
    /** The program's process; gone once it is closed. */
    pid: undefined,
    isAlive: () => isAlive(window.pid),
    /** Everything the program and its driver wrote so far. */
    log: () => log,
    ask: (method, path, body) => ask(method, `/session/${session}${path}`, body),
    /** Runs a function in the page and returns what it returns. */
    run: (script, ...args) =>
      window.ask("POST", "/execute/sync", { script: `return (${script})(...arguments)`, args }),
    async find(css) {
      const found = await window.ask("POST", "/elements", { using: "css selector", value: css });
      return found.map((element) => element[ELEMENT]);
    },
    click: (element) => window.ask("POST", `/element/${element}/click`, {}),
    /** What the page says, as a person would read it. */
    text: () => window.run("() => document.body.innerText"),
    /** Rows of the table that is shown; which ones lead it depends on what else runs. */
    rows: () => window.run(`() => document.querySelectorAll('[role$="grid"] [role="row"]').length`),
    /** Presses keys one after another; names as in the WebDriver table of keys. */
    press: (...keys) =>
      window.ask("POST", "/actions", {
        actions: [
          {
            type: "key",
            id: "keyboard",
            actions: keys.flatMap((value) => [
              { type: "keyDown", value },
              { type: "keyUp", value },
            ]),
          },
        ],
      }),
    /** The whole screen: WebKitWebDriver's own picture never comes when DMA buffers are off. */
    async screenshot(name) {
      await mkdir(OUTPUT, { recursive: true });
      await promisify(execFile)("import", ["-window", "root", join(OUTPUT, `${name}.png`)]);
    },
    async close() {
      if (session) await ask("DELETE", `/session/${session}`).catch(() => {});
      // Whoever is left would answer the next start as the one that is already open.
      for (const pid of await children(driver.pid)) {
        try {
          process.kill(pid);
        } catch {
          // It ended between the look and the signal.
          continue;
        }
        await until("the window has ended", async () => !(await isAlive(pid)));
      }
      if (driver.kill()) await once(driver, "exit");
      await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
    },
  };

  try {
    await until("WebKitWebDriver answers", () => ask("GET", "/status").catch(() => null));
    const options = { binary: PROGRAM, args: args ?? ["--data", join(folder, "recording")] };
    const capabilities = { alwaysMatch: { "webkitgtk:browserOptions": options } };
    session = (await ask("POST", "/session", { capabilities })).sessionId;
    [window.pid] = await children(driver.pid);
  } catch (fault) {
    await window.close();
    throw fault;
  }
  return window;
}
