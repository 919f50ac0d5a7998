// Checks in the language of the window. What the system said, and commands, stay as they are.
import type { Check } from "../../bindings/Check";
import { bytes, duration, plain, rate, share, text } from "../../shared/format";
import { visibleText } from "../../shared/table/visible-text";
import { t } from "./i18n";

type Key = Parameters<typeof t>[0];
const known = (key: string): key is Key => key in t.texts.en;
const ms = (value: number) => `${plain(value, value < 10 ? 1 : 0)} ms`;

export function nameOf({ code, name }: Check): string {
  const key = `what_${code}`;
  return known(key) ? t(key) : visibleText(name);
}

export function remedyOf({ code, remedy }: Check): string | null {
  const key = `do_${code}`;
  return remedy !== null && known(key) ? t(key) : remedy;
}

export function foundOf({ found, detail }: Check): string {
  switch (found.found) {
    case "said":
      return visibleText(detail, 2000);
    case "sampled":
      return t("sampled", {
        n: found.processes,
        tick: ms(found.tick_ms),
        late: found.overruns,
      });
    case "cost": {
      const { cost } = found;
      return t("cost", {
        cpu: text(share(cost.cpu_ratio, 2)),
        cpu_allowed: text(share(cost.budget_cpu_ratio, 0)),
        memory: text(bytes(cost.memory_bytes)),
        memory_allowed: text(bytes(cost.budget_memory_bytes)),
        writes: text(rate(cost.write_bytes_per_sec)),
        read: ms(cost.read_ms),
        derive: ms(cost.derive_ms),
        record: ms(cost.record_ms),
      });
    }
    case "kept_elsewhere":
      return found.pid === null ? t("kept_elsewhere") : t("kept_elsewhere_pid", { pid: found.pid });
    case "opened":
      return t("opened", { file: found.file, hostname: found.hostname });
    case "database": {
      const parameters = { path: found.path, size: text(bytes(found.bytes)) };
      if (found.set_aside !== null)
        return t("set_aside", { ...parameters, aside: found.set_aside });
      return !found.span_ms
        ? t("database_empty", parameters)
        : t("database", { ...parameters, span: duration(found.span_ms) });
    }
    default:
      return t(found.found);
  }
}
