// Corrections of the invented machine: kept and previewed, while its applications stay as they are.
import type { Commands } from "../../bindings/commands";
import type { CorrectionDraft } from "../../bindings/CorrectionDraft";
import type { CorrectionMatcher } from "../../bindings/CorrectionMatcher";
import type { CorrectionMove } from "../../bindings/CorrectionMove";
import type { CorrectionProblem } from "../../bindings/CorrectionProblem";
import type { CorrectionRow } from "../../bindings/CorrectionRow";
import type { ProcessRow } from "../../bindings/ProcessRow";
import type { Reattribution } from "../../bindings/Reattribution";
import { ApiFailure } from "../platform";
import { APPLICATIONS, RECORDED_FROM_MS } from "./world";

type Names =
  | "corrections"
  | "preview_correction"
  | "save_correction"
  | "delete_correction"
  | "export_corrections"
  | "import_corrections"
  | "stop_reattribution";
type Handlers = {
  [K in Names]: (request: Commands[K]["request"]) => Commands[K]["response"];
};

const nameOf = (id: string | null) => APPLICATIONS.find((one) => one.id === id)?.name ?? null;

function matches({ form, text }: CorrectionMatcher, command: string): boolean {
  if (form === "equal") return command === text;
  if (form === "prefix") return command.startsWith(text);
  return new RegExp(text).test(command);
}

export class FakeCorrections {
  rows: CorrectionRow[] = [];
  reattribution: Reattribution = { done: 0, all: 0, stopped: false, done_after_ms: null };
  #next = 1;

  constructor(
    readonly processes: () => ProcessRow[],
    readonly changed: () => void,
  ) {}

  handlers: Handlers = {
    corrections: () => ({ corrections: this.rows, reattribution: this.reattribution }),
    preview_correction: ({ correction, hours }) => {
      const problem = this.#problem(correction);
      const found = problem ? [] : this.#processes(correction);
      const moves = this.#moves(correction, found);
      return {
        problem,
        now: moves,
        past: moves.map((move) => ({ ...move, process_count: move.process_count * 3 })),
        examples: found.slice(0, 5).map((process) => process.command),
        past_from_ms: problem || hours === 0 ? null : RECORDED_FROM_MS,
      };
    },
    save_correction: (draft) => {
      const problem = this.#problem(draft);
      if (problem) throw new ApiFailure("invalid", problem.message);
      const { application, matcher, action } = draft;
      const row: CorrectionRow = {
        id: draft.id ?? this.#next++,
        application,
        application_name: nameOf(application),
        matcher,
        action:
          action.kind === "belongs_to" ? { ...action, name: nameOf(action.application) } : action,
        target: this.#target(draft),
      };
      this.rows = [...this.rows.filter(({ id }) => id !== row.id), row];
      this.#begin();
      return row;
    },
    delete_correction: ({ id }) => {
      const row = this.rows.find((one) => one.id === id);
      if (!row) throw new ApiFailure("not_found", `There is no rule ${id} any more`);
      this.rows = this.rows.filter((one) => one !== row);
      this.#begin();
      return { id: null, application: row.application, matcher: row.matcher, action: row.action };
    },
    export_corrections: () => ({
      text: this.rows.map((row) => `[[correction]] # ${row.id}\n`).join("\n"),
    }),
    import_corrections: ({ text }) => {
      const added = text.split("[[correction]]").length - 1;
      if (added === 0) throw new ApiFailure("invalid", "line 1: unknown field");
      return { added, there: 0 };
    },
    stop_reattribution: ({ stopped }) => {
      this.reattribution = { ...this.reattribution, stopped };
      this.changed();
      return this.reattribution;
    },
  };

  /** The past follows so far. */
  follow(done: number): void {
    const done_after_ms = done < this.reattribution.all ? RECORDED_FROM_MS : null;
    this.reattribution = { ...this.reattribution, done, done_after_ms };
    this.changed();
  }

  #begin() {
    this.reattribution = { done: 0, all: 200, stopped: false, done_after_ms: null };
    this.changed();
  }

  #target({ action }: CorrectionDraft): string | null {
    if (action.kind === "belongs_to") return action.application;
    return action.kind === "separate" ? `custom:${action.name}` : null;
  }

  #processes({ application, matcher }: CorrectionDraft): ProcessRow[] {
    return this.processes().filter(
      (process) =>
        (application === null || process.application === application) &&
        (matcher === null || matches(matcher, process.command)),
    );
  }

  #moves(draft: CorrectionDraft, found: ProcessRow[]): CorrectionMove[] {
    const { action } = draft;
    const counts = new Map<string, number>();
    for (const { application } of found)
      if (application) counts.set(application, (counts.get(application) ?? 0) + 1);
    return [...counts].map(([from, process_count]) => {
      const to = action.kind === "rename" ? from : this.#target(draft);
      const named = action.kind === "rename" || action.kind === "separate" ? action.name : null;
      return { from, from_name: nameOf(from), to, to_name: named ?? nameOf(to), process_count };
    });
  }

  #problem(draft: CorrectionDraft): CorrectionProblem | null {
    const other = this.rows.find(
      (row) =>
        row.application === this.#target(draft) && row.target === draft.application && row.target,
    );
    if (other)
      return {
        kind: "loop",
        other: other.id,
        message: `that would go round in a circle, by rule ${other.id}`,
      };
    try {
      if (draft.matcher?.form === "pattern") new RegExp(draft.matcher.text);
    } catch {
      return { kind: "pattern", other: null, message: "not a regular expression" };
    }
    const texts = [draft.matcher?.text, "name" in draft.action ? draft.action.name : undefined];
    if (texts.includes(""))
      return { kind: "text", other: null, message: "the text must be 1 to 512 characters" };
    return null;
  }
}
