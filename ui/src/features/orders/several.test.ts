import { fireEvent, render, screen, within } from "@testing-library/svelte";
import { beforeEach, describe, expect, it } from "vitest";
import { fakeWindow, settled, violations } from "../../../tests/fake-window";
import type { OrderConfirm } from "../../bindings/OrderConfirm";
import type { OrderRequest } from "../../bindings/OrderRequest";
import type { FakePlatform } from "../../platform/fake";
import { hostFrameAt } from "../../platform/fake/host";
import { processesAt } from "../../platform/fake/processes";
import { NOW_MS } from "../../platform/fake/world";
import { ApiFailure } from "../../platform/platform";
import { time } from "../../shared/time/time.svelte";
import { inCommon, STOP } from "./actions";
import OrderButtons from "./OrderButtons.svelte";
import OrderDialog from "./OrderDialog.svelte";
import { MOST_TARGETS, orders, type Named } from "./orders.svelte";
import SelectionBar from "./SelectionBar.svelte";

let fake: FakePlatform;
const rows = processesAt(NOW_MS).filter((row) => row.pid > 100);
/** The first so many processes, each a target of its own. */
const named = (count: number): Named[] =>
  Array.from({ length: count }, (_, i) => rows[i % rows.length]!).map((row) => ({
    target: {
      kind: "processes",
      processes: [{ pid: row.pid, start_time_ms: row.start_time_ms }],
    },
    name: row.name,
  }));
const THREE = named(3);
const GONE: Named = {
  target: { kind: "processes", processes: [{ pid: 999_999, start_time_ms: 1 }] },
  name: "gone",
};

function bar(targets: readonly Named[] = THREE) {
  const actions = [STOP, { kind: "suspend" }, { kind: "signal", signal: 1 }] as const;
  render(SelectionBar, { targets, actions, name: "3 things", onclear: () => undefined });
  render(OrderDialog);
}
const dialog = () => within(screen.getByRole("dialog"));
const press = async (name: string | RegExp, where = dialog()) => {
  await fireEvent.click(where.getByRole("button", { name }));
  await settled();
};
const toolbar = () => within(screen.getByLabelText("Orders to what is selected"));
const asked = (command: string) => fake.calls.filter((call) => call.command === command);
const lines = () => dialog().getAllByRole("listitem");

beforeEach(() => {
  fake = fakeWindow();
  orders.shown = false;
  orders.batch = null;
});

describe("an order to several", () => {
  it("shows what each of them means, and is given to each by itself", async () => {
    bar([...THREE, GONE]);
    await press("Stop", toolbar());
    expect(screen.getByRole("heading", { name: "Stop 3 things?" })).toBeInTheDocument();
    for (const { name } of rows.slice(0, 3))
      expect(dialog().getAllByText(RegExp(name))).not.toEqual([]);
    for (const { pid } of rows.slice(0, 3))
      expect(dialog().getByText(`kill(${pid}, SIGTERM)`)).toBeInTheDocument();
    expect(dialog().getAllByText("shop → :5432")).toHaveLength(3);
    expect(lines()[3]).toHaveTextContent("refused");
    expect(lines()[3]).toHaveTextContent("It has ended");
    expect(dialog().getByRole("status")).toHaveTextContent("3 processes in all. 1 of 4 is refused");
    expect(asked("order")).toHaveLength(0);
    expect(await violations()).toEqual([]);
    await press("Stop 3");
    expect(asked("order")).toHaveLength(3);
    const tokens = asked("order").map(({ request }) => (request as OrderConfirm).token);
    expect(new Set(tokens).size).toBe(3);
    expect(dialog().getByRole("status")).toHaveTextContent("3 of 4 worked");
    expect(dialog().getAllByText("Done in 42 ms")).toHaveLength(3);
    expect(fake.orders.given.map(({ action }) => action)).toEqual(["stop", "stop", "stop"]);
  });

  it("goes on where one fails, and offers to kill what still runs", async () => {
    bar();
    await press("Stop", toolbar());
    const call = fake.call.bind(fake);
    let given = 0;
    fake.call = async (command, request) => {
      if (command !== "order") return call(command, request);
      given += 1;
      if (given === 1) throw new ApiFailure("expired", "looked at too long ago");
      fake.orders.end =
        given === 2 ? { result: "failed", detail: "7: still runs", still_runs: true } : {};
      return call(command, request);
    };
    await press("Stop 3");
    expect(given).toBe(3);
    expect(lines()[0]).toHaveTextContent("looked at too long ago");
    expect(lines()[1]).toHaveTextContent("7: still runs");
    expect(lines()[2]).toHaveTextContent("Done in 42 ms");
    expect(dialog().getByRole("status")).toHaveTextContent("1 of 3 worked");
    await press("Kill what still runs");
    const looked = asked("order_preview").at(-1)!.request as OrderRequest;
    expect(looked).toEqual({ target: THREE[1]!.target, action: { kind: "signal", signal: 9 } });
  });

  it("is looked at anew where a token was not good, for those alone", async () => {
    bar();
    await press("Suspend", toolbar());
    fake.fail("order", new ApiFailure("expired", "looked at too long ago"));
    await press("Suspend 3");
    fake.fail("order", null);
    const before = asked("order_preview").length;
    await press("Look again");
    expect(asked("order_preview").length - before).toBe(3);
    await press("Suspend 3");
    expect(dialog().getByRole("status")).toHaveTextContent("3 of 3 worked");
    await press("Resume");
    expect(screen.getByRole("heading", { name: "Let 3 things go on?" })).toBeInTheDocument();
    expect(
      asked("order_preview")
        .slice(-3)
        .map(({ request }) => (request as OrderRequest).action),
    ).toEqual([1, 2, 3].map(() => ({ kind: "resume" })));
  });

  it("asks anew about all when one of its figures changes", async () => {
    bar();
    await press("Send a signal…", toolbar());
    await fireEvent.change(dialog().getByLabelText("Signal"), { target: { value: "12" } });
    await settled();
    expect(
      asked("order_preview")
        .slice(-3)
        .map(({ request }) => (request as OrderRequest).action),
    ).toEqual([1, 2, 3].map(() => ({ kind: "signal", signal: 12 })));
    await press("Send 3");
    expect(asked("order")).toHaveLength(3);
  });

  it("goes to a few at once, and those that wait can be left out", async () => {
    bar(named(9));
    await press("Stop", toolbar());
    await settled(20);
    const release = fake.hold();
    await press("Stop 9");
    expect(asked("order")).toHaveLength(4);
    await press("Skip those that wait");
    release();
    await settled(20);
    expect(asked("order")).toHaveLength(4);
    expect(dialog().getByRole("status")).toHaveTextContent("4 of 9 worked");
    expect(dialog().getAllByText("not given")).toHaveLength(5);
    expect(dialog().getByRole("button", { name: "Look again" })).toBeInTheDocument();
  });

  it("goes on when the dialog is closed, or another is asked", async () => {
    bar(named(9));
    await press("Stop", toolbar());
    await settled(20);
    const release = fake.hold();
    await press("Stop 9");
    await press("Close");
    expect(screen.queryByRole("dialog")).toBeNull();
    await press("Suspend", toolbar());
    release();
    await settled(30);
    expect(asked("order")).toHaveLength(9);
    expect(screen.getByRole("heading", { name: "Suspend 3 things?" })).toBeInTheDocument();
    expect(dialog().getByRole("button", { name: "Suspend 9" })).toBeEnabled();
  });

  it("has a bound, and says so", async () => {
    bar(named(MOST_TARGETS + 1));
    expect(toolbar().getByRole("button", { name: "Stop" })).toBeDisabled();
    expect(toolbar().getByText("51 are selected: at most 50 are told at once")).toBeInTheDocument();
    orders.askAll(named(MOST_TARGETS + 1), STOP, "too many");
    expect(orders.shown).toBe(false);
  });

  it.each([
    ["the past is shown", /Orders are off/, () => time.rewind(NOW_MS - 60_000)],
    [
      "a recording is opened",
      /opened recording/,
      () =>
        time.tick({
          ...hostFrameAt(NOW_MS),
          recording: { state: "opened", file: "spike.ira", hostname: "juniper" },
        }),
    ],
  ])("is off while %s", async (_, why, show) => {
    bar();
    show();
    await settled();
    for (const name of ["Stop", "Suspend", "Send a signal…"])
      expect(toolbar().getByRole("button", { name })).toBeDisabled();
    expect(toolbar().getByText(why)).toBeInTheDocument();
    orders.askAll(THREE, STOP, "all");
    expect(orders.shown).toBe(false);
  });
});

it("what is common to several is what each of them can be told", () => {
  expect(inCommon([])).toEqual([]);
  const [start, restart] = [{ kind: "start" }, { kind: "restart" }] as const;
  expect(
    inCommon([
      [STOP, restart],
      [restart, STOP],
    ]),
  ).toEqual([STOP, restart]);
  expect(inCommon([[STOP, restart], [start]])).toEqual([]);
});

it("stays open with what it showed when whoever asked is gone", async () => {
  const { unmount } = render(OrderButtons, { props: { target: THREE[0]!.target, name: "it" } });
  render(OrderDialog);
  await fireEvent.click(screen.getByRole("button", { name: "Stop" }));
  await settled();
  unmount();
  await settled();
  expect(dialog().getByText(`kill(${rows[0]!.pid}, SIGTERM)`)).toBeInTheDocument();
  await press("Stop");
  expect(dialog().getByText("Done in 42 ms")).toBeInTheDocument();
});
