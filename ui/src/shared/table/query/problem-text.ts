/** What is wrong with a query, in plain words and with the way out. */
import { t } from "../i18n";
import type { Problem } from "./compile";

export function problemText(problem: Problem): string {
  const field = problem.field;
  const value = problem.term.values[0] ?? "10";
  switch (problem.code) {
    case "unknown_field":
      return problem.near
        ? t("p_unknown_field_near", { field, near: problem.near })
        : t("p_unknown_field", { field });
    case "no_value":
      return t("p_no_value", { field, example: `${field}${problem.term.op}10` });
    case "unknown_choice":
      return t("p_unknown_choice", {
        field,
        value: problem.value,
        choices: problem.choices.join(", "),
      });
    case "no_unit":
      return t("p_no_unit", { field, value: problem.value, op: problem.term.op });
    case "not_an_amount":
      return t(AMOUNT_TEXTS[problem.kind], { field, value: problem.value });
    case "compare_amount":
      return t("p_compare_amount", { field, value });
    case "cannot_compare":
      return t("p_cannot_compare", { field, value });
  }
}

const AMOUNT_TEXTS = {
  number: "p_amount_number",
  count: "p_amount_count",
  percent: "p_amount_percent",
  bytes: "p_amount_bytes",
  duration: "p_amount_duration",
} as const;
