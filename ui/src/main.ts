// Chooses the host and mounts the window. `language-tag` comes first: see there.
import "./shared/language-tag";
import { setPlatform, type Platform } from "./platform/platform";

declare global {
  interface Window {
    iraFault?: { show(fault: unknown): void; mounted(): void };
  }
}

/** Loaded on demand, so that the web page never runs the desktop's code and the reverse. */
async function choosePlatform(): Promise<Platform> {
  if ("__TAURI_INTERNALS__" in window) return (await import("./platform/tauri")).tauriPlatform();
  const fake = new URLSearchParams(location.search).get("fake");
  if (fake !== null) return (await import("./platform/fake-page")).fakePage(fake);
  return (await import("./platform/http")).httpPlatform();
}

async function start() {
  setPlatform(await choosePlatform());
  // Imported only now: the chart library looks at the language while it is imported.
  const { mountApp } = await import("./mount");
  mountApp(document.getElementById("app")!);
  window.iraFault?.mounted();
}

start().catch((fault: unknown) => window.iraFault?.show(fault));
