// A fault before the window is mounted is written into the page.
import { readFileSync } from "node:fs";
import { beforeEach, expect, it } from "vitest";

type Faults = { show(fault: unknown): void; mounted(): void };
const faults = () => (window as unknown as { iraFault: Faults }).iraFault;

beforeEach(() => {
  document.body.innerHTML = '<div id="app"></div>';
  new Function(readFileSync("public/fault.js", "utf8"))();
});

it("shows the text and a way to load again", () => {
  faults().show(new Error("no such module"));
  expect(document.querySelector("[role=alert]")).toHaveTextContent("no such module");
  expect(document.querySelector("button")).toHaveTextContent("Reload");
});

it("shows the first of several faults", () => {
  faults().show(new Error("first"));
  faults().show(new Error("second"));
  expect(document.body).not.toHaveTextContent("second");
});

it("leaves the page alone once the window is mounted", () => {
  faults().mounted();
  faults().show(new Error("later"));
  expect(document.querySelector("[role=alert]")).toBeNull();
});
