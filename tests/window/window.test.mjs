// The real window under a virtual screen: it opens, shows what runs, goes back in time, closes.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { openWindow, until } from "./webdriver.mjs";

const ARROW_LEFT = "\uE012";
const ESCAPE = "\uE00C";

// A process of the test's own, by a name nothing else has, that burns CPU.
const NAME = `burner${process.pid}`;
let folder;
let burner;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "ira-burner-"));
  const script = join(folder, NAME);
  await writeFile(script, "#!/bin/sh\nwhile :; do :; done\n");
  await chmod(script, 0o755);
  burner = spawn(script, { stdio: "ignore" });
});

after(async () => {
  burner.kill("SIGKILL");
  await rm(folder, { recursive: true, force: true });
});

const go = (window, hash) => window.run("(hash) => { location.hash = hash; }", hash);
const isPast = (window) => window.run('() => document.documentElement.dataset.time === "past"');

test("it opens, finds a busy process by name, rewinds, goes live, closes", async () => {
  const window = await openWindow();
  try {
    const began = Date.now();
    await until("the window shows something", async () => (await window.text()).includes("Overview"));
    await go(window, "#/processes");
    await until(
      `${NAME} is in the table`,
      async () => (await window.text()).includes(NAME),
      Math.max(0, 3000 - (Date.now() - began)) + 2000,
    );
    // Let a few seconds be recorded, then end the process and look for it in the past.
    await until("six seconds are recorded", async () => {
      const text = await window.run("() => document.querySelector('[role=slider]')?.ariaValueText ?? ''");
      return text !== "" && Date.now() - began > 6000;
    });
    const running_ms = Date.now();
    burner.kill("SIGKILL");
    await until(`${NAME} is gone`, async () => {
      const rows = await window.run("() => [...document.querySelectorAll('[role=row]')].map((r) => r.innerText).join('\\n')");
      return !rows.includes(NAME);
    });
    await go(window, `#/processes?at=${running_ms - 1000}`);
    await until("the frame says it is the past", () => isPast(window));
    await until(`${NAME} is found again in the past`, async () => (await window.text()).includes(NAME));
    await window.screenshot("past");
    await window.press(ESCAPE);
    await until("Escape returns to now", async () => !(await isPast(window)));
    // The same by the time bar's keys.
    await window.run("() => document.querySelector('[role=slider]').focus()");
    await window.press(ARROW_LEFT, ARROW_LEFT);
    await until("arrow keys rewind", () => isPast(window));
  } finally {
    await window.close();
  }
  assert.equal(await window.isAlive(), false, "closing ends the program");
});

test("a folder that cannot be used is told in the window, and live goes on", async () => {
  const file = join(folder, "not-a-folder");
  await writeFile(file, "");
  const window = await openWindow({ args: ["--data", file] });
  try {
    await until("the reason is shown", async () => (await window.text()).includes("not-a-folder"));
    await go(window, "#/processes");
    await until("live goes on", async () => (await window.rows()) > 3);
  } finally {
    await window.close();
  }
});
