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

const WORDS = {
  en: {
    refused: "That token was refused: each start of “ira serve” has another.",
    paste: "Copy the address that the running “ira serve” printed and open it, or paste it here.",
  },
  es: {
    refused: "Ese token no vale: cada arranque de «ira serve» tiene otro.",
    paste: "Copie la dirección que mostró el «ira serve» en marcha y ábrala, o péguela aquí.",
  },
};

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
    const text = document.createElement("div");
    // Both languages: which one the user chose is not known without a token.
    for (const [lang, words] of Object.entries(WORDS)) {
      const line = document.createElement("p");
      line.lang = lang;
      line.textContent = refused ? `${words.refused} ${words.paste}` : words.paste;
      text.append(line);
    }
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
      // Whoever copied the whole address has the token, too.
      const token = field.value.trim().replace(/^.*[#&]token=/, "");
      sessionStorage.setItem(KEEP, token);
      dialog.remove();
      asking = undefined;
      resolve(token);
    });
    document.body.append(dialog);
    dialog.showModal();
    field.focus();
  });
  return asking;
}
