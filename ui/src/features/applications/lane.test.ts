import { fireEvent, render, screen } from "@testing-library/svelte";
import { describe, expect, it, vi } from "vitest";
import type { Event } from "../../bindings/Event";
import EventLane from "./EventLane.svelte";
import { laneMarks } from "./lane";

const event = (at_ms: number, kind: Event["kind"]): Event => ({
  at_ms,
  kind,
  application: "a",
  name: "A",
  detail: null,
  note: null,
});
const lane = { from_ms: 0, to_ms: 1000, width: 1000, wordWidth: () => 50 };

describe("the event lane", () => {
  it("merges those too close to be told apart, and says what they are", () => {
    const marks = laneMarks([event(500, "stopped"), event(504, "started")], lane);
    expect(marks).toMatchObject([{ kind: "stopped", kinds: ["stopped", "started"], count: 2 }]);
  });

  it("writes a word where there is room, to the left if need be, or none", () => {
    const words = laneMarks(
      [event(100, "started"), event(200, "stopped"), event(230, "started"), event(250, "stopped")],
      lane,
    ).map((mark) => mark.word);
    expect(words).toEqual(["right", null, null, "right"]);
    expect(laneMarks([event(995, "started")], lane)[0]?.word).toBe("left");
  });

  it("leaves out what is outside the span, and draws nothing without a width", () => {
    expect(laneMarks([event(-1, "started"), event(2000, "started")], lane)).toEqual([]);
    expect(laneMarks([event(1, "started")], { ...lane, width: 0 })).toEqual([]);
  });
});

it("is one stop for Tab, and arrows go from mark to mark", async () => {
  vi.spyOn(HTMLElement.prototype, "clientWidth", "get").mockReturnValue(1000);
  const events = [100, 500, 900].map((at_ms) => event(at_ms, "started"));
  const props = { events, from_ms: 0, to_ms: 1000, gaps: [], loading: false, pointed_ms: null };
  render(EventLane, { props });
  const marks = await screen.findAllByRole("button");
  const stops = () => marks.map((mark) => mark.tabIndex);
  expect(stops()).toEqual([0, -1, -1]);
  marks[0]?.focus();
  for (const [key, at] of [
    ["ArrowRight", 1],
    ["End", 2],
    ["ArrowRight", 2],
    ["ArrowLeft", 1],
    ["Home", 0],
  ] as const) {
    await fireEvent.keyDown(document.activeElement!, { key });
    expect(document.activeElement).toBe(marks[at]);
    expect(stops().indexOf(0)).toBe(at);
  }
  vi.restoreAllMocks();
});
