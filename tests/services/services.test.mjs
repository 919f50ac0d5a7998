// The view of services on a real systemd: a unit is started and stopped in the window, and the window
// says so by itself. Runs within tests/bed/services.sh.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { browse, serve } from "../browser/server.mjs";

let server, browser;
before(async () => {
  assert.ok(process.env.IRA_BED, "run it by tests/bed/services.sh");
  server = await serve();
  browser = await browse();
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

test("a unit is started and stopped, and both are in the audit", async () => {
  const page = await browser.page();
  await page.goto(server.url);
  await page.getByRole("navigation").first().waitFor();
  await page.evaluate(() => (location.hash = "#/services"));
  await page.getByRole("row", { name: /dbus/ }).first().waitFor();
  await browser.picture(page, "services-real-dark-1280x800");
  // A unit that was never loaded is not listed yet; its address shows it once it is.
  const order = async (target, action) => {
    const { body } = await server.call("order_preview", { target, action });
    const given = await server.call("order", { token: body.token });
    assert.equal(given.body.result, "done", JSON.stringify(given.body));
  };
  const shop = { kind: "service", scope: "system", unit: "shop.service" };
  await order(shop, { kind: "start" });
  await page.evaluate(() => (location.hash = "#/services/system/shop.service"));
  const panel = page.getByRole("complementary", { name: "Details" });
  await panel.getByText("active, running").waitFor();
  await panel.getByRole("button", { name: "Stop" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByText('StopUnit("shop.service", "replace")').waitFor();
  await browser.picture(page, "services-order-dark-1280x800");
  await dialog.getByRole("button", { name: "Stop" }).click();
  await dialog.getByText(/Done in/).waitFor();
  await browser.picture(page, "services-ordered-dark-1280x800");
  await dialog.getByRole("button", { name: "Start" }).click();
  await dialog.getByText('StartUnit("shop.service", "replace")').waitFor();
  await dialog.getByRole("button", { name: "Start" }).click();
  await dialog.getByText(/Done in/).waitFor();
  await dialog.getByRole("button", { name: "Close" }).click();
  await panel.getByText("active, running").waitFor();
  await order(shop, { kind: "stop", escalate: false });
  await page.evaluate(() => (location.hash = "#/settings"));
  await page.getByRole("cell", { name: "shop.service" }).first().waitFor();
  await browser.picture(page, "audit-dark-1280x800");
  const { body } = await server.call("audit", { limit: 10 });
  const told = body.orders.map(({ action, result }) => `${action} ${result}`);
  assert.deepEqual(told, [
    "stop done",
    "start done",
    "stop done",
    "start done",
  ]);
  assert.deepEqual(page.complaints, []);
  await page.close();
});
