// Loaded before everything else, as a file because the content security policy forbids inline
// scripts. Until the window is mounted any fault is written into the page, so that nobody ever looks
// at a blank one. The text is in both languages: nothing is loaded yet that could choose.
(function () {
  "use strict";
  var mounted = false;

  // The theme of the last time, before anything is drawn: a light window must not flash dark.
  try {
    document.documentElement.dataset.theme = localStorage.getItem("ira.theme") || "dark";
  } catch {
    // Storage may be refused; the settings bring the theme a moment later.
  }

  function element(tag, text, style) {
    var node = document.createElement(tag);
    if (text) node.textContent = text;
    node.style.cssText = style;
    return node;
  }

  function show(fault) {
    if (mounted || document.getElementById("ira-fault")) return;
    var text = (fault && (fault.stack || fault.message)) || String(fault);
    if (fault && fault.message && text.indexOf(fault.message) < 0)
      text = fault.message + "\n" + text;
    var box = element(
      "div",
      "",
      "max-width:720px;margin:12vh auto;padding:0 24px;font:14px/20px system-ui,sans-serif;color:#ddd",
    );
    box.id = "ira-fault";
    box.setAttribute("role", "alert");
    box.appendChild(element("h1", "Ira could not start its window", "font-size:18px;color:#fff"));
    box.appendChild(element("p", "Ira no pudo abrir su ventana.", "margin:8px 0 12px"));
    box.appendChild(
      element(
        "pre",
        text,
        "white-space:pre-wrap;overflow-wrap:anywhere;background:#1d2024;border:1px solid #3a3f46;" +
          "border-radius:5px;padding:12px;font:12px/18px monospace;max-height:50vh;overflow:auto",
      ),
    );
    var reload = element(
      "button",
      "Reload · Recargar",
      "margin-top:12px;padding:6px 14px;font:inherit;border-radius:5px",
    );
    reload.type = "button";
    reload.addEventListener("click", function () {
      location.reload();
    });
    box.appendChild(reload);
    document.body.style.background = "#14161a";
    (document.getElementById("app") || document.body).replaceChildren(box);
  }

  window.addEventListener(
    "error",
    function (event) {
      var target = event.target;
      // A script has `src`, a style sheet or preload has `href`.
      if (target && target !== window) show("Could not load " + (target.src || target.href));
      else show(event.error || event.message);
    },
    true,
  );
  window.addEventListener("unhandledrejection", function (event) {
    show(event.reason);
  });
  window.iraFault = {
    show: show,
    mounted: function () {
      mounted = true;
    },
  };
})();
