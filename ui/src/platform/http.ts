// The host over loopback: commands as POST, all streams over one WebSocket.
import type { Commands } from "../bindings/commands";
import type { Stream } from "../bindings/Stream";
import type { StreamFrame } from "../bindings/StreamFrame";
import { ApiFailure, type Platform, type StreamState } from "./platform";
import { askForToken, keptToken, takeTokenFromAddress } from "./token";

interface Listener {
  stream: Stream;
  onFrame: (frame: StreamFrame) => void;
  onState: ((state: StreamState) => void) | undefined;
}
interface ServerMessage extends StreamFrame {
  id: number;
}

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 15_000;

async function post<K extends keyof Commands>(
  command: K,
  request: Commands[K]["request"],
): Promise<Commands[K]["response"]> {
  let token = keptToken() ?? (await askForToken(false));
  for (;;) {
    let answer: Response;
    try {
      answer = await fetch(`/api/${command}`, {
        method: "POST",
        headers: { "Content-Type": "application/json", Authorization: `Bearer ${token}` },
        body: JSON.stringify(request),
      });
    } catch (thrown) {
      throw new ApiFailure("unreachable", thrown instanceof Error ? thrown.message : `${thrown}`);
    }
    if (answer.status === 401 || answer.status === 403) {
      // Another call may have been given a new token while this one was refused.
      const newer = keptToken();
      token = newer !== null && newer !== token ? newer : await askForToken(true);
      continue;
    }
    const body: unknown = await answer.json().catch(() => null);
    if (answer.ok) return body as Commands[K]["response"];
    throw body ? ApiFailure.from(body) : new ApiFailure(null, `${command}: HTTP ${answer.status}`);
  }
}

/** All subscriptions over one socket that is opened when the first one comes. */
class Streams {
  #listeners = new Map<number, Listener>();
  #next = 1;
  #socket: WebSocket | undefined;
  #wait_ms = FIRST_WAIT_MS;

  add(listener: Listener): () => void {
    const id = this.#next++;
    this.#listeners.set(id, listener);
    if (this.#socket?.readyState === WebSocket.OPEN) {
      this.#send({ subscribe: { id, stream: listener.stream } });
      listener.onState?.("open");
    } else if (!this.#socket) {
      void this.#connect();
    }
    return () => {
      if (this.#listeners.delete(id) && this.#socket?.readyState === WebSocket.OPEN)
        this.#send({ unsubscribe: { id } });
    };
  }

  #send(message: unknown) {
    this.#socket?.send(JSON.stringify(message));
  }

  async #connect() {
    const token = keptToken() ?? (await askForToken(false));
    if (this.#socket) return;
    const address = `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/api/streams`;
    const socket = new WebSocket(address, ["ira", `ira.token.${token}`]);
    this.#socket = socket;
    let opened = false;
    socket.onopen = () => {
      opened = true;
      this.#wait_ms = FIRST_WAIT_MS;
      for (const [id, { stream, onState }] of this.#listeners) {
        this.#send({ subscribe: { id, stream } });
        onState?.("open");
      }
    };
    socket.onmessage = (event) => {
      const { id, skipped, frame } = JSON.parse(String(event.data)) as ServerMessage;
      this.#listeners.get(id)?.onFrame({ skipped, frame });
    };
    socket.onclose = () => {
      this.#socket = undefined;
      for (const { onState } of this.#listeners.values()) onState?.("lost");
      if (this.#listeners.size > 0) this.#tryAgain(opened);
    };
  }

  #tryAgain(wasOpen: boolean) {
    setTimeout(async () => {
      if (this.#socket) return;
      // A refused token closes the socket without saying why; a command tells and asks for another.
      if (!wasOpen) await post("machine", {}).catch(() => undefined);
      void this.#connect();
    }, this.#wait_ms);
    this.#wait_ms = Math.min(this.#wait_ms * 2, LONGEST_WAIT_MS);
  }
}

export function httpPlatform(): Platform {
  takeTokenFromAddress();
  const streams = new Streams();
  return {
    call: post,
    subscribe: (stream, onFrame, onState) => streams.add({ stream, onFrame, onState }),
    async openExternal(url) {
      window.open(url, "_blank", "noopener");
    },
  };
}
