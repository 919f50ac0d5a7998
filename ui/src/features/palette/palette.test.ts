import { fireEvent, render, screen } from "@testing-library/svelte";
import { beforeEach, describe, expect, it } from "vitest";
import { fakeWindow, settled, violations } from "../../../tests/fake-window";
import type { Event } from "../../bindings/Event";
import type { FakePlatform } from "../../platform/fake";
import { applicationsAt, hostFrameAt } from "../../platform/fake/host";
import { draftOf } from "../../platform/fake/registrations";
import { processesAt } from "../../platform/fake/processes";
import { NOW_MS } from "../../platform/fake/world";
import { ApiFailure } from "../../platform/platform";
import { router } from "../../shared/router.svelte";
import { settings } from "../../shared/settings.svelte";
import { time } from "../../shared/time/time.svelte";
import { hits, MOST_HITS, score, type Searchable } from "./hits";
import { parseMoment } from "../../shared/time/moment";
import Palette from "./Palette.svelte";
import { palette } from "./palette.svelte";

describe("moments", () => {
  const now = new Date(2026, 10, 24, 14, 32, 8).getTime();
  it.each<[string, number | null]>([
    ["-10m", now - 600_000],
    ["-1h30m", now - 5_400_000],
    ["-1.5h", now - 5_400_000],
    ["14:05", new Date(2026, 10, 24, 14, 5).getTime()],
    ["14:05:30", new Date(2026, 10, 24, 14, 5, 30).getTime()],
    ["23:10", new Date(2026, 10, 23, 23, 10).getTime()],
    ["2026-11-20", new Date(2026, 10, 20).getTime()],
    ["2026-11-20 9:05", new Date(2026, 10, 20, 9, 5).getTime()],
    ["25:00", null],
    ["12:75", null],
    ["2027-01-01", null],
    ["10", null],
    ["", null],
  ])("%s", (typed, expected) => expect(parseMoment(typed, now)).toBe(expected));
});

describe("hits", () => {
  const from: Searchable = {
    views: [{ view: "processes", label: "Processes" }],
    actions: [{ action: "dark", label: "Dark theme" }],
    applications: applicationsAt(NOW_MS).applications,
    processes: processesAt(NOW_MS),
    ended: [],
    kept: new Map([["systemd:nginx.service", { tags: ["edge"], port: null }]]),
    now_ms: NOW_MS,
  };
  const sections = (typed: string) => [...new Set(hits(typed, from).map(({ section }) => section))];

  it("of a port are who holds it", () => {
    const [first, second] = hits(":543", from);
    expect(first).toMatchObject({ section: "ports", port: 5432 });
    expect(second).toMatchObject({ section: "applications", ports: [5432] });
  });

  it("of a pid begin with it", () => {
    const found = hits("#125", from);
    expect(found.length).toBeGreaterThan(0);
    for (const hit of found)
      expect(hit.section === "processes" && String(hit.process.pid)).toMatch(/^125/);
  });

  it("of a tag are what is kept with it", () => {
    expect(hits("edge", from)).toMatchObject([{ application: { name: "nginx" } }]);
  });

  it("of a name come by section, best first", () => {
    expect(sections("fire")).toEqual(["applications", "processes"]);
    expect(sections("dark")).toContain("actions");
    expect(sections("~14:05")).toEqual(["time"]);
    expect(sections("no such thing")).toEqual([]);
  });

  it("are never more than fifty", () => {
    for (const typed of ["", "e", "1", ":", "#1"])
      expect(hits(typed, from).length).toBeLessThanOrEqual(MOST_HITS);
  });

  it("do not mind accents and case", () => {
    expect(score("Configuración", "racion")).toBe(2);
    expect(score("shop / api", "API")).toBe(1);
    expect(score("nginx", "ng")).toBe(0);
  });
});

describe("palette", () => {
  let fake: FakePlatform;
  beforeEach(async () => {
    fake = fakeWindow();
    router.start();
    time.tick(hostFrameAt(NOW_MS));
    render(Palette);
    palette.open();
    await settled();
  });
  const type = async (text: string) => {
    await fireEvent.input(screen.getByRole("combobox"), { target: { value: text } });
    await settled();
  };

  it("goes to what is chosen first with Enter", async () => {
    await type("firef");
    await fireEvent.keyDown(screen.getByRole("combobox"), { key: "Enter" });
    await settled();
    expect(location.hash).toBe("#/applications/desktop%3Aorg.mozilla.firefox");
    expect(palette.shown).toBe(false);
  });

  it("goes to a moment", async () => {
    await type("~-10m");
    await fireEvent.click(screen.getByText(/Go to/));
    expect(time.at_ms).toBe(NOW_MS - 600_000);
  });

  it("says who holds a port, and which of its processes", async () => {
    await type(":5432");
    expect(screen.getByText(/held by PostgreSQL 16, pid \d+, since/)).toBeInTheDocument();
    expect(fake.calls.filter(({ command }) => command === "application")).toHaveLength(1);
    await fireEvent.keyDown(screen.getByRole("combobox"), { key: "Enter" });
    await settled();
    expect(location.hash).toMatch(/\/ports$/);
  });

  it("does what is asked", async () => {
    await type("roomy");
    await fireEvent.click(screen.getByText("Roomy rows"));
    expect(settings.value.density).toBe("roomy");
    expect(fake.settings.density).toBe("roomy");
  });

  it("starts what is kept and does not run", async () => {
    const shop = draftOf({ name: "Shop", command_line: "npm start", port: 4321, tags: ["till"] });
    fake.registrations.keep(shop);
    palette.open();
    await settled();
    await type(":4321");
    expect(screen.getByRole("option", { name: /Shop\s*:4321/ })).toBeInTheDocument();
    await type("start shop");
    await fireEvent.click(screen.getByText("Start Shop"));
    expect(fake.calls.at(-1)).toMatchObject({
      command: "order_preview",
      request: { target: { kind: "application", id: "custom:shop" }, action: { kind: "start" } },
    });
  });

  it("finds what ended lately, and shows it as it was", async () => {
    const ended = (name: string, ago_ms: number): Event => ({
      ...{ at_ms: NOW_MS - ago_ms, kind: "stopped", application: `custom:${name}`, name },
      ...{ detail: null, note: null },
    });
    const firefox = { ...ended("Firefox", 9000), application: "desktop:org.mozilla.firefox" };
    const call = fake.call.bind(fake);
    fake.call = async (command, request) =>
      command === "events"
        ? { events: [ended("brief", 61_000), firefox], more: false }
        : call(command, request);
    palette.open();
    await settled();
    await type("firefox");
    expect(screen.queryByText(/as it was then/)).toBeNull();
    await type("brief");
    expect(screen.getByText(/stopped 1 min 1 s ago, as it was then/)).toBeInTheDocument();
    await fireEvent.keyDown(screen.getByRole("combobox"), { key: "Enter" });
    await settled();
    expect(time.at_ms).toBe(NOW_MS - 62_000);
    expect(location.hash).toContain("#/applications/custom%3Abrief");
  });

  it("stops what is kept and runs, before all others", async () => {
    const shop = draftOf({ name: "Shop", command_line: "npm start" });
    const row = fake.registrations.keep(shop);
    row.is_running = true;
    palette.open();
    await settled();
    await type("stop");
    expect(screen.getAllByRole("option", { name: /^Stop/ })[0]).toHaveTextContent("Stop Shop");
  });

  it("finds Doctor, which is a part of the settings", async () => {
    await type("doctor");
    await fireEvent.keyDown(screen.getByRole("combobox"), { key: "Enter" });
    await settled();
    expect(location.hash).toBe("#/settings");
  });

  it("says that nothing matches", async () => {
    await type("no such thing");
    expect(screen.getByText("Nothing matches “no such thing”")).toBeInTheDocument();
    expect(await violations()).toEqual([]);
  });

  it("finds the rest where kept applications cannot be read", async () => {
    fake.fail("registrations", new ApiFailure(null, "the disk is gone"));
    palette.open();
    await settled();
    await type("firef");
    expect(screen.queryByRole("alert")).toBeNull();
    expect(screen.getAllByRole("option", { name: /Firefox/ }).length).toBeGreaterThan(0);
  });

  it("asks once each time it opens, and says when that fails", async () => {
    expect(fake.calls.map(({ command }) => command)).toEqual([
      "applications",
      "processes",
      "registrations",
      "events",
    ]);
    fake.fail("processes", new ApiFailure(null, "gone"));
    palette.open();
    await settled();
    expect(screen.getByRole("alert")).toHaveTextContent("gone");
  });
});
