import { fireEvent, render, screen, within } from "@testing-library/svelte";
import { beforeEach, describe, expect, it } from "vitest";
import { fakeWindow, settled, violations } from "../../../tests/fake-window";
import type { FakePlatform } from "../../platform/fake";
import { NOW_MS } from "../../platform/fake/world";
import { router } from "../../shared/router.svelte";
import { time } from "../../shared/time/time.svelte";
import { OrderDialog } from "../orders";
import ContainersList from "./ContainersList.svelte";
import { choices, type View } from "./list.svelte";

let fake: FakePlatform;
const names = () =>
  [...document.querySelectorAll('[role="rowheader"] .name')].map((one) => one.textContent);
const socket = "/var/run/docker.sock";
const panel = () => within(screen.getByRole("complementary", { name: "Details" }));

async function show(view: View = "running") {
  choices.view = view;
  const shown = render(ContainersList);
  await settled(10);
  return shown;
}

beforeEach(() => {
  fake = fakeWindow();
  router.start();
  choices.table.query = "";
  choices.things.query = "";
});

describe("containers", () => {
  it("are gathered by project, bad ones first, and subscribed to only while they are seen", async () => {
    const { unmount } = await show();
    expect(names()).toEqual(["db", "api", "cache"]);
    expect(screen.getByRole("button", { name: "shop 2" })).toBeInTheDocument();
    expect(screen.getByRole("button", { name: "Without a project 1" })).toBeInTheDocument();
    expect(screen.getByText("running, unhealthy")).toBeInTheDocument();
    expect(screen.getByText("3 containers, 3 running")).toBeInTheDocument();
    expect(screen.getAllByText("600").length).toBeGreaterThan(0);
    expect(fake.subscribed).toEqual(expect.arrayContaining(["containers", "container_uses"]));
    expect(fake.calls.map(({ command }) => command)).not.toContain("container_sizes");
    expect(await violations()).toEqual([]);
    unmount();
    expect(fake.subscribed).toEqual([]);
  });

  it("take orders together, each with its engine", async () => {
    await show();
    const row = (name: string) =>
      screen.getByText(name, { selector: ".name" }).closest("[role=row]")!;
    await fireEvent.click(row("db"));
    await fireEvent.click(row("api").querySelector("[data-pick]")!);
    await settled();
    const bar = within(screen.getByLabelText("Orders to what is selected"));
    expect(bar.getAllByRole("button").map((one) => one.textContent?.trim())).toEqual([
      "Stop",
      "Restart",
      "Suspend",
      "Clear",
    ]);
    await fireEvent.click(bar.getByRole("button", { name: "Restart" }));
    await settled();
    const looks = fake.calls.filter(({ command }) => command === "order_preview");
    expect(looks).toHaveLength(2);
    for (const { request } of looks)
      expect(request).toMatchObject({
        target: { kind: "container", engine: socket },
        action: { kind: "restart" },
      });
    await fireEvent.click(bar.getByRole("button", { name: "Clear" }));
    await settled();
    expect(screen.queryByLabelText("Orders to what is selected")).toBeNull();
  });

  it("are told how they ended, and filtered", async () => {
    await show("exited");
    expect(names()).toEqual(["job", "scratch"]);
    expect(screen.getByText("exited with 137")).toBeInTheDocument();
    choices.view = "all";
    choices.table.query = "project:shop state:running";
    await settled();
    expect(names()).toEqual(["db", "api"]);
  });

  it("show what they are made of and take orders", async () => {
    await show();
    render(OrderDialog);
    router.go("containers", `${socket} ${"a".repeat(64)}`);
    await settled(10);
    expect(panel().getByText("unless it was stopped")).toBeInTheDocument();
    expect(panel().getByText(`docker logs -f ${"a".repeat(12)}`)).toBeInTheDocument();
    await fireEvent.click(panel().getByRole("button", { name: "Stop" }));
    await settled();
    const [look] = fake.calls.filter(({ command }) => command === "order_preview");
    expect(look?.request).toEqual({
      target: { kind: "container", engine: socket, id: "a".repeat(64) },
      action: { kind: "stop", escalate: true },
    });
    const dialog = within(screen.getByRole("dialog"));
    expect(dialog.queryByRole("checkbox")).not.toBeInTheDocument();
  });

  it("offer what fits their state", async () => {
    await show("all");
    router.go("containers", `${socket} ${"e".repeat(64)}`);
    await settled(10);
    expect(panel().getByRole("button", { name: "Resume" })).toBeEnabled();
    router.go("containers", `${socket} ${"d".repeat(64)}`);
    await settled(10);
    expect(panel().getByRole("button", { name: "Start" })).toBeEnabled();
    await fireEvent.click(panel().getByRole("button", { name: "More orders" }));
    await settled();
    expect(screen.getByRole("menuitem", { name: "Remove" })).toBeInTheDocument();
  });

  it("come with images, volumes and networks, and which of them nobody uses", async () => {
    await show("images");
    expect(names()).toEqual(["(no name)", "nginx:1.27"]);
    expect(screen.getByText("nobody: orphan")).toBeInTheDocument();
    expect(screen.getByText("orphans take 391 MiB")).toBeInTheDocument();
    choices.view = "volumes";
    await settled(10);
    expect(names()).toEqual(["old_data", "shop_data"]);
    expect(screen.getByText("orphans take 70 MiB")).toBeInTheDocument();
    router.go("containers", `${socket} old_data`);
    await settled();
    expect(panel().getByText("/var/lib/docker/volumes/old_data/_data")).toBeInTheDocument();
    choices.view = "networks";
    await settled(10);
    expect(names()).toEqual(["bridge", "shop_default"]);
    expect(screen.getByText("comes with the engine")).toBeInTheDocument();
    expect(await violations()).toEqual([]);
  });

  it("say why nothing is known and how to permit it", async () => {
    const message = "/var/run/docker.sock may not be used: Permission denied";
    const problem = { kind: "denied", message, remedy: 'sudo usermod -aG docker "$USER"' } as const;
    fake.containers = { ...fake.containers, containers: [], engines: [], problem };
    await show();
    expect(screen.getByText("The container engine does not let you in")).toBeInTheDocument();
    expect(screen.getByText(message)).toBeInTheDocument();
    expect(screen.getByText(problem.remedy)).toBeInTheDocument();
    expect(await violations()).toEqual([]);
  });

  it("name an engine that does not answer beside one that does", async () => {
    const problem = { kind: "failed", message: "was not answered", remedy: null } as const;
    const more = {
      socket: "/run/podman/podman.sock",
      kind: null,
      version: null,
      left_out: 3,
      problem,
    };
    fake.containers = { ...fake.containers, engines: [...fake.containers.engines, more] };
    await show();
    expect(screen.getByText("/run/podman/podman.sock: was not answered")).toBeInTheDocument();
    expect(screen.getByText(/3 left out/)).toBeInTheDocument();
    expect(names()).toHaveLength(3);
  });

  it("are not told of the past", async () => {
    await show();
    time.rewind(NOW_MS - 60_000);
    await settled();
    expect(screen.getByText("Containers are told live")).toBeInTheDocument();
    expect(fake.subscribed).not.toContain("containers");
  });
});
