import { render, screen } from "@testing-library/svelte";
import { afterEach, expect, it } from "vitest";
import { createRawSnippet, tick } from "svelte";
import { settled } from "../../tests/fake-window";
import Dialog from "./components/Dialog.svelte";
import { focusView, giveBack, isUnfocused, opener } from "./focus";

const page = (html: string) => document.body.insertAdjacentHTML("beforeend", html);
const at = (id: string) => document.getElementById(id)!;
afterEach(() => (document.body.innerHTML = ""));

it("goes to the marked table of a view, or to its heading, or to it", () => {
  page('<main id="view" tabindex="-1"></main>');
  focusView();
  expect(document.activeElement).toBe(at("view"));
  at("view").innerHTML = "<h1>Applications</h1>";
  focusView();
  expect(document.activeElement?.textContent).toBe("Applications");
  expect(isUnfocused()).toBe(true);
  at("view").innerHTML =
    '<h1>x</h1><div role="grid" id="g" tabindex="0" aria-activedescendant="r"></div>';
  focusView();
  expect(document.activeElement).toBe(at("g"));
  expect(isUnfocused()).toBe(false);
});

it("of an item of a menu the opener is what opened the menu", () => {
  page(
    '<button id="b" aria-controls="m"></button><div role="menu" id="m"><i tabindex="0" id="i"></i></div>',
  );
  at("i").focus();
  expect(opener()).toBe(at("b"));
});

it("goes back to what opened it, or to the view where that is gone", () => {
  page('<button id="b"></button><main id="view" tabindex="-1"></main>');
  const button = at("b");
  giveBack(button);
  expect(document.activeElement).toBe(button);
  button.remove();
  giveBack(button);
  expect(document.activeElement).toBe(at("view"));
});

it("a dialog gives the focus back, also where its opener went meanwhile", async () => {
  page('<button id="b"></button><main id="view" tabindex="-1"></main>');
  const children = createRawSnippet(() => ({ render: () => "<input aria-label='inside'>" }));
  for (const gone of [false, true]) {
    at("b").focus();
    const { rerender, unmount } = render(Dialog, { open: true, title: "Sure?", children });
    await settled();
    screen.getByLabelText("inside").focus();
    if (gone) at("b").remove();
    await rerender({ open: false });
    await tick();
    await settled();
    expect(document.activeElement).toBe(gone ? at("view") : at("b"));
    unmount();
  }
});
