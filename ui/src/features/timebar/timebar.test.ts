import { fireEvent, render, screen } from "@testing-library/svelte";
import { beforeEach, describe, expect, it } from "vitest";
import { fakeWindow, settled } from "../../../tests/fake-window";
import type { Event } from "../../bindings/Event";
import type { FakePlatform } from "../../platform/fake";
import { hostFrameAt } from "../../platform/fake/host";
import { NOW_MS, RECORDED_FROM_MS, today } from "../../platform/fake/world";
import { router } from "../../shared/router.svelte";
import { time } from "../../shared/time/time.svelte";
import Framed from "../../../tests/Framed.svelte";
import { moveOf } from "./keys";
import { marks } from "./marks";
import OwnSpan from "./OwnSpan.svelte";
import TimeBar from "./TimeBar.svelte";

const HOUR = 3_600_000;
const RANGE = { from_ms: NOW_MS - 6 * HOUR, to_ms: NOW_MS };

describe("keys", () => {
  const to = (key: string, shiftKey = false) =>
    moveOf({ key, shiftKey }, NOW_MS - HOUR, RANGE)?.to_ms;

  it("move by a second, by ten, by a tenth of the span, and to its ends", () => {
    expect(to("ArrowLeft")).toBe(NOW_MS - HOUR - 1000);
    expect(to("ArrowRight", true)).toBe(NOW_MS - HOUR + 10_000);
    expect(to("PageUp")).toBe(NOW_MS - HOUR - 0.6 * HOUR);
    expect(to("Home")).toBe(RANGE.from_ms);
    expect(to("End")).toBe(RANGE.to_ms);
    expect(to("a")).toBeUndefined();
  });
});

describe("marks", () => {
  const event = (at_ms: number, kind: Event["kind"]): Event => ({
    at_ms,
    kind,
    application: null,
    name: null,
    detail: null,
    note: null,
  });

  it("closer than 11 px merge into the worst with a count", () => {
    const found = marks(
      [event(100, "started"), event(108, "stopped"), event(115, "started"), event(300, "started")],
      0,
      600,
      600,
    );
    expect(found).toMatchObject([
      { x: 107.5, kind: "stopped", count: 3, at_ms: 100 },
      { x: 300, kind: "started", count: 1, at_ms: 300 },
    ]);
  });

  it("of a long busy while stand in several places, none on another's count", () => {
    const busy = Array.from({ length: 120 }, (_, i) => event(i * 5, i % 2 ? "stopped" : "started"));
    const found = marks(busy, 0, 600, 600);
    expect(found.length).toBeGreaterThan(10);
    for (const [i, mark] of found.entries())
      expect(mark.x - (found[i - 1]?.x ?? -100)).toBeGreaterThan(20);
  });

  it("outside the span are left out", () => {
    expect(marks([event(-1, "started"), event(601, "started")], 0, 600, 600)).toEqual([]);
  });
});

it("says in 24 hours what was understood of an own span, whatever the field shows", async () => {
  fakeWindow();
  time.tick(hostFrameAt(NOW_MS));
  render(OwnSpan, { onshown: () => undefined });
  const fields = document.querySelectorAll("input");
  await fireEvent.input(fields[0]!, { target: { value: "2026-11-23T20:15:00" } });
  await fireEvent.input(fields[1]!, { target: { value: "2026-11-23T21:00:00" } });
  expect(screen.getByText(/^That is .*20:15:00 to .*21:00:00, in 24 hours\.$/)).toBeInTheDocument();
});

describe("time bar", () => {
  let fake: FakePlatform;
  let slider: HTMLElement;

  beforeEach(async () => {
    fake = fakeWindow();
    router.start();
    render(Framed, { view: TimeBar });
    await settled();
    slider = screen.getByRole("slider");
    slider.getBoundingClientRect = () => ({ left: 0, width: 600 }) as DOMRect;
  });
  const press = async (key: string, more = {}) => {
    await fireEvent.keyDown(slider, { key, ...more });
    await fireEvent.keyUp(slider, { key });
  };
  const at = (clientX: number) => ({ clientX, button: 0, pointerId: 1 });

  it("asks once for the span it shows", () => {
    expect(fake.calls.filter(({ command }) => command === "timeline")).toEqual([
      { command: "timeline", request: { ...RANGE, points: 600 } },
    ]);
  });

  it("appends live points without asking again", async () => {
    fake.tick(40);
    await settled();
    expect(fake.calls.filter(({ command }) => command === "timeline")).toHaveLength(1);
  });

  it("asks again when history went stale", async () => {
    fake.change("history");
    await settled();
    expect(fake.calls.filter(({ command }) => command === "timeline")).toHaveLength(2);
  });

  it("rewinds by keys and says the moment", async () => {
    await press("ArrowLeft");
    expect(time.at_ms).toBe(NOW_MS - 1000);
    await press("ArrowLeft", { shiftKey: true });
    expect(time.at_ms).toBe(NOW_MS - 11_000);
    expect(slider).toHaveAttribute("aria-valuetext", expect.stringContaining("11 s ago"));
    expect(location.hash).toContain(`at=${NOW_MS - 11_000}`);
    await press("End");
    expect(time.past).toBe(false);
    expect(slider).toHaveAttribute("aria-valuetext", "now, live");
  });

  it("follows a drag and writes the address when it is let go", async () => {
    await fireEvent.pointerDown(slider, at(300));
    expect(time.at_ms).toBe(NOW_MS - 3 * HOUR);
    await fireEvent.pointerMove(slider, at(150));
    expect(time.at_ms).toBe(NOW_MS - 4.5 * HOUR);
    expect(location.hash).not.toContain("at=");
    await fireEvent.pointerUp(slider, at(150));
    expect(location.hash).toContain(`at=${NOW_MS - 4.5 * HOUR}`);
  });

  it("snaps to the last sample before a gap, and over it when going forward", async () => {
    const inside = (today(12, 20) - RANGE.from_ms) / (6 * HOUR);
    await fireEvent.pointerDown(slider, at(inside * 600));
    await fireEvent.pointerUp(slider, at(inside * 600));
    expect(time.at_ms).toBe(today(12, 6));
    await press("ArrowRight");
    expect(time.at_ms).toBe(today(12, 41));
  });

  it("leads to the first sample, never to before it", async () => {
    time.setSpan(20 * 86_400_000);
    await settled();
    await press("Home");
    expect(time.at_ms).toBe(RECORDED_FROM_MS);
  });

  it("shows a ghost with load and reason under the pointer, and rewinds nothing", async () => {
    await fireEvent.pointerMove(slider, at(450));
    expect(screen.getByText("click to rewind here")).toBeInTheDocument();
    expect(time.past).toBe(false);
    const inside = ((today(12, 20) - RANGE.from_ms) / (6 * HOUR)) * 600;
    await fireEvent.pointerMove(slider, at(inside));
    expect(screen.getByText("asleep, nothing recorded")).toBeInTheDocument();
  });

  it("asks who used most only when the pointer rests", async () => {
    for (let x = 400; x < 460; x++) await fireEvent.pointerMove(slider, at(x));
    const asked = () => fake.calls.filter(({ command }) => command === "applications").length;
    expect(asked()).toBe(0);
    const rest = document.querySelector(".rest");
    expect(rest).not.toBeNull();
    rest?.dispatchEvent(new window.Event("animationend"));
    await settled();
    expect(asked()).toBe(1);
    expect(screen.getByText(/most by/)).toBeInTheDocument();
  });

  it("returns to now by the button", async () => {
    await press("PageUp");
    await fireEvent.click(screen.getByRole("button", { name: /Go live/ }));
    expect(time.past).toBe(false);
  });

  it("steps from event to event", async () => {
    await fireEvent.click(screen.getByRole("button", { name: "Previous event" }));
    expect(time.at_ms).toBe(today(13, 53));
    await fireEvent.click(screen.getByRole("button", { name: "Previous event" }));
    expect(time.at_ms).toBe(today(13, 52, 40));
    await fireEvent.click(screen.getByRole("button", { name: "Next event" }));
    expect(time.at_ms).toBe(today(13, 53));
  });

  it("plays the past on with the frames of the machine", async () => {
    await press("PageUp");
    const from_ms = time.at_ms ?? 0;
    await fireEvent.click(screen.getByRole("button", { name: /Play from here/ }));
    fake.tick(3);
    expect(time.at_ms).toBe(from_ms + 3000);
    await fireEvent.click(screen.getByRole("button", { name: "Stop playing" }));
    fake.tick();
    expect(time.at_ms).toBe(from_ms + 3000);
  });

  it("changes the span, keeps it in the settings and asks for it", async () => {
    await fireEvent.click(screen.getByRole("radio", { name: "1h" }));
    await settled();
    expect(time.span_ms).toBe(HOUR);
    expect(fake.settings.span_s).toBe(3600);
    expect(fake.calls.at(-1)?.request).toMatchObject({ from_ms: NOW_MS - HOUR });
  });
});
