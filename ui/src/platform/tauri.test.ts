import { beforeEach, describe, expect, it, vi } from "vitest";
import { tauriPlatform } from "./tauri";

const { invoke, channels } = vi.hoisted(() => ({
  invoke: vi.fn(),
  channels: [] as { onmessage?: (frame: unknown) => void }[],
}));
vi.mock("@tauri-apps/api/core", () => ({
  invoke,
  Channel: class {
    onmessage?: (frame: unknown) => void;
    constructor() {
      channels.push(this);
    }
  },
}));
const rest = () => new Promise((resolve) => setTimeout(resolve));

beforeEach(() => {
  invoke.mockReset();
  channels.length = 0;
});

describe("desktop host", () => {
  it("wraps the request, and failures in one kind of error", async () => {
    invoke.mockResolvedValueOnce({ at_ms: 1 });
    await tauriPlatform().call("applications", { at_ms: 1 });
    expect(invoke).toHaveBeenCalledWith("applications", { request: { at_ms: 1 } });
    invoke.mockRejectedValueOnce({ code: "invalid", message: "points" });
    await expect(tauriPlatform().call("doctor", {})).rejects.toMatchObject({
      name: "ApiFailure",
      code: "invalid",
    });
  });

  it("subscribes over a channel and tells the host to stop", async () => {
    invoke.mockResolvedValue(7);
    const seen: unknown[] = [];
    const states: string[] = [];
    const end = tauriPlatform().subscribe(
      "host",
      (one) => seen.push(one),
      (state) => states.push(state),
    );
    await rest();
    channels[0]?.onmessage?.("frame");
    end();
    channels[0]?.onmessage?.("late");
    expect([seen, states]).toEqual([["frame"], ["open"]]);
    expect(invoke).toHaveBeenLastCalledWith("unsubscribe", { id: 7 });
  });

  it("stops a stream that was given up before it began", async () => {
    invoke.mockResolvedValue(8);
    tauriPlatform().subscribe("host", () => undefined)();
    await rest();
    expect(invoke).toHaveBeenLastCalledWith("unsubscribe", { id: 8 });
  });

  it("says that a stream could not begin", async () => {
    invoke.mockRejectedValue(new Error("no"));
    const states: string[] = [];
    tauriPlatform().subscribe(
      "host",
      () => undefined,
      (state) => states.push(state),
    );
    await rest();
    expect(states).toEqual(["lost"]);
  });
});
