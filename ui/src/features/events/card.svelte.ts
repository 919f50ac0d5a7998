/** Which end a card is shown of; one at a time, over whatever is shown. */
import type { CrashCardRequest } from "../../bindings/CrashCardRequest";
import type { Event } from "../../bindings/Event";

class CardModel {
  /** It is shown. */
  open = $state(false);
  request = $state.raw<CrashCardRequest | null>(null);

  show({ application, at_ms }: Event): void {
    if (application === null) return;
    this.request = { application, at_ms };
    this.open = true;
  }
}

export const card = new CardModel();
