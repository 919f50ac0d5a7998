// Colours of the tokens for canvases, which do not follow the style sheet by themselves: whoever
// paints reads `palette.version` and paints again when it changed.

class Palette {
  #version = $state(0);
  #known = new Map<string, string>();

  constructor() {
    const forget = () => {
      this.#known.clear();
      this.#version += 1;
    };
    // Theme and past are attributes of the document; contrast is a wish of the system.
    new MutationObserver(forget).observe(document.documentElement, {
      attributeFilter: ["data-theme", "data-time"],
    });
    matchMedia("(prefers-contrast: more)").addEventListener("change", forget);
  }

  get version(): number {
    return this.#version;
  }

  /** Colour of a token such as `--c-cpu`, with a transparency if given. */
  color(token: string, alpha?: number): string {
    let color = this.#known.get(token);
    if (color === undefined) {
      color = getComputedStyle(document.documentElement).getPropertyValue(token).trim();
      this.#known.set(token, color);
    }
    if (alpha === undefined || !color.startsWith("oklch(")) return color;
    return color.replace(/\s*(\/[^)]*)?\)$/, ` / ${alpha})`);
  }
}

export const palette = new Palette();
