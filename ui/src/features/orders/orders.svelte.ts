// The order that is being thought of: looked at before it is given, and given exactly as it was
// looked at. One for the window; `OrderDialog` draws it.
import type { OrderAction } from "../../bindings/OrderAction";
import type { OrderEnd } from "../../bindings/OrderEnd";
import type { OrderPreview } from "../../bindings/OrderPreview";
import type { OrderTarget } from "../../bindings/OrderTarget";
import { ApiFailure, platform } from "../../platform/platform";
import { changes } from "../../shared/changes.svelte";
import { time } from "../../shared/time/time.svelte";

class OrderController {
  shown = $state(false);
  /** What the caller calls the target until the host has told its name. */
  name = $state("");
  target = $state.raw<OrderTarget | null>(null);
  action = $state.raw<OrderAction>({ kind: "resume" });
  preview = $state.raw<OrderPreview | null>(null);
  end = $state.raw<OrderEnd | null>(null);
  error = $state.raw<ApiFailure | null>(null);
  giving = $state(false);
  /** What is on its way belongs to the question asked last. */
  #asked = 0;

  /** Whether orders can be given: never to the past. */
  get possible(): boolean {
    return !time.past;
  }

  /** Opens the question. */
  ask(target: OrderTarget, action: OrderAction, name: string): void {
    if (!this.possible) return;
    this.name = name;
    this.target = target;
    this.shown = true;
    void this.look(action);
  }

  /** Looks at what an order would do; also when one of its figures was changed. */
  async look(action: OrderAction): Promise<void> {
    if (!this.target) return;
    const asked = ++this.#asked;
    this.action = action;
    this.preview = null;
    this.end = null;
    this.error = null;
    try {
      const preview = await platform().call("order_preview", { target: this.target, action });
      if (asked === this.#asked) this.preview = preview;
    } catch (thrown) {
      if (asked === this.#asked) this.error = ApiFailure.from(thrown);
    }
  }

  /** Gives the order that was looked at. */
  async give(): Promise<void> {
    const { preview } = this;
    if (!preview || this.giving || !this.possible) return;
    const asked = ++this.#asked;
    this.giving = true;
    try {
      const end = await platform().call("order", { token: preview.token });
      if (asked === this.#asked) this.end = end;
    } catch (thrown) {
      if (asked === this.#asked) this.error = ApiFailure.from(thrown);
    } finally {
      this.giving = false;
      changes.mark(["audit", "events"]);
    }
  }
}

export const orders = new OrderController();
