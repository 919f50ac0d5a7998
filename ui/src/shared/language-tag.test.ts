import { expect, it } from "vitest";
import { soundTag } from "./language-tag";

it.each([
  ["C", "en"],
  ["en_US.UTF-8", "en"],
  ["", "en"],
  ["en-us", "en-US"],
  ["es", "es"],
])("%s becomes %s", (tag, expected) => {
  const sound = soundTag(tag);
  expect(sound).toBe(expected);
  expect(() => new Intl.NumberFormat(sound)).not.toThrow();
});
