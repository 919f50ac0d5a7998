// The room of logs on the invented machine, for its tests.
import { fireEvent, render, screen } from "@testing-library/svelte";
import { runningWindow, settled } from "../../../tests/fake-window";
import type { LogEntry } from "../../bindings/LogEntry";
import type { FakePlatform } from "../../platform/fake";
import { NOW_MS } from "../../platform/fake/world";
import { router } from "../../shared/router.svelte";
import LogsRoom from "./LogsRoom.svelte";
import { choices } from "./room.svelte";

/** A fresh machine, where nothing is chosen. */
export async function freshRoom(): Promise<FakePlatform> {
  const fake = await runningWindow();
  router.start();
  choices.clear();
  choices.is_regex = choices.match_case = false;
  choices.wanted = {};
  return fake;
}

export async function show() {
  const view = render(LogsRoom);
  await settled(10);
  return view;
}

export const grid = () => screen.getByRole("grid", { name: "Lines of logs" });
export const field = () => screen.getByRole("textbox", { name: "Search in lines" });
export const said = () => [...document.querySelectorAll(".row .said:not(.further)")];
export const texts = () => said().map(({ textContent }) => textContent);
/** Pages that were asked for. */
export const pages = (fake: FakePlatform) =>
  fake.calls
    .filter(({ command }) => command === "log_page")
    .map(({ request }) => request as Record<string, unknown>);
export const following = (fake: FakePlatform) =>
  fake.subscribed.some((stream) => typeof stream === "object");

export async function type(text: string) {
  await fireEvent.input(field(), { target: { value: text } });
  await settled(20);
}

export async function scrollTo(top: number) {
  grid().scrollTop = top;
  await fireEvent.scroll(grid());
  await settled(10);
}

export function entry(message: string, more: Partial<LogEntry> = {}): LogEntry {
  return {
    source: 0,
    place: `told ${message}`,
    at_ms: NOW_MS,
    time: "told",
    level: "info",
    level_told: true,
    message,
    styles: [],
    lines: [],
    fields: [],
    format: "plain",
    is_cut: false,
    ...more,
  };
}
