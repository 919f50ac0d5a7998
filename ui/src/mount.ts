// Puts the window into the page. Apart from `main.ts` so that nothing here is imported before the
// language is known to be sound.
import "./shared/tokens.css";
import "./shared/fonts.css";
import "./shared/base.css";
import { mount } from "svelte";
import App from "./shell/App.svelte";

export function mountApp(target: HTMLElement): void {
  target.replaceChildren();
  mount(App, { target });
}
