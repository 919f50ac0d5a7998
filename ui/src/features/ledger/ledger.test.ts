import { cleanup, fireEvent, render, screen } from "@testing-library/svelte";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { runningWindow, settled as settle, violations } from "../../../tests/fake-window";
import type { LedgerRow } from "../../bindings/LedgerRow";
import type { FakePlatform } from "../../platform/fake";
import { time } from "../../shared/time/time.svelte";
import LedgerPanel from "./LedgerPanel.svelte";
import { coverageText, cpuTime, spansAt } from "./spans";

const id = "process:~/code/catalog-web";
let fake: FakePlatform;

beforeEach(async () => {
  fake = await runningWindow();
});
afterEach(() => {
  cleanup();
  time.live();
});

describe("the ledger", () => {
  it("adds up by day, says how much was recorded, and shows what is missing as missing", async () => {
    render(LedgerPanel, { id, members: "1" });
    await settle();
    for (const name of ["Today", "Yesterday", "Last 7 days", "Last 30 days", "Since first seen"])
      expect(screen.getByRole("columnheader", { name: new RegExp(`^${name}`) })).toBeVisible();
    const recorded = screen.getByRole("row", { name: /^Recorded/ });
    expect(recorded).toHaveTextContent("66%");
    expect(recorded).toHaveTextContent("20%");
    expect(screen.getByRole("row", { name: /^CPU time/ })).toHaveTextContent("h");
    expect(screen.getByRole("row", { name: /^Sent/ })).toHaveTextContent("not measured");
    expect(screen.getByText(/is no longer kept/)).toBeInTheDocument();
    expect(await violations()).toEqual([]);
  });

  it("is of the moment chosen, and asked once", async () => {
    const at_ms = fake.now_ms - 3_600_000;
    time.rewind(at_ms);
    render(LedgerPanel, { id, members: "1" });
    await settle();
    fake.tick(5);
    await settle();
    const calls = fake.calls.filter(({ command }) => command === "application_ledger");
    expect(calls.map(({ request }) => request)).toEqual([{ id, at_ms, spans: spansAt(at_ms) }]);
    await fireEvent.click(screen.getByRole("button", { name: "Sum up again" }));
    await settle();
    expect(fake.calls.filter(({ command }) => command === "application_ledger").length).toBe(2);
  });

  it("cuts days where they begin, however long they are", () => {
    const [today, yesterday] = spansAt(new Date(2026, 2, 29, 15, 0).getTime());
    expect(today?.from_ms).toBe(new Date(2026, 2, 29).getTime());
    expect(yesterday).toEqual({
      from_ms: new Date(2026, 2, 28).getTime(),
      to_ms: new Date(2026, 2, 29).getTime(),
    });
  });

  it("rounds to neither all nor nothing", () => {
    const row = (recorded_ms: number) => ({ from_ms: 0, to_ms: 10_000, recorded_ms }) as LedgerRow;
    expect(coverageText(row(10_000)).value).toBe("100");
    expect(coverageText(row(9_999)).value).toBe("99");
    expect(coverageText(row(1)).value).toBe("< 1");
    expect(cpuTime(10_584_000)).toEqual({ value: "2.94", unit: "h" });
    expect(cpuTime(90_000)).toEqual({ value: "1.5", unit: "min" });
    expect(cpuTime(null).value).toBe("–");
  });
});
