// A correction and what is wrong with one, as a person would say it.
import type { CorrectionMove } from "../../bindings/CorrectionMove";
import type { CorrectionProblem } from "../../bindings/CorrectionProblem";
import type { CorrectionRow } from "../../bindings/CorrectionRow";
import { visibleText } from "../../shared/table/visible-text";
import { t } from "./i18n";

const shown = (name: string | null, id: string | null) => visibleText(name ?? id ?? "");

/** Which processes it is about. */
export function conditionOf({ application, application_name, matcher }: CorrectionRow): string {
  const name = shown(application_name, application);
  if (!matcher) return t("all_of", { name });
  const parameters = { text: visibleText(matcher.text) };
  const condition = `${t(`field_${matcher.field}`)} ${t(`form_${matcher.form}_text`, parameters)}`;
  return application === null ? condition : t("condition_within", { condition, name });
}

/** What becomes of them. */
export function actionOf({ action }: CorrectionRow): string {
  switch (action.kind) {
    case "belongs_to":
      return t("done_belongs_to", { name: shown(action.name, action.application) });
    case "separate":
      return t("done_separate", { name: visibleText(action.name) });
    case "rename":
      return t("done_rename", { name: visibleText(action.name) });
    case "ignore":
      return t("done_ignore");
  }
}

export function problemOf({ kind, other, message }: CorrectionProblem): string {
  // Of a pattern only the message knows what is wrong with it.
  if (kind === "pattern") return t("problem_pattern", { message });
  if (kind === "loop" && other === null) return t("problem_itself");
  return t(`problem_${kind}`, { other: other ?? "" });
}

/** Where processes go from and to. */
export function moveOf({ from, from_name, to, to_name }: CorrectionMove): string {
  const nowhere = t("no_application");
  const one = from === null ? nowhere : shown(from_name, from);
  const other = to === null ? nowhere : shown(to_name, to);
  return t("move", { from: one, to: other });
}
