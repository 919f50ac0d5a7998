/** Sizes, shares and durations as people type them. `null` where the text is none. */

const BINARY: Record<string, number> = { k: 1, m: 2, g: 3, t: 4, p: 5 };

/**
 * `100M`, `1.5GiB`, `800 kB`, `4096`. A bare letter follows the user's units; `MiB` and `MB` always
 * mean what they say.
 */
export function parseBytes(text: string, units: "iec" | "si"): number | null {
  const match = /^([\d.,]+)\s*(?:([kmgtp])(i?b)?|b)?(?:\/s)?$/i.exec(text.trim());
  if (!match) return null;
  const number = parseNumber(match[1] ?? "");
  if (number === null) return null;
  const letter = match[2]?.toLowerCase();
  if (letter === undefined) return number;
  const suffix = match[3]?.toLowerCase();
  const base = suffix === "ib" || (suffix === undefined && units === "iec") ? 1024 : 1000;
  return number * base ** (BINARY[letter] ?? 0);
}

/** `10`, `10%`, `0,5`: percent as it is shown. */
export function parsePercent(text: string): number | null {
  return parseNumber(text.trim().replace(/\s*%$/, ""));
}

const DURATIONS: Record<string, number> = { s: 1e3, m: 6e4, h: 36e5, d: 864e5 };

/** `90`, `90s`, `5m`, `2h`, `1d`, `1h30m`; without a unit, seconds. Gives milliseconds. */
export function parseDuration(text: string): number | null {
  const plain = parseNumber(text.trim());
  if (plain !== null) return plain * 1000;
  const parts = [...text.trim().matchAll(/([\d.,]+)\s*([smhd])/gi)];
  if (parts.length === 0 || parts.map((part) => part[0]).join("") !== text.replaceAll(" ", "")) {
    return null;
  }
  let sum = 0;
  for (const part of parts) {
    const number = parseNumber(part[1] ?? "");
    if (number === null) return null;
    sum += number * (DURATIONS[(part[2] ?? "s").toLowerCase()] ?? 0);
  }
  return sum;
}

/** A comma is a decimal comma: people write what they see. */
export function parseNumber(text: string): number | null {
  const plain = text.replace(",", ".");
  return /^\d+(\.\d+)?$/.test(plain) ? Number(plain) : null;
}
