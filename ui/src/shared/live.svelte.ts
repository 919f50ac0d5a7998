// The data of a view. `live()` follows a stream now and asks for the chosen moment in the past;
// `ask()` asks again whenever its input or a topic it depends on changes. Both are called while a
// component is set up, and end with it. Neither knows a timer.
import { untrack } from "svelte";
import type { Frame } from "../bindings/Frame";
import type { Stream } from "../bindings/Stream";
import type { Topic } from "../bindings/Topic";
import { ApiFailure, platform } from "../platform/platform";
import { changes } from "./changes.svelte";
import { Latest } from "./latest";
import { time } from "./time/time.svelte";
import { visibility } from "./visibility.svelte";

export interface Held<T> {
  /** What is shown; kept while the next is on its way. */
  readonly data: T | undefined;
  /** Why there is none. */
  readonly error: ApiFailure | undefined;
  /** Nothing was shown yet and something is on its way. */
  readonly loading: boolean;
  /** What is shown is not of the moment chosen: the next is on its way or the stream was lost. */
  readonly stale: boolean;
  /** Asks again, for a button beside an error. */
  refresh(): void;
}

class Holder<T> implements Held<T> {
  data = $state.raw<T | undefined>();
  error = $state.raw<ApiFailure | undefined>();
  stale = $state(false);
  again = $state(0);

  get loading(): boolean {
    return this.data === undefined && this.error === undefined;
  }

  accept = (data: T): void => {
    this.data = data;
    this.error = undefined;
    this.stale = false;
  };

  fail = (thrown: unknown): void => {
    this.error = ApiFailure.from(thrown);
    this.data = undefined;
    this.stale = false;
  };

  refresh(): void {
    this.again += 1;
  }
}

export interface LiveOptions<T> {
  stream: Stream;
  /** Data after a live frame; `undefined` leaves what is shown. */
  frame: (frame: Frame, shown: T | undefined) => T | undefined;
  /** Data of a past moment. */
  query: (at_ms: number) => Promise<T>;
}

/** Follows the chosen moment: the stream when it is now, one question for each past one. */
export function live<T>(options: LiveOptions<T>): Held<T> {
  const holder = new Holder<T>();
  const past = new Latest(options.query, holder.accept, holder.fail);

  $effect(() => {
    void holder.again;
    const at_ms = time.at_ms;
    if (at_ms !== null) {
      untrack(() => {
        holder.stale = holder.data !== undefined;
        past.ask(at_ms);
      });
      return;
    }
    if (!visibility.visible) return;
    // The first live frame replaces what was shown of the past, it does not add to it.
    let shown: T | undefined;
    untrack(() => {
      past.forget();
      holder.stale = holder.data !== undefined;
      holder.error = undefined;
    });
    return platform().subscribe(
      options.stream,
      ({ frame }) => {
        const next = options.frame(frame, shown);
        if (next === undefined) return;
        shown = next;
        holder.accept(next);
      },
      (state) => {
        holder.stale = state === "lost" && holder.data !== undefined;
      },
    );
  });
  $effect(() => () => past.forget());
  return holder;
}

/** Asks for `input()`; `null` means there is nothing to ask for yet. */
export function ask<Input, T>(
  input: () => Input | null,
  run: (input: Input) => Promise<T>,
  topics: readonly Topic[] = [],
): Held<T> {
  const holder = new Holder<T>();
  const latest = new Latest(run, holder.accept, holder.fail);

  $effect(() => {
    void holder.again;
    topics.forEach((topic) => changes.version(topic));
    if (!visibility.visible) return;
    const now = input();
    if (now === null) return;
    untrack(() => {
      holder.stale = holder.data !== undefined;
      latest.ask(now);
    });
  });
  $effect(() => () => latest.forget());
  return holder;
}
