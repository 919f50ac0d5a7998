// The stage of the tests of this view: a fake host whose process stream the test speaks itself.
import { setTimeout as wait } from "node:timers/promises";
import { cleanup, fireEvent, render, screen } from "@testing-library/svelte";
import { tick } from "svelte";
import type { EndedRow } from "../../bindings/EndedRow";
import type { ProcessRow } from "../../bindings/ProcessRow";
import type { StreamFrame } from "../../bindings/StreamFrame";
import { FakePlatform } from "../../platform/fake";
import { hostAt, hostFrameAt } from "../../platform/fake/host";
import { setPlatform } from "../../platform/platform";
import { router } from "../../shared/router.svelte";
import { settings } from "../../shared/settings.svelte";
import { TableState } from "../../shared/table/table.svelte";
import { time } from "../../shared/time/time.svelte";
import { choices } from "./list.svelte";
import ProcessesList from "./ProcessesList.svelte";

export let fake: FakePlatform;
let send: ((message: StreamFrame) => void) | undefined;

export function row(pid: number, more: Partial<ProcessRow> = {}): ProcessRow {
  return {
    pid,
    start_time_ms: 1_000_000 + pid,
    parent_pid: 1,
    name: `p${pid}`,
    command: `/bin/p${pid} --flag`,
    user: "anna",
    state: "sleeping",
    threads: 2,
    cpu_ratio: pid / 10_000,
    cpu_time_ms: 1500,
    memory_bytes: 1_048_576,
    read_bytes_per_sec: null,
    write_bytes_per_sec: 0,
    received_bytes_per_sec: null,
    sent_bytes_per_sec: null,
    pss_bytes: null,
    application: "systemd:x.service",
    ...more,
  };
}

/** A frame of the stream, in place of the fake's own. */
export async function frame(
  rows: ProcessRow[],
  gone: ProcessRow[] = [],
  full = false,
  ended: EndedRow[] = [],
) {
  const at_ms = fake.now_ms;
  send?.({
    skipped: 0,
    frame: { kind: "processes", at_ms, host: hostAt(at_ms), full, rows, gone, ended },
  });
  await settle();
}

export async function settle() {
  for (let turn = 0; turn < 4; turn += 1) {
    await wait();
    await tick();
  }
}

export async function shown(rows?: ProcessRow[]) {
  if (rows) {
    const subscribe = fake.subscribe.bind(fake);
    fake.subscribe = (stream, onFrame, onState) => {
      if (stream !== "processes") return subscribe(stream, onFrame, onState);
      send = onFrame;
      return () => (send = undefined);
    };
  }
  render(ProcessesList);
  await settle();
  if (rows) await frame(rows, [], true);
  return screen.getByRole(choices.mode === "tree" ? "treegrid" : "grid");
}

export const names = (grid: HTMLElement) =>
  [...grid.querySelectorAll(".short")].map((cell) => cell.textContent ?? "");

export const typeFilter = async (text: string) => {
  await fireEvent.input(screen.getByRole("textbox", { name: "Filter" }), {
    target: { value: text },
  });
  await settle();
};

/** Before each test. */
export async function build(mode: "tree" | "table" = "table") {
  fake = new FakePlatform();
  setPlatform(fake);
  router.go("processes");
  time.live();
  time.tick({ ...hostFrameAt(fake.now_ms) });
  await settings.load();
  choices.table = new TableState({ column: "cpu", descending: true });
  choices.mode = mode;
  choices.frozen = null;
}

/** After each test. */
export function strike() {
  cleanup();
  time.live();
  send = undefined;
}
