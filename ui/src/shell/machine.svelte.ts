// The machine that is watched, and whether it can be heard: one host stream for the whole window.
import type { Machine } from "../bindings/Machine";
import { platform, type StreamState } from "../platform/platform";
import { ask, type Held } from "../shared/live.svelte";
import { time } from "../shared/time/time.svelte";
import { visibility } from "../shared/visibility.svelte";

class MachineModel {
  /** Whether the host stream is there; open until the contrary is known. */
  connection = $state<StreamState>("open");
  #held = $state.raw<Held<Machine> | undefined>();

  get facts(): Machine | undefined {
    return this.#held?.data;
  }

  get error() {
    return this.#held?.error;
  }

  /** Called once while the frame of the window is set up. */
  start(): void {
    this.#held = ask(
      // Asked again when the connection is there again: it may be another program then.
      () => (this.connection === "open" ? {} : null),
      () => platform().call("machine", {}),
      ["machine"],
    );
    $effect(() => {
      if (!visibility.visible) return;
      return platform().subscribe(
        "host",
        ({ frame }) => {
          if (frame.kind === "host") time.tick(frame);
        },
        (state) => {
          this.connection = state;
          time.lost = state === "lost";
        },
      );
    });
  }
}

export const machine = new MachineModel();
