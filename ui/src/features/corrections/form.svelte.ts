/** What the user is about to correct, as the form has it. One for each time the form is opened. */
import type { CorrectionAction } from "../../bindings/CorrectionAction";
import type { CorrectionDraft } from "../../bindings/CorrectionDraft";
import type { CorrectionField } from "../../bindings/CorrectionField";
import type { CorrectionForm } from "../../bindings/CorrectionForm";
import type { CorrectionRow } from "../../bindings/CorrectionRow";

export const MODES = ["rename", "merge", "split", "belongs", "ignore"] as const;
export const FIELDS = ["command_line", "executable", "folder"] as const;
export const FORMS = ["prefix", "equal", "pattern"] as const;
export type Mode = (typeof MODES)[number];

/** The longest text that is matched; a longer command line is matched by its beginning. */
const LONGEST = 512;

/** The application it is about, and what is known around it. */
export interface Subject {
  id: string;
  name: string;
  /** Command lines of its processes. */
  commands: readonly string[];
  /** Other applications that run. */
  others: readonly { id: string; name: string }[];
}

export class DraftForm {
  mode = $state<Mode>("rename");
  name = $state("");
  target = $state("");
  field = $state<CorrectionField>("command_line");
  form = $state<CorrectionForm>("prefix");
  text = $state("");
  /** Only processes of this application. */
  within = $state(true);

  constructor(
    readonly subject: Subject,
    readonly rules: readonly CorrectionRow[],
  ) {
    const renamed = this.#renaming;
    this.name = renamed?.action.kind === "rename" ? renamed.action.name : "";
  }

  /** Fills the condition in from one process. */
  take(command: string): void {
    this.field = "command_line";
    this.form = [...command].length > LONGEST ? "prefix" : "equal";
    this.text = [...command].slice(0, LONGEST).join("");
  }

  /** Looks at that of a process. */
  look(field: string): void {
    this.field = FIELDS.find((one) => one === field) ?? this.field;
  }

  /** Compares it so. */
  compare(form: string): void {
    this.form = FORMS.find((one) => one === form) ?? this.form;
  }

  /** Whether it says which processes, and not just which application. */
  get matches(): boolean {
    return this.mode === "split" || this.mode === "belongs";
  }

  /** Whether all that it needs was said; what it says may still be wrong. */
  get complete(): boolean {
    if (this.matches && this.text === "") return false;
    if ((this.mode === "rename" || this.mode === "split") && this.name.trim() === "") return false;
    return !((this.mode === "merge" || this.mode === "belongs") && this.target === "");
  }

  get draft(): CorrectionDraft {
    const { field, form, text } = this;
    return {
      id: this.mode === "rename" ? (this.#renaming?.id ?? null) : null,
      application: this.matches && !this.within ? null : this.subject.id,
      matcher: this.matches ? { field, form, text } : null,
      action: this.#action,
    };
  }

  /** Another name for what has one takes its place. */
  get #renaming(): CorrectionRow | undefined {
    return this.rules.find(
      ({ application, action }) => application === this.subject.id && action.kind === "rename",
    );
  }

  get #action(): CorrectionAction {
    switch (this.mode) {
      case "rename":
        return { kind: "rename", name: this.name.trim() };
      case "split":
        return { kind: "separate", name: this.name.trim() };
      case "ignore":
        return { kind: "ignore" };
      default: {
        const named = this.subject.others.find(({ id }) => id === this.target)?.name ?? null;
        return { kind: "belongs_to", application: this.target, name: named };
      }
    }
  }
}
