// The user keeps applications, in Chromium before a real server: one that never ran, and one that runs.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { AXE, browse, complaints, eventually, serve, startProject } from "./server.mjs";

let server;
let browser;
let folder;
let child;
const RUNNING = "ira-test-kept";
const NAME = "Night export";

const registrations = async () => (await server.call("registrations")).body.registrations;
const rowOf = async (name) => {
  const { body } = await server.call("applications");
  return body.applications.find((row) => row.name === name);
};

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "ira-registry-"));
  child = await startProject(folder, RUNNING);
  server = await serve();
  browser = await browse();
  await eventually("the project is found", async () => (await rowOf(RUNNING))?.process_count > 0);
});

after(async () => {
  await browser?.close();
  await server?.stop();
  if (child) process.kill(child);
  if (folder) await rm(folder, { recursive: true, force: true });
});

async function open(hash, look) {
  const page = await browser.page(look);
  await page.goto(server.url);
  await page.getByRole("navigation").first().waitFor();
  await page.evaluate((to) => (location.hash = to), hash);
  return page;
}

const addressOf = (id) => `#/applications/${encodeURIComponent(id)}`;

async function faults(page) {
  // The page's own policy forbids scripts of others, and it should: axe comes by the debugger.
  await page.evaluate(readFileSync(AXE, "utf8"));
  const { violations } = await page.evaluate(() => globalThis.axe.run(document));
  return violations.map(({ id, nodes }) => `${id}: ${nodes[0].html}`);
}

test("one that never ran is registered: what is wrong is refused, what will not start is warned of", async () => {
  const page = await open("#/applications");
  await page.getByRole("button", { name: "Register…" }).click();
  const form = page.getByRole("dialog");
  const save = form.getByRole("button", { name: "Save" });
  await form.getByLabel("Name", { exact: true }).fill("x".repeat(101));
  await form.getByText("It is longer than 100 characters").waitFor();
  assert.equal(await save.isDisabled(), true);
  await form.getByLabel("Name", { exact: true }).fill(NAME);
  await form.getByLabel("Command line").fill("sleep 'not a number");
  await form.getByText(/quotation is not closed/).waitFor();
  assert.equal(await save.isDisabled(), true);
  await form.getByLabel("Command line").fill("node export.js --to 'two words'");
  const parts = form.getByRole("list", { name: /Program and arguments/ }).getByRole("listitem");
  await parts.nth(3).waitFor();
  assert.deepEqual(await parts.allInnerTexts(), ["node", "export.js", "--to", "two words"]);
  await form.getByLabel("Working directory").fill("/nowhere/at/all");
  await form.getByText("There is no folder /nowhere/at/all now.").waitFor();
  await form.getByRole("button", { name: "Add a variable" }).click();
  await form.getByLabel("Name of variable 1").fill("TOKEN");
  await form.getByLabel("Value of variable 1").fill("very secret");
  await form.getByRole("button", { name: "Hide the value of TOKEN" }).click();
  assert.deepEqual(await faults(page), []);
  await browser.picture(page, "registry-form-dark-1280x800");
  await save.click();
  await page.getByRole("heading", { name: NAME }).waitFor();
  await page.getByText("stopped", { exact: true }).first().waitFor();
  const [kept] = await registrations();
  assert.deepEqual(kept.command, ["node", "export.js", "--to", "two words"]);
  assert.deepEqual(kept.draft.environment, [{ name: "TOKEN", value: "very secret" }]);
  await page.getByRole("button", { name: "Start" }).waitFor();
  assert.deepEqual(complaints(page), []);
  await page.close();
});

test("it is edited, and listed as stopped in the group of its folder", async () => {
  const [kept] = await registrations();
  const page = await open(addressOf(kept.application));
  await page.getByRole("button", { name: "Edit…" }).click();
  const form = page.getByRole("dialog");
  await form.getByLabel("Working directory").fill(folder);
  await form.getByLabel("Tags").fill("nightly, export");
  await form.getByLabel("start again on failure").check();
  await form.getByText(/There is no folder/).waitFor({ state: "detached" });
  await form.getByLabel("Notes").fill("Runs for about an hour.");
  await form.getByRole("button", { name: "Save" }).click();
  await form.waitFor({ state: "detached" });
  const facts = page.getByRole("region", { name: "Kept", exact: true });
  await facts.getByText(folder).waitFor();
  await facts.getByText("start again on failure").waitFor();
  assert.deepEqual(await faults(page), []);
  await page.evaluate(() => (location.hash = "#/applications"));
  await page.getByRole("button", { name: /^Group/ }).click();
  await page.getByRole("menuitemcheckbox", { name: "working directory" }).click();
  await page.keyboard.press("Escape");
  await page.getByRole("textbox", { name: "Filter" }).fill("is:kept state:stopped ");
  await page.getByRole("button", { name: `${folder} 1` }).waitFor();
  const row = page.getByRole("row").filter({ hasText: NAME });
  await row.getByText("stopped").waitFor();
  assert.deepEqual(await faults(page), []);
  assert.deepEqual(complaints(page), []);
  await page.close();
});

test("one that runs is kept as it runs, and a file that is not there is told of", async () => {
  const { id } = await rowOf(RUNNING);
  const page = await open(addressOf(id));
  await page.getByRole("button", { name: "Keep…" }).click();
  const form = page.getByRole("dialog");
  assert.equal(await form.getByLabel("Working directory").inputValue(), join(folder, RUNNING));
  assert.match(await form.getByLabel("Command line").inputValue(), /server\.js$/);
  await form.getByRole("button", { name: "Save" }).click();
  await page.getByRole("button", { name: "Edit…" }).waitFor();
  await page.getByRole("region", { name: "Kept", exact: true }).waitFor();
  assert.equal((await eventually("it is marked", async () => {
    const row = await rowOf(RUNNING);
    return row.is_kept && row;
  })).id, id);
  await page.evaluate(() => (location.hash = "#/applications"));
  await page.getByRole("button", { name: "Import and export" }).click();
  await page.getByRole("menuitem", { name: "Import from files…" }).click();
  await page.getByLabel("Whole path of the file, or of the folder that has them").fill(join(folder, "nothing", "Procfile"));
  await page.keyboard.press("Enter");
  await page.getByRole("alert").filter({ hasText: "Procfile" }).waitFor();
  assert.deepEqual(complaints(page), []);
  await page.close();
});

test("it looks right, small and large, dark and light", async () => {
  const kept = (await registrations()).find(({ draft }) => draft.name === NAME);
  const running = (await registrations()).find(({ draft }) => draft.name === RUNNING);
  for (const theme of ["dark", "light"]) {
    for (const size of [[900, 600], [1600, 1000]]) {
      const look = `${theme}-${size.join("x")}`;
      const page = await open("#/applications", { size, theme });
      await page.getByText(NAME).first().waitFor();
      await browser.picture(page, `registry-list-${look}`);
      await page.getByRole("button", { name: /^Show( only some.*)?$/ }).click();
      await page.getByRole("menuitemcheckbox", { name: /^Stopped/ }).waitFor();
      await browser.picture(page, `registry-show-${look}`);
      await page.keyboard.press("Escape");
      await page.evaluate((to) => (location.hash = to), addressOf(kept.application));
      await page.getByRole("region", { name: "Kept", exact: true }).waitFor();
      await browser.picture(page, `registry-stopped-${look}`);
      await page.getByRole("button", { name: "Edit…" }).click();
      const form = page.getByRole("dialog");
      await form.getByRole("listitem").filter({ hasText: "export.js" }).waitFor();
      await browser.picture(page, `registry-edit-${look}`);
      await page.getByRole("button", { name: "Keep no more…" }).click();
      await page.getByLabel("is deleted").check();
      await browser.picture(page, `registry-letgo-${look}`);
      await page.keyboard.press("Escape");
      await page.evaluate((to) => (location.hash = to), addressOf(running.application));
      await page.getByRole("heading", { name: RUNNING }).waitFor();
      await page.getByRole("button", { name: "Edit…" }).waitFor();
      await browser.picture(page, `registry-running-${look}`);
      assert.deepEqual(complaints(page), []);
      await page.close();
    }
  }
});

test("it is kept no more, and its history goes", async () => {
  const [kept] = (await registrations()).filter(({ draft }) => draft.name === NAME);
  const page = await open(addressOf(kept.application));
  await page.getByRole("button", { name: "Edit…" }).click();
  await page.getByRole("button", { name: "Keep no more…" }).click();
  await page.getByLabel("is deleted").check();
  await page.getByText(/deleted for good/).waitFor();
  assert.deepEqual(await faults(page), []);
  await page.getByRole("button", { name: "Keep no more, delete its history" }).click();
  await page.waitForURL((url) => url.hash.startsWith("#/applications") && !url.hash.includes("custom"));
  assert.deepEqual((await registrations()).map(({ draft }) => draft.name), [RUNNING]);
  await eventually("it is listed no more", async () => !(await rowOf(NAME)));
  assert.deepEqual(complaints(page), []);
  await page.close();
});
