import { cleanup, fireEvent, render, screen, within } from "@testing-library/svelte";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { fakeWindow, settled } from "../../../tests/fake-window";
import type { OrderRequest } from "../../bindings/OrderRequest";
import type { FakePlatform } from "../../platform/fake";
import { hostFrameAt } from "../../platform/fake/host";
import { draftOf } from "../../platform/fake/registrations";
import { NOW_MS } from "../../platform/fake/world";
import { router } from "../../shared/router.svelte";
import { TableState } from "../../shared/table/table.svelte";
import { time } from "../../shared/time/time.svelte";
import { OrderDialog, orders } from "../orders";
import ApplicationsList from "./ApplicationsList.svelte";
import { choices } from "./list.svelte";

let fake: FakePlatform;

beforeEach(() => {
  fake = fakeWindow();
  router.go("applications");
  time.tick({ ...hostFrameAt(fake.now_ms) });
  choices.table = new TableState({ column: "cpu", descending: true });
  choices.kind = null;
  choices.group = null;
  orders.shown = false;
});
afterEach(() => {
  cleanup();
  time.live();
});

async function shown() {
  render(ApplicationsList);
  render(OrderDialog);
  await settled(10);
}
const row = (name: string) =>
  screen.getByText(name, { selector: ".isolate" }).closest("[role=row]")!;
const box = (name: string) => row(name).querySelector("[data-pick]")!;
const click = async (element: Element, keys = {}) => {
  await fireEvent.click(element, keys);
  await settled(2);
};
const toolbar = () => within(screen.getByLabelText("Orders to what is selected"));
const offered = () =>
  toolbar()
    .getAllByRole("button")
    .map((button) => button.textContent?.trim());

describe("selecting applications", () => {
  it("is done by the box or by Ctrl, and opens none of them", async () => {
    await shown();
    expect(screen.queryByLabelText("Orders to what is selected")).toBeNull();
    await click(box("nginx"));
    expect(row("nginx")).toHaveAttribute("aria-selected", "true");
    expect(toolbar().getByText("1 application selected")).toBeInTheDocument();
    await click(row("cron"), { ctrlKey: true });
    expect(toolbar().getByText("2 applications selected")).toBeInTheDocument();
    await click(box("nginx"));
    expect(toolbar().getByText("1 application selected")).toBeInTheDocument();
    expect(router.path).toEqual(["applications"]);
  });

  it("is done by Shift from where it began, and ends with Clear", async () => {
    await shown();
    await click(box("nginx"));
    await click(box("Firefox"), { shiftKey: true });
    expect(choices.table.selection.selected.size).toBeGreaterThan(1);
    expect(router.path).toEqual(["applications"]);
    await click(toolbar().getByRole("button", { name: "Clear" }));
    expect(screen.queryByLabelText("Orders to what is selected")).toBeNull();
    await click(row("nginx"));
    expect(router.path[1]).toBe("systemd:nginx.service");
  });

  it("offers to restart only what all can be, and to start what does not run", async () => {
    fake.registrations.keep(draftOf({ name: "Shop", command_line: "npm start" }));
    fake.registrations.keep(draftOf({ name: "Bare" }));
    await shown();
    const usual = ["Stop", "Suspend", "Resume", "Send a signal…", "Clear"];
    await click(box("nginx"));
    expect(offered()).toEqual(["Stop", "Restart", ...usual.slice(1)]);
    await click(box("Firefox"));
    expect(offered()).toEqual(usual);
    await click(box("Firefox"));
    await click(box("Shop"));
    expect(offered()).toEqual(["Stop", "Restart", ...usual.slice(1)]);
    await click(box("nginx"));
    expect(offered()).toEqual(["Start", "Clear"]);
    await click(box("Bare"));
    expect(offered()).toEqual(["Clear"]);
    expect(toolbar().getByText(/Nothing can be ordered/)).toBeInTheDocument();
  });

  it("asks about those that are shown, and about each as one application", async () => {
    await shown();
    await click(box("nginx"));
    await click(box("Firefox"));
    await click(box("cron"));
    choices.table.query = "nginx ";
    await settled();
    expect(toolbar().getByText("1 application selected")).toBeInTheDocument();
    choices.table.query = "";
    await settled();
    await click(toolbar().getByRole("button", { name: "Stop" }));
    expect(screen.getByRole("heading", { name: "Stop 3 applications?" })).toBeInTheDocument();
    const asked = fake.calls.filter(({ command }) => command === "order_preview");
    expect(
      asked.map(({ request }) => (request as OrderRequest).target).map((one) => one.kind),
    ).toEqual(["application", "application", "application"]);
  });

  it("orders nothing of the past", async () => {
    await shown();
    await click(box("nginx"));
    time.rewind(NOW_MS - 60_000);
    await settled(10);
    for (const button of toolbar().getAllByRole("button").slice(0, -1))
      expect(button).toBeDisabled();
    expect(toolbar().getByText(/Orders are off/)).toBeInTheDocument();
  });
});
