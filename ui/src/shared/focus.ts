/** Where the keyboard goes when what held the focus is closed or gone: never to the page as a whole. */

/** The focus is on nothing one could work with. */
export function isUnfocused(): boolean {
  const active = document.activeElement;
  return active === null || active === document.body || active.matches("#view, h1");
}

/** What opens something now; of an item of a menu the button that opened the menu. */
export function opener(): HTMLElement | null {
  const active = document.activeElement;
  if (!(active instanceof HTMLElement) || active === document.body) return null;
  const menu = active.closest("[role=menu]");
  return menu ? document.querySelector(`[aria-controls="${CSS.escape(menu.id)}"]`) : active;
}

/** To the table of the view where a line is marked, otherwise to its heading. */
export function focusView(): void {
  const view = document.getElementById("view");
  const heading = view?.querySelector<HTMLElement>("h1");
  if (heading) heading.tabIndex = -1;
  const marked = view?.querySelector<HTMLElement>('[role$="grid"][aria-activedescendant]');
  (marked ?? heading ?? view)?.focus({ preventScroll: true });
}

/** Back to what opened it, or to the view where that is gone or cannot be used any more. */
export function giveBack(to: HTMLElement | null): void {
  if (to?.isConnected) to.focus({ preventScroll: true });
  if (to === null || document.activeElement !== to) focusView();
}
