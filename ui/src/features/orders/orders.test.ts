import { fireEvent, render, screen, within } from "@testing-library/svelte";
import { beforeEach, describe, expect, it } from "vitest";
import { fakeWindow, settled, violations } from "../../../tests/fake-window";
import type { FakePlatform } from "../../platform/fake";
import { processesAt } from "../../platform/fake/processes";
import { NOW_MS } from "../../platform/fake/world";
import { ApiFailure } from "../../platform/platform";
import { changes } from "../../shared/changes.svelte";
import { time } from "../../shared/time/time.svelte";
import AuditList from "./AuditList.svelte";
import OrderButtons from "./OrderButtons.svelte";
import OrderDialog from "./OrderDialog.svelte";
import { orders } from "./orders.svelte";

let fake: FakePlatform;
const one = processesAt(NOW_MS).find((row) => row.pid > 100)!;
const target = {
  kind: "processes",
  processes: [{ pid: one.pid, start_time_ms: one.start_time_ms }],
} as const;

async function show() {
  const processes = [...target.processes];
  render(OrderButtons, {
    props: { target: { kind: "processes", processes }, name: one.name },
  });
  render(OrderDialog);
  await settled();
}
const press = async (name: string | RegExp) => {
  await fireEvent.click(screen.getByRole("button", { name }));
  await settled();
};
const given = () => fake.calls.filter(({ command }) => command === "order");

beforeEach(() => {
  fake = fakeWindow();
  time.live();
  orders.shown = false;
});

describe("an order", () => {
  it("is looked at before it is given, and says what came of it", async () => {
    await show();
    await press("Stop");
    const dialog = screen.getByRole("dialog");
    expect(within(dialog).getByText(`kill(${one.pid}, SIGTERM)`)).toBeInTheDocument();
    expect(within(dialog).getByText("shop → :5432")).toBeInTheDocument();
    expect(within(dialog).getByText("Cannot be undone")).toBeInTheDocument();
    expect(given()).toHaveLength(0);
    expect(await violations()).toEqual([]);
    await fireEvent.click(within(dialog).getByRole("button", { name: "Stop" }));
    await settled();
    expect(given()).toHaveLength(1);
    expect(within(dialog).getByText("Done in 42 ms")).toBeInTheDocument();
    expect(fake.orders.given[0]?.action).toBe("stop");
  });

  it("asks anew when one of its figures changes", async () => {
    await show();
    await press("Stop");
    await fireEvent.click(screen.getByRole("checkbox"));
    await settled();
    const looks = fake.calls.filter(({ command }) => command === "order_preview");
    expect(looks.map(({ request }) => (request as { action: unknown }).action)).toEqual([
      { kind: "stop", escalate: false },
      { kind: "stop", escalate: true },
    ]);
    expect(screen.getByText(/no chance to save/)).toBeInTheDocument();
  });

  it("offers to kill what did not end, and says what the system said", async () => {
    fake.orders.end = { result: "failed", detail: "7: still runs", still_runs: true, kept: false };
    await show();
    await press("Stop");
    await fireEvent.click(within(screen.getByRole("dialog")).getByRole("button", { name: "Stop" }));
    await settled();
    expect(screen.getByText("7: still runs")).toBeInTheDocument();
    expect(screen.getByText(/only until Ira ends/)).toBeInTheDocument();
    await press("Kill what still runs");
    expect(screen.getByLabelText("Signal")).toHaveValue("9");
  });

  it("says what was refused a line each, and does not offer to kill that", async () => {
    fake.orders.end = {
      result: "failed",
      detail: "7: not permitted\n8: not permitted",
      kept: true,
    };
    await show();
    await press("Stop");
    await fireEvent.click(within(screen.getByRole("dialog")).getByRole("button", { name: "Stop" }));
    await settled();
    expect(screen.getByText(/7: not permitted/).textContent).toBe(
      "7: not permitted\n8: not permitted",
    );
    expect(screen.queryByRole("button", { name: "Kill what still runs" })).toBeNull();
  });

  it("says why it cannot be given", async () => {
    fake.fail("order_preview", new ApiFailure("not_found", "the process 7 has ended"));
    await show();
    await press("Stop");
    expect(screen.getByRole("alert")).toHaveTextContent("the process 7 has ended");
    const dialog = within(screen.getByRole("dialog"));
    expect(dialog.queryByRole("button", { name: "Stop" })).toBeNull();
    fake.fail("order_preview", null);
    await press("Look again");
    expect(screen.getByText(`kill(${one.pid}, SIGTERM)`)).toBeInTheDocument();
  });

  it("is off while the past is shown", async () => {
    await show();
    time.rewind(NOW_MS - 60_000);
    await settled();
    expect(screen.getByRole("button", { name: "Stop" })).toBeDisabled();
    for (const name of ["Stop", "More orders"])
      expect(screen.getByRole("button", { name }).closest("[title]")).toHaveAttribute(
        "title",
        expect.stringContaining("Orders are off"),
      );
    orders.ask({ kind: "application", id: "x" }, { kind: "suspend" }, "x");
    expect(orders.shown).toBe(false);
  });
});

it("lists the orders given", async () => {
  render(AuditList);
  await settled();
  expect(screen.getByText("No orders yet")).toBeInTheDocument();
  const { token } = fake.orders.preview(
    {
      target: { kind: "processes", processes: [...target.processes] },
      action: { kind: "suspend" },
    },
    NOW_MS,
  );
  fake.orders.give(token, NOW_MS);
  changes.mark(["audit"]);
  await settled();
  expect(screen.getByText("suspend")).toBeInTheDocument();
  expect(screen.getByText(`kill(${one.pid}, SIGSTOP)`)).toBeInTheDocument();
  expect(screen.getByText("done")).toBeInTheDocument();
  expect(await violations()).toEqual([]);
});

it("names each of several in the list, behind the first", async () => {
  const both = [one, { pid: 77, start_time_ms: NOW_MS - 5000 }];
  const { token } = fake.orders.preview(
    { target: { kind: "processes", processes: both }, action: { kind: "suspend" } },
    NOW_MS,
  );
  fake.orders.give(token, NOW_MS);
  render(AuditList);
  await settled();
  const first = screen.getByText(`kill(${one.pid}, SIGSTOP)`);
  expect(first).toHaveTextContent("and 1 more");
  expect(screen.getByText("kill(77, SIGSTOP)")).toBeInTheDocument();
  expect(await violations()).toEqual([]);
});
