import { fireEvent, render, screen, within } from "@testing-library/svelte";
import { beforeEach, describe, expect, it } from "vitest";
import { fakeWindow, settled, violations } from "../../../tests/fake-window";
import type { FakePlatform } from "../../platform/fake";
import { NOW_MS } from "../../platform/fake/world";
import { router } from "../../shared/router.svelte";
import { clear } from "../../shared/table/selection";
import { time } from "../../shared/time/time.svelte";
import { choices } from "./list.svelte";
import ServicesList from "./ServicesList.svelte";

let fake: FakePlatform;
const units = () =>
  [...document.querySelectorAll('[role="rowheader"] .name')].map((one) => one.textContent);

async function show() {
  render(ServicesList);
  await settled(10);
}

beforeEach(() => {
  fake = fakeWindow();
  router.start();
  choices.kind = "service";
  choices.table.query = "";
});

describe("services", () => {
  it("come with what failed first, and are subscribed to only while they are seen", async () => {
    const { unmount } = render(ServicesList);
    await settled(10);
    expect(units()[0]).toBe("backup.service");
    expect(screen.getByText("failed: exit-code")).toBeInTheDocument();
    expect(units()).not.toContain("dbus.socket");
    expect(fake.subscribed).toContain("services");
    expect(await violations()).toEqual([]);
    unmount();
    expect(fake.subscribed).toEqual([]);
  });

  it("are of other kinds too, and filtered", async () => {
    await show();
    await fireEvent.click(screen.getByRole("radio", { name: /Timers/ }));
    await settled();
    expect(units()).toEqual(["backup.timer"]);
    choices.kind = "all";
    choices.table.query = "state:inactive";
    await settled();
    expect(units()).toEqual(["getty@tty1.service"]);
  });

  it("show their file and what they depend on, and take orders", async () => {
    await show();
    router.go("services", "system", "nginx.service");
    await settled(10);
    const panel = within(screen.getByRole("complementary", { name: "Details" }));
    expect(panel.getByText(/ExecStart=\/usr\/sbin\/nginx/)).toBeInTheDocument();
    expect(panel.getByText("journalctl -u 'nginx.service'")).toBeInTheDocument();
    expect(panel.getByRole("button", { name: "Stop" })).toBeEnabled();
    await fireEvent.click(panel.getByRole("button", { name: "dbus.socket" }));
    await settled();
    expect(router.path).toEqual(["services", "system", "dbus.socket"]);
  });

  it("offer a start where a unit does not run", async () => {
    await show();
    router.go("services", "system", "getty@tty1.service");
    await settled(10);
    await fireEvent.click(screen.getByRole("button", { name: "Start" }));
    await settled();
    const [look] = fake.calls.filter(({ command }) => command === "order_preview");
    expect(look?.request).toEqual({
      target: { kind: "service", scope: "system", unit: "getty@tty1.service" },
      action: { kind: "start" },
    });
  });

  it("take orders together, those that all of them take", async () => {
    await show();
    choices.table.selection = clear(choices.table.selection);
    await settled();
    const row = (unit: string) =>
      screen.getByText(unit, { selector: ".name" }).closest("[role=row]")!;
    await fireEvent.click(row("nginx.service"));
    await settled();
    expect(screen.queryByLabelText("Orders to what is selected")).toBeNull();
    await fireEvent.click(row("getty@tty1.service").querySelector("[data-pick]")!);
    await settled();
    const bar = within(screen.getByLabelText("Orders to what is selected"));
    expect(bar.getByText("2 units selected")).toBeInTheDocument();
    expect(bar.getAllByRole("button").map((one) => one.textContent?.trim())).toEqual([
      "Start with the machine",
      "Do not start with the machine",
      "Clear",
    ]);
    expect(await violations()).toEqual([]);
    await fireEvent.click(bar.getByRole("button", { name: "Start with the machine" }));
    await settled();
    const looks = fake.calls.filter(({ command }) => command === "order_preview");
    expect(looks.map(({ request }) => request)).toEqual(
      ["nginx.service", "getty@tty1.service"].map((unit) => ({
        target: { kind: "service", scope: "system", unit },
        action: { kind: "enable" },
      })),
    );
  });

  it("say why nothing is known and how to permit it", async () => {
    const message = "the system bus is not there";
    fake.services = {
      services: [],
      system: { kind: "absent", message, remedy: "systemctl start dbus" },
      user: { kind: "absent", message, remedy: null },
    };
    await show();
    expect(screen.getByText("There is no service manager to ask")).toBeInTheDocument();
    expect(screen.getByText(message)).toBeInTheDocument();
    expect(screen.getByText("systemctl start dbus")).toBeInTheDocument();
    expect(await violations()).toEqual([]);
  });

  it("are not told of the past", async () => {
    await show();
    time.rewind(NOW_MS - 60_000);
    await settled();
    expect(screen.getByText("Services are told live")).toBeInTheDocument();
    expect(fake.subscribed).not.toContain("services");
  });
});
