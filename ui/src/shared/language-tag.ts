// Under a C locale WebKit reports the language "C", which is no tag: uPlot passes it to Intl when it
// is imported and throws, and the window stays blank. So this module is imported before all others.

/** The tag if Intl takes it, English otherwise. */
export function soundTag(tag: string): string {
  try {
    return Intl.getCanonicalLocales(tag)[0] ?? "en";
  } catch {
    return "en";
  }
}

const sound = soundTag(navigator.language);
if (sound !== navigator.language)
  Object.defineProperty(navigator, "language", { value: sound, configurable: true });
