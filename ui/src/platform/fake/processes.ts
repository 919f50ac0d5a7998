// Processes of the invented machine.
import type { ApplicationDetail } from "../../bindings/ApplicationDetail";
import type { EndedRow } from "../../bindings/EndedRow";
import type { ProcessDetail } from "../../bindings/ProcessDetail";
import type { ProcessRow } from "../../bindings/ProcessRow";
import type { ProcessState } from "../../bindings/ProcessState";
import {
  APPLICATIONS,
  cpuAt,
  diskAt,
  folderOf,
  hash,
  memoryAt,
  PSS_PART,
  RECORDED_FROM_MS,
  rowAt,
  running,
  trafficAt,
  type FakeApplication,
} from "./world";

/** First pid of each application: far enough apart that none meets the next. */
const firstPid = (application: FakeApplication) =>
  application.kind === "kernel" ? 2 : 1000 + APPLICATIONS.indexOf(application) * 251;

/** Share of the application's use: each process half of the one before. */
const weight = (index: number, of: number) =>
  index === of - 1 ? 0.5 ** index : 0.5 ** (index + 1);

function stateOf(application: FakeApplication, index: number, cpu_ratio: number): ProcessState {
  if (application.kind === "kernel") return index % 3 === 0 ? "idle" : "sleeping";
  if (application.name === "OpenSSH") return "stopped";
  if (application.name === "notes-api" && index === 1) return "zombie";
  return cpu_ratio > 0.5 ? "running" : "sleeping";
}

function processesOf(application: FakeApplication, at_ms: number): ProcessRow[] {
  const cpu = cpuAt(application, at_ms);
  const memory = memoryAt(application, at_ms);
  const disk = diskAt(application, at_ms);
  const kernel = application.kind === "kernel";
  const traffic = trafficAt(application, at_ms);
  return Array.from({ length: application.processes }, (_, index) => {
    const part = weight(index, application.processes);
    const name = application.programs[index % application.programs.length] ?? application.name;
    const shown = kernel ? `${name}/${Math.floor(index / 6)}` : name;
    // What uses almost nothing used exactly nothing in most seconds.
    const cpu_ratio = cpu * part < 0.002 ? 0 : cpu * part;
    return {
      pid: firstPid(application) + index,
      start_time_ms: application.since_ms + index * 40,
      parent_pid: index === 0 ? (kernel ? 0 : 1) : firstPid(application),
      name: shown,
      command: kernel
        ? shown
        : `/usr/bin/${name.replace(/ /g, "-")} --id=${index} ${application.id}`,
      user: application.user,
      state: stateOf(application, index, cpu_ratio),
      threads: kernel ? 1 : 1 + Math.floor(hash(3, firstPid(application) + index) * 24),
      cpu_ratio,
      cpu_time_ms: Math.round(cpu_ratio * 3_600_000 + index * 950),
      memory_bytes: kernel ? null : Math.round(memory * part),
      read_bytes_per_sec: kernel ? null : Math.round(disk.read * part),
      write_bytes_per_sec: kernel ? null : Math.round(disk.write * part),
      received_bytes_per_sec: kernel ? null : Math.round(traffic.received * part),
      sent_bytes_per_sec: kernel ? null : Math.round(traffic.sent * part),
      pss_bytes: kernel ? null : Math.round(memory * part * PSS_PART),
      application: application.id,
    };
  });
}

/** A build of catalog-web: one short-lived process every few seconds, now and then one that fails. */
export function endedAt(at_ms: number): EndedRow[] {
  const second = Math.floor(at_ms / 1000);
  if (hash(5, second) > 0.25) return [];
  return [
    {
      pid: 40_000 + (second % 20_000),
      start_time_ms: at_ms - 600,
      parent_pid: 1000,
      name: "cc1plus",
      user: "dev",
      cpu_time_ms: Math.round(hash(6, second) * 900),
      status: hash(7, second) > 0.8 ? { signal: 11 } : { code: hash(8, second) > 0.8 ? 1 : 0 },
      application: "process:~/code/catalog-web",
    },
  ];
}

export function processesAt(at_ms: number): ProcessRow[] {
  return running(at_ms)
    .flatMap((application) => processesOf(application, at_ms))
    .sort((one, other) => one.pid - other.pid);
}

export function applicationAt(id: string, at_ms: number, past: boolean): ApplicationDetail | null {
  const application = running(at_ms).find((one) => one.id === id);
  if (!application) return null;
  const processes = processesOf(application, at_ms);
  const pid = processes[0]?.pid ?? 0;
  return {
    at_ms,
    row: rowAt(application, at_ms),
    evidence: [
      {
        evidence: {
          rule: 4,
          input: id.split(":")[1] ?? id,
          result: id,
        },
        process_count: 1,
        names_it: true,
      },
      {
        evidence: {
          rule: 8,
          input: application.programs.slice(0, 2).reverse().join(" < "),
          result: id,
        },
        process_count: processes.length,
        names_it: true,
      },
    ],
    processes,
    ports: past
      ? []
      : application.ports.map((port) => ({
          protocol: "tcp",
          port,
          address: "0.0.0.0",
          pid,
          is_elsewhere: application.kind === "docker" && port === 6379,
        })),
    users: [application.user],
    working_directory: folderOf(application),
    command: processes[0]?.command ?? null,
    first_seen_ms: RECORDED_FROM_MS,
    runs: 3,
  };
}

export function processAt(pid: number, at_ms: number): ProcessDetail | null {
  const row = processesAt(at_ms).find((one) => one.pid === pid);
  if (!row) return null;
  const application = APPLICATIONS.find(({ id }) => id === row.application);
  const denied = row.user !== "dev";
  return {
    at_ms,
    row,
    arguments: row.command.split(" "),
    executable: denied ? null : (row.command.split(" ")[0] ?? null),
    working_directory: denied ? null : "/home/dev",
    control_group: `/system.slice/${application?.name ?? "init"}`,
    denied,
    evidence: [{ rule: 8, input: row.name, result: row.application ?? "" }],
    application_name: application?.name ?? null,
  };
}
