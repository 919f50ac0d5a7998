// The view of containers on a real Docker engine: one is stopped, started and removed in the window, and
// the window says so by itself. Runs within tests/bed/containers.sh.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { browse, serve } from "../browser/server.mjs";

let server, browser;
before(async () => {
  assert.ok(process.env.IRA_BED, "run it by tests/bed/containers.sh");
  server = await serve();
  browser = await browse();
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

test("a container is stopped, started and removed, and all of it is in the audit", async () => {
  const page = await browser.page();
  await page.goto(server.url);
  await page.getByRole("navigation").first().waitFor();
  await page.evaluate(() => (location.hash = "#/containers"));
  const view = (name) => page.getByRole("radio", { name }).click();
  const row = (name) => page.getByRole("row", { name });
  await row(/shop-web-1.*running, healthy/).waitFor();
  await page.getByRole("button", { name: /^shop/ }).waitFor();
  await row(/shop-db-1/).click();
  const panel = page.getByRole("complementary", { name: "Details" });
  await panel.getByText("unless it was stopped").waitFor();
  await browser.picture(page, "containers-real-dark-1280x800");

  const dialog = page.getByRole("dialog");
  const give = async (name) => {
    await panel.getByRole("button", { name, exact: true }).click();
    await dialog.getByRole("button", { name, exact: true }).click();
    await dialog.getByText(/Done in/).waitFor();
    await dialog.getByRole("button", { name: "Close" }).click();
  };
  await panel.getByRole("button", { name: "Stop", exact: true }).click();
  await dialog.getByText(/POST \/containers\/\w+\/stop\?t=10/).waitFor();
  await dialog.getByText("shop-web-1").waitFor();
  await browser.picture(page, "containers-order-dark-1280x800");
  await dialog.getByRole("button", { name: "Stop", exact: true }).click();
  await dialog.getByText(/Done in/).waitFor();
  await dialog.getByRole("button", { name: "Close" }).click();
  await view(/^All/);
  await row(/shop-db-1.*exited/).waitFor();
  await give("Start");
  await row(/shop-db-1.*running/).waitFor();

  await row(/left.*never started/).click();
  await panel.getByRole("button", { name: "More orders" }).click();
  await page.getByRole("menuitem", { name: "Remove" }).click();
  await dialog.getByText("What it wrote outside of its volumes is lost.").waitFor();
  await dialog.getByRole("button", { name: "Remove" }).click();
  await dialog.getByText(/Done in/).waitFor();
  await dialog.getByRole("button", { name: "Close" }).click();
  await row(/left/).waitFor({ state: "detached" });

  await view(/^Images/);
  await row(/local\/busybox:1/).waitFor();
  await browser.picture(page, "containers-images-dark-1280x800");
  await view(/^Volumes/);
  await row(/orphan.*nobody/).waitFor();
  await browser.picture(page, "containers-volumes-dark-1280x800");
  await view(/^Networks/);
  await row(/host.*shop-db-1/).waitFor();

  const { body } = await server.call("audit", { limit: 10 });
  const told = body.orders.map(({ action, target, result }) => `${action} ${target} ${result}`);
  assert.deepEqual(told, [
    "remove left done",
    "start shop-db-1 done",
    "stop, kill shop-db-1 done",
  ]);
  assert.deepEqual(page.complaints, []);
  await page.close();
});
