import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { formatAddress, parseAddress, router } from "./router.svelte";

describe("addresses", () => {
  it("carry identifiers with slashes and spaces through the hash", () => {
    const address = {
      path: ["applications", "docker:shop/a b?#ñ"],
      query: { at: "17", span: "900" },
    };
    expect(parseAddress(formatAddress(address))).toEqual(address);
  });

  it("are read when they are empty or broken", () => {
    expect(parseAddress("")).toEqual({ path: [], query: {} });
    expect(parseAddress("#/a%ZZ?x")).toEqual({ path: ["a%ZZ"], query: { x: "" } });
  });
});

describe("router", () => {
  let end: () => void;
  beforeEach(() => {
    history.replaceState(null, "", "#/overview?at=5&tab=logs");
    end = router.start();
  });
  afterEach(() => end());

  it("keeps the moment and drops what belongs to the view left", () => {
    router.go("processes", "12:34");
    expect(location.hash).toBe("#/processes/12%3A34?at=5");
    expect(router.view).toBe("processes");
  });

  it("makes links that keep the moment", () => {
    expect(router.href("applications", "docker:shop/api")).toBe(
      "#/applications/docker%3Ashop%2Fapi?at=5",
    );
  });

  it("removes a parameter that is null", () => {
    router.setQuery({ at: null });
    expect(location.hash).toBe("#/overview?tab=logs");
  });

  it("tells listeners when the address bar changes", () => {
    const seen: string[] = [];
    const stop = router.listen(() => seen.push(router.view));
    location.hash = "#/settings";
    window.dispatchEvent(new HashChangeEvent("hashchange"));
    expect(seen.at(-1)).toBe("settings");
    stop();
  });
});
