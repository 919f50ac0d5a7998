// Every text of the machine that reaches the window is shown as what it is, in every view: nothing turns
// the direction round, colours a terminal, or becomes a part of the page.
import { cleanup, render } from "@testing-library/svelte";
import { afterEach, describe, expect, it } from "vitest";
import type { FakePlatform } from "../src/platform/fake";
import { NOW_MS } from "../src/platform/fake/world";
import App from "../src/shell/App.svelte";
import { viewOf } from "../src/shell/rooms";
import { fakeWindow, settled } from "./fake-window";

/** Ends every text. */
const MARK = "\u202e\u001b[31m\u2066<x-evil>";
const UNSEEN = /[\u202e\u2066\u001b]/;

const bindings = Object.values(
  import.meta.glob<string>("../src/bindings/*.ts", {
    query: "?raw",
    eager: true,
    import: "default",
  }),
);

/** Fields that hold any text in one of the generated types, and are no word of a list in another. */
function textFields(): Set<string> {
  const texts = new Set<string>();
  const words = new Set<string>();
  for (const text of bindings)
    for (const [, name = "", type = ""] of text.matchAll(/^"?(\w+)"?: ([^,]*),/gm))
      (/^(string|string \| null|Array<string>)$/.test(type) ? texts : words).add(name);
  return new Set([...texts].filter((name) => !words.has(name)));
}
const FIELDS = textFields();

function marked(value: unknown, field = ""): unknown {
  if (typeof value === "string") return FIELDS.has(field) && value !== "" ? value + MARK : value;
  if (Array.isArray(value)) return value.map((one: unknown) => marked(one, field));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, marked(one, name)]));
}
const unmarked = <T>(value: T): T =>
  JSON.parse(JSON.stringify(value).replaceAll(JSON.stringify(MARK).slice(1, -1), "")) as T;

/** The invented machine, where everything has such a name. */
function hostile(): FakePlatform {
  const fake = fakeWindow();
  const call = fake.call.bind(fake);
  const subscribe = fake.subscribe.bind(fake);
  fake.call = async (command, request) => {
    const answer = await call(command, unmarked(request));
    // What the user chose comes from the window itself.
    return (command === "settings" ? answer : marked(answer)) as typeof answer;
  };
  fake.subscribe = (stream, onFrame, onState) =>
    subscribe(stream, (frame) => onFrame(marked(frame) as typeof frame), onState);
  return fake;
}

/** Texts and attributes that people see or hear, which hold what they should not. */
function unseen(): string[] {
  const found: string[] = [];
  const look = (where: string, text: string | null) => {
    if (text !== null && UNSEEN.test(text)) found.push(`${where}: ${JSON.stringify(text)}`);
  };
  const walker = document.createTreeWalker(document, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode;
    look(node.parentElement?.outerHTML.slice(0, 120) ?? "", node.nodeValue);
  }
  for (const element of document.querySelectorAll("*"))
    for (const name of [
      "title",
      "aria-label",
      "aria-description",
      "aria-valuetext",
      "alt",
      "placeholder",
    ])
      look(`${element.outerHTML.slice(0, 120)} ${name}`, element.getAttribute(name));
  return found;
}

const application = `#/applications/${encodeURIComponent(`process:~/code/catalog-web${MARK}`)}`;

afterEach(cleanup);

describe("texts of the machine", () => {
  it("are known from the types", () => {
    for (const name of ["name", "arguments", "unit", "image", "description", "detail", "message"])
      expect(FIELDS, name).toContain(name);
  });

  it.each([
    "#/",
    "#/applications",
    application,
    ...["processes", "ports", "events", "files", "why"].map((part) => `${application}/${part}`),
    "#/processes",
    `#/processes/${fakeWindow().now_ms === NOW_MS ? 2400 : 0}`,
    "#/services",
    `#/services/system/${encodeURIComponent(`nginx.service${MARK}`)}`,
    "#/containers",
    "#/settings",
    `#/?at=${NOW_MS - 3_600_000}`,
    `#/processes?at=${NOW_MS - 3_600_000}`,
  ])("are shown as what they are at %s", async (hash) => {
    hostile();
    history.replaceState(null, "", hash);
    await viewOf(hash.replace(/^#\/|\?.*$/g, "").split("/"))();
    render(App);
    await settled(20);
    expect(document.body.textContent.length).toBeGreaterThan(100);
    expect(unseen()).toEqual([]);
    expect(document.querySelector("x-evil")).toBeNull();
  });
});
