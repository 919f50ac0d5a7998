// The order that is being thought of: looked at before it is given, and given exactly as it was
// looked at, to one or to several, each by itself. One for the window; `OrderDialog` draws it.
import type { OrderAction } from "../../bindings/OrderAction";
import type { OrderEnd } from "../../bindings/OrderEnd";
import type { OrderPreview } from "../../bindings/OrderPreview";
import type { OrderTarget } from "../../bindings/OrderTarget";
import { ApiFailure, platform } from "../../platform/platform";
import { changes } from "../../shared/changes.svelte";
import { time } from "../../shared/time/time.svelte";

/** Whom an order is for, and what the caller calls it until the host has told its name. */
export interface Named {
  target: OrderTarget;
  name: string;
}

/** More are not looked at together; the host holds a few more previews than that. */
export const MOST_TARGETS = 50;
/** Asked for at once: each may take its time, and a browser has only a few connections. */
const AT_ONCE = 4;

/** An order to one: looked at, and given at most once. */
export class OneOrder {
  readonly target: OrderTarget;
  readonly name: string;
  preview = $state.raw<OrderPreview | null>(null);
  end = $state.raw<OrderEnd | null>(null);
  error = $state.raw<ApiFailure | null>(null);
  giving = $state(false);
  /** It was to be given, and then was not. */
  left_out = $state(false);

  constructor({ target, name }: Named) {
    this.target = target;
    this.name = name;
  }

  async look(action: OrderAction): Promise<void> {
    try {
      this.preview = await platform().call("order_preview", { target: this.target, action });
    } catch (thrown) {
      this.error = ApiFailure.from(thrown);
    }
  }

  async give(): Promise<void> {
    if (!this.preview) return;
    this.giving = true;
    try {
      this.end = await platform().call("order", { token: this.preview.token });
    } catch (thrown) {
      this.error = ApiFailure.from(thrown);
    } finally {
      this.giving = false;
      changes.mark(["audit", "events"]);
    }
  }
}

/** One order to one or several. Made anew whenever it is looked at again. */
export class Batch {
  readonly action: OrderAction;
  readonly all: readonly OneOrder[];
  giving = $state(false);
  /** They were given; what came of it is at each. */
  given = $state(false);
  /** What was not begun stays undone. */
  #halted = $state(false);

  constructor(action: OrderAction, targets: readonly Named[]) {
    this.action = action;
    this.all = targets.map((one) => new OneOrder(one));
  }

  /** Those that can be given as they were looked at. */
  readonly ready = $derived.by(() => this.all.filter(({ preview, error }) => preview && !error));
  readonly looking = $derived.by(() => this.all.some(({ preview, error }) => !preview && !error));
  readonly waiting = $derived.by(
    () =>
      this.giving &&
      !this.#halted &&
      this.ready.some(({ giving, end, left_out }) => !giving && !end && !left_out),
  );
  readonly done = $derived.by(() => this.all.filter(({ end }) => end?.result === "done"));

  async look(): Promise<void> {
    await eachOf(this.all, async (one) => {
      if (!this.#halted) await one.look(this.action);
    });
  }

  /** Gives each by itself: what one comes to changes nothing for the others. */
  async give(): Promise<void> {
    this.giving = true;
    this.given = true;
    await eachOf(this.ready, async (one) => {
      if (this.#halted || !time.acts) one.left_out = true;
      else await one.give();
    });
    this.giving = false;
  }

  halt(): void {
    this.#halted = true;
  }
}

class OrderController {
  shown = $state(false);
  /** What the caller calls all of them together. */
  name = $state("");
  batch = $state.raw<Batch | null>(null);

  /** Whether orders can be given: never to the past, nor to a recording. */
  get possible(): boolean {
    return time.acts;
  }

  /** Opens the question. */
  ask(target: OrderTarget, action: OrderAction, name: string): void {
    this.askAll([{ target, name }], action, name);
  }

  /** Opens the question for several. */
  askAll(targets: readonly Named[], action: OrderAction, name: string): void {
    if (!this.possible || targets.length === 0 || targets.length > MOST_TARGETS) return;
    this.name = name;
    this.shown = true;
    void this.look(action, targets);
  }

  /** Looks at what an order would do; also when one of its figures was changed. */
  async look(
    action: OrderAction,
    targets: readonly Named[] = this.batch?.all ?? [],
  ): Promise<void> {
    // One that is being given goes on, whatever is asked meanwhile.
    if (!this.batch?.giving) this.batch?.halt();
    this.batch = new Batch(action, targets);
    await this.batch.look();
  }

  /** Gives what was looked at. */
  async give(): Promise<void> {
    const { batch } = this;
    if (!batch || batch.given || batch.looking || batch.ready.length === 0 || !this.possible)
      return;
    await batch.give();
  }
}

/** Does it to each, a few at once. */
async function eachOf<T>(all: readonly T[], work: (one: T) => Promise<void>): Promise<void> {
  const left = [...all];
  const next = async (): Promise<void> => {
    for (let one = left.shift(); one !== undefined; one = left.shift()) await work(one);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, next));
}

export const orders = new OrderController();
