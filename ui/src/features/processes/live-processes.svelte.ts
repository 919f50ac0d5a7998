/** All processes of the chosen moment: the stream put together now, one answer in the past. */
import { platform } from "../../platform/platform";
import { live, type Held } from "../../shared/live.svelte";
import { RecentlyEnded, seenLeaving } from "./ended";
import type { Snapshot } from "./list.svelte";
import { ProcessMap } from "./process-map";

/** With `keep_ended`, processes that ended stay in sight, so that rows do not jump. */
export function liveProcesses(keep_ended: () => boolean = () => false): Held<Snapshot> {
  const map = new ProcessMap();
  const ended = new RecentlyEnded();
  return live<Snapshot>({
    stream: "processes",
    frame: (frame, shown) => {
      if (frame.kind !== "processes") return undefined;
      if (!shown) {
        map.clear();
        ended.clear();
      }
      const keep = keep_ended();
      if (!keep) map.dropEnded();
      const left = seenLeaving(frame.gone, frame.ended, (key) => map.get(key));
      map.apply(frame, keep);
      return {
        at_ms: frame.at_ms,
        host: frame.host,
        rows: map.rows(),
        hasEnded: (key) => map.hasEnded(key),
        ended: ended.add(frame.at_ms, [...left, ...frame.ended]),
      };
    },
    query: async (at_ms) => {
      const answer = await platform().call("processes", { at_ms });
      const { host, processes, ended: then } = answer;
      return { at_ms: answer.at_ms, host, rows: processes, hasEnded: () => false, ended: then };
    },
  });
}
