import { beforeEach, describe, expect, it } from "vitest";
import { fakeWindow } from "../../tests/fake-window";
import * as format from "./format";
import { language } from "./i18n";
import { settings } from "./settings.svelte";

beforeEach(() => {
  fakeWindow();
  language.locale = "en";
});

describe("bytes", () => {
  it.each([
    [0, "0 B"],
    [999, "999 B"],
    [1023, "1.0 KiB"],
    [1536, "1.5 KiB"],
    [61 * 2 ** 20, "61 MiB"],
    [2.731 * 2 ** 30, "2.73 GiB"],
    [31.24 * 2 ** 30, "31.2 GiB"],
    [1023.9 * 2 ** 20, "1.00 GiB"],
    [-420 * 2 ** 20, "-420 MiB"],
  ])("%d is %s", (amount, expected) => expect(format.text(format.bytes(amount))).toBe(expected));

  it("follow the setting", () => {
    settings.value = { ...settings.value, byte_units: "si" };
    expect(format.text(format.bytes(2_730_000_000))).toBe("2.73 GB");
    expect(format.text(format.rate(1_840_000))).toBe("1.84 MB/s");
  });

  it("of a part are given in the unit of the whole", () => {
    const whole = format.rate(2.73 * 2 ** 20);
    expect(format.bytesLike(0.31 * 2 ** 20, whole)).toEqual({ value: "0.31", unit: "MiB/s" });
  });
});

describe("shares", () => {
  it("of CPU are of the machine or of a core", () => {
    expect(format.text(format.cpu(3.424, 16))).toBe("21.4 %");
    settings.value = { ...settings.value, cpu_per: "core" };
    expect(format.text(format.cpu(3.424, 16))).toBe("342.4 %");
  });

  it("never show a negative zero", () => {
    expect(format.share(-0.0001).value).toBe("0.0");
  });
});

it("a missing figure is not zero", () => {
  for (const parts of [
    format.bytes(null),
    format.rate(undefined),
    format.share(null),
    format.cpu(null, 4),
    format.count(null),
  ])
    expect(parts).toEqual(format.NO_FIGURE);
});

it.each([
  [400, "400 ms"],
  [36_000, "36 s"],
  [90_000, "1 min 30 s"],
  [3_600_000, "1 h"],
  [17_480_000, "4 h 51 min"],
  [532_800_000, "6 d 4 h"],
])("%d ms last %s", (ms, expected) => expect(format.duration(ms)).toBe(expected));

it("numbers follow the language", () => {
  language.locale = "es";
  expect(format.text(format.bytes(2.5 * 2 ** 30))).toBe("2,50 GiB");
});

it("since is as short as is clear", () => {
  const now = new Date(2026, 10, 24, 14, 0).getTime();
  expect(format.since(new Date(2026, 10, 24, 9, 5).getTime(), now)).toBe("09:05");
  expect(format.since(new Date(2026, 10, 18, 9, 5).getTime(), now)).toBe("18 Nov");
  expect(format.since(new Date(2025, 10, 18).getTime(), now)).toBe("2025");
  expect(format.since(null, now)).toBe("–");
});

it("the end of an axis has no zeros after the point", () => {
  expect(format.roundText({ value: "100.0", unit: "%" })).toBe("100 %");
  expect(format.roundText({ value: "31.2", unit: "GiB" })).toBe("31.2 GiB");
});
