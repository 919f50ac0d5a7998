/** Open files of an application: asked for by who shows them, again when a process came or went. */
import type { ApplicationFiles } from "../../bindings/ApplicationFiles";
import { platform } from "../../platform/platform";
import { ask, type Held } from "../../shared/live.svelte";
import { time } from "../../shared/time/time.svelte";

/** `members` names its processes, and is `null` until they are known. */
export function openFiles(id: string, members: () => string | null): Held<ApplicationFiles> {
  return ask(
    () => {
      // Of the past nothing is recorded, and of what does not run there is nothing to read.
      const now = members();
      return time.past || !now ? null : { id };
    },
    (request) => platform().call("application_files", request),
  );
}
