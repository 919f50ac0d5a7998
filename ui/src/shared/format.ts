// Figures as people read them: a value and its unit apart, because the unit is drawn smaller.
import { language } from "./i18n/catalogue.svelte";
import { t } from "./i18n";
import { settings } from "./settings.svelte";

export interface FigureParts {
  value: string;
  /** With its own spacing decided by whoever draws it; empty for none. */
  unit: string;
}

/** Why a figure is not there. */
export type Missing = "not_measured" | "denied";

type MaybeNumber = number | null | undefined;

/** Drawn where there is no figure; never 0, which would be a claim. */
export const NO_FIGURE: FigureParts = { value: "–", unit: "" };

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

const formats = new Map<string, Intl.NumberFormat>();

function decimal(value: number, digits: number): string {
  const key = `${language.locale}${digits}`;
  let format = formats.get(key);
  if (!format) {
    format = new Intl.NumberFormat(language.locale, {
      minimumFractionDigits: digits,
      maximumFractionDigits: digits,
    });
    formats.set(key, format);
  }
  // A value that rounds to zero must not show as "-0".
  return format.format(Math.abs(value) < 0.5 / 10 ** digits ? 0 : value);
}

/** A share 0 to 1 as percent. */
export function share(ratio: MaybeNumber, digits = 1): FigureParts {
  if (ratio === null || ratio === undefined) return NO_FIGURE;
  return { value: decimal(ratio * 100, digits), unit: "%" };
}

/** CPU given as a share of one core, shown per machine or per core as the settings say. */
export function cpu(ratio: MaybeNumber, cpu_count: number, digits = 1): FigureParts {
  if (ratio === null || ratio === undefined) return NO_FIGURE;
  return share(cpuShare(ratio, cpu_count), digits);
}

/** CPU given as a share of one core, as the ratio that `cpu` shows. */
export function cpuShare(ratio: number, cpu_count: number): number {
  return settings.value.cpu_per === "machine" ? ratio / Math.max(1, cpu_count) : ratio;
}

const IEC = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];
const SI = ["B", "kB", "MB", "GB", "TB", "PB"];

/** Bytes with about three digits; whole ones below a GiB, where more would be noise. */
export function bytes(amount: MaybeNumber): FigureParts {
  return scaledBytes(amount, (scaled, step) =>
    step <= 2 ? (scaled >= 9.95 ? 0 : 1) : three(scaled),
  );
}

/** Bytes per second. */
export function rate(bytes_per_sec: MaybeNumber): FigureParts {
  const parts = scaledBytes(bytes_per_sec, (scaled, step) =>
    step <= 1 ? (scaled >= 9.95 ? 0 : 1) : three(scaled),
  );
  return parts.unit ? { value: parts.value, unit: `${parts.unit}/s` } : parts;
}

/** Decimals that make three significant digits. */
function three(scaled: number): number {
  return scaled >= 99.95 ? 0 : scaled >= 9.995 ? 1 : 2;
}

function scaledBytes(
  amount: MaybeNumber,
  decimals: (scaled: number, step: number) => number,
): FigureParts {
  if (amount === null || amount === undefined) return NO_FIGURE;
  const iec = settings.value.byte_units === "iec";
  const base = iec ? 1024 : 1000;
  const units = iec ? IEC : SI;
  let scaled = Math.abs(amount);
  let step = 0;
  // 999.5 would be drawn as 1000: four digits where three are meant.
  while (scaled >= 999.5 && step < units.length - 1) {
    scaled /= base;
    step += 1;
  }
  const digits = step === 0 ? 0 : decimals(scaled, step);
  return { value: decimal(amount < 0 ? -scaled : scaled, digits), unit: units[step] ?? "B" };
}

/** A plain number. */
export function plain(value: number, digits: number): string {
  return decimal(value, digits);
}

/** A whole number with separators. */
export function count(amount: MaybeNumber): FigureParts {
  if (amount === null || amount === undefined) return NO_FIGURE;
  return { value: decimal(amount, 0), unit: "" };
}

/** How long, in its two largest units: "6 d 4 h", "4 h 51 min", "36 s". */
export function duration(ms: number): string {
  const whole = Math.max(0, ms);
  if (whole < SECOND_MS) return `${Math.round(whole)} ms`;
  if (whole < MINUTE_MS) return `${Math.round(whole / SECOND_MS)} s`;
  const part = (large_ms: number, large: string, small_ms: number, small: string) => {
    const units = Math.floor(whole / large_ms);
    const rest = Math.floor((whole % large_ms) / small_ms);
    return rest > 0 ? `${units} ${large} ${rest} ${small}` : `${units} ${large}`;
  };
  if (whole < HOUR_MS) return part(MINUTE_MS, "min", SECOND_MS, "s");
  if (whole < DAY_MS) return part(HOUR_MS, "h", MINUTE_MS, "min");
  return part(DAY_MS, "d", HOUR_MS, "h");
}

/** How long ago. */
export function ago(at_ms: number, now_ms: number): string {
  return t("ago", { duration: duration(now_ms - at_ms) });
}

const dateFormats = new Map<string, Intl.DateTimeFormat>();

function dateFormat(name: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  // en-GB: day before month and 24 hours, which is what the tables are wide enough for.
  const locale = language.locale === "en" ? "en-GB" : language.locale;
  const key = locale + name;
  let format = dateFormats.get(key);
  if (!format) dateFormats.set(key, (format = new Intl.DateTimeFormat(locale, options)));
  return format;
}

/** "14:32:08", local. */
export function clock(at_ms: number): string {
  return dateFormat("clock", {
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    hourCycle: "h23",
  }).format(at_ms);
}

/** "14:32", local. */
export function clockMinutes(at_ms: number): string {
  return dateFormat("minutes", { hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).format(
    at_ms,
  );
}

/** "Tue 24 Nov", local. */
export function date(at_ms: number): string {
  return dateFormat("date", { weekday: "short", day: "numeric", month: "short" })
    .format(at_ms)
    .replace(",", "");
}

/** "24 Nov", local. */
export function day(at_ms: number): string {
  return dateFormat("day", { day: "numeric", month: "short" }).format(at_ms);
}

/** Date and time in full, for a tooltip. */
export function exact(at_ms: number): string {
  return `${dateFormat("exact", { dateStyle: "full" }).format(at_ms)}, ${clock(at_ms)}`;
}

/** The shortest that is clear: "14:32" today, "24 Nov" on another day, the year where it differs. */
export function since(at_ms: MaybeNumber, now_ms: number): string {
  if (at_ms === null || at_ms === undefined) return NO_FIGURE.value;
  const then = new Date(at_ms);
  const now = new Date(now_ms);
  if (then.toDateString() === now.toDateString()) return clockMinutes(at_ms);
  if (then.getFullYear() === now.getFullYear()) return day(at_ms);
  return String(then.getFullYear());
}

/** The end of an axis: a round number without the zeros after the point. */
export function roundText(parts: FigureParts): string {
  return text({ ...parts, value: parts.value.replace(/[.,]0+$/, "") });
}

/** Value and unit in one text, for names read aloud and tooltips. */
export function text({ value, unit }: FigureParts): string {
  return unit ? `${value} ${unit}` : value;
}

/** Bytes in the unit of another figure, so that parts can be read beside their whole. */
export function bytesLike(amount: MaybeNumber, like: FigureParts): FigureParts {
  if (amount === null || amount === undefined) return NO_FIGURE;
  const unit = like.unit.replace("/s", "");
  const power = Math.max(IEC.indexOf(unit), SI.indexOf(unit), 0);
  const scaled = amount / (IEC.includes(unit) && power > 0 ? 1024 : 1000) ** power;
  return {
    value: decimal(scaled, power < 2 ? 0 : three(scaled)),
    unit: like.unit,
  };
}
