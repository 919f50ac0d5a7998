// The window without a back end: `?fake` stands still until `iraFake.tick()` is called from the
// console or a script, `?fake=live` ticks each second as a back end would.
import { FakePlatform } from "./fake";

declare global {
  interface Window {
    iraFake?: FakePlatform;
  }
}

export function fakePage(mode: string): FakePlatform {
  const fake = new FakePlatform();
  window.iraFake = fake;
  if (mode === "live") setInterval(() => fake.tick(), 1000);
  return fake;
}
