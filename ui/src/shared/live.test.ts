import { render, screen } from "@testing-library/svelte";
import { beforeEach, expect, it } from "vitest";
import { fakeWindow, settled } from "../../tests/fake-window";
import Framed from "../../tests/Framed.svelte";
import HeldProbe from "../../tests/HeldProbe.svelte";
import type { FakePlatform } from "../platform/fake";
import { NOW_MS } from "../platform/fake/world";
import { ApiFailure } from "../platform/platform";
import { router } from "./router.svelte";
import { time } from "./time/time.svelte";

let fake: FakePlatform;
beforeEach(async () => {
  fake = fakeWindow();
  router.start();
  render(Framed, { view: HeldProbe });
  await settled();
});
const shown = () => screen.getByTestId("held").textContent;
const asked = () => fake.calls.filter(({ command }) => command === "applications");

it("follows the stream in the present and asks nothing", async () => {
  expect(shown()).toBe(`${NOW_MS}`);
  fake.tick();
  await settled();
  expect(shown()).toBe(`${NOW_MS + 1000}`);
  expect(asked()).toEqual([]);
});

it("asks once for each past moment, and of a drag only the first and the last", async () => {
  const release = fake.hold();
  for (let second = 1; second <= 30; second++)
    time.rewind(NOW_MS - second * 1000, { settle: false });
  await settled();
  time.rewind(NOW_MS - 90_000, { settle: false });
  time.rewind(NOW_MS - 91_000, { settle: false });
  await settled();
  expect(shown()).toBe(`${NOW_MS} stale`);
  release();
  await settled();
  expect(shown()).toBe(`${NOW_MS - 91_000}`);
  expect(asked().map(({ request }) => (request as { at_ms: number }).at_ms)).toEqual([
    NOW_MS - 30_000,
    NOW_MS - 91_000,
  ]);
});

it("does not let a late answer of the past replace the present", async () => {
  const release = fake.hold();
  time.rewind(NOW_MS - 5000);
  await settled();
  time.live();
  await settled();
  release();
  await settled();
  expect(shown()).toBe(`${NOW_MS}`);
});

it("says why there is nothing, and asks again when told", async () => {
  fake.fail("applications", new ApiFailure(null, "locked"));
  time.rewind(NOW_MS - 5000);
  await settled();
  expect(shown()).toBe("locked");
  fake.fail("applications", null);
  screen.getByRole("button").click();
  await settled();
  expect(shown()).toBe(`${NOW_MS - 5000}`);
});

it("listens to nothing while nobody can see the window", async () => {
  const state = (value: string) => {
    Object.defineProperty(document, "visibilityState", { value, configurable: true });
    document.dispatchEvent(new Event("visibilitychange"));
  };
  state("hidden");
  await settled();
  expect(fake.subscribed).toEqual(["changed"]);
  state("visible");
  await settled();
  expect(fake.subscribed).toContain("applications");
});

it("says that what is shown is old when the connection is lost", async () => {
  fake.connection("lost");
  await settled();
  expect(shown()).toBe(`${NOW_MS} stale`);
});
