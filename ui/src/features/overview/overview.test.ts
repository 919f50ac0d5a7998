import { fireEvent, render, screen, within } from "@testing-library/svelte";
import { beforeEach, describe, expect, it } from "vitest";
import { fakeWindow, settled } from "../../../tests/fake-window";
import Framed from "../../../tests/Framed.svelte";
import type { Applications } from "../../bindings/Applications";
import type { FakePlatform } from "../../platform/fake";
import { applicationsAt } from "../../platform/fake/host";
import { NOW_MS, today } from "../../platform/fake/world";
import { ApiFailure } from "../../platform/platform";
import { router } from "../../shared/router.svelte";
import { time } from "../../shared/time/time.svelte";
import { breakdown, figureOf, type Resource } from "./breakdown";
import NetworkUse from "./NetworkUse.svelte";
import Overview from "./Overview.svelte";
import { evenOut, verdict } from "./verdict";

const now = () => structuredClone(applicationsAt(NOW_MS));
const total = (resource: Resource, { host }: Applications) =>
  resource === "cpu"
    ? (host.cpu_ratio ?? 0)
    : resource === "memory"
      ? host.memory_used_bytes
      : resource === "network"
        ? (host.received_bytes_per_sec ?? 0) + (host.sent_bytes_per_sec ?? 0)
        : (host.disk_read_bytes_per_sec ?? 0) + (host.disk_write_bytes_per_sec ?? 0);

describe("breakdown", () => {
  it.each<[Resource, number]>([
    ["cpu", 5],
    ["memory", 5],
    ["disk", 5],
    ["network", 5],
    ["cpu", 0],
    ["memory", 100],
  ])("of %s over %d rows adds up to the machine", (resource, rows) => {
    const applications = now();
    const parts = breakdown(applications, resource, rows);
    const sum =
      parts.top.reduce((all, { value }) => all + value, 0) +
      parts.others +
      (parts.unattributed ?? 0);
    expect(sum).toBeCloseTo(total(resource, applications), 3);
    expect(parts.top.length + parts.others_count + parts.unread_count).toBe(
      applications.applications.length,
    );
  });

  it("keeps rows where they are while somebody points at them", () => {
    const held = breakdown(now(), "cpu", 3, ["kernel:kernel", "desktop:org.mozilla.firefox"]);
    expect(held.top.map(({ application }) => application.id)).toEqual([
      "kernel:kernel",
      "desktop:org.mozilla.firefox",
    ]);
  });

  it("says nothing of what is not measured", () => {
    const applications = now();
    applications.unattributed.cpu_ratio = null;
    expect(breakdown(applications, "cpu", 5).unattributed).toBeNull();
    const none = {
      ...applications.applications[0]!,
      read_bytes_per_sec: null,
      write_bytes_per_sec: null,
    };
    expect(figureOf("disk", none)).toBeNull();
  });
});

describe("verdict", () => {
  const with_host = (changed: Partial<Applications["host"]>) => {
    const applications = now();
    return { ...applications, host: { ...applications.host, ...changed } };
  };

  it("names who uses most of a busy machine", () => {
    const found = verdict(now());
    expect(found).toMatchObject({ kind: "cpu", tone: "notice" });
    expect(found.kind === "cpu" && found.application.name).toBe("catalog-web");
  });

  it("is calm while the machine is idle, whoever uses most of the little", () => {
    expect(verdict(with_host({ cpu_ratio: 1 })).kind).toBe("calm");
  });

  it("says that the CPU is used in full, also where nobody is the reason", () => {
    const { host, applications } = now();
    const many = applications.map((one) => ({ ...one, cpu_ratio: 0.5 }));
    const full = { ...now(), host: { ...host, cpu_ratio: host.cpu_count }, applications: many };
    expect(verdict(full)).toMatchObject({ kind: "full", tone: "warning", busy: 1 });
  });

  it("is calm when a busy machine has no single reason", () => {
    const applications = with_host({ cpu_ratio: 12 });
    expect(verdict(applications).kind).toBe("calm");
  });

  it("puts memory that runs out first", () => {
    expect(verdict(with_host({ memory_available_bytes: 2 ** 30 }))).toMatchObject({
      kind: "memory",
      tone: "critical",
    });
    expect(verdict(with_host({ memory_pressure_ratio: 0.2 }))).toMatchObject({
      kind: "pressure",
      tone: "warning",
    });
  });

  it("tells of a disk that is always busy", () => {
    expect(verdict(with_host({ cpu_ratio: 1, disk_busy_ratio: 0.95 })).kind).toBe("disk");
  });

  it("does not change with one sample", () => {
    const calm = with_host({ cpu_ratio: 1 });
    expect(verdict(evenOut(calm, now())).kind).toBe("calm");
  });
});

describe("network", () => {
  it("is listed by application", () => {
    render(NetworkUse, { applications: now(), whole: 1e6 });
    expect(screen.getByRole("link", { name: /nginx/ })).toBeInTheDocument();
    expect(screen.queryByText("Not told per application here")).not.toBeInTheDocument();
  });

  it("says so where the kernel does not tell it, and shows both directions", () => {
    const applications = now();
    for (const row of applications.applications)
      row.received_bytes_per_sec = row.sent_bytes_per_sec = null;
    render(NetworkUse, { applications, whole: 1e6 });
    expect(screen.getByText("Not told per application here")).toBeInTheDocument();
    expect(screen.getByText("received")).toBeInTheDocument();
  });

  it("shows a negative remainder as what it is", () => {
    const applications = now();
    applications.unattributed.received_bytes_per_sec = -5e6;
    render(NetworkUse, { applications, whole: 1e6 });
    expect(screen.getByRole("button", { name: /unattributed/ })).toHaveTextContent("-");
  });
});

describe("Overview", () => {
  let fake: FakePlatform;
  beforeEach(() => {
    fake = fakeWindow();
    router.start();
  });
  const show = async () => {
    render(Framed, { view: Overview, given: { machine: await fake.call("machine", {}) } });
    await settled();
  };

  it("shows the sentence, four instruments, what happened and the machine", async () => {
    await show();
    expect(screen.getByRole("heading", { level: 1 })).toHaveTextContent(
      /^catalog-web uses \d+ % of the busy CPU$/,
    );
    for (const name of ["CPU", "Memory", "Disk", "Network"])
      expect(screen.getByRole("region", { name })).toBeInTheDocument();
    expect(screen.getByText("juniper")).toBeInTheDocument();
  });

  it("says in words why memory counts more than the machine has in use", async () => {
    const answer = await fake.call("applications", { at_ms: today(9, 39) });
    const unattributed = {
      ...answer.unattributed,
      memory_bytes: -150 * 2 ** 20,
      write_bytes_per_sec: -1e9,
    };
    const call = fake.call.bind(fake);
    fake.call = async (command, request) =>
      command === "applications"
        ? ({ ...answer, unattributed } as Awaited<ReturnType<typeof call<typeof command>>>)
        : call(command, request);
    time.rewind(today(9, 39));
    await show();
    const memory = screen.getByRole("region", { name: "Memory" });
    expect(within(memory).getByText("counted more than once")).toBeInTheDocument();
    const disk = screen.getByRole("region", { name: "Disk" });
    expect(within(disk).getByText("not on the disk yet")).toBeInTheDocument();
  });

  it("links each application to its page", async () => {
    await show();
    const cpu = screen.getByRole("region", { name: "CPU" });
    expect(within(cpu).getByRole("link", { name: /Firefox/ })).toHaveAttribute(
      "href",
      "#/applications/desktop%3Aorg.mozilla.firefox",
    );
  });

  it("follows the stream and asks for series once", async () => {
    await show();
    const region = screen.getByRole("region", { name: "CPU" });
    const before = region.textContent;
    fake.tick(2);
    await settled();
    expect(region.textContent).not.toBe(before);
    expect(fake.calls.filter(({ command }) => command === "series")).toHaveLength(1);
    expect(fake.calls.filter(({ command }) => command === "applications")).toHaveLength(0);
  });

  it("shows the past moment, asked for once, and nothing that happened after it", async () => {
    await show();
    time.rewind(today(9, 39));
    await settled();
    expect(fake.calls.filter(({ command }) => command === "applications")).toEqual([
      { command: "applications", request: { at_ms: today(9, 39) } },
    ]);
    expect(screen.getByRole("heading", { level: 1 })).toHaveTextContent(/^shop \/ api used/);
    expect(screen.queryByText("13:53")).not.toBeInTheDocument();
    expect(fake.subscribed).not.toContain("applications");
  });

  it("says that the order of rows is held while the pointer is over them", async () => {
    await show();
    const row = document.querySelector("a.row")!;
    expect(screen.queryByText("order held")).toBeNull();
    await fireEvent.pointerEnter(row.closest("ul")!);
    expect(screen.getByText("order held")).toBeInTheDocument();
    await fireEvent.pointerLeave(row.closest("ul")!);
    expect(screen.queryByText("order held")).toBeNull();
  });

  it("rewinds to an event", async () => {
    await show();
    await fireEvent.click(screen.getByRole("button", { name: /13:53.*catalog-web.*started/ }));
    expect(time.at_ms).toBe(today(13, 53));
  });

  it("says why a past moment cannot be shown and leads back", async () => {
    await show();
    time.rewind(NOW_MS - 300 * 86_400_000);
    await settled();
    expect(screen.getByText("Nothing was recorded then")).toBeInTheDocument();
    await fireEvent.click(screen.getByRole("button", { name: "Go live" }));
    await settled();
    expect(screen.getByRole("region", { name: "CPU" })).toBeInTheDocument();
  });

  it("shows a failure of the charts in their place only", async () => {
    fake.fail("series", new ApiFailure(null, "database is locked"));
    await show();
    const cpu = screen.getByRole("region", { name: "CPU" });
    expect(within(cpu).getByText("database is locked")).toBeInTheDocument();
    expect(within(cpu).getByRole("link", { name: /Firefox/ })).toBeInTheDocument();
    fake.fail("series", null);
    await fireEvent.click(within(cpu).getByRole("button", { name: "Try again" }));
    await settled();
    expect(within(cpu).getByRole("img", { name: /CPU over time/ })).toBeInTheDocument();
  });
});
