/** What a key means in a table. Pure, so that every view's keyboard is the same and is tested once. */

export type TableAction =
  | { do: "move"; to: number; extend: boolean }
  | { do: "open" }
  | { do: "select" }
  | { do: "select_all" }
  | { do: "escape" }
  | { do: "filter" }
  | { do: "collapse" }
  | { do: "expand" }
  | { do: "copy" };

/** The part of a keyboard event that counts. */
export interface Press {
  key: string;
  ctrlKey: boolean;
  metaKey: boolean;
  shiftKey: boolean;
  altKey: boolean;
}

/** `null`: the key is not the table's, leave it to whoever else listens. */
export function tableAction(
  press: Press,
  at: { index: number; count: number; page: number },
): TableAction | null {
  const command = press.ctrlKey || press.metaKey;
  if (press.altKey) return null;
  if (command) {
    const key = press.key.toLowerCase();
    if (key === "a") return { do: "select_all" };
    if (key === "c") return { do: "copy" };
    return null;
  }
  const move = (to: number): TableAction => ({
    do: "move",
    to: Math.max(0, Math.min(at.count - 1, to)),
    extend: press.shiftKey,
  });
  switch (press.key) {
    case "ArrowDown":
      return move(at.index + 1);
    case "ArrowUp":
      // Before anything is marked, going up means the first line, not one before it.
      return move(at.index < 0 ? 0 : at.index - 1);
    case "PageDown":
      return move(Math.max(0, at.index) + at.page);
    case "PageUp":
      return move(at.index - at.page);
    case "Home":
      return move(0);
    case "End":
      return move(at.count - 1);
    case "Enter":
      return { do: "open" };
    case " ":
      return { do: "select" };
    case "Escape":
      return { do: "escape" };
    case "/":
      return { do: "filter" };
    case "ArrowLeft":
      return { do: "collapse" };
    case "ArrowRight":
      return { do: "expand" };
    default:
      return null;
  }
}
