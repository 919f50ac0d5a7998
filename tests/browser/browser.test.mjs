// The built window in Chromium before a real server: every view, live and past, small and large.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { AXE, browse, serve } from "./server.mjs";

let server;
let browser;

before(async () => {
  server = await serve();
  browser = await browse();
  // A few seconds to look back at.
  await new Promise((resolve) => setTimeout(resolve, 6000));
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

// Name, address, and something a person reads there.
const VIEWS = [
  ["overview", "#/", "This machine"],
  ["applications", "#/applications", "unattributed"],
  ["processes", "#/processes", "threads"],
  ["services", "#/services", "units, "],
  ["containers", "#/containers", " running"],
  ["settings", "#/settings", "Theme"],
];

const open = async (page) => {
  await page.goto(server.url);
  await page.getByRole("navigation").first().waitFor();
};

const show = async (page, hash, text) => {
  await page.evaluate((to) => (location.hash = to), hash);
  await page.getByText(text, { exact: false }).locator("visible=true").first().waitFor();
};

for (const [name, hash, text] of VIEWS) {
  test(`${name}: live and past, every size and theme`, async () => {
    for (const theme of ["dark", "light"]) {
      for (const size of [
        [900, 600],
        [1280, 800],
        [1600, 1000],
      ]) {
        const page = await browser.page({ size, theme });
        await open(page);
        await show(page, hash, text);
        await browser.picture(page, `${name}-${theme}-${size.join("x")}`);
        const past = Date.now() - 3000;
        await show(page, `${hash}?at=${past}`, text);
        await page.waitForSelector('html[data-time="past"]');
        await browser.picture(page, `${name}-past-${theme}-${size.join("x")}`);
        assert.deepEqual(page.complaints, [], `${name} ${theme} ${size}`);
        await page.close();
      }
    }
  });
}

test("axe finds nothing in any view", async () => {
  for (const theme of ["dark", "light"]) {
    const page = await browser.page({ theme });
    // The page's own policy forbids scripts of others, and it should: axe comes by the debugger.
    const axe = (await import("node:fs")).readFileSync(AXE, "utf8");
    await open(page);
    for (const [name, hash, text] of VIEWS) {
      await show(page, hash, text);
      await page.evaluate(axe);
      const { violations } = await page.evaluate(() => globalThis.axe.run(document));
      const found = violations.map((one) => `${one.id}: ${one.nodes.map((n) => n.target).join(" ")}`);
      assert.deepEqual(found, [], `${name} ${theme}`);
    }
    await page.close();
  }
});

test("the time bar goes back by keys and returns by Escape", async () => {
  const page = await browser.page();
  await open(page);
  await show(page, "#/applications", "unattributed");
  const bar = page.getByRole("slider").first();
  await bar.focus();
  await page.keyboard.press("ArrowLeft");
  await page.keyboard.press("ArrowLeft");
  await page.waitForSelector('html[data-time="past"]');
  await page.getByText("unattributed").first().waitFor();
  await page.keyboard.press("Escape");
  await page.waitForSelector('html[data-time="live"]');
  await page.goBack();
  assert.deepEqual(page.complaints, []);
  await page.close();
});

test("an application opens from the table and says why", async () => {
  const page = await browser.page();
  await open(page);
  const { body } = await server.call("applications");
  const kernel = body.applications.find((row) => row.kind === "kernel");
  await page.evaluate((id) => (location.hash = `#/applications/${encodeURIComponent(id)}`), kernel.id);
  await page.getByText("Why these processes").first().waitFor();
  await browser.picture(page, "application-dark-1280x800");
  assert.deepEqual(page.complaints, []);
  await page.close();
});

test("without the right token nothing is shown and the window asks for it", async () => {
  const page = await browser.page();
  await page.goto(`${server.address}/#token=wrong`);
  await page.getByRole("textbox").first().waitFor();
  const text = await page.evaluate(() => document.body.innerText);
  assert.ok(!text.includes(String(server.pid)), "no process is shown");
  await page.getByRole("textbox").first().fill(server.token);
  await page.keyboard.press("Enter");
  await page.getByText("Memory").first().waitFor();
  await page.close();
});

test("a fault before the page mounts is shown, never a blank window", async () => {
  const page = await browser.page();
  await page.route("**/assets/*.js", (route) =>
    route.fulfill({ contentType: "text/javascript", body: "throw new Error('made to fail')" }),
  );
  await page.goto(server.url);
  await page.getByText("made to fail").first().waitFor();
  await page.close();
});

test("what the machine names cannot run: HTML in a process name is text", async () => {
  const { spawn } = await import("node:child_process");
  const hostile = "<img src=x onerror=document.title=1>";
  const child = spawn("/bin/sleep", ["100"], { argv0: hostile, stdio: "ignore" });
  try {
    const page = await browser.page();
    await open(page);
    await show(page, "#/processes", "threads");
    await page.getByRole("searchbox").or(page.getByRole("textbox")).last().fill(`pid:${child.pid}`);
    await page.getByText("onerror", { exact: false }).first().waitFor();
    assert.notEqual(await page.title(), "1", "it did not run");
    await page.close();
  } finally {
    child.kill();
  }
});

test("the server answers still after feeds came and went", async () => {
  const page = await browser.page();
  for (let i = 0; i < 5; i++) {
    await open(page);
    await show(page, "#/processes", "threads");
    await page.goto("about:blank");
  }
  await page.close();
  const { status } = await server.call("health");
  assert.equal(status, 200, "it answers still");
});
