// The moment pointed at, shared by all charts of a view: one line goes through them all, and a
// label column can show each figure at it.

export class CrosshairGroup {
  at_ms = $state<number | null>(null);
}
