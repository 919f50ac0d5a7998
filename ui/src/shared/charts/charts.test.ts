import { fireEvent, render, screen } from "@testing-library/svelte";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { fakeWindow, settled } from "../../../tests/fake-window";
import { hostFrameAt } from "../../platform/fake/host";
import { NOW_MS } from "../../platform/fake/world";
import { share } from "../format";
import { time } from "../time/time.svelte";
import { CrosshairGroup } from "./crosshair.svelte";
import { runs } from "./paint";
import { largest, roundUp, valueAt } from "./points";
import { ticks, tickStep } from "./ticks";
import Track from "./Track.svelte";
import WholeBar from "./WholeBar.svelte";

const HOUR = 3_600_000;

describe("points", () => {
  it("are found by their moment", () => {
    expect(valueAt([1, null, 3], 1000, 500, 2100)).toBe(3);
    expect(valueAt([1, null, 3], 1000, 500, 1600)).toBeNull();
    expect(valueAt([1], 1000, 500, 900)).toBeNull();
  });

  it("have a round end of their axis", () => {
    expect(roundUp(37)).toBe(40);
    expect(roundUp(2.4)).toBe(2.5);
    expect(roundUp(0)).toBe(1);
    expect(roundUp(3.1 * 2 ** 20, 1024)).toBe(4 * 2 ** 20);
    expect(largest([null, 2, 5, null])).toBe(5);
  });

  it("fall into runs between gaps", () => {
    expect(runs([null, 1, 2, null, 3])).toEqual([
      [1, 2],
      [4, 4],
    ]);
  });
});

describe("ticks", () => {
  it("stand on whole local hours, never closer than asked", () => {
    const found = ticks(NOW_MS - 6 * HOUR, NOW_MS, 720, 50);
    expect(found.every(({ at_ms }) => new Date(at_ms).getMinutes() % 30 === 0)).toBe(true);
    expect(tickStep(6 * HOUR, 720, 50)).toBe(HOUR / 2);
  });

  it("of weeks stand on Mondays at midnight", () => {
    const found = ticks(NOW_MS - 30 * 24 * HOUR, NOW_MS, 720, 120);
    expect(found.length).toBeGreaterThan(2);
    for (const { at_ms } of found) {
      expect(new Date(at_ms).getDay()).toBe(1);
      expect(new Date(at_ms).getHours()).toBe(0);
    }
  });
});

describe("Track", () => {
  beforeEach(() => {
    fakeWindow();
    time.tick(hostFrameAt(NOW_MS));
  });

  const draw = (more = {}) => {
    const group = new CrosshairGroup();
    render(Track, {
      label: "CPU",
      from_ms: NOW_MS - HOUR,
      to_ms: NOW_MS,
      start_ms: NOW_MS - HOUR,
      step_ms: 60_000,
      lines: [{ label: "CPU", color: "--c-cpu", mean: Array(60).fill(0.25) }],
      format: (value: number) => share(value, 0),
      max: 1,
      group,
      ...more,
    });
    const track = screen.getByRole("img");
    track.getBoundingClientRect = () => ({ left: 0, width: 600 }) as DOMRect;
    return { group, track };
  };
  const at = (clientX: number) => ({ clientX, button: 0, pointerId: 1, detail: 1 });

  it("names itself with the end of its axis", () => {
    draw();
    expect(screen.getByRole("img")).toHaveAccessibleName("CPU over time, 0 – 100 %");
  });

  it("shares the moment pointed at and offers to rewind there", async () => {
    const { group, track } = draw();
    await fireEvent.pointerMove(track, at(300));
    expect(group.at_ms).toBe(NOW_MS - HOUR / 2);
    expect(screen.getByText("Click to rewind here")).toBeInTheDocument();
    expect(screen.getByText("25 %")).toBeInTheDocument();
    await fireEvent.pointerLeave(track, at(300));
    expect(group.at_ms).toBeNull();
  });

  it("rewinds on click", async () => {
    const { track } = draw();
    await fireEvent.pointerDown(track, at(150));
    await fireEvent.pointerUp(track, at(150));
    expect(time.at_ms).toBe(NOW_MS - 0.75 * HOUR);
  });

  it("zooms to what is brushed, and goes back on double click", async () => {
    const onzoom = vi.fn();
    const onreset = vi.fn();
    const { track } = draw({ onzoom, onreset });
    await fireEvent.pointerDown(track, at(150));
    await fireEvent.pointerMove(track, at(300));
    await fireEvent.pointerUp(track, at(300));
    expect(onzoom).toHaveBeenCalledWith({
      from_ms: NOW_MS - 0.75 * HOUR,
      to_ms: NOW_MS - HOUR / 2,
    });
    expect(time.past).toBe(false);
    await fireEvent.dblClick(track);
    expect(onreset).toHaveBeenCalled();
    await settled();
  });
});

describe("WholeBar", () => {
  const widths = () =>
    [...document.querySelectorAll<HTMLElement>("[role=img] i")].map((part) =>
      Number.parseFloat(part.style.width),
    );

  it("leaves what is free empty", () => {
    render(WholeBar, {
      whole: 100,
      color: "--c-cpu",
      label: "CPU",
      parts: [
        { label: "a", value: 30 },
        { label: "rest", value: 20, kind: "rest" },
      ],
    });
    expect(widths()).toEqual([30, 20]);
  });

  it("draws two parts that say the same", () => {
    const twin = { label: "ira 12 MiB", value: 12 };
    render(WholeBar, { whole: 100, color: "--c-mem", label: "Memory", parts: [twin, twin] });
    expect(widths()).toEqual([12, 12]);
  });

  it("never runs over when parts count more than the whole", () => {
    render(WholeBar, {
      whole: 100,
      color: "--c-mem",
      label: "Memory",
      parts: [
        { label: "a", value: 90 },
        { label: "b", value: 60 },
        { label: "unattributed", value: -50, kind: "unattributed" },
      ],
    });
    expect(widths().reduce((sum, width) => sum + width, 0)).toBeCloseTo(100);
  });
});
