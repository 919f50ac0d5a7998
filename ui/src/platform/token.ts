// The token of `ira serve`: taken from the address once, kept for this tab, asked for when refused.
// Plain DOM, because it may be needed before anything is mounted.

const KEEP = "ira.token";

/** Moves the token from the address, where it would be copied and shared, to this tab's storage. */
export function takeTokenFromAddress(): void {
  const found = /(?:^#|&)token=([^&]+)/.exec(location.hash);
  if (!found?.[1]) return;
  sessionStorage.setItem(KEEP, decodeURIComponent(found[1]));
  const rest = location.hash.replace(found[0], "").replace(/^#?&?/, "");
  history.replaceState(
    history.state,
    "",
    location.pathname + location.search + (rest && `#${rest}`),
  );
}

export function keptToken(): string | null {
  return sessionStorage.getItem(KEEP);
}

let asking: Promise<string> | undefined;

/** Asks once for all callers that wait; resolves with the token the user gave. */
export function askForToken(refused: boolean): Promise<string> {
  asking ??= new Promise<string>((resolve) => {
    const dialog = document.createElement("dialog");
    dialog.className = "token";
    dialog.setAttribute("aria-labelledby", "token-title");
    const form = document.createElement("form");
    form.method = "dialog";
    const title = document.createElement("h1");
    title.id = "token-title";
    title.textContent = "Ira";
    const text = document.createElement("p");
    text.textContent =
      (refused ? "That token was refused. · Ese token no vale. " : "") +
      "Paste the token that “ira serve” printed. · Pegue el token que mostró «ira serve».";
    const field = document.createElement("input");
    field.type = "password";
    field.required = true;
    field.autocomplete = "off";
    field.setAttribute("aria-label", "Token");
    const send = document.createElement("button");
    send.textContent = "Connect · Conectar";
    form.append(title, text, field, send);
    dialog.append(form);
    // Escape would leave a window that can do nothing.
    dialog.addEventListener("cancel", (event) => event.preventDefault());
    form.addEventListener("submit", () => {
      sessionStorage.setItem(KEEP, field.value.trim());
      dialog.remove();
      asking = undefined;
      resolve(field.value.trim());
    });
    document.body.append(dialog);
    dialog.showModal();
    field.focus();
  });
  return asking;
}
