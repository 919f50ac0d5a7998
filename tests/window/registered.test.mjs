// An application from its registration to its end, in the real window: registered, started, crashed, its card
// read, started again, stopped.
import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { openWindow, until } from "./webdriver.mjs";

// Nothing else has that name, nor what an earlier run left behind.
const NAME = `Corner shop ${process.pid}`;
const ID = `custom:corner-shop-${process.pid}`;
const ADDRESS = `#/applications/${encodeURIComponent(ID)}`;
const ESCAPE = "\uE00C";
const PATIENCE_MS = 40_000;
let folder;
let window;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "ira-registered-"));
  await writeFile(join(folder, "shop.sh"), 'echo "open for $1"\nwhile :; do sleep 0.2; done\n');
  window = await openWindow();
});

after(async () => {
  await window?.close();
  // What it started goes on without it, as it should.
  for (const one of await supervisors()) process.kill(one);
  await until("nothing is left", async () => (await supervisors()).length === 0, PATIENCE_MS);
  if (folder) await rm(folder, { recursive: true, force: true });
});

/** Clicks what a person would read as that, once it can be clicked. */
const click = (text) =>
  until(
    `"${text}" can be clicked`,
    () =>
      window.run(
        `(text) => {
          const shown = (one) => one.getClientRects().length > 0 && !one.disabled;
          const named = (one) => (one.getAttribute("aria-label") ?? one.innerText).trim();
          const all = [...document.querySelectorAll("button, a, [role=menuitem]")].filter(shown);
          const top = [...document.querySelectorAll("dialog[open], [role=dialog]")].at(-1);
          const found = all.filter((one) => named(one).split("\\n")[0] === text);
          const one = found.find((one) => top?.contains(one)) ?? found[0];
          one?.click();
          return Boolean(one);
        }`,
        text,
      ),
    PATIENCE_MS,
  );
const fill = (label, value) =>
  until(`there is a field ${label}`, () =>
    window.run(
      `(label, value) => {
        const labels = [...document.querySelectorAll("label")];
        const found = labels.find((one) => one.innerText.trim().startsWith(label));
        const field = found?.control ?? found?.querySelector("input, textarea, select");
        if (!field) return false;
        const kinds = { TEXTAREA: HTMLTextAreaElement, SELECT: HTMLSelectElement };
        const kind = kinds[field.tagName] ?? HTMLInputElement;
        Object.getOwnPropertyDescriptor(kind.prototype, "value").set.call(field, value);
        field.dispatchEvent(new Event(field.tagName === "SELECT" ? "change" : "input", { bubbles: true }));
        return true;
      }`,
      label,
      value,
    ),
  );
const says = (text) => {
  const look = async () => (await window.text()).includes(text);
  return until(`the window says ${text}`, look, PATIENCE_MS).catch(async (fault) => {
    await window.screenshot("registered-failed");
    throw fault;
  });
};
const go = (hash) => window.run("(hash) => { location.hash = hash; }", hash);

/** Pids whose command line is so, as the system has it. */
async function processes(fits) {
  const found = [];
  for (const pid of (await readdir("/proc")).filter((name) => /^\d+$/.test(name))) {
    const line = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
    if (fits(line.split("\0").slice(0, -1))) found.push(Number(pid));
  }
  return found;
}
const pid = async () =>
  (await processes((line) => line.join("|") === `sh|shop.sh|a 'b' $c|${process.pid}`))[0] ?? null;
const supervisors = () => processes((line) => line[1] === "supervise" && line[3] === ID);

test("it is registered, started, crashes, is understood, started again and stopped", async () => {
  await says("Applications");
  await go("#/applications");
  await click("Register…");
  await fill("Name", NAME);
  await fill("Command line", `sh shop.sh "a 'b' \\$c" ${process.pid}`);
  await fill("Working directory", folder);
  await click("Save");
  await says(NAME);
  await go(ADDRESS);
  await says("stopped");
  await click("Start");
  await says("a session of its own");
  await click("Start");
  const first = await until("it runs", pid, PATIENCE_MS);
  await click("Close");
  await says("running");
  await says("sh shop.sh a 'b' $c");
  await window.screenshot("registered-running");

  process.kill(first, "SIGSEGV");
  await go(`${ADDRESS}/events`);
  await says("SIGSEGV");
  await until(
    "the crash is there",
    () =>
      window.run(`() => {
        const all = [...document.querySelectorAll("button")];
        const one = all.find((one) => /crashed.*SIGSEGV/.test(one.innerText.replaceAll("\\n", " ")));
        one?.click();
        return Boolean(one);
      }`),
    PATIENCE_MS,
  );
  await says("The minute before");
  await says("open for a 'b' $c");
  await window.screenshot("registered-card");
  await window.press(ESCAPE);

  await until("it has ended", async () => (await pid()) === null, PATIENCE_MS);
  await click("Start");
  await says("a session of its own");
  await click("Start");
  const second = await until("it runs again", pid, PATIENCE_MS);
  await click("Close");
  assert.notEqual(second, first);
  await go(`${ADDRESS}/processes`);
  await says(String(second));
  await click("Stop");
  await says("passed on as SIGTERM to all it started");
  await click("Stop");
  await until("it is stopped", async () => (await pid()) === null, PATIENCE_MS);
  await click("Close");
  await says("stopped");
  await go("#/settings");
  await says(`sh shop.sh`);
});
