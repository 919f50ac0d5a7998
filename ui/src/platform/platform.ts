// The only door to the host. Views ask through `platform()` and never know whether a desktop
// program, a server or a test answers.
import type { Commands } from "../bindings/commands";
import type { ErrorCode } from "../bindings/ErrorCode";
import type { Stream } from "../bindings/Stream";
import type { StreamFrame } from "../bindings/StreamFrame";

/** Whether a stream is connected. */
export type StreamState = "open" | "lost";

export interface Platform {
  /** Asks or orders; rejects with an `ApiFailure`. */
  call<K extends keyof Commands>(
    command: K,
    request: Commands[K]["request"],
  ): Promise<Commands[K]["response"]>;
  /** Is told as it happens until the returned function is called. */
  subscribe(
    stream: Stream,
    onFrame: (frame: StreamFrame) => void,
    onState?: (state: StreamState) => void,
  ): () => void;
  /** Opens an address outside the window. */
  openExternal?(url: string): Promise<void>;
}

/** A command that failed. `code` is `null` where nobody does anything different for it. */
export class ApiFailure extends Error {
  override readonly name = "ApiFailure";

  constructor(
    readonly code: ErrorCode | "unreachable" | null,
    message: string,
  ) {
    super(message);
  }

  /** Whatever was thrown, as one kind of error. */
  static from(thrown: unknown): ApiFailure {
    if (thrown instanceof ApiFailure) return thrown;
    if (typeof thrown === "object" && thrown !== null && "message" in thrown) {
      const { code, message } = thrown as { code?: ErrorCode | null; message: unknown };
      return new ApiFailure(code ?? null, String(message));
    }
    return new ApiFailure(null, String(thrown));
  }
}

let current: Platform | undefined;

/** Chooses the host; called once at the start and by tests. */
export function setPlatform(chosen: Platform): void {
  current = chosen;
}

/** The host. */
export function platform(): Platform {
  if (!current) throw new Error("No platform was chosen before it was needed");
  return current;
}
