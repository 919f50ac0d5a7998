// Text of the window. A feature brings its own catalogue: `export const t = defineCatalogue({ en, es })`;
// the type of `es` follows from `en`, so that a forgotten translation does not compile.
//
// In a text `{name}` is a parameter and `{n:process|processes}` chooses by the number `n`. Parameters
// come from the machine: what cannot be seen of one is made visible here, whoever brings it.
import { visibleText } from "../table/visible-text";

export type Locale = "en" | "es";
export type Parameters = Record<string, string | number>;

class Language {
  #locale = $state<Locale>("en");

  get locale(): Locale {
    return this.#locale;
  }

  set locale(locale: Locale) {
    this.#locale = locale;
    document.documentElement.lang = locale;
  }
}

export const language = new Language();

const plurals: Record<Locale, Intl.PluralRules> = {
  en: new Intl.PluralRules("en"),
  es: new Intl.PluralRules("es"),
};

export function fill(text: string, parameters: Parameters, locale: Locale): string {
  return text.replace(/\{(\w+)(?::([^|}]*)\|([^}]*))?\}/g, (whole, name, one, other) => {
    const value = parameters[name];
    if (value === undefined) return whole;
    if (one === undefined) return visibleText(String(value), Infinity);
    return plurals[locale].select(Number(value)) === "one" ? one : other;
  });
}

export type Translate<Key extends string> = ((key: Key, parameters?: Parameters) => string) & {
  texts: Record<Locale, Record<Key, string>>;
};

export function defineCatalogue<En extends Record<string, string>>(texts: {
  en: En;
  es: { [K in keyof En]: string };
}): Translate<keyof En & string> {
  const translate = (key: keyof En & string, parameters: Parameters = {}) =>
    fill(texts[language.locale][key], parameters, language.locale);
  return Object.assign(translate, { texts });
}

/** What is said for a key in every language, that of the window first; nothing for a key that is none. */
export function inEach(
  { texts }: { texts: Record<Locale, Partial<Record<string, string>>> },
  key: string,
): string[] {
  const own = texts[language.locale];
  const all = [own, ...Object.values(texts).filter((other) => other !== own)];
  return all.map((one) => one[key]).filter((text) => text !== undefined);
}
