// The user corrects it, in Chromium before a real server: names an application, merges two, takes it
// back, and reads what is wrong with a text that is no rules.
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { browse, complaints, eventually, serve, startProject } from "./server.mjs";

let server;
let browser;
let folder;
const children = [];
/** Projects of their own that listen: what is found whoever started them. */
const ONE = "ira-test-one";
const TWO = "ira-test-two";
let ids;

const running = async (name) => {
  const { body } = await server.call("applications");
  return body.applications.find((row) => row.name === name && row.process_count > 0);
};
const rules = async () => (await server.call("corrections")).body;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "ira-corrections-"));
  for (const name of [ONE, TWO]) {
    children.push(await startProject(folder, name));
  }
  server = await serve();
  browser = await browse();
  ids = [];
  for (const name of [ONE, TWO]) ids.push((await eventually(name, () => running(name))).id);
});

after(async () => {
  await browser?.close();
  await server?.stop();
  for (const pid of children) process.kill(pid);
  if (folder) await rm(folder, { recursive: true, force: true });
});

async function openApplication(page, id) {
  await page.goto(server.url);
  await page.getByRole("navigation").first().waitFor();
  await page.evaluate((to) => (location.hash = to), `#/applications/${encodeURIComponent(id)}`);
  await page.getByRole("button", { name: "Correct it", disabled: false }).waitFor();
}

/** Opens the form by the keyboard. */
async function correct(page) {
  await page.getByRole("button", { name: "Correct it" }).focus();
  await page.keyboard.press("Enter");
  await page.getByRole("dialog").waitFor();
  return page.getByRole("dialog");
}

test("an application gets the name the user gives it, now and in the past", async () => {
  const page = await browser.page();
  await openApplication(page, ids[0]);
  const form = await correct(page);
  await form.getByLabel("Name", { exact: true }).fill("The first");
  await form.getByText(`${ONE} → The first`).first().waitFor();
  await browser.picture(page, "correct-rename-dark-1280x800");
  const { at_ms } = (await server.call("applications")).body;
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "The first" }).first().waitFor();
  await page.getByText(`All of ${ONE} is called The first`).first().waitFor();
  await eventually("it is called so", () => running("The first"));
  const then = await eventually("that second is kept", async () => {
    const { body } = await server.call("applications", { at_ms });
    return body.applications?.find((row) => row.id === ids[0]);
  });
  assert.equal(then.name, "The first", "a second before it was named has the name too");
  assert.deepEqual(complaints(page), []);
  await page.close();
});

test("two are merged, the sum goes on, and taking it back gives both again", async () => {
  const page = await browser.page();
  await openApplication(page, ids[1]);
  const form = await correct(page);
  await form.getByLabel("Merge it").check();
  await form.getByLabel("Counts under").selectOption(ids[0]);
  await form.getByText(`${TWO} → The first`).first().waitFor();
  await browser.picture(page, "correct-merge-dark-1280x800");
  await form.getByRole("button", { name: "Save the rule" }).click();
  await page.waitForURL((url) => url.hash.includes(encodeURIComponent(ids[0])));
  const merged = await eventually("both are one", async () => {
    const row = await running("The first");
    return row?.process_count === 2 && row;
  });
  assert.equal(merged.id, ids[0]);
  assert.equal(await running(TWO), undefined, "it is listed once");
  await page.getByRole("group", { name: "Your rules about it" }).getByText(`All of ${TWO}`).waitFor();
  await eventually("the past follows", async () => {
    const { reattribution } = await rules();
    return reattribution.done === reattribution.all;
  });

  // Who has an old link finds the rule, and takes it back from there.
  const { corrections } = await rules();
  const merge = corrections.find((rule) => rule.action.kind === "belongs_to");
  await page.evaluate((to) => (location.hash = to), `#/applications/${encodeURIComponent(ids[1])}`);
  await page.getByRole("button", { name: `Take back rule ${merge.id}` }).click();
  await eventually("they are two again", async () => {
    const row = await running(TWO);
    return row?.id === ids[1] && (await running("The first")).process_count === 1;
  });
  await page.getByRole("heading", { name: TWO }).first().waitFor();
  assert.deepEqual(complaints(page), []);
  await page.close();
});

test("a text that is no rules is refused with its line, and good ones are taken over", async () => {
  const page = await browser.page();
  await page.goto(server.url);
  await page.getByRole("navigation").first().waitFor();
  await page.evaluate(() => (location.hash = "#/settings"));
  await page.getByRole("button", { name: "Import" }).click();
  const form = page.getByRole("dialog");
  const before = await rules();
  const field = form.getByLabel("Rules as text");
  for (const [text, told] of [
    [`[[correction]]\nrename = "x"\n`, /line 1: .*which application/],
    [`[[correction]]\n\nnonsense = 1\n`, /line 3: unknown field/],
    [`[[correction]]\nmatches = { field = "command_line", form = "pattern", text = "(" }\nignore = true\n`, /regular expression/],
    [`[[correction]]\napplication = ${JSON.stringify(ids[0])}\nbelongs_to = { application = ${JSON.stringify(ids[0])} }\n`, /into itself/],
  ]) {
    await field.fill(text);
    await form.getByRole("button", { name: "Import" }).click();
    await form.getByRole("alert").filter({ hasText: told }).waitFor();
  }
  await browser.picture(page, "correct-import-dark-1280x800");
  assert.deepEqual((await rules()).corrections, before.corrections, "nothing of them was kept");
  const good = `[[correction]]\nmatches = { field = "folder", form = "equal", text = "${join(folder, TWO)}" }\nseparate = "Split off"\n`;
  await field.fill(good);
  await form.getByRole("button", { name: "Import" }).click();
  await page.getByText("1 rule new, 0 there already.").waitFor();
  await eventually("it holds", () => running("Split off"));
  const { body } = await server.call("export_corrections");
  assert.match(body.text, /separate = "Split off"/);
  assert.match(body.text, /rename = "The first"/);
  assert.deepEqual(complaints(page), []);
  await page.close();
});
