// Orders to several applications, in Chromium before a real server: selected in the table, looked at in one
// dialog, each carried out by itself. And where no orders are given: the past, an opened recording.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { AXE, browse, complaints, eventually, PROGRAM, serve, startProject } from "./server.mjs";

let server;
let browser;
let folder;
/** Projects of their own that listen: pids by name. */
const pids = new Map();
const [ONE, TWO, THREE, FOUR] = ["one", "two", "three", "four"].map((name) => `ira-test-order-${name}`);

const running = async (name) => {
  const { body } = await server.call("applications");
  return body.applications.find((row) => row.name === name && row.process_count > 0);
};
const audit = async () => (await server.call("audit", { limit: 100 })).body.orders;
/** State of a process as the kernel has it; nothing where it is gone, or only waits to be collected. */
function stateOf(pid) {
  try {
    const state = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1)[0];
    return state === "Z" ? undefined : state;
  } catch {
    return undefined;
  }
}

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "ira-orders-"));
  for (const name of [ONE, TWO, THREE, FOUR]) {
    pids.set(name, await startProject(folder, name));
  }
  server = await serve();
  browser = await browse();
  for (const name of pids.keys()) await eventually(name, () => running(name));
});

after(async () => {
  await browser?.close();
  await server?.stop();
  for (const pid of pids.values()) if (stateOf(pid)) process.kill(pid, "SIGKILL");
  if (folder) await rm(folder, { recursive: true, force: true });
});

async function list(of = server, look) {
  const page = await browser.page(look);
  await page.goto(of.url);
  await page.getByRole("navigation").first().waitFor();
  await page.evaluate(() => (location.hash = "#/applications"));
  return page;
}
const rowOf = (page, name) =>
  page.getByRole("row").filter({ has: page.getByText(name, { exact: true }) });
/** Selects both, one by its box, one by a key and a click. */
async function select(page, one, other) {
  const row = rowOf(page, one);
  await row.hover();
  await row.locator("[data-pick]").click();
  await rowOf(page, other).click({ modifiers: ["Control"] });
  const bar = page.getByRole("group", { name: "Orders to what is selected" });
  await bar.getByText("2 applications selected").waitFor();
  return bar;
}
async function faults(page) {
  // The page's own policy forbids scripts of others, and it should: axe comes by the debugger.
  await page.evaluate(readFileSync(AXE, "utf8"));
  const { violations } = await page.evaluate(() => globalThis.axe.run(document));
  return violations.map(({ id, nodes }) => `${id}: ${nodes[0].html}`);
}

test("it looks right, small and large, dark and light", async () => {
  for (const theme of ["dark", "light"]) {
    for (const size of [[900, 600], [1600, 1000]]) {
      const look = `${theme}-${size.join("x")}`;
      const page = await list(server, { size, theme });
      const bar = await select(page, ONE, TWO);
      if (look === "light-900x600") assert.deepEqual(await faults(page), []);
      await browser.picture(page, `orders-bar-${look}`);
      await bar.getByRole("button", { name: "Stop" }).click();
      const dialog = page.getByRole("dialog");
      await dialog.getByRole("button", { name: "Stop 2", disabled: false }).waitFor();
      await dialog.getByText(`kill(${pids.get(TWO)}, SIGTERM)`).waitFor();
      // The button was off a moment ago, and its colour follows.
      await page.evaluate(() => Promise.all(document.getAnimations().map((one) => one.finished)));
      assert.deepEqual(await faults(page), []);
      await browser.picture(page, `orders-dialog-${look}`);
      assert.deepEqual(complaints(page), []);
      await page.close();
    }
  }
  assert.ok(stateOf(pids.get(ONE)), "nothing was done");
  assert.deepEqual(await audit(), []);
});

test("one that ends meanwhile fails by itself, the other is suspended", async () => {
  const page = await list();
  const bar = await select(page, THREE, FOUR);
  await bar.getByRole("button", { name: "Suspend" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByText(`kill(${pids.get(THREE)}, SIGSTOP)`).waitFor();
  await dialog.getByText(`kill(${pids.get(FOUR)}, SIGSTOP)`).waitFor();
  process.kill(pids.get(THREE), "SIGKILL");
  await eventually("it has ended", () => !stateOf(pids.get(THREE)));
  await dialog.getByRole("button", { name: "Suspend 2" }).click();
  await dialog.getByText("1 of 2 worked").waitFor();
  await dialog.getByRole("listitem").filter({ hasText: THREE }).getByText("Not done").waitFor();
  await dialog.getByRole("listitem").filter({ hasText: FOUR }).getByText(/Done in/).waitFor();
  assert.deepEqual(await faults(page), []);
  await browser.picture(page, "orders-failed-dark-1280x800");
  assert.equal(stateOf(pids.get(FOUR)), "T");
  const given = (await audit()).filter(({ action }) => action === "suspend");
  const results = Object.fromEntries(given.map(({ target, result }) => [target, result]));
  assert.deepEqual(results, { [THREE]: "failed", [FOUR]: "done" });
  // What was done can be taken back, and only that.
  await dialog.getByRole("button", { name: "Resume" }).click();
  await dialog.getByText(`kill(${pids.get(FOUR)}, SIGCONT)`).waitFor();
  await dialog.getByRole("button", { name: "Resume" }).click();
  await dialog.getByText(/Done in/).waitFor();
  await eventually("it goes on", () => stateOf(pids.get(FOUR)) !== "T");
  assert.deepEqual(complaints(page), []);
  await page.close();
});

test("two are stopped by one dialog, which stays open when they are gone", async () => {
  const page = await list();
  const bar = await select(page, ONE, TWO);
  await bar.getByRole("button", { name: "Stop" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("heading", { name: "Stop 2 applications?" }).waitFor();
  for (const name of [ONE, TWO])
    await dialog.getByText(`kill(${pids.get(name)}, SIGTERM)`).waitFor();
  await dialog.getByRole("button", { name: "Stop 2" }).click();
  await dialog.getByText("2 of 2 worked").waitFor();
  for (const name of [ONE, TWO]) {
    assert.equal(stateOf(pids.get(name)), undefined, `${name} has ended`);
    await eventually(`${name} is listed no more`, async () => !(await running(name)));
    await rowOf(page, name).waitFor({ state: "detached" });
  }
  // What asked for it, the bar, is gone with them.
  await bar.waitFor({ state: "detached" });
  await dialog.getByText("2 of 2 worked").waitFor();
  await browser.picture(page, "orders-done-dark-1280x800");
  const given = (await audit()).filter(({ action }) => action === "stop");
  assert.deepEqual(given.map(({ target }) => target).sort(), [ONE, TWO].sort());
  for (const order of given) assert.equal(order.result, "done");
  await dialog.getByRole("button", { name: "Close" }).click();
  assert.deepEqual(complaints(page), []);
  await page.close();
});

test("of one application too, and so does the form that keeps it", async () => {
  const { id } = await running(FOUR);
  const page = await list();
  await page.evaluate((to) => (location.hash = to), `#/applications/${encodeURIComponent(id)}`);
  const keeping = await list();
  await keeping.evaluate((to) => (location.hash = to), `#/applications/${encodeURIComponent(id)}`);
  await keeping.getByRole("button", { name: "Keep…" }).click();
  await keeping.getByRole("dialog").getByLabel("Notes").fill("asked for by Ana");
  await page.getByRole("button", { name: "Stop", exact: true }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByText("SIGTERM").first().waitFor();
  await dialog.getByRole("button", { name: "Stop" }).click();
  await dialog.getByText(/Done in/).waitFor();
  await page.locator(".badge").getByText("not running").waitFor();
  await dialog.getByText(/Done in/).waitFor();
  await keeping.locator(".badge").getByText("not running").waitFor();
  const form = keeping.getByRole("dialog");
  assert.equal(await form.getByLabel("Notes").inputValue(), "asked for by Ana");
  await form.getByRole("button", { name: "Cancel" }).click();
  for (const one of [page, keeping]) {
    assert.deepEqual(complaints(one), []);
    await one.close();
  }
});

test("an opened recording takes none, and says why", async () => {
  const file = join(folder, "machine.ira");
  const request = ["--data", server.folder, "export", "--from", "-5m", "--format", "ira"];
  await eventually("something is kept", () => {
    try {
      execFileSync(PROGRAM, [...request, "--output", file], { stdio: "ignore" });
      return true;
    } catch {
      return false;
    }
  });
  const opened = await serve({ open: file });
  try {
    const page = await list(opened, { size: [900, 600] });
    await page.getByText(/machine\.ira, a recording of/).waitFor();
    const why = "In an opened recording orders and changes are off";
    const register = page.getByRole("button", { name: "Register…" });
    assert.equal(await register.isDisabled(), true);
    assert.equal(await register.getAttribute("title"), why);
    await page.getByRole("grid").focus();
    await page.keyboard.press("Control+a");
    const bar = page.getByRole("group", { name: "Orders to what is selected" });
    await bar.getByText(why).waitFor();
    assert.equal(await bar.getByRole("button", { name: "Stop" }).isDisabled(), true);
    await browser.picture(page, "orders-opened-dark-900x600");
    await page.keyboard.press("Escape");
    await bar.waitFor({ state: "detached" });
    await page.locator("[role=row] .isolate").first().click();
    const keep = page.getByRole("button", { name: "Keep…" });
    assert.equal(await keep.isDisabled(), true);
    assert.equal(await keep.getAttribute("title"), why);
    assert.equal(await page.getByRole("button", { name: "Stop", exact: true }).isDisabled(), true);
    assert.deepEqual(complaints(page), []);
    await page.close();
  } finally {
    await opened.stop();
  }
});
