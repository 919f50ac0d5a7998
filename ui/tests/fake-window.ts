// A fresh window on the invented machine for each test.
import { tick } from "svelte";
import { FakePlatform } from "../src/platform/fake";
import { setPlatform } from "../src/platform/platform";
import { DEFAULT_SETTINGS, settings } from "../src/shared/settings.svelte";
import { time } from "../src/shared/time/time.svelte";

export function fakeWindow(): FakePlatform {
  const fake = new FakePlatform();
  setPlatform(fake);
  history.replaceState(null, "", "#/");
  settings.value = { ...DEFAULT_SETTINGS, theme: "dark", language: "en" };
  settings.error = undefined;
  time.live({ settle: false });
  time.host = null;
  time.lost = false;
  // As the settings of the invented machine say.
  time.setDefaultSpan(6 * 3_600_000);
  return fake;
}

/** Lets promises and effects come to rest. */
export async function settled(rounds = 6): Promise<void> {
  for (let round = 0; round < rounds; round++) {
    await new Promise((resolve) => setTimeout(resolve));
    await tick();
  }
}
