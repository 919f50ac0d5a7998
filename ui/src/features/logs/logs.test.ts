import { fireEvent, render, screen, waitFor } from "@testing-library/svelte";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { settled, violations } from "../../../tests/fake-window";
import type { LogSourceRow } from "../../bindings/LogSourceRow";
import type { Recording } from "../../bindings/Recording";
import type { FakePlatform } from "../../platform/fake";
import { hostFrameAt } from "../../platform/fake/host";
import { NOW_MS } from "../../platform/fake/world";
import { ApiFailure } from "../../platform/platform";
import { time } from "../../shared/time/time.svelte";
import LogsPanel from "./LogsPanel.svelte";
import { choices } from "./room.svelte";
import { MOST } from "./sources";
import {
  entry,
  field,
  following,
  freshRoom,
  grid,
  pages,
  said,
  scrollTo,
  show,
  texts,
  type,
} from "./test-stage";

const levels = () =>
  new Set([...document.querySelectorAll(".row .level")].map((one) => one.textContent?.trim()));

/** The page is large, and is looked through for what cannot be read aloud. */
const SLOW = { timeout: 30_000 };
let fake: FakePlatform;
beforeEach(async () => {
  fake = await freshRoom();
});

describe("the room of logs", SLOW, () => {
  it("shows the newest lines of all sources, and is told of what comes only while it is seen", async () => {
    const { unmount } = await show();
    expect(said().length).toBeGreaterThan(20);
    expect(screen.getByText(/9 of 10 sources, merged by time/)).toBeInTheDocument();
    expect(following(fake)).toBe(true);
    expect(await violations()).toEqual([]);
    fake.tell({ entries: [entry("hello from live")] });
    await settled();
    expect(texts().at(-1)).toBe("hello from live");
    unmount();
    expect(following(fake)).toBe(false);
  });

  it("asks for nothing and is told nothing while the window is hidden", async () => {
    await show();
    const hidden = vi.spyOn(document, "visibilityState", "get").mockReturnValue("hidden");
    document.dispatchEvent(new Event("visibilitychange"));
    await settled();
    expect(following(fake)).toBe(false);
    hidden.mockRestore();
    document.dispatchEvent(new Event("visibilitychange"));
    await settled(10);
    expect(following(fake)).toBe(true);
  });

  it("stops at what is read when scrolled up, counts what waits, and f follows again", async () => {
    await show();
    const top = grid().scrollTop;
    expect(top).toBeGreaterThan(1000);
    await scrollTo(top - 400);
    const seen = texts()[8];
    fake.tell({ entries: [entry("one"), entry("two")], left_out: 36 });
    await settled();
    expect(screen.getByText("Paused at 14:32:08")).toBeInTheDocument();
    expect(screen.getByRole("button", { name: "38 lines waiting" })).toBeInTheDocument();
    expect(texts()[8]).toBe(seen);
    expect(texts()).not.toContain("two");
    expect(await violations()).toEqual([]);
    await fireEvent.keyDown(window, { key: "f" });
    await settled();
    expect(texts().at(-1)).toBe("two");
    expect(screen.getByText(/36 lines left out: more came/)).toBeInTheDocument();
    expect(screen.queryByText(/Paused/)).toBeNull();
  });

  it("reads on towards the past, and what is read stays where it is", async () => {
    await show();
    await scrollTo(2000);
    const seen = texts();
    await scrollTo(150);
    const before = texts()[3];
    await settled(10);
    expect(pages(fake).length).toBeGreaterThan(1);
    expect(grid().scrollTop).toBeGreaterThan(3000);
    expect(texts()).toContain(before);
    expect(seen.length).toBeGreaterThan(0);
  });

  it("folds further lines, and tells what happened to the file", async () => {
    await show();
    fake.tell({
      entries: [entry("boom", { level: "fatal", lines: ["a", "b", "c", "d", "e"] })],
      notices: [{ source: 0, at_ms: NOW_MS, kind: "rotated" }],
    });
    await settled();
    expect(screen.getByText(/catalog-web went on in a new file/)).toBeInTheDocument();
    await fireEvent.click(screen.getByRole("button", { name: "+2 lines" }));
    await settled();
    expect(screen.getByText("e", { selector: ".further" })).toBeInTheDocument();
  });
});

describe("searching", SLOW, () => {
  it("asks again until there is enough for a screen, and marks what was found", async () => {
    await show();
    fake.calls = [];
    await type("enospc");
    await waitFor(() => expect(pages(fake).length).toBeGreaterThan(2));
    await waitFor(() => expect(texts().length).toBeGreaterThan(5));
    expect(texts().every((text) => text?.includes("ENOSPC"))).toBe(true);
    expect(document.querySelectorAll("mark").length).toBeGreaterThan(5);
    expect(pages(fake)[1]?.sources).not.toEqual(pages(fake)[0]?.sources);
    await fireEvent.keyDown(field(), { key: "Enter" });
    await fireEvent.keyDown(field(), { key: "Enter" });
    await settled();
    const hits = screen.getByText(/^\d+ of \d+\+$/).textContent!.split(" of ");
    expect(Number(hits[0])).toBe(Number.parseInt(hits[1]!) - 1);
  });

  it("can be stopped, and goes on when asked to", async () => {
    await show();
    fake.calls = [];
    const first = fake.hold();
    await type("is nowhere to be found");
    first();
    const second = fake.hold();
    await settled(10);
    await fireEvent.click(screen.getByRole("button", { name: "Cancel" }));
    second();
    await settled(10);
    const count = pages(fake).length;
    expect(screen.getByText("The search was stopped")).toBeInTheDocument();
    await settled(10);
    expect(pages(fake).length).toBe(count);
    await fireEvent.click(screen.getByRole("button", { name: "Search further" }));
    await settled();
    expect(pages(fake).length).toBeGreaterThan(count);
  });

  it("says at the field what is wrong with an expression, and leaves what is shown", async () => {
    await show();
    await fireEvent.click(screen.getByRole("button", { name: "Regular expression" }));
    await type("(");
    expect(field()).toHaveAccessibleDescription(/is not a regular expression/);
    expect(said().length).toBeGreaterThan(20);
    expect(await violations()).toEqual([]);
    await type("page=[12]");
    expect(field()).not.toHaveAccessibleDescription();
    expect(document.querySelector("mark")?.textContent).toMatch(/^page=[12]$/);
  });

  it("leaves levels out, which are counted all the same", async () => {
    await show();
    const error = screen.getByRole("button", { name: /^Error [\d,]+/ });
    for (const name of [/^Warn/, /^Info/, /^Debug/, /^No level/])
      await fireEvent.click(screen.getByRole("button", { name }));
    await settled(20);
    expect(levels()).toEqual(new Set(["ERROR"]));
    expect(screen.getByRole("button", { name: /^Info [\d,]+/ })).toHaveAttribute(
      "aria-pressed",
      "false",
    );
    expect(error).toHaveAttribute("aria-pressed", "true");
    expect(pages(fake).at(-1)?.filter).toMatchObject({
      hidden_levels: ["warn", "info", "debug", "trace"],
      hide_unlevelled: true,
    });
  });

  it("offers to remove what hides everything", async () => {
    await show();
    choices.fields = [{ name: "status", value: "999" }];
    const button = await screen.findByRole("button", { name: "Remove filters" });
    expect(screen.getByText("Nothing matches")).toBeInTheDocument();
    await fireEvent.click(button);
    await settled(20);
    expect(said().length).toBeGreaterThan(20);
  });
});

describe("sources", SLOW, () => {
  it("are switched off and on, and say how to permit those that cannot be read", async () => {
    await show();
    await fireEvent.click(screen.getByRole("checkbox", { name: /nginx/ }));
    await settled(10);
    expect(screen.getByText(/8 of 10 sources/)).toBeInTheDocument();
    expect(screen.getByText("Off")).toBeInTheDocument();
    await fireEvent.click(screen.getByRole("button", { name: "Permit: audit/audit.log" }));
    await settled();
    expect(screen.getByText("sudo usermod -aG adm dev")).toBeInTheDocument();
  });

  it("that fail while they are read say why", async () => {
    await show();
    const problem = { kind: "failed" as const, message: "the disk is gone", remedy: null };
    fake.tell({ problems: [{ source: 1, problem }] });
    await settled();
    await fireEvent.click(screen.getByRole("button", { name: "Why: nginx" }));
    await settled();
    expect(screen.getByText("the disk is gone")).toBeInTheDocument();
  });

  it("are never more than can be read at once, and it says so", async () => {
    const row = fake.logs.sources.sources[0]!;
    const sources = Array.from({ length: 100 }, (_, at): LogSourceRow => {
      return { ...row, id: `s${at}`, name: `log ${at}`, application: null, modified_ms: at };
    });
    fake.logs.sources = { ...fake.logs.sources, sources };
    await show();
    expect((pages(fake)[0]?.sources as unknown[]).length).toBe(MOST);
    expect(screen.getByText(/64 of 100 are read together/)).toBeInTheDocument();
  });

  it("that are not there say what to do", async () => {
    const journal = { kind: "absent" as const, message: "journalctl is missing", remedy: null };
    fake.logs.sources = { ...fake.logs.sources, sources: [], journal };
    await show();
    expect(screen.getByText("No logs were found")).toBeInTheDocument();
    expect(screen.getByText(/the journal says: journalctl is missing/)).toBeInTheDocument();
    expect(await violations()).toEqual([]);
  });

  it("are of this machine only", async () => {
    const state = { state: "opened" } as Recording;
    time.tick({ ...hostFrameAt(fake.now_ms), recording: state });
    await show();
    expect(screen.getByText("Logs are of this machine only")).toBeInTheDocument();
    expect(pages(fake)).toEqual([]);
  });

  it("that could not be asked for can be asked for again", async () => {
    fake.fail("log_page", new ApiFailure(null, "the disk is gone"));
    await show();
    expect(screen.getByText("the disk is gone")).toBeInTheDocument();
    fake.fail("log_page", null);
    await fireEvent.click(screen.getByRole("button", { name: "Try again" }));
    await settled(10);
    expect(said().length).toBeGreaterThan(20);
  });
});

describe("the logs of an application", SLOW, () => {
  it("are those of its sources, without a list where there is one", async () => {
    render(LogsPanel, { id: "docker:shop/api" });
    await settled(10);
    expect(texts().length).toBeGreaterThan(20);
    expect(pages(fake)[0]?.sources).toEqual([{ source: "container:shop-api-1", cursor: null }]);
    expect(screen.queryByText("Sources")).toBeNull();
    expect(await violations()).toEqual([]);
  });

  it("name what shows them elsewhere, where none are known", async () => {
    render(LogsPanel, { id: "systemd:cron.service" });
    await settled(10);
    expect(screen.getByText("No log of it is known")).toBeInTheDocument();
    expect(screen.getByText("journalctl -u cron.service")).toBeInTheDocument();
  });
});
