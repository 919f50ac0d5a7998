import { cleanup, render, screen } from "@testing-library/svelte";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { runningWindow, settled as settle, violations } from "../../../tests/fake-window";
import type { Containers } from "../../bindings/Containers";
import { time } from "../../shared/time/time.svelte";
import LogsPanel from "./LogsPanel.svelte";
import { ofContainer, ofUnit, word } from "./places";

beforeEach(async () => {
  await runningWindow();
});
afterEach(() => {
  cleanup();
  time.live();
});

describe("where output lies", () => {
  it("says that logs are to come, and names files open for appending", async () => {
    const id = "process:~/code/catalog-web";
    render(LogsPanel, { id, members: "41877", registration: undefined });
    await settle();
    expect(screen.getByText("Logs are not shown here yet")).toBeInTheDocument();
    const path = "/home/dev/code/catalog-web/logs/dev.log";
    expect(screen.getByText(path)).toBeInTheDocument();
    expect(screen.getByRole("button", { name: `Copy ${path}` })).toBeInTheDocument();
    expect(await violations()).toEqual([]);
  });

  it("names the journal of a unit", async () => {
    render(LogsPanel, { id: "systemd:nginx.service", members: "", registration: undefined });
    await settle();
    expect(screen.getByText("journalctl -u nginx.service")).toBeInTheDocument();
  });

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
});
