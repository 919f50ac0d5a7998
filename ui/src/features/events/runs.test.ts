import { describe, expect, it } from "vitest";
import type { Event } from "../../bindings/Event";
import { runs } from "./runs";

const MINUTE = 60_000;
const event = (at_ms: number, kind: Event["kind"], name = "cargo"): Event => ({
  at_ms,
  kind,
  application: kind === "recording_started" ? null : `process:${name}`,
  name,
  detail: null,
  note: null,
});
const told = (events: Event[]) =>
  runs(events).map(({ event: { name }, starts, stops, many }) => [name, starts, stops, many]);

describe("runs", () => {
  it("say once what came and went, whatever else happened between", () => {
    const events = Array.from({ length: 14 }, (_, i) => [
      event(i * MINUTE, "started"),
      event(i * MINUTE + 1000, i === 7 ? "recording_started" : "started", "other"),
      event(i * MINUTE + 2000, "stopped"),
    ]).flat();
    expect(told(events)).toContainEqual(["cargo", 14, 14, true]);
    expect(runs(events)[0]?.event.at_ms).toBe(13 * MINUTE + 2000);
  });

  it("leave a restart and what is far apart as they are", () => {
    expect(told([event(0, "stopped"), event(1000, "started")])).toEqual([
      ["cargo", 1, 0, false],
      ["cargo", 0, 1, false],
    ]);
    expect(told([event(0, "started"), event(11 * MINUTE, "stopped")])).toHaveLength(2);
  });

  it("say a short run in one line", () => {
    expect(told([event(0, "started"), event(1000, "stopped")])).toEqual([["cargo", 1, 1, true]]);
  });
});
