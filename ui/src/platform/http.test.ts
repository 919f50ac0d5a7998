import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { StreamFrame } from "../bindings/StreamFrame";
import { httpPlatform } from "./http";
import { ApiFailure } from "./platform";

const rest = (ms = 0) => new Promise((resolve) => setTimeout(resolve, ms));

class SocketStub {
  static OPEN = 1;
  static all: SocketStub[] = [];
  readyState = 0;
  sent: unknown[] = [];
  onopen?: () => void;
  onmessage?: (event: { data: string }) => void;
  onclose?: () => void;

  constructor(
    readonly address: string,
    readonly protocols: string[],
  ) {
    SocketStub.all.push(this);
  }
  send(text: string) {
    this.sent.push(JSON.parse(text));
  }
  open() {
    this.readyState = 1;
    this.onopen?.();
  }
  close() {
    this.readyState = 3;
    this.onclose?.();
  }
}

const answer = (status: number, body: unknown) => ({
  ok: status < 400,
  status,
  json: async () => body,
});

beforeEach(() => {
  SocketStub.all = [];
  vi.stubGlobal("WebSocket", SocketStub);
  sessionStorage.clear();
  history.replaceState(null, "", "#token=secret%2F1");
});
afterEach(() => {
  vi.unstubAllGlobals();
  document.body.replaceChildren();
});

describe("token", () => {
  it("leaves the address and is sent with each command", async () => {
    const fetch = vi.fn(async () => answer(200, { hostname: "juniper" }));
    vi.stubGlobal("fetch", fetch);
    const platform = httpPlatform();
    expect(location.hash).toBe("");
    await platform.call("machine", {});
    expect(fetch).toHaveBeenCalledWith(
      "/api/machine",
      expect.objectContaining({
        method: "POST",
        body: "{}",
        headers: expect.objectContaining({ Authorization: "Bearer secret/1" }),
      }),
    );
  });

  it("is asked for once when it is refused, and the command is sent again", async () => {
    const fetch = vi.fn(async (_: string, { headers }: { headers: Record<string, string> }) =>
      headers.Authorization === "Bearer right" ? answer(200, {}) : answer(401, {}),
    );
    vi.stubGlobal("fetch", fetch);
    HTMLDialogElement.prototype.showModal ??= () => undefined;
    const platform = httpPlatform();
    const calls = Promise.all([platform.call("machine", {}), platform.call("doctor", {})]);
    await rest(5);
    const forms = document.querySelectorAll<HTMLFormElement>("dialog.token form");
    expect(forms).toHaveLength(1);
    forms[0]!.querySelector("input")!.value = " http://127.0.0.1:7411/#token=right ";
    expect(forms[0]).toHaveTextContent(/That token was refused: each start .* Copy the address/);
    expect(forms[0]).toHaveTextContent(/Ese token no vale/);
    forms[0]!.dispatchEvent(new Event("submit"));
    await calls;
    expect(sessionStorage.getItem("ira.token")).toBe("right");
  });
});

describe("commands", () => {
  it("fail with the code and the message of the host", async () => {
    vi.stubGlobal("fetch", async () => answer(404, { code: "not_found", message: "No process 7" }));
    const failure = await httpPlatform()
      .call("doctor", {})
      .catch((thrown: unknown) => thrown);
    expect(failure).toBeInstanceOf(ApiFailure);
    expect(failure).toMatchObject({ code: "not_found", message: "No process 7" });
  });

  it("fail as unreachable when nobody answers", async () => {
    vi.stubGlobal("fetch", async () => Promise.reject(new TypeError("refused")));
    await expect(httpPlatform().call("doctor", {})).rejects.toMatchObject({ code: "unreachable" });
  });
});

describe("streams", () => {
  const frame = { skipped: 2, frame: { kind: "changed", topics: ["history"] } } as StreamFrame;

  it("share one socket and are told apart by their number", async () => {
    const platform = httpPlatform();
    const seen: [string, StreamFrame][] = [];
    platform.subscribe("host", (one) => seen.push(["host", one]));
    const end = platform.subscribe("changed", (one) => seen.push(["changed", one]));
    await rest();
    const [socket] = SocketStub.all;
    expect(SocketStub.all).toHaveLength(1);
    expect(socket?.protocols).toEqual(["ira", "ira.token.secret/1"]);
    socket?.open();
    expect(socket?.sent).toEqual([
      { subscribe: { id: 1, stream: "host" } },
      { subscribe: { id: 2, stream: "changed" } },
    ]);
    socket?.onmessage?.({ data: JSON.stringify({ id: 2, ...frame }) });
    expect(seen).toEqual([["changed", frame]]);
    end();
    expect(socket?.sent.at(-1)).toEqual({ unsubscribe: { id: 2 } });
  });

  it("say when they are lost, come back and subscribe again", async () => {
    vi.stubGlobal("fetch", async () => answer(200, {}));
    const states: string[] = [];
    httpPlatform().subscribe(
      "host",
      () => undefined,
      (state) => states.push(state),
    );
    await rest();
    SocketStub.all[0]?.open();
    SocketStub.all[0]?.close();
    await rest(600);
    SocketStub.all[1]?.open();
    expect(states).toEqual(["open", "lost", "open"]);
    expect(SocketStub.all[1]?.sent).toEqual([{ subscribe: { id: 1, stream: "host" } }]);
  });
});
