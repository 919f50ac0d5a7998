// What the invented machine keeps: checked and kept as the back end does it, in small.
import type { ApplicationKind } from "../../bindings/ApplicationKind";
import type { ApplicationRow } from "../../bindings/ApplicationRow";
import type { Applications } from "../../bindings/Applications";
import type { Commands } from "../../bindings/commands";
import type { FoundRegistrations } from "../../bindings/FoundRegistrations";
import type { RegistrationCheck } from "../../bindings/RegistrationCheck";
import type { RegistrationDraft } from "../../bindings/RegistrationDraft";
import type { RegistrationProblem } from "../../bindings/RegistrationProblem";
import type { RegistrationRow } from "../../bindings/RegistrationRow";
import { ApiFailure } from "../platform";
import { NOW_MS } from "./world";

type Names =
  | "registrations"
  | "registration_draft"
  | "check_registration"
  | "save_registration"
  | "delete_registration"
  | "find_registrations"
  | "export_registrations";
type Handlers = {
  [K in Names]: (request: Commands[K]["request"]) => Commands[K]["response"];
};

export const draftOf = (more: Partial<RegistrationDraft> = {}): RegistrationDraft => ({
  application: null,
  name: "",
  command_line: "",
  working_directory: null,
  environment: [],
  port: null,
  log_paths: [],
  restart: "never",
  enabled: false,
  notes: "",
  tags: [],
  ...more,
});

/** Cuts at blanks outside of quotes; `null` where a quotation is not closed. */
function split(line: string): string[] | null {
  if ((line.match(/["']/g) ?? []).length % 2 === 1) return null;
  return (line.match(/"[^"]*"|'[^']*'|\S+/g) ?? []).map((part) => part.replace(/^["']|["']$/g, ""));
}

export class FakeRegistrations {
  rows: RegistrationRow[] = [];
  /** What the next file holds; without it no file is known. */
  found: FoundRegistrations | null = null;

  constructor(
    /** Those that run now. */
    readonly running: () => ApplicationRow[],
    readonly changed: () => void,
  ) {}

  /** Keeps one without asking. */
  keep(draft: RegistrationDraft, more: Partial<RegistrationRow> = {}): RegistrationRow {
    const slug = draft.name.trim().toLowerCase().replace(/\W/g, "-");
    const application = draft.application ?? `custom:${slug}`;
    const row: RegistrationRow = {
      application,
      draft: { ...draft, application },
      command: split(draft.command_line) ?? [],
      created_ms: NOW_MS,
      is_running: this.running().some(({ id }) => id === application),
      last_seen_ms: null,
      supervised: null,
      ...more,
    };
    this.rows = [...this.rows.filter((one) => one.application !== application), row].sort(
      (one, other) => one.draft.name.localeCompare(other.draft.name),
    );
    return row;
  }

  /** Those that run with those that are kept. */
  among(now: Applications): Applications {
    const ids = new Set(now.applications.map(({ id }) => id));
    const running = now.applications.map((row) => ({
      ...row,
      is_kept: this.#row(row.id) !== null,
    }));
    const stopped = this.rows.filter(({ application }) => !ids.has(application)).map(stoppedRow);
    return { ...now, applications: [...running, ...stopped] };
  }

  handlers: Handlers = {
    registrations: () => ({ registrations: this.rows }),
    registration_draft: ({ id }) => {
      const kept = this.#row(id);
      if (kept) return kept.draft;
      const row = this.running().find((one) => one.id === id);
      if (!row) throw new ApiFailure("not_found", `${id} does not run, and is not kept`);
      return draftOf({
        application: id,
        name: row.name,
        command_line: "npm run dev",
        working_directory: row.working_directory,
        port: row.ports[0] ?? null,
      });
    },
    check_registration: check,
    save_registration: (draft) => {
      const wrong = check(draft).problems.find((problem) => !problem.is_warning);
      if (wrong) throw new ApiFailure("invalid", `${wrong.field}: ${wrong.message}`);
      const row = this.keep(draft);
      this.changed();
      return row;
    },
    delete_registration: ({ id }) => {
      if (!this.#row(id)) throw new ApiFailure("not_found", `${id} is not kept`);
      this.rows = this.rows.filter(({ application }) => application !== id);
      this.changed();
      return {};
    },
    find_registrations: ({ path }) => {
      if (!this.found) throw new ApiFailure("invalid", `${path} is none of Procfile, package.json`);
      return this.found;
    },
    export_registrations: () => ({
      text: this.rows.map(({ draft }) => `[[application]]\nname = "${draft.name}"\n`).join("\n"),
    }),
  };

  #row(id: string): RegistrationRow | null {
    return this.rows.find(({ application }) => application === id) ?? null;
  }
}

function check(draft: RegistrationDraft): RegistrationCheck {
  const problems: RegistrationProblem[] = [];
  type Of = RegistrationProblem;
  const tell = (field: Of["field"], kind: Of["kind"], more: Partial<Of> = {}) =>
    problems.push({
      field,
      kind,
      about: null,
      most: null,
      message: kind,
      is_warning: false,
      ...more,
    });
  if (draft.name.trim() === "") tell("name", "name_missing");
  if (draft.name.length > 100) tell("name", "too_long", { most: 100 });
  const command = split(draft.command_line);
  if (!command) tell("command", "quotation");
  const folder = draft.working_directory;
  if (folder !== null && !folder.startsWith("/")) tell("working_directory", "not_whole");
  else if (folder?.includes("nowhere"))
    tell("working_directory", "no_folder", { about: folder, is_warning: true });
  if (draft.environment.some(({ name }) => name === "" || name.includes("=")))
    tell("environment", "variable_name", { about: "" });
  return { command: command ?? [], problems };
}

function stoppedRow({ application, draft }: RegistrationRow): ApplicationRow {
  return {
    id: application,
    kind: application.split(":")[0] as ApplicationKind,
    name: draft.name,
    is_kept: true,
    working_directory: draft.working_directory,
    class: "other",
    engine: null,
    version: null,
    icon: null,
    process_count: 0,
    cpu_ratio: null,
    memory_bytes: null,
    read_bytes_per_sec: null,
    write_bytes_per_sec: null,
    received_bytes_per_sec: null,
    sent_bytes_per_sec: null,
    pss_bytes: null,
    ports: [],
    since_ms: null,
  };
}
