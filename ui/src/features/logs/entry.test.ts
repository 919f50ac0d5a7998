import { fireEvent, screen, waitFor, within } from "@testing-library/svelte";
import { beforeEach, describe, expect, it } from "vitest";
import { settled, violations } from "../../../tests/fake-window";
import type { FakePlatform } from "../../platform/fake";
import { NOW_MS } from "../../platform/fake/world";
import { time } from "../../shared/time/time.svelte";
import {
  entry,
  field,
  following,
  freshRoom,
  grid,
  pages,
  said,
  show,
  texts,
  type,
} from "./test-stage";

/** The page is large, and is looked through for what cannot be read aloud. */
const SLOW = { timeout: 30_000 };
let fake: FakePlatform;
beforeEach(async () => {
  fake = await freshRoom();
});

describe("an entry", SLOW, () => {
  it("is told in full, filters by a field, and shows what was around", async () => {
    await show();
    fake.tell({
      entries: [
        entry("slow query", { fields: [{ name: "request_id", value: "ab12" }], time: "assumed" }),
      ],
    });
    await settled();
    await fireEvent.click(said().at(-1)!);
    await settled();
    const panel = within(screen.getByRole("complementary", { name: "Entry" }));
    expect(panel.getByText(/without its zone, year or date/)).toBeInTheDocument();
    expect(await violations()).toEqual([]);
    await fireEvent.click(panel.getByRole("button", { name: /request_id/ }));
    await settled();
    expect(pages(fake).at(-1)?.filter).toMatchObject({
      fields: [{ name: "request_id", value: "ab12" }],
    });
  });

  it("has unfiltered surroundings, and the way back", async () => {
    await show();
    await type("502");
    await waitFor(() => expect(texts().length).toBeGreaterThan(5));
    const hit = said().at(-3)!;
    await fireEvent.click(hit);
    await settled();
    await fireEvent.click(screen.getByRole("button", { name: "Show around" }));
    await settled(20);
    expect(texts().some((text) => !text?.includes("502"))).toBe(true);
    expect(document.querySelector('[aria-selected="true"]')?.textContent).toContain("502");
    expect(following(fake)).toBe(false);
    const back = screen.getAllByRole("button", { name: "Back to what matches" });
    await fireEvent.click(back[0]!);
    await settled(20);
    expect(texts().every((text) => text?.includes("502"))).toBe(true);
  });

  it("is reached by keyboard", async () => {
    await show();
    grid().focus();
    await fireEvent.keyDown(grid(), { key: "ArrowUp" });
    await fireEvent.keyDown(grid(), { key: "ArrowUp" });
    await settled();
    expect(grid()).toHaveAttribute("aria-activedescendant");
    expect(screen.getByText(/^Paused/)).toBeInTheDocument();
    await fireEvent.keyDown(grid(), { key: "Enter" });
    await settled();
    expect(screen.getByRole("complementary", { name: "Entry" })).toBeInTheDocument();
    await fireEvent.keyDown(grid(), { key: "Escape" });
    await fireEvent.keyDown(grid(), { key: "End" });
    await settled();
    expect(screen.queryByText(/^Paused/)).toBeNull();
    await fireEvent.keyDown(grid(), { key: "/" });
    expect(field()).toHaveFocus();
    await fireEvent.keyDown(field(), { key: "ArrowDown" });
    expect(grid()).toHaveFocus();
  });
});

describe("the past", SLOW, () => {
  it("shows the moment with what was before and after it, and follows nothing", async () => {
    await show();
    time.rewind(NOW_MS - 600_000);
    await settled(20);
    expect(screen.getByText("14:22:08 · the moment shown")).toBeInTheDocument();
    expect(following(fake)).toBe(false);
    const directions = pages(fake)
      .slice(-2)
      .map(({ direction }) => direction);
    expect(directions).toEqual(["older", "newer"]);
    time.live();
    await settled(20);
    expect(following(fake)).toBe(true);
    expect(screen.queryByText(/the moment shown/)).toBeNull();
  });

  it("is where a click on a time and a typed one lead to", async () => {
    await show();
    const [button] = screen.getAllByRole("button", { name: /^14:3\d:\d\d\.\d{3}$/ });
    const count = pages(fake).length;
    await fireEvent.click(button!);
    await settled(10);
    expect(time.past).toBe(true);
    expect(screen.getByText(/the moment shown/)).toBeInTheDocument();
    expect(pages(fake).length).toBe(count);
    await fireEvent.keyDown(window, { key: "g" });
    await settled();
    await fireEvent.input(screen.getByRole("textbox", { name: "Time" }), {
      target: { value: "-30m" },
    });
    await settled();
    await fireEvent.click(screen.getByRole("button", { name: "Go" }));
    await settled(20);
    expect(time.at_ms).toBe(NOW_MS - 1_800_000);
  });
});
