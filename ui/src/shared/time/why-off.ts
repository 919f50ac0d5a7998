import { t } from "../i18n";
import { time } from "./time.svelte";

/** Why what changes something is off, for its title; `undefined` where it is not. */
export function whyOff(in_past: string): string | undefined {
  if (time.opened) return t("off_opened");
  return time.past ? in_past : undefined;
}
