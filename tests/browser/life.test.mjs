// A program that crashes and is started again, seen in the window before a real server: the crash, the
// restart, and the card that tells how it ended.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmodSync, copyFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { browse, complaints, eventually, serve } from "./server.mjs";

let server;
let browser;
let folder;
const pids = [];

before(async () => {
  server = await serve();
  browser = await browse();
  folder = mkdtempSync(join(tmpdir(), "ira-life-"));
});

after(async () => {
  for (const pid of pids) {
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // It has ended.
    }
  }
  await browser?.close();
  await server?.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** A program of its own, nobody's child; it waits to be released and then does the rest. */
function start(name, rest) {
  const program = join(folder, "life-program");
  const release = join(folder, name);
  if (pids.length === 0) {
    copyFileSync("/bin/sh", program);
    chmodSync(program, 0o755);
  }
  execFileSync("mkfifo", [release]);
  const script = `read line <"$0"; ${rest}`;
  const outer = '"$0" -c "$1" "$2" >/dev/null 2>&1 & echo $!';
  const said = execFileSync("/bin/sh", ["-c", outer, program, script, release], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const pid = Number(String(said));
  pids.push(pid);
  return { pid, release: () => writeFileSync(release, "go\n") };
}

const event = async (id, kind) => {
  const to_ms = Date.now() + 60_000;
  const request = { from_ms: to_ms - 3_600_000, to_ms, application: id, limit: 100 };
  const { body } = await server.call("events", request);
  return body.events.find((one) => one.kind === kind);
};

test("a crash, the restart after it, and the card", async (context) => {
  const { body } = await server.call("doctor");
  if (body.checks.some((one) => one.name.startsWith("how processes ended")))
    return context.skip("the kernel does not tell this user how processes end");
  const first = start("first", "exit 3");
  const id = await eventually("it is an application", async () => {
    const { body } = await server.call("processes");
    const row = body.processes.find((one) => one.pid === first.pid);
    return row?.application?.includes("life-program") && row.application;
  });
  const page = await browser.page();
  await page.goto(server.url);
  await page.getByRole("navigation").first().waitFor();
  await page.evaluate((to) => (location.hash = to), `#/applications/${encodeURIComponent(id)}/events`);
  await page.getByRole("button", { name: /started/ }).first().waitFor();
  first.release();
  // Told to the window as it happens; nobody loads it again.
  const crash = page.getByRole("button", { name: "crashed: exit code 3" });
  await crash.waitFor();
  start("second", ":");
  await eventually("it is known to run again", () => event(id, "restarted"));
  await page.getByRole("button", { name: /restarted/ }).first().waitFor();
  await browser.picture(page, "life-events");
  await crash.click();
  const card = page.getByRole("dialog");
  await card.getByText("exit code 3", { exact: true }).waitFor();
  await card.getByText(`life-program ${first.pid}`).first().waitFor();
  await card.getByText("The minute before").waitFor();
  await card.getByText("It is not known where it logged to").waitFor();
  await browser.picture(page, "life-card");
  await card.getByRole("button", { name: "Go to this moment" }).click();
  await page.waitForSelector('html[data-time="past"]');
  // Asked for in the moment it ended, it is not there; the window shows that.
  assert.deepEqual(complaints(page), []);
  await page.close();
});
