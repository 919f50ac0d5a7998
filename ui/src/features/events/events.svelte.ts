// Events of the span, once for the window: glyphs of the time bar and the list of Overview.
import type { Event } from "../../bindings/Event";
import type { Events } from "../../bindings/Events";
import { platform } from "../../platform/platform";
import { spanToAsk } from "../../shared/charts/span-series.svelte";
import { ask, type Held } from "../../shared/live.svelte";

const LIMIT = 2000;

class EventsModel {
  #held = $state.raw<Held<Events> | undefined>();

  /** Called once while the frame of the window is set up. */
  start(): void {
    this.#held = ask(
      () => {
        const span = spanToAsk();
        return span && { ...span, application: null, limit: LIMIT };
      },
      (request) => platform().call("events", request),
      ["events"],
    );
  }

  /** Ascending by time. */
  get all(): readonly Event[] {
    return this.#held?.data?.events ?? [];
  }

  get more(): boolean {
    return this.#held?.data?.more ?? false;
  }

  get loading(): boolean {
    return this.#held?.loading ?? true;
  }

  get error() {
    return this.#held?.error;
  }

  refresh(): void {
    this.#held?.refresh();
  }

  /** The nearest event before or after a moment. */
  beside(at_ms: number, direction: -1 | 1): Event | undefined {
    // A second away at least: pressing again must lead further.
    return direction < 0
      ? this.all.findLast((event) => event.at_ms < at_ms - 999)
      : this.all.find((event) => event.at_ms > at_ms + 999);
  }
}

export const events = new EventsModel();
