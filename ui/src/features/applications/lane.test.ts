import { describe, expect, it } from "vitest";
import type { Event } from "../../bindings/Event";
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
