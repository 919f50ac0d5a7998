// How the real window starts and ends: under every locale, a second time, with a fault, and when told.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { openWindow, PROGRAM, until } from "./webdriver.mjs";

const run = promisify(execFile);
const WINDOW = fileURLToPath(new URL("../bed/window.py", import.meta.url));
let folder;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "ira-starting-"));
  // Bare systems have no Spanish locale; glibc takes one from any folder that LOCPATH names.
  await run("localedef", ["-i", "es_ES", "-f", "UTF-8", join(folder, "es_ES.UTF-8")]);
});

after(() => rm(folder, { recursive: true, force: true }));

/** Opens the window, waits until it is mounted, and closes it whatever happens. */
async function withWindow(options, look) {
  const window = await openWindow(options);
  try {
    await until("the window is mounted", async () => /Overview|Resumen/.test(await window.text()));
    await look(window);
  } finally {
    await window.close();
  }
}

const LOCALES = [
  ["C", "en-US", "Overview"],
  ["C.UTF-8", "en-US", "Overview"],
  ["POSIX", "en-US", "Overview"],
  ["es_ES.UTF-8", "es-ES", "Resumen"],
];

for (const [locale, language, word] of LOCALES) {
  test(`under ${locale} the page speaks ${language}`, async () => {
    const env = { LANG: locale, LC_ALL: locale, LANGUAGE: "" };
    if (locale.startsWith("es")) env.LOCPATH = folder;
    await withWindow({ env }, async (window) => {
      assert.equal(await window.run("() => navigator.language"), language);
      assert.ok((await window.text()).includes(word), `the sidebar says ${word}`);
      assert.doesNotMatch(window.log(), /fault in the page/, "nothing failed on the way");
    });
  });
}

test("a page that cannot load its program says so instead of staying blank", async () => {
  await withWindow({}, async (window) => {
    // The page as it is shipped, but for a program that is not there; in a frame, so that the page
    // which is already running has no part in it.
    await window.run(`() => {
      const frame = document.body.appendChild(document.createElement("iframe"));
      const page = frame.contentDocument;
      page.open();
      page.write('<div id="app"></div><script src="./fault.js"><\\/script>' +
        '<script type="module" src="./assets/absent.js"><\\/script>');
      page.close();
    }`);
    const shown = () =>
      window.run("() => document.querySelector('iframe').contentDocument.body?.innerText ?? ''");
    await until("the fault is shown", async () => {
      const text = await shown();
      return text.includes("could not start") && text.includes("absent.js");
    });
  });
});

test("a fault of the page is in the program's log", async () => {
  await withWindow({}, async (window) => {
    await window.run("() => void setTimeout(() => { throw new Error('made to fail'); })");
    await until("the fault is logged", () => window.log().includes("made to fail"));
  });
});

test("the page may call nothing but Ira's commands", async () => {
  await withWindow({}, async (window) => {
    const call = (command) =>
      window.run(
        `(command) => __TAURI_INTERNALS__.invoke(command, { request: {} }).then(() => "done", String)`,
        command,
      );
    assert.equal(await call("health"), "done");
    assert.match(await call("plugin:window|close"), /not allowed/);
    assert.match(await call("plugin:event|listen"), /not allowed/);
  });
});

test("live data goes on after the page is loaded again", async () => {
  await withWindow({}, async (window) => {
    await window.run("() => { location.hash = '#/processes'; location.reload(); }");
    await until("rows are shown", async () => (await window.rows()) > 3);
  });
});

test("a second start ends at once and leaves the first alone", async () => {
  await withWindow({}, async (window) => {
    await run(PROGRAM, ["--data", join(folder, "second")], { timeout: 5_000 });
    assert.equal(await window.isAlive(), true, "the first goes on");
  });
});

const ENDINGS = {
  "closing the window": () => run("/usr/bin/python3", [WINDOW, "close", "Ira"]),
  "a request to end": (window) => process.kill(Number(window.pid), "SIGTERM"),
};

for (const [name, end] of Object.entries(ENDINGS)) {
  test(`${name} ends the program, and what it recorded is kept`, async () => {
    const recording = join(folder, name.replaceAll(" ", "-"));
    await withWindow({ args: ["--data", recording] }, async (window) => {
      await new Promise((resolve) => setTimeout(resolve, 2_500));
      await end(window);
      await until("the program has ended", async () => !(await window.isAlive()));
    });
    const ira = join(dirname(PROGRAM), "ira");
    const { stdout } = await run(ira, ["--data", recording, "at", "-1s", "--json"]);
    assert.ok(JSON.parse(stdout).applications.length > 0, "its last seconds can be read");
  });
}
