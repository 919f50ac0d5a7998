// An event in words.
import type { Event } from "../../bindings/Event";
import { t as shared } from "../../shared/i18n";
import { t } from "./i18n";

export function nameOf(event: Event): string {
  return event.name ?? event.application ?? t("machine");
}

/** What happened to it. */
export function saying(event: Event): string {
  return [shared(`event_${event.kind}`), event.detail].filter(Boolean).join(" ");
}

export function words(event: Event): string {
  return `${nameOf(event)} ${saying(event)}`;
}
