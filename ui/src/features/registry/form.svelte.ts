/** An application as the form has it. One for each time the form is opened. */
import type { RegistrationDraft } from "../../bindings/RegistrationDraft";
import type { RestartPolicy } from "../../bindings/RestartPolicy";

export const POLICIES: readonly RestartPolicy[] = ["never", "on_failure", "always"];

/** A variable of the environment while it is written. */
export class VariableForm {
  name = $state("");
  value = $state("");
  /** Its value is seen. */
  shown = $state(false);

  constructor(
    readonly key: number,
    name = "",
    value = "",
  ) {
    this.name = name;
    this.value = value;
  }
}

const NOTHING: RegistrationDraft = {
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
};

const MOST_PORTS = 65_535;
const trimmed = (texts: string[]) => texts.map((text) => text.trim()).filter(Boolean);

export class RegistrationForm {
  readonly application: string | null;
  name = $state("");
  /** The name was written in: an empty one is wrong from then on. */
  named = $state(false);
  command_line = $state("");
  folder = $state("");
  environment = $state<VariableForm[]>([]);
  port = $state("");
  log_paths = $state("");
  restart = $state<RestartPolicy>("never");
  enabled = $state(false);
  notes = $state("");
  tags = $state("");
  #next = 0;

  constructor(from: RegistrationDraft = NOTHING) {
    this.application = from.application;
    this.name = from.name;
    this.command_line = from.command_line;
    this.folder = from.working_directory ?? "";
    this.environment = from.environment.map(
      ({ name, value }) => new VariableForm(this.#next++, name, value),
    );
    this.port = from.port === null ? "" : String(from.port);
    this.log_paths = from.log_paths.join("\n");
    this.restart = from.restart;
    this.enabled = from.enabled;
    this.notes = from.notes;
    this.tags = from.tags.join(", ");
  }

  addVariable(): void {
    const one = new VariableForm(this.#next++);
    one.shown = true;
    this.environment.push(one);
  }

  removeVariable(one: VariableForm): void {
    this.environment = this.environment.filter((other) => other.key !== one.key);
  }

  /** The port as a number, `null` for none, `undefined` where it is no port. */
  get #port(): number | null | undefined {
    const text = this.port.trim();
    if (text === "") return null;
    const port = Number(text);
    return /^\d{1,5}$/.test(text) && port > 0 && port <= MOST_PORTS ? port : undefined;
  }

  /** What is no number cannot even be asked about. */
  get port_wrong(): boolean {
    return this.#port === undefined;
  }

  get draft(): RegistrationDraft {
    return {
      application: this.application,
      name: this.name.trim(),
      command_line: this.command_line,
      working_directory: this.folder.trim() || null,
      environment: this.environment
        .filter(({ name, value }) => name !== "" || value !== "")
        .map(({ name, value }) => ({ name, value })),
      port: this.#port ?? null,
      log_paths: trimmed(this.log_paths.split("\n")),
      restart: this.restart,
      enabled: this.enabled,
      notes: this.notes,
      tags: trimmed(this.tags.split(",")),
    };
  }
}
