// Every text of the machine that reaches the window is shown as what it is, in every view: nothing turns
// the direction round, colours a terminal, or becomes a part of the page.
import { cleanup, fireEvent, render, screen } from "@testing-library/svelte";
import { afterEach, describe, expect, it } from "vitest";
import type { FakePlatform } from "../src/platform/fake";
import { card } from "../src/features/events";
import { orders, STOP } from "../src/features/orders";
import { palette } from "../src/features/palette";
import { EVENTS, NOW_MS } from "../src/platform/fake/world";
import App from "../src/shell/App.svelte";
import { viewOf } from "../src/shell/rooms";
import { fakeWindow, settled } from "./fake-window";

/** Ends every text. */
const MARK = "\u202e\u001b[31m\u2066<x-evil>";
// eslint-disable-next-line no-control-regex
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
    subscribe(unmarked(stream), (frame) => onFrame(marked(frame) as typeof frame), onState);
  return fake;
}

const HEARD = ["title", "aria-label", "aria-description", "aria-valuetext", "alt", "placeholder"];

/** Texts and attributes that people see or hear, which hold what they should not. */
function unseen(): string[] {
  const found: string[] = [];
  const look = (element: Element | null, text: string | null, where = "") => {
    if (text === null || !UNSEEN.test(text)) return;
    found.push(`${element?.outerHTML.slice(0, 120) ?? ""} ${where}: ${JSON.stringify(text)}`);
  };
  const walker = document.createTreeWalker(document, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) look(walker.currentNode.parentElement, walker.currentNode.nodeValue);
  for (const element of document.querySelectorAll("*"))
    for (const name of HEARD) look(element, element.getAttribute(name), name);
  return found;
}

async function show(hash: string): Promise<void> {
  hostile();
  history.replaceState(null, "", hash);
  await viewOf(hash.replace(/^#\/|\?.*$/g, "").split("/"))();
  render(App);
  await settled(20);
}

async function firstRow(): Promise<void> {
  const row = document.querySelector("[role=row][id] [role=rowheader]") ?? document.body;
  await fireEvent.click(row);
}

const ID = "process:~/code/catalog-web";
/** As the table names its rows. */
const container = `#/containers/${encodeURIComponent(
  `${marked("/var/run/docker.sock", "engine")} ${marked("a".repeat(64), "id")}`,
)}`;
const application = `#/applications/${encodeURIComponent(ID + MARK)}`;

afterEach(cleanup);

// Loading the code of a view takes as long as it takes.
describe("texts of the machine", { timeout: 60_000 }, () => {
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
    container,
    "#/logs",
    `${application}/logs`,
    `#/logs?at=${NOW_MS - 3_600_000}`,
    "#/settings",
    `#/?at=${NOW_MS - 3_600_000}`,
    `#/processes?at=${NOW_MS - 3_600_000}`,
  ])("are shown as what they are at %s", async (hash) => {
    await show(hash);
    if (hash === container)
      expect(screen.getByRole("complementary", { name: "Details" })).toBeVisible();
    expect(document.body.textContent.length).toBeGreaterThan(100);
    expect(unseen()).toEqual([]);
    expect(document.querySelector("x-evil")).toBeNull();
  });

  it.each<[string, string, () => unknown]>([
    ["an order", "#/", () => orders.ask({ kind: "application", id: ID + MARK }, STOP, ID + MARK)],
    [
      "a crash",
      "#/",
      () => EVENTS.filter(({ kind }) => kind === "out_of_memory").forEach((one) => card.show(one)),
    ],
    ["what is found", "#/", () => (palette.open(), (palette.typed = "c"))],
    ["a process", "#/processes", () => firstRow()],
    ["a service", "#/services", () => firstRow()],
    ["a line", "#/logs", () => fireEvent.click(document.querySelector(".row .said")!)],
  ])("are shown as what they are in %s", async (_, hash, open) => {
    await show(hash);
    const before = document.body.textContent;
    await open();
    await settled(20);
    expect(document.body.textContent).not.toBe(before);
    expect(unseen()).toEqual([]);
    expect(document.querySelector("x-evil")).toBeNull();
  });
});
