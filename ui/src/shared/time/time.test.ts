import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { fakeWindow } from "../../../tests/fake-window";
import { hostFrameAt } from "../../platform/fake/host";
import { NOW_MS } from "../../platform/fake/world";
import { router } from "../router.svelte";
import { time } from "./time.svelte";

const HOUR = 3_600_000;
let ends: (() => void)[] = [];

beforeEach(() => {
  fakeWindow();
  ends = [router.start(), time.start()];
  time.tick(hostFrameAt(NOW_MS));
});
afterEach(() => ends.forEach((end) => end()));

describe("the present", () => {
  it("moves the span with every frame", () => {
    expect(time.range).toEqual({ from_ms: NOW_MS - 6 * HOUR, to_ms: NOW_MS });
    time.tick(hostFrameAt(NOW_MS + 1000));
    expect(time.range.to_ms).toBe(NOW_MS + 1000);
  });

  it("comes with a quarter of an hour while no span is chosen", () => {
    time.setDefaultSpan(null);
    expect(time.span_ms).toBe(HOUR / 4);
  });

  it("is what a moment in the future leads to", () => {
    time.rewind(NOW_MS + 5000);
    expect(time.at_ms).toBeNull();
  });
});

describe("the past", () => {
  it("stands still while frames come", () => {
    time.rewind(NOW_MS - HOUR);
    time.tick(hostFrameAt(NOW_MS + 1000));
    expect(time.at_ms).toBe(NOW_MS - HOUR);
    expect(time.range.to_ms).toBe(NOW_MS);
  });

  it("is written into the address, once for a drag", () => {
    const before = history.length;
    time.rewind(NOW_MS - HOUR, { settle: false });
    time.rewind(NOW_MS - 2 * HOUR, { settle: false });
    expect(location.hash).toBe("#/");
    time.settle();
    expect(location.hash).toBe(`#/?at=${NOW_MS - 2 * HOUR}`);
    time.rewind(NOW_MS - 3 * HOUR);
    expect(history.length).toBe(before + 1);
  });

  it("is read from the address, and left when the address says so", () => {
    history.replaceState(null, "", `#/processes?at=${NOW_MS - HOUR}&span=900`);
    window.dispatchEvent(new HashChangeEvent("hashchange"));
    expect(time.at_ms).toBe(NOW_MS - HOUR);
    expect(time.span_ms).toBe(900_000);
    history.replaceState(null, "", "#/processes");
    window.dispatchEvent(new HashChangeEvent("hashchange"));
    expect(time.past).toBe(false);
    expect(time.span_ms).toBe(6 * HOUR);
  });

  it("moves the span when the moment would be outside", () => {
    time.rewind(NOW_MS - 20 * HOUR);
    const { from_ms, to_ms } = time.range;
    expect(from_ms).toBeLessThan(NOW_MS - 20 * HOUR);
    expect(to_ms).toBeGreaterThan(NOW_MS - 20 * HOUR);
  });

  it("ignores an address that is not a past moment", () => {
    for (const at of ["nonsense", "", String(NOW_MS + HOUR)]) {
      history.replaceState(null, "", `#/?at=${at}`);
      window.dispatchEvent(new HashChangeEvent("hashchange"));
      expect(time.past).toBe(false);
    }
  });
});

describe("playing", () => {
  it("moves on one second with each frame and ends in the present", () => {
    time.rewind(NOW_MS - 2500);
    time.togglePlaying();
    time.tick(hostFrameAt(NOW_MS));
    expect(time.at_ms).toBe(NOW_MS - 1500);
    time.tick(hostFrameAt(NOW_MS));
    time.tick(hostFrameAt(NOW_MS));
    expect(time.at_ms).toBeNull();
    expect(time.playing).toBe(false);
  });

  it("pauses the present at its last second", () => {
    time.togglePlaying();
    expect(time.at_ms).toBe(NOW_MS - 1000);
    expect(time.playing).toBe(false);
  });
});

describe("a part of the past", () => {
  it("is shown and undone", () => {
    time.showRange({ from_ms: NOW_MS - 3 * HOUR, to_ms: NOW_MS - 2 * HOUR });
    expect(time.range).toEqual({ from_ms: NOW_MS - 3 * HOUR, to_ms: NOW_MS - 2 * HOUR });
    expect(time.at_ms).toBe(NOW_MS - 2 * HOUR);
    time.resetRange();
    expect(time.span_ms).toBe(6 * HOUR);
    expect(time.range.to_ms).toBe(NOW_MS);
  });

  it("is never shorter than a minute", () => {
    time.setSpan(10);
    expect(time.span_ms).toBe(60_000);
  });
});
