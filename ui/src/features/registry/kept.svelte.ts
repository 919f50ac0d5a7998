/** Applications that are kept, as a view holds them. Called while a view is set up. */
import type { Registrations } from "../../bindings/Registrations";
import { platform } from "../../platform/platform";
import { ask, type Held } from "../../shared/live.svelte";

export function kept(): Held<Registrations> {
  return ask(
    () => ({}),
    () => platform().call("registrations", {}),
    ["registrations"],
  );
}
