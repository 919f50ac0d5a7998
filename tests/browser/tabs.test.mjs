// Files, ledger and logs of an application that really holds a deleted and an appended file open.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  mkdtempSync,
  readFileSync,
  rmSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { AXE, browse, eventually, serve } from "./server.mjs";

let server;
let browser;
let folder;
let pid;
let id;

before(async () => {
  server = await serve();
  browser = await browse();
  folder = mkdtempSync(join(tmpdir(), "ira-tabs-"));
  const program = join(folder, "tabs-program");
  copyFileSync("/bin/sh", program);
  chmodSync(program, 0o755);
  execFileSync("mkfifo", [join(folder, "wait")]);
  // Nobody's child; says when it holds its files, and waits for what never comes.
  const script = `exec 5>>"$0/service.log" 6>"$0/upload.tmp" 7<>"$0/wait"
    echo ready >&5; head -c 8000000 /dev/zero >&6; rm "$0/upload.tmp"; : >"$0/ready"; read line <&7`;
  const outer = '"$0" -c "$1" "$2" >/dev/null 2>&1 & echo $!';
  const said = execFileSync("/bin/sh", ["-c", outer, program, script, folder], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  pid = Number(String(said));
  id = await eventually("it is an application", async () => {
    const { body } = await server.call("processes");
    const row = body.processes?.find((one) => one.pid === pid);
    return row?.application?.includes("tabs-program") && row.application;
  });
  await eventually("it holds its files", async () => {
    const { body } = await server.call("application_files", { id });
    return body.files?.some(
      (one) => one.is_deleted && one.kept_bytes > 7_000_000,
    );
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

async function open(tab, options) {
  const page = await browser.page(options);
  await page.goto(server.url);
  await page.getByRole("navigation").first().waitFor();
  await page.evaluate(
    (to) => (location.hash = to),
    `#/applications/${encodeURIComponent(id)}/${tab}`,
  );
  return page;
}

async function isAccessible(page) {
  // The page's own policy forbids scripts of others: axe comes by the debugger.
  await page.evaluate(readFileSync(AXE, "utf8"));
  const found = await page.evaluate(() => globalThis.axe.run());
  const said = found.violations.map(
    (one) => `${one.id}: ${one.nodes[0]?.html}`,
  );
  assert.deepEqual(said, [], "axe has nothing to say");
}

const LOOKS = [
  { size: [900, 600], theme: "dark" },
  { size: [900, 600], theme: "light" },
  { size: [1600, 1000], theme: "dark" },
  { size: [1600, 1000], theme: "light" },
];
const nameOf = ({ size, theme }) => `${theme}-${size.join("x")}`;

for (const look of LOOKS) {
  test(`files, ledger and logs, ${nameOf(look)}`, async () => {
    const page = await open("files", look);
    const grid = page.getByRole("grid", { name: "Open files" });
    const first = grid.getByRole("row").nth(1);
    await first.getByText(join(folder, "upload.tmp")).waitFor();
    assert.match(
      await first.innerText(),
      /deleted/,
      "what keeps the disk full is first",
    );
    const log = grid.getByRole("row").filter({ hasText: "service.log" });
    assert.match(await log.innerText(), /append/);
    await page.getByText(/deleted and still taking/).waitFor();
    await browser.picture(page, `tabs-files-${nameOf(look)}`);
    await isAccessible(page);

    const tabs = page.getByRole("navigation", {
      name: "Parts of this application",
    });
    await tabs.getByRole("link", { name: "Ledger" }).click();
    await page.getByRole("columnheader", { name: /^Today/ }).waitFor();
    // Today, within a week, a month, and since it was first seen; nothing was recorded yesterday.
    const ran = await page
      .getByRole("row", { name: /^Time it ran/ })
      .innerText();
    assert.equal(ran.match(/\d+ (s|min)/g)?.length, 4, ran);
    const last = await page.getByRole("columnheader").last().boundingBox();
    assert.ok(
      last && last.x + last.width <= look.size[0],
      "all spans are in sight",
    );
    await browser.picture(page, `tabs-ledger-${nameOf(look)}`);
    await isAccessible(page);

    await tabs.getByRole("link", { name: "Logs" }).click();
    await page
      .getByText(join(folder, "service.log"), { exact: true })
      .waitFor();
    await browser.picture(page, `tabs-logs-${nameOf(look)}`);
    await isAccessible(page);
    assert.deepEqual(page.complaints, []);
    await page.close();
  });
}

test("all tabs are in sight of a small window, and files can be filtered", async () => {
  const page = await open("files", { size: [900, 600] });
  const tabs = page.getByRole("navigation", {
    name: "Parts of this application",
  });
  await tabs.getByRole("link", { name: "Logs" }).waitFor();
  for (const link of await tabs.getByRole("link").all()) {
    const box = await link.boundingBox();
    assert.ok(
      box && box.x >= 0 && box.x + box.width <= 900,
      await link.innerText(),
    );
  }
  await tabs.getByRole("link", { name: "Summary" }).click();
  const box = await tabs.getByRole("link").last().boundingBox();
  assert.ok(box && box.x + box.width <= 900, "beside the resolution, too");
  await tabs.getByRole("link", { name: "Files" }).press("Enter");
  await page.getByRole("grid", { name: "Open files" }).waitFor();
  await page.getByRole("button", { name: "Read again" }).click();
  await page
    .getByRole("textbox", { name: /Filter by path/ })
    .fill("service.log");
  await eventually("one is left", async () => {
    const rows = await page
      .getByRole("grid", { name: "Open files" })
      .getByRole("row")
      .count();
    return rows === 2;
  });
  assert.deepEqual(page.complaints, []);
  await page.close();
});
