import { cleanup, render, screen, within } from "@testing-library/svelte";
import { fireEvent } from "@testing-library/svelte";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { runningWindow, settled as settle, violations } from "../../../tests/fake-window";
import type { CrashCard as Card } from "../../bindings/CrashCard";
import type { Event } from "../../bindings/Event";
import type { EventNote } from "../../bindings/EventNote";
import type { FakePlatform } from "../../platform/fake";
import { noteOf } from "../../platform/fake/notes";
import { EVENTS } from "../../platform/fake/world";
import { router } from "../../shared/router.svelte";
import { time } from "../../shared/time/time.svelte";
import { card } from "./card.svelte";
import CrashCard from "./CrashCard.svelte";
import { saying } from "./words";

let fake: FakePlatform;

beforeEach(async () => {
  fake = await runningWindow();
});
afterEach(() => {
  card.open = false;
  cleanup();
  time.live();
});

const killed = () => {
  const found = EVENTS.find((event) => event.kind === "out_of_memory");
  if (!found) throw new Error("the invented machine has one");
  return found;
};
/** The fake's card with something else in it. */
function cardWith(change: (card: Card) => Card) {
  const call = fake.call.bind(fake);
  fake.call = async (command, request) => {
    const answer = await call(command, request);
    return command === "crash_card" ? (change(answer as Card) as typeof answer) : answer;
  };
}

describe("the card of an end", () => {
  it("is asked for when it opens, and tells how it ended and what was before", async () => {
    render(CrashCard);
    await settle();
    expect(fake.calls.filter((call) => call.command === "crash_card")).toEqual([]);
    card.show(killed());
    await settle();
    const dialog = screen.getByRole("dialog", { name: "shop / api out of memory" });
    const inside = within(dialog);
    expect(inside.getByText("ended by the kernel for want of memory")).toBeInTheDocument();
    expect(inside.getByText("uvicorn 3391")).toBeInTheDocument();
    expect(inside.getByRole("img", { name: "Memory in the minute before" })).toBeInTheDocument();
    expect(inside.getByText(/It is not known where it logged to/)).toBeInTheDocument();
    expect(await violations()).toEqual([]);
    await fireEvent.click(inside.getByRole("button", { name: "Go to this moment" }));
    expect(time.at_ms).toBe(killed().at_ms);
    expect(card.open).toBe(false);
  });

  it("says why it does not know, and shows what was ordered and the lines of the journal", async () => {
    cardWith((one) => ({
      ...one,
      event: { ...one.event, kind: "stopped", note: noteOf("stopped") },
      unknown: "denied",
      ports: null,
      orders: [
        {
          at_ms: one.event.at_ms - 5000,
          took_ms: 3,
          who: "dev",
          action: "suspend",
          target: "shop / api",
          application: one.event.application,
          call: "kill(1, SIGSTOP)",
          result: "done",
          detail: "",
          unkept: false,
        },
      ],
      log: {
        source: "journal",
        unit: "shop.service",
        lines: [{ at_ms: one.event.at_ms - 1000, text: "shop[7]: <b>no</b> room" }],
        detail: null,
      },
    }));
    render(CrashCard);
    card.show(killed());
    await settle();
    expect(screen.getByText("not known")).toBeInTheDocument();
    expect(screen.getByText(/Doctor says how to permit it/)).toBeInTheDocument();
    expect(screen.getByText("That second is not kept any more.")).toBeInTheDocument();
    expect(screen.getByText("dev ordered “suspend” for shop / api")).toBeInTheDocument();
    expect(screen.getByText("journal of shop.service")).toBeInTheDocument();
    expect(screen.getByText("shop[7]: <b>no</b> room")).toBeInTheDocument();
  });

  it("says of a last crash that Ira gave up, and counts no crashes where that is all it tells", async () => {
    for (const kind of ["crashed", "given_up"] as const) {
      const note = { ...killed().note!, out_of_memory: false, status: { code: 3 }, count: 10 };
      cardWith((one) => ({ ...one, given_up: true, event: { ...one.event, kind, note } }));
      render(CrashCard);
      card.show(killed());
      await settle();
      const inside = within(screen.getByRole("dialog"));
      expect(inside.getByText("exit code 3")).toBeInTheDocument();
      expect(inside.getByText(/^Ira starts it no more/)).toBeInTheDocument();
      expect(inside.queryAllByText("Crashes counted")).toHaveLength(kind === "crashed" ? 1 : 0);
      expect(await violations()).toEqual([]);
      card.open = false;
      cleanup();
    }
  });

  it("closes with its button, and when one goes to another view", async () => {
    render(CrashCard);
    card.show(killed());
    await settle();
    await fireEvent.click(screen.getByRole("button", { name: "Close" }));
    expect(card.open).toBe(false);
    card.show(killed());
    await settle();
    expect(card.open).toBe(true);
    router.go("containers");
    await settle();
    expect(card.open).toBe(false);
  });

  it("says what went wrong", async () => {
    render(CrashCard);
    card.show({ ...killed(), at_ms: 5 });
    await settle();
    expect(
      within(screen.getByRole("dialog")).getByText("It did not exist then"),
    ).toBeInTheDocument();
  });
});

describe("an event in words", () => {
  const said = (kind: Event["kind"], note: Partial<EventNote>) => {
    const whole = noteOf(kind);
    if (!whole) throw new Error("this kind has no note");
    return saying({ ...killed(), kind, note: { ...whole, ...note } });
  };
  it("says how it ended", () => {
    expect(said("crashed", { status: { code: 3 } })).toBe("crashed: exit code 3");
    expect(said("crashed", { status: { signal: 11 } })).toBe("crashed: signal 11 (SIGSEGV)");
    expect(said("crashed", { status: { signal: 6 }, part: true, process: "worker" })).toBe(
      "goes on, its process worker crashed: signal 6 (SIGABRT)",
    );
    expect(said("stopped", { status: { code: 0 } })).toBe("stopped");
    expect(said("stopped", { ordered: true, status: { signal: 9 } })).toBe("stopped by an order");
    expect(said("crash_loop", { count: 17 })).toMatch(/^crashes again and again: 17 times until/);
    expect(said("given_up", { status: { code: 3 }, count: 10 })).toBe(
      "given up: it ended too soon 10 times in a row, and Ira starts it no more",
    );
  });
  it("says what changed", () => {
    const ports = [8080, 53].map((port, i) => ({
      protocol: i ? ("udp" as const) : ("tcp" as const),
      port,
    }));
    expect(said("ports_opened", { ports })).toBe("opened ports 8080, udp 53");
    expect(said("version_changed", { version: "16.2", version_before: "16.1" })).toBe(
      "changed from version 16.1 to 16.2",
    );
  });
});
