// Whether anybody can see the window. Nothing is asked for or drawn while nobody can.

class Visibility {
  #visible = $state(document.visibilityState !== "hidden");

  constructor() {
    document.addEventListener("visibilitychange", () => {
      this.#visible = document.visibilityState !== "hidden";
    });
  }

  get visible(): boolean {
    return this.#visible;
  }
}

export const visibility = new Visibility();
