// How the window looks: read once, applied to the document, saved when the user changes something.
import type { Settings } from "../bindings/Settings";
import { ApiFailure, platform } from "../platform/platform";
import { language, type Locale } from "./i18n/catalogue.svelte";
import { time } from "./time/time.svelte";

export const DEFAULT_SETTINGS: Settings = {
  theme: "system",
  density: "normal",
  cpu_per: "machine",
  byte_units: "iec",
  language: "system",
  span_s: null,
  sidebar_collapsed: false,
  columns: {},
};

/** The language asked for, or the system's where there is a catalogue for it. */
function localeOf(setting: Settings["language"]): Locale {
  if (setting !== "system") return setting;
  return navigator.language.toLowerCase().startsWith("es") ? "es" : "en";
}

class SettingsController {
  value = $state.raw<Settings>(DEFAULT_SETTINGS);
  /** Why the last change could not be saved. */
  error = $state.raw<ApiFailure | undefined>();
  #light = matchMedia("(prefers-color-scheme: light)");

  /** The theme that is seen. */
  get theme(): "dark" | "light" {
    const { theme } = this.value;
    return theme === "system" ? (this.#light.matches ? "light" : "dark") : theme;
  }

  async load(): Promise<void> {
    try {
      this.#accept(await platform().call("settings", {}));
    } catch (thrown) {
      this.error = ApiFailure.from(thrown);
      this.#accept(this.value);
    }
  }

  /** Applies a change at once and saves it. */
  async change(changed: Partial<Settings>): Promise<void> {
    const next = { ...this.value, ...changed };
    this.#accept(next);
    try {
      await platform().call("save_settings", next);
      this.error = undefined;
    } catch (thrown) {
      // It stays as chosen for this window; the settings view says that it is not kept.
      this.error = ApiFailure.from(thrown);
    }
  }

  /** Follows the system's theme; returns what ends it. */
  start(): () => void {
    const apply = () => this.#apply();
    this.#light.addEventListener("change", apply);
    return () => this.#light.removeEventListener("change", apply);
  }

  #accept(settings: Settings) {
    this.value = settings;
    language.locale = localeOf(settings.language);
    time.setDefaultSpan(settings.span_s === null ? null : settings.span_s * 1000);
    this.#apply();
  }

  #apply() {
    const root = document.documentElement;
    root.dataset.theme = this.theme;
    try {
      localStorage.setItem("ira.theme", this.theme);
    } catch {
      // Only saves a flash at the next start (public/fault.js reads it).
    }
    root.dataset.density = this.value.density;
  }
}

export const settings = new SettingsController();
