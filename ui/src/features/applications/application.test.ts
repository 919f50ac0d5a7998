import { cleanup, fireEvent, render, screen } from "@testing-library/svelte";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { fakeWindow, settled as settle, violations } from "../../../tests/fake-window";
import type { ApplicationClass } from "../../bindings/ApplicationClass";
import type { SeriesAnswer } from "../../bindings/SeriesAnswer";
import type { FakePlatform } from "../../platform/fake";
import { hostFrameAt } from "../../platform/fake/host";
import { ApiFailure } from "../../platform/platform";
import { router } from "../../shared/router.svelte";
import { settings } from "../../shared/settings.svelte";
import { portLines } from "./ports";
import { time } from "../../shared/time/time.svelte";
import ApplicationDetail from "./ApplicationDetail.svelte";

let fake: FakePlatform;

beforeEach(async () => {
  fake = fakeWindow();
  router.go("applications");
  time.tick({ ...hostFrameAt(fake.now_ms) });
  await settings.load();
});
afterEach(() => {
  cleanup();
  time.live();
});

/** The fake's series know no beginning; this one has nothing before it. */
function beginAt(begin_ms: number) {
  const call = fake.call.bind(fake);
  fake.call = async (command, request) => {
    const answer = await call(command, request);
    if (command !== "series") return answer;
    const { from_ms, step_ms, series } = answer as SeriesAnswer;
    const cut = (points: (number | null)[]) =>
      points.map((value, i) => (from_ms + i * step_ms < begin_ms ? null : value));
    const cut_series = series.map(({ metric, mean, min, max }) => ({
      metric,
      mean: cut(mean),
      min: cut(min),
      max: cut(max),
    }));
    return { ...(answer as SeriesAnswer), series: cut_series } as typeof answer;
  };
}

describe("one application", () => {
  const id = "process:~/code/catalog-web";

  it("shows its figures, processes, ports and why they are one", async () => {
    render(ApplicationDetail, { id, part: undefined });
    await settle();
    expect(screen.getByRole("heading", { name: "catalog-web" })).toBeInTheDocument();
    expect(screen.getByText("running", { selector: ".badge" })).toBeInTheDocument();
    expect(screen.getByText("tcp 5173")).toBeInTheDocument();
    expect(screen.getByText("Works in a project’s folder")).toBeInTheDocument();
    expect(screen.getByText("names it")).toBeInTheDocument();
    expect(screen.getByRole("grid", { name: "Processes" })).toHaveAttribute("aria-rowcount", "8");
    expect(screen.getByRole("img", { name: /Memory over time/ })).toBeInTheDocument();
    expect(await violations()).toEqual([]);
  });

  it("can be corrected once it is known with all others, not before", async () => {
    render(ApplicationDetail, { id, part: undefined });
    expect(screen.getByRole("button", { name: "Correct it" })).toBeDisabled();
    await settle();
    await fireEvent.click(screen.getByRole("button", { name: "Correct it" }));
    await fireEvent.click(screen.getByLabelText("Merge it"));
    expect(screen.getByLabelText("Counts under").querySelectorAll("option").length).toBeGreaterThan(
      2,
    );
  });

  it("copies and opens the address of a port, after asking", async () => {
    const opened: string[] = [];
    fake.openExternal = async (url: string) => void opened.push(url);
    render(ApplicationDetail, { id, part: "ports" });
    await settle();
    expect(screen.getByRole("button", { name: "Copy localhost:5173" })).toBeInTheDocument();
    await fireEvent.click(
      screen.getByRole("button", { name: "Open localhost:5173 in the browser" }),
    );
    await settle();
    expect(opened).toEqual([]);
    expect(screen.getByRole("dialog")).toHaveTextContent("http://localhost:5173/");
    await fireEvent.click(screen.getByRole("button", { name: "Open" }));
    expect(opened).toEqual(["http://localhost:5173/"]);
    fake.openExternal = () => Promise.reject(new ApiFailure(null, "no browser could be started"));
    cleanup();
    render(ApplicationDetail, { id, part: "ports" });
    await settle();
    await fireEvent.click(
      screen.getByRole("button", { name: "Open localhost:5173 in the browser" }),
    );
    await settle();
    await fireEvent.click(screen.getByRole("button", { name: "Open" }));
    await settle();
    expect(screen.getByRole("alert")).toHaveTextContent("no browser could be started");
  });

  it("offers a browser only where it may be HTTP", () => {
    const port = (number: number) =>
      ({
        protocol: "tcp",
        port: number,
        address: "0.0.0.0",
        pid: 1,
        is_elsewhere: false,
      }) as const;
    const urls = (purpose?: ApplicationClass) =>
      portLines([port(22), port(8080)], [], purpose).map((line) => line.url);
    expect(urls()).toEqual([null, "http://localhost:8080/"]);
    expect(urls("database")).toEqual([null, null]);
  });

  it("asks for evidence once, not with every frame", async () => {
    render(ApplicationDetail, { id, part: undefined });
    await settle();
    const asked = () => fake.calls.filter((call) => call.command === "application").length;
    const before = asked();
    fake.tick(10);
    await settle();
    expect(asked()).toBe(before);
  });

  it("says that it did not run then, and when it did", async () => {
    beginAt(Date.UTC(2026, 10, 24, 10, 2));
    time.rewind(Date.UTC(2026, 10, 24, 9, 30));
    render(ApplicationDetail, { id: "process:~/code/notes-api", part: undefined });
    await settle();
    expect(screen.getByText("It was not running then")).toBeInTheDocument();
    await fireEvent.click(screen.getByRole("button", { name: "Go there" }));
    await settle();
    expect(time.at_ms).toBeGreaterThanOrEqual(Date.UTC(2026, 10, 24, 10, 2));
    expect(screen.getByText("running", { selector: ".badge" })).toBeInTheDocument();
  });

  it("says that nothing is known of it", async () => {
    beginAt(Infinity);
    render(ApplicationDetail, { id: "docker:nobody", part: undefined });
    await settle();
    expect(screen.getByText("Nothing is known of this application")).toBeInTheDocument();
    expect(screen.getByRole("link", { name: "All applications" })).toBeInTheDocument();
  });
});
