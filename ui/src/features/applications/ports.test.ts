import { describe, expect, it } from "vitest";
import { portLines } from "./ports";

describe("portLines", () => {
  const port = {
    protocol: "tcp",
    port: 8080,
    address: "0.0.0.0",
    pid: 7,
    is_elsewhere: false,
  } as const;

  it("links what a browser of this machine reaches", () => {
    expect(portLines([port], [])[0]?.url).toBe("http://localhost:8080/");
  });

  it("links nothing that is in a network of its own", () => {
    const [line] = portLines([{ ...port, is_elsewhere: true }], []);
    expect([line?.url, line?.where]).toEqual([null, "in a network of its own"]);
  });
});
