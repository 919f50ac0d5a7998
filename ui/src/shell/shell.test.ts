import { fireEvent, render, screen, within } from "@testing-library/svelte";
import { beforeEach, describe, expect, it } from "vitest";
import { fakeWindow, settled, violations } from "../../tests/fake-window";
import type { FakePlatform } from "../platform/fake";
import { NOW_MS } from "../platform/fake/world";
import { ApiFailure } from "../platform/platform";
import { router } from "../shared/router.svelte";
import { language } from "../shared/i18n";
import { time } from "../shared/time/time.svelte";
// Their code is loaded before the clock of a test runs.
import "../views/ApplicationsView.svelte";
import "../views/ApplicationView.svelte";
import App from "./App.svelte";
import { viewOf } from "./rooms";

let fake: FakePlatform;
const show = async (hash = "#/") => {
  history.replaceState(null, "", hash);
  // Loading a view's code takes as long as it takes.
  await viewOf(hash.replace(/^#\/|\?.*$/g, "").split("/"))();
  render(App);
  await settled(20);
};
/** Colours are computed in tests/contrast.test.ts; happy-dom draws nothing to compare. */

beforeEach(() => {
  fake = fakeWindow();
});

describe("frame", () => {
  it("has the rooms that exist, with counts from the machine", async () => {
    await show();
    const nav = screen.getByRole("navigation", { name: "Views" });
    expect(
      within(nav)
        .getAllByRole("link")
        .map((link) => link.textContent?.replace(/\s+/g, " ").trim()),
    ).toEqual([
      "Overview",
      "Applications 16",
      "Processes 336",
      "Services",
      "Containers",
      "Logs",
      "Settings",
    ]);
    expect(within(nav).getByText("juniper")).toBeInTheDocument();
    expect(within(nav).getByText("38 % of its budget")).toBeInTheDocument();
  });

  it.each(["#/", "#/settings", `#/?at=${NOW_MS - 3_600_000}`])(
    "%s is clean for axe",
    async (hash) => {
      await show(hash);
      expect(await violations()).toEqual([]);
    },
  );

  it("goes to an application by Enter, and back to its row, with the focus", async () => {
    await show("#/applications");
    const grid = screen.getByRole("grid");
    grid.focus();
    await fireEvent.keyDown(grid, { key: "ArrowDown" });
    await fireEvent.keyDown(grid, { key: "ArrowDown" });
    await fireEvent.keyDown(grid, { key: "Enter" });
    await settled(20);
    expect(location.hash).toMatch(/applications\/./);
    expect(document.activeElement?.tagName).toBe("H1");
    router.go("applications");
    await settled(20);
    expect(document.activeElement).toBe(screen.getByRole("grid"));
  });

  it("subscribes to the machine once and ends with the window", async () => {
    history.replaceState(null, "", "#/settings");
    const { unmount } = render(App);
    await settled();
    expect(fake.subscribed.sort()).toEqual(["changed", "host"]);
    unmount();
    expect(fake.subscribed).toEqual([]);
  });

  it("marks the past on the whole frame, and Escape leaves it", async () => {
    await show();
    time.rewind(NOW_MS - 60_000);
    await settled();
    expect(document.documentElement.dataset.time).toBe("past");
    await fireEvent.keyDown(document.body, { key: "Escape" });
    await settled();
    expect(document.documentElement.dataset.time).toBe("live");
  });

  it("opens the palette with Ctrl K and Escape closes it without leaving the past", async () => {
    await show("#/settings");
    time.rewind(NOW_MS - 60_000);
    await fireEvent.keyDown(document.body, { key: "k", ctrlKey: true });
    await settled();
    expect(screen.getByRole("dialog")).toBeInTheDocument();
    expect(await violations()).toEqual([]);
    await fireEvent.keyDown(screen.getByRole("combobox"), { key: "Escape" });
    await settled();
    expect(time.past).toBe(true);
  });
});

describe("notices", () => {
  it("say that nothing is recorded, and why", async () => {
    fake.frame = { recording: { state: "failed", message: "The disk is full" } };
    await show("#/settings");
    expect(screen.getByRole("alert")).toHaveTextContent("Not recording: The disk is full");
  });

  it("say which recording is shown", async () => {
    fake.frame = { recording: { state: "opened", file: "/tmp/spike.ira", hostname: "willow" } };
    await show("#/settings");
    expect(screen.getByText(/This is \/tmp\/spike.ira, a recording of willow/)).toBeInTheDocument();
    expect(screen.queryByRole("alert")).toBeNull();
  });

  it("say who records instead", async () => {
    fake.frame = { recording: { state: "elsewhere", pid: 77 } };
    await show("#/settings");
    expect(screen.getByText(/pid 77/)).toBeInTheDocument();
  });

  it("say that the connection is lost, until it is there again", async () => {
    await show("#/settings");
    fake.connection("lost");
    await settled();
    expect(screen.getByText(/connection to Ira was lost.*stale since/)).toBeInTheDocument();
    expect(screen.getByText("No connection")).toBeInTheDocument();
    expect(screen.getByText(/^stale since \d\d:\d\d:\d\d$/)).toBeInTheDocument();
    expect(screen.queryByText("Live")).not.toBeInTheDocument();
    fake.connection("open");
    await settled();
    expect(screen.queryByText(/connection to Ira was lost/)).not.toBeInTheDocument();
    expect(screen.getByText("Live")).toBeInTheDocument();
  });
});

describe("settings", () => {
  it("say what Ira costs against its budget", async () => {
    await show("#/settings");
    expect(screen.getByRole("heading", { name: "Ira’s own cost" })).toBeInTheDocument();
    expect(screen.getAllByText(/it allows itself/)).toHaveLength(2);
    expect(screen.getByText("Late samples")).toBeInTheDocument();
  });

  it("hold at once and are saved", async () => {
    await show("#/settings");
    await fireEvent.click(screen.getByRole("radio", { name: "Light" }));
    await fireEvent.click(screen.getByRole("radio", { name: "Dense" }));
    await fireEvent.click(screen.getByRole("radio", { name: "Español" }));
    await settled();
    expect(document.documentElement.dataset).toMatchObject({ theme: "light", density: "dense" });
    expect(screen.getByRole("heading", { name: "Ajustes" })).toBeInTheDocument();
    expect(document.documentElement.lang).toBe("es");
    expect(fake.settings).toMatchObject({ theme: "light", density: "dense", language: "es" });
    language.locale = "en";
  });

  it("say when they could not be saved", async () => {
    await show("#/settings");
    fake.fail("save_settings", new ApiFailure(null, "read only"));
    await fireEvent.click(screen.getByRole("radio", { name: "SI" }));
    await settled();
    expect(screen.getByRole("alert")).toHaveTextContent("read only");
    expect(screen.getByRole("radio", { name: "SI" })).toBeChecked();
  });

  it("list what Ira can read, what needs doing first", async () => {
    await show("#/settings");
    const names = screen
      .getAllByRole("listitem")
      .map((item) => item.querySelector("b")?.textContent);
    expect(names[0]).toBe("recording");
    expect(screen.getByText("does not work")).toBeInTheDocument();
    expect(screen.getAllByRole("button", { name: "Copy what to do" })).toHaveLength(2);
  });

  it("show a doctor that does not answer, and ask again", async () => {
    fake.fail("doctor", new ApiFailure(null, "no answer"));
    await show("#/settings");
    expect(screen.getByText("no answer")).toBeInTheDocument();
    fake.fail("doctor", null);
    await fireEvent.click(screen.getByRole("button", { name: "Try again" }));
    await settled();
    expect(screen.getByText("does not work")).toBeInTheDocument();
  });
});
