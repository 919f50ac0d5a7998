/** Which of what a file says are to be kept, and what came of keeping them. */
import type { FoundRegistration } from "../../bindings/FoundRegistration";
import { ApiFailure, platform } from "../../platform/platform";

export class FoundForm {
  chosen = $state(false);
  saved = $state(false);
  failed = $state.raw<ApiFailure | undefined>();

  constructor(readonly found: FoundRegistration) {
    // What is kept already is replaced only where somebody says so.
    this.chosen = this.possible && found.kept_as === null;
  }

  /** Nothing but warnings is wrong with it. */
  get possible(): boolean {
    return this.found.problems.every(({ is_warning }) => is_warning);
  }
}

export class Choosing {
  readonly rows: readonly FoundForm[];
  busy = $state(false);

  constructor(found: readonly FoundRegistration[]) {
    this.rows = found.map((one) => new FoundForm(one));
  }

  readonly chosen = $derived.by(() => this.rows.filter((row) => row.chosen));
  /** How many of them take the place of one that is kept. */
  readonly replacing = $derived.by(
    () => this.chosen.filter(({ found }) => found.kept_as !== null).length,
  );
  readonly saved = $derived.by(() => this.rows.filter((row) => row.saved).length);
  readonly failed = $derived.by(() => this.rows.filter((row) => row.failed).length);

  /** Keeps each; one that is refused does not keep the others from it. */
  async keep(): Promise<void> {
    this.busy = true;
    for (const row of this.chosen) {
      const { draft, kept_as } = row.found;
      try {
        // One that is kept already gets what the file says.
        await platform().call("save_registration", { ...draft, application: kept_as });
        row.saved = true;
        row.failed = undefined;
        row.chosen = false;
      } catch (thrown) {
        row.failed = ApiFailure.from(thrown);
      }
    }
    this.busy = false;
  }
}
