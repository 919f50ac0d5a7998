// A fresh window on the invented machine for each test.
import axe from "axe-core";
import { tick } from "svelte";
import { FakePlatform } from "../src/platform/fake";
import { hostFrameAt } from "../src/platform/fake/host";
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

/** The same after its first tick, with the settings that are kept. */
export async function runningWindow(): Promise<FakePlatform> {
  const fake = fakeWindow();
  time.tick({ ...hostFrameAt(fake.now_ms) });
  await settings.load();
  return fake;
}

/** What axe finds in the page, as far as that can be told of a page that is not drawn. */
export async function violations(): Promise<string[]> {
  const found = await axe.run(document.body, {
    rules: { "color-contrast": { enabled: false }, region: { enabled: false } },
  });
  return found.violations.map(
    ({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join("\n")}`,
  );
}

/** Lets promises and effects come to rest. */
export async function settled(rounds = 6): Promise<void> {
  for (let round = 0; round < rounds; round++) {
    await new Promise((resolve) => setTimeout(resolve));
    await tick();
  }
}
