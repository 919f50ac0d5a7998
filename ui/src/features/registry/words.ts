// What is wrong with a field, as a person would say it.
import type { RegistrationProblem } from "../../bindings/RegistrationProblem";
import { visibleText } from "../../shared/table/visible-text";
import { t } from "./i18n";

export interface Said {
  text: string;
  is_warning: boolean;
}

export const problemOf = ({ kind, about, most }: RegistrationProblem): string =>
  t(`problem_${kind}`, { about: visibleText(about ?? ""), most: most ?? "" });
