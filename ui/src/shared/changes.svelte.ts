// What went stale. One subscription to `changed` for the whole window; a view that reads
// `changes.version(topic)` in an effect runs it again when that topic went stale.
import { SvelteMap } from "svelte/reactivity";
import { COMMANDS } from "../bindings/commands";
import type { Topic } from "../bindings/Topic";
import { platform } from "../platform/platform";

class Changes {
  // All of them from the start: who reads a key that is not there hears of every new one.
  #versions = new SvelteMap<Topic, number>(
    Object.values(COMMANDS).flatMap(({ topics }) => topics.map((topic) => [topic, 0])),
  );

  version(topic: Topic): number {
    return this.#versions.get(topic) ?? 0;
  }

  /** Topics that went stale, by the host or by an order of this window. */
  mark(topics: readonly Topic[]): void {
    for (const topic of topics) this.#versions.set(topic, (this.#versions.get(topic) ?? 0) + 1);
  }

  /** Listens to the host; returns what ends it. */
  start(): () => void {
    return platform().subscribe("changed", ({ frame }) => {
      if (frame.kind === "changed") this.mark(frame.topics);
    });
  }
}

export const changes = new Changes();
