// An order as the audit keeps it, in the language of the window. Signals, and orders of a newer Ira,
// stay as they are.
import { t } from "./i18n";
import { visibleText } from "./table/visible-text";

type Key = Parameters<typeof t>[0];
const known = (key: string): key is Key => key in t.texts.en;

export function orderWords(action: string): string {
  const [, nice] = /^priority (-?\d+)$/.exec(action) ?? [];
  if (nice !== undefined) return t("order_priority", { nice });
  const key = `order_${action.replace(/,? /, "_")}`;
  return known(key) ? t(key) : visibleText(action);
}
