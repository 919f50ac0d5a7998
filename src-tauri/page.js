// Runs in the page before its own scripts.
(() => {
  // Under LANG=C WebKitGTK calls the language "C". `Intl` refuses that, libraries hand it to `Intl`
  // while they are loaded, and the window would stay blank.
  const usable = (tag) => {
    try {
      return Intl.getCanonicalLocales(tag).length > 0;
    } catch {
      return false;
    }
  };
  const languages = navigator.languages.filter(usable);
  if (languages.length === 0) languages.push("en-US");
  if (!usable(navigator.language) || languages.length !== navigator.languages.length) {
    Object.defineProperty(navigator, "language", { get: () => languages[0] });
    Object.defineProperty(navigator, "languages", { get: () => Object.freeze([...languages]) });
  }

  // The page shows its faults itself; here they are written to the program's log as well.
  const report = (message) => {
    window.__TAURI_INTERNALS__?.invoke("page_fault", { message: String(message) }).catch(() => {});
  };
  addEventListener(
    "error",
    ({ error, message, target }) => {
      report(error?.stack ? `${message}\n${error.stack}` : message || `cannot load ${target.src || target.href}`);
    },
    true,
  );
  addEventListener("unhandledrejection", ({ reason }) => {
    report(reason?.stack ? `${reason}\n${reason.stack}` : reason?.message || reason);
  });
})();
