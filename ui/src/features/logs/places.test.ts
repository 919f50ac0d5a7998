import { expect, it } from "vitest";
import type { Containers } from "../../bindings/Containers";
import { ofContainer, ofUnit, word } from "./places";

it("does not guess: a template names no unit, the managers do", () => {
  expect(ofUnit("systemd:getty@.service", undefined)).toEqual([]);
  const texts = ofUnit("systemd:user/pipewire.service", undefined).map(({ text }) => text);
  expect(texts).toEqual(["journalctl --user -u pipewire.service"]);
  expect(ofContainer("docker:shop", undefined)).toEqual([]);
});

it("names the engine of a container and quotes what a shell would not take as a word", () => {
  const containers = {
    engines: [{ socket: "/run/podman.sock", kind: "podman" }],
    containers: [
      { engine: "/run/podman.sock", id: "ab", name: "web", application: "container:web" },
      { engine: "/run/docker.sock", id: "cd", name: "", application: "docker:x" },
    ],
  } as unknown as Containers;
  expect(ofContainer("container:web", containers)[0]?.text).toBe("podman logs web");
  expect(ofContainer("docker:x", containers)[0]?.text).toBe("docker logs cd");
  expect(word("a b'; rm -rf /")).toBe(`'a b'\\''; rm -rf /'`);
});
