// An event in words.
import type { Event } from "../../bindings/Event";
import type { EventNote } from "../../bindings/EventNote";
import type { ExitStatus } from "../../bindings/ExitStatus";
import { clock } from "../../shared/format";
import { t as shared } from "../../shared/i18n";
import { orderWords } from "../../shared/order-words";
import { visibleText } from "../../shared/table/visible-text";
import { t } from "./i18n";

/** Names of signals that end programs (signal(7), Linux on x86 and ARM). */
const SIGNALS: Record<number, string> = {
  1: "SIGHUP",
  2: "SIGINT",
  3: "SIGQUIT",
  4: "SIGILL",
  5: "SIGTRAP",
  6: "SIGABRT",
  7: "SIGBUS",
  8: "SIGFPE",
  9: "SIGKILL",
  11: "SIGSEGV",
  13: "SIGPIPE",
  14: "SIGALRM",
  15: "SIGTERM",
  24: "SIGXCPU",
  25: "SIGXFSZ",
  31: "SIGSYS",
};

export function nameOf(event: Event): string {
  return event.name ?? event.application ?? t("machine");
}

/** How it ended; empty where that is not known. */
export function howEnded(note: EventNote): string {
  if (note.out_of_memory) return t("how_memory");
  return note.status === null ? "" : statusWords(note.status);
}

/** With what it ended. */
export function statusWords(status: ExitStatus): string {
  if ("code" in status) return t("how_code", { code: status.code });
  const { signal } = status;
  const name = SIGNALS[signal];
  return name ? t("how_signal", { signal, name }) : t("how_signal_only", { signal });
}

/** What happened to it. */
export function saying(event: Event): string {
  const { kind, note } = event;
  const word = shared(`event_${kind}`);
  if (!note) return [word, event.detail && orderWords(event.detail)].filter(Boolean).join(" ");
  const last = note.last_ms === null ? "" : clock(note.last_ms);
  switch (kind) {
    case "ports_opened":
    case "ports_closed": {
      const ports = note.ports.map(({ protocol, port }) =>
        protocol === "tcp" ? String(port) : `${protocol} ${port}`,
      );
      return t(kind, { n: ports.length, ports: ports.join(", ") });
    }
    case "version_changed":
      return t("version", {
        before: visibleText(note.version_before ?? "?"),
        after: visibleText(note.version ?? "?"),
      });
    case "crash_loop":
      return t("loop_n", { n: note.count, time: last || clock(event.at_ms) });
    case "given_up":
      return t("given_up_n", { n: note.count });
    case "many":
      return t("many_n", { n: note.count });
    case "stopped":
      if (note.ordered) return t("stopped_by_order");
      if (note.moved) return t("moved");
      return note.status && !("code" in note.status) ? `${word}: ${howEnded(note)}` : word;
    case "restarted":
      return note.part ? t("part_again", { process: visibleText(note.process ?? "?") }) : word;
    case "crashed":
    case "out_of_memory": {
      const how = kind === "out_of_memory" ? word : `${word}: ${howEnded(note)}`;
      return note.part ? t("part_of_it", { process: visibleText(note.process ?? "?"), how }) : how;
    }
    default:
      return word;
  }
}

export function words(event: Event): string {
  return `${nameOf(event)} ${saying(event)}`;
}
