/** The user's corrections as a view holds them, and orders on them. Made while a view is set up. */
import type { CorrectionDraft } from "../../bindings/CorrectionDraft";
import type { CorrectionRow } from "../../bindings/CorrectionRow";
import type { Corrections } from "../../bindings/Corrections";
import { ApiFailure, platform } from "../../platform/platform";
import { ask, type Held } from "../../shared/live.svelte";

export class Rules {
  readonly held: Held<Corrections>;
  /** The last order failed. */
  failed = $state.raw<ApiFailure | undefined>();
  /** What was taken back last, to be made again. */
  undone = $state.raw<{ id: number; draft: CorrectionDraft } | undefined>();
  busy = $state(false);

  constructor() {
    this.held = ask(
      () => ({}),
      () => platform().call("corrections", {}),
      ["corrections"],
    );
  }

  readonly all: readonly CorrectionRow[] = $derived.by(() => this.held.data?.corrections ?? []);
  readonly past = $derived.by(() => this.held.data?.reattribution);

  /** Those that are about an application: it is meant, or processes count under it. */
  of(id: string): CorrectionRow[] {
    return this.all.filter((rule) => rule.application === id || rule.target === id);
  }

  takeBack(id: number): Promise<void> {
    return this.#order(async () => {
      this.undone = { id, draft: await platform().call("delete_correction", { id }) };
    });
  }

  makeAgain(): Promise<void> {
    return this.#order(async () => {
      if (this.undone) await platform().call("save_correction", this.undone.draft);
      this.undone = undefined;
    });
  }

  stop(stopped: boolean): Promise<void> {
    return this.#order(async () => {
      await platform().call("stop_reattribution", { stopped });
    });
  }

  async #order(run: () => Promise<void>): Promise<void> {
    this.busy = true;
    try {
      await run();
      this.failed = undefined;
      this.held.refresh();
    } catch (thrown) {
      this.failed = ApiFailure.from(thrown);
    } finally {
      this.busy = false;
    }
  }
}
