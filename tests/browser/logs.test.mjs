// The room of logs over a program that really logs: its lines, live, searched, and masked.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { AXE, browse, complaints, eventually, serve } from "./server.mjs";

let server, browser, folder, file, pid;

/** A line as such programs write it, now. */
const say = (level, text) =>
  appendFileSync(file, `${new Date().toISOString()} ${level} ${text}\n`);

before(async () => {
  server = await serve();
  browser = await browse();
  folder = mkdtempSync(join(tmpdir(), "ira-logs-"));
  file = join(folder, "teller.log");
  writeFileSync(file, "");
  for (let i = 0; i < 400; i += 1) say(i % 100 === 7 ? "ERROR" : "INFO", `tells ${i}`);
  // It holds the file as a program that logs does; the test writes the lines.
  const outer = 'exec 5>>"$0"; sleep 1000 >/dev/null 2>&1 & echo $!';
  pid = Number(execFileSync("/bin/sh", ["-c", outer, file], { encoding: "utf8" }));
  await eventually("the file is a source", async () => {
    const { body } = await server.call("log_sources");
    return body.sources?.find(({ path, pid: holder }) => path === file && holder === pid);
  });
});

after(async () => {
  try {
    if (pid) process.kill(pid, "SIGKILL");
  } catch {
    // It has ended.
  }
  await browser?.close();
  await server?.stop();
  rmSync(folder, { recursive: true, force: true });
});

test("lines come by themselves, are found, and secrets are not among them", async () => {
  const page = await browser.page();
  await page.goto(server.url);
  await page.getByRole("navigation").first().waitFor();
  await page.evaluate(() => (location.hash = "#/logs"));
  const lines = page.getByRole("grid", { name: "Lines of logs" });
  const line = (text) => lines.getByText(text, { exact: true }).first();
  await line("tells 399").waitFor();
  say("WARN", "late words password=hunter2hunter2");
  await line("late words password=***").waitFor();
  await browser.picture(page, "logs-dark-1280x800");
  // The page's own policy forbids scripts of others: axe comes by the debugger.
  await page.evaluate(readFileSync(AXE, "utf8"));
  const { violations } = await page.evaluate(() => globalThis.axe.run());
  assert.deepEqual(violations.map(({ id, nodes }) => [id, nodes[0].html]), []);

  const search = page.getByRole("textbox", { name: "Search in lines" });
  await search.fill("tells 107");
  await line("tells 107").waitFor();
  await line("tells 399").waitFor({ state: "detached" });
  await page.getByRole("button", { name: "Regular expression" }).click();
  await search.fill("tells (");
  await page.getByText(/unclosed group/).waitFor();
  await search.fill("tells [23]07$");
  await line("tells 207").waitFor();
  await line("tells 107").waitFor({ state: "detached" });
  assert.deepEqual(complaints(page), []);
  await page.close();
});
