import { beforeEach, describe, expect, it } from "vitest";
import { HELD, LogBook, WAITING } from "./book";
import { Lines } from "./test-door";
import { NO_FILTER } from "./words";

let door: Lines;
let book: LogBook;
let changes = 0;
const rest = () => new Promise((resolve) => setTimeout(resolve));
const wish = (at_ms: number | null = null, text = "") => ({
  sources: ["a"],
  filter: { ...NO_FILTER, text },
  at_ms,
});
const first = () => book.lines[0]?.at_ms;
const last = () => book.lines.at(-1)?.at_ms;
/** Every line between the first and the last, once. */
function expectWhole() {
  const times = book.lines.map(({ at_ms }) => at_ms);
  expect(times).toEqual(Array.from({ length: times.length }, (_, i) => (first() ?? 0) + i));
}

beforeEach(() => {
  door = new Lines();
  changes = 0;
  book = new LogBook(door, () => (changes += 1));
});

describe("pages", () => {
  it("begin with the newest and go on to the oldest, each line once", async () => {
    book.show(wish());
    await rest();
    expect([first(), last()]).toEqual([800, 999]);
    for (let page = 0; page < 6; page++) await book.reached("older");
    expect([first(), last(), book.older.is_end]).toEqual([0, 999, true]);
    expectWhole();
    expect(changes).toBeGreaterThan(0);
  });

  it("are asked for until there is enough, and the search tells how far it is", async () => {
    door.every = 20;
    door.fair = 100;
    door.count = 10_000;
    book.show(wish(null, "x"));
    await rest();
    await rest();
    expect(book.lines.length).toBe(100);
    expect(door.asked.length).toBe(20);
    expect(book.older.part).toBeCloseTo(0.2);
  });

  it("stop when told to, and go on only when asked to", async () => {
    door.every = 5000;
    door.fair = 10;
    door.count = 4999;
    const go = door.hold();
    book.show(wish(null, "x"));
    await rest();
    book.stop();
    go();
    await rest();
    expect([door.asked.length, book.older.loading, book.older.stopped]).toEqual([1, false, true]);
    await book.reached("older");
    expect(door.asked.length).toBe(1);
    await book.reached("older", { again: true });
    expect(first()).toBe(0);
  });

  it("of what is no longer wanted are thrown away, and are not even asked for", async () => {
    const go = door.hold();
    book.show(wish(null, "a"));
    await rest();
    for (const text of ["ab", "abc", "abcd"]) book.show(wish(null, text));
    await rest();
    go();
    await rest();
    expect(door.asked.map(({ filter }) => filter.text)).toEqual(["a", "abcd"]);
    expect(book.lines.length).toBe(200);
    expect(door.followed.length).toBe(1);
  });

  it("that fail say why, and leave what is shown", async () => {
    book.show(wish());
    await rest();
    door.refuse = new Error("unclosed group");
    book.show(wish(null, "("));
    await rest();
    expect(book.error).toBe(door.refuse);
    expect(book.lines.length).toBe(200);
    door.refuse = null;
    book.show(wish());
    await rest();
    expect(book.error).toBeNull();
  });

  it("do not go on for ever with a host that does not move", async () => {
    const page = door.page.bind(door);
    door.page = async (request) => ({
      ...(await page(request)),
      entries: [],
      is_end: false,
      places: [{ source: "a", cursor: "here" }],
    });
    book.show(wish(null, "x"));
    await rest();
    expect([door.asked.length, book.older.is_end]).toEqual([2, true]);
  });
});

describe("what comes live", () => {
  beforeEach(async () => {
    book.show(wish());
    await rest();
  });

  it("goes on where the first page ended, and is not told twice", () => {
    expect(door.followed[0]?.sources).toEqual([{ source: "a", cursor: "end 1000" }]);
    door.say(3);
    door.count -= 3;
    door.say(3);
    expect(last()).toBe(1002);
    expectWhole();
  });

  it("waits while it is paused, counted, and comes with following", () => {
    book.pause(999);
    door.say(30, { left_out: 8 });
    expect([last(), book.waiting, book.paused_ms, book.following]).toEqual([999, 38, 999, false]);
    book.follow();
    expect([last(), book.waiting, book.paused_ms, book.following]).toEqual([1029, 0, null, true]);
    expect(book.lines.some(({ kind }) => kind === "left_out")).toBe(true);
    expect(book.left_out).toBe(8);
  });

  it("is read anew where more waits than is kept", async () => {
    book.pause(999);
    for (let frame = 0; frame < 30; frame++) door.say(100);
    expect(book.waiting).toBe(3000);
    expect(book.waiting).toBeGreaterThan(WAITING);
    book.follow();
    await rest();
    expect([first(), last(), book.following]).toEqual([3800, 3999, true]);
    door.say(1);
    expect(last()).toBe(4000);
    expectWhole();
  });

  it("is held only so far, and what went is read again", async () => {
    for (let frame = 0; frame < 60; frame++) door.say(100);
    expect([book.lines.length, last()]).toEqual([HELD, 6999]);
    book.pause(6999);
    const before = first();
    await book.reached("older");
    expect(first()).toBe((before ?? 0) - 200 + 1);
    expect(book.lines.length).toBe(HELD);
    expectWhole();
    // The newest went; further down they are read again, and following begins anew.
    await book.reached("newer");
    expect(last()).toBe(6999);
    expectWhole();
    book.follow();
    await rest();
    expect([last(), book.following]).toEqual([6999, true]);
  });

  it("ends when nobody looks, and what was paused stays where it was", async () => {
    book.pause(999);
    book.close();
    expect(door.told).toBeNull();
    door.count += 500;
    book.show(wish());
    await rest();
    expect([last(), door.asked.length]).toEqual([999, 1]);
    door.say(2);
    expect([last(), book.waiting]).toEqual([999, 2]);
    book.follow();
    await rest();
    expect(last()).toBe(1501);
  });

  it("has what happened to the file between the lines", () => {
    door.say(1, { notices: [{ source: 0, at_ms: 999, kind: "rotated" }] });
    expect(book.lines.at(-2)).toMatchObject({ kind: "notice", what: "rotated" });
  });
});

describe("the past", () => {
  it("is read to both sides of a moment, and follows nothing", async () => {
    book.show(wish(500));
    await rest();
    await rest();
    expect([first(), last(), book.following]).toEqual([300, 699, false]);
    expectWhole();
    expect(door.followed).toEqual([]);
    await book.reached("newer");
    await book.reached("older");
    expect([first(), last()]).toEqual([100, 899]);
    expectWhole();
  });

  it("is not asked for again where it is held", async () => {
    book.show(wish(500));
    await rest();
    await rest();
    book.show(wish(400));
    book.show(wish(650));
    await rest();
    expect([door.asked.length, book.past]).toEqual([2, true]);
    book.show(wish(20));
    await rest();
    await rest();
    expect([first(), last()]).toEqual([0, 219]);
  });

  it("takes over from live without a question, and reads on from there", async () => {
    book.show(wish());
    await rest();
    book.show(wish(900));
    expect([door.told, door.asked.length, first()]).toEqual([null, 1, 800]);
    door.count += 50;
    await book.reached("newer");
    expect([first(), last()]).toEqual([800, 1049]);
    expectWhole();
    book.show(wish());
    await rest();
    expect([last(), book.following]).toEqual([1049, true]);
  });
});
