// An invented machine, the same at every start: what it does is a function of the time alone, so
// the present, the past and every series agree with each other.
import type { ApplicationClass } from "../../bindings/ApplicationClass";
import type { ApplicationKind } from "../../bindings/ApplicationKind";
import type { ApplicationRow } from "../../bindings/ApplicationRow";
import type { Event } from "../../bindings/Event";
import type { EventKind } from "../../bindings/EventKind";
import type { Gap } from "../../bindings/Gap";
import { noteOf } from "./notes";

export const NOW_MS = Date.UTC(2026, 10, 24, 14, 32, 8);
const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;
export const BOOT_MS = NOW_MS - 6 * DAY - 4 * HOUR;
export const RECORDED_FROM_MS = NOW_MS - 12 * DAY;
export const CPU_COUNT = 16;
export const MEMORY_TOTAL = 31.2 * 2 ** 30;

/** A time of the fake's day. */
export function today(hours: number, minutes = 0, seconds = 0): number {
  return Date.UTC(2026, 10, 24, hours, minutes, seconds);
}

/** How much of resident memory is a process's own once shared pages are shared. */
export const PSS_PART = 0.82;

/** 0 to 1, the same for the same numbers. */
export function hash(seed: number, position: number): number {
  let value = (Math.imul(seed, 0x9e3779b1) ^ Math.imul(position | 0, 0x85ebca6b)) | 0;
  value = Math.imul(value ^ (value >>> 15), 0x2c1b3c6d);
  value = Math.imul(value ^ (value >>> 12), 0x297a2d39);
  return ((value ^ (value >>> 15)) >>> 0) / 2 ** 32;
}

/** Smooth noise around 0, -1 to 1. */
function noise(seed: number, at_ms: number, period_ms: number): number {
  const position = Math.floor(at_ms / period_ms);
  const part = (at_ms / period_ms) % 1;
  const ease = part * part * (3 - 2 * part);
  return (hash(seed, position) * (1 - ease) + hash(seed, position + 1) * ease) * 2 - 1;
}

const bump = (at_ms: number, centre_ms: number, width_ms: number) =>
  Math.exp(-(((at_ms - centre_ms) / width_ms) ** 2));

export interface FakeApplication {
  id: string;
  kind: ApplicationKind;
  name: string;
  /** Shares of the machine. */
  cpu: number;
  memory_mib: number;
  disk_kb: number;
  ports: number[];
  since_ms: number;
  processes: number;
  user: string;
  programs: string[];
}

type Row = [ApplicationKind, string, string, number, number, number, number[], number, number];
const NIGHT = today(8, 36);
const ROWS: Row[] = [
  [
    "process",
    "process:~/code/catalog-web",
    "catalog-web",
    0.05,
    1500,
    90,
    [5173, 9229],
    today(13, 53),
    7,
  ],
  ["desktop", "desktop:org.mozilla.firefox", "Firefox", 0.068, 4730, 220, [], NIGHT, 19],
  ["desktop", "desktop:code", "Visual Studio Code", 0.049, 3180, 36, [], today(8, 40), 14],
  ["docker", "docker:shop/api", "shop / api", 0.026, 758, 12, [8080], today(9, 43), 3],
  [
    "systemd",
    "systemd:postgresql@16-main.service",
    "PostgreSQL 16",
    0.021,
    1940,
    1840,
    [5432],
    BOOT_MS,
    23,
  ],
  ["desktop", "desktop:org.gnome.Shell", "GNOME Shell", 0.017, 640, 0, [], NIGHT, 4],
  ["docker", "docker:shop/worker", "shop / worker", 0.012, 312, 4, [], today(11, 7), 2],
  ["kernel", "kernel:kernel", "Kernel", 0.009, 0, 0, [], BOOT_MS, 214],
  [
    "systemd",
    "systemd:systemd-logind.service",
    "systemd-logind",
    0.006,
    498,
    64,
    [53, 631],
    BOOT_MS,
    29,
  ],
  ["systemd", "systemd:nginx.service", "nginx", 0.004, 88, 26, [80, 443], BOOT_MS, 5],
  ["desktop", "desktop:org.ira.Ira", "Ira", 0.004, 61, 18, [], BOOT_MS, 2],
  ["docker", "docker:shop/redis", "shop / redis", 0.003, 74, 8, [6379], BOOT_MS, 1],
  ["systemd", "systemd:docker.service", "Docker Engine", 0.003, 236, 2, [], BOOT_MS, 9],
  ["systemd", "systemd:ssh.service", "OpenSSH", 0.0002, 12, 0, [22], BOOT_MS, 1],
  ["systemd", "systemd:cron.service", "cron", 0.0001, 6, 0, [], BOOT_MS, 1],
  ["process", "process:~/code/notes-api", "notes-api", 0.002, 120, 0, [8000], today(10, 2), 2],
];

const PROGRAMS: Record<string, string[]> = {
  "catalog-web": ["node", "esbuild", "tsserver", "npm run dev", "postcss-worker", "sh"],
  Firefox: ["firefox", "Web Content", "GPU Process", "Socket Process", "Utility Process"],
  "Visual Studio Code": ["code", "code-renderer", "extensionHost", "ptyHost", "tsserver"],
  "shop / api": ["uvicorn", "uvicorn-worker", "dumb-init"],
  "PostgreSQL 16": ["postgres", "checkpointer", "walwriter", "autovacuum", "backend"],
  Kernel: ["kworker", "ksoftirqd", "migration", "rcu_sched", "kswapd0", "jbd2"],
};

export const APPLICATIONS: FakeApplication[] = ROWS.map(
  ([kind, id, name, cpu, memory_mib, disk_kb, ports, since_ms, processes]) => ({
    kind,
    id,
    name,
    cpu,
    memory_mib,
    disk_kb,
    ports,
    since_ms,
    processes,
    user: kind === "desktop" || kind === "process" ? "dev" : kind === "docker" ? "1000" : "root",
    programs: PROGRAMS[name] ?? [name.toLowerCase().replace(/[^a-z]+/g, "-")],
  }),
);

/** What the application's own story adds: the peaks that the time bar shows. */
function story(application: FakeApplication, at_ms: number): number {
  if (application.name === "catalog-web") {
    const begun = today(13, 53);
    const rise = at_ms > begun ? 0.15 * Math.min(1, (at_ms - begun) / (12 * MINUTE)) : 0;
    return rise * (1 + 0.3 * Math.sin(at_ms / 50_000));
  }
  if (application.name === "shop / api")
    return (
      0.62 * bump(at_ms, today(9, 39), 3 * MINUTE) + 0.2 * bump(at_ms, today(9, 33), 5 * MINUTE)
    );
  if (application.name === "Visual Studio Code")
    return (
      0.42 * bump(at_ms, today(10, 24), 4 * MINUTE) + 0.3 * bump(at_ms, today(10, 31), 3 * MINUTE)
    );
  if (application.name === "Firefox") return 0.16 * bump(at_ms, today(11, 14), 7 * MINUTE);
  return 0;
}

/** CPU of an application as a share of one core. */
export function cpuAt(application: FakeApplication, at_ms: number): number {
  const seed = application.name.length * 31 + application.id.length;
  const wave =
    1 +
    0.35 * noise(seed, at_ms, 4 * MINUTE) +
    0.25 * noise(seed + 1, at_ms, 20 * SECOND) +
    0.5 * noise(seed + 2, at_ms, 2 * SECOND);
  return Math.max(0, application.cpu * wave + story(application, at_ms)) * CPU_COUNT;
}

export function memoryAt(application: FakeApplication, at_ms: number): number {
  const grown = application.name === "catalog-web" ? 1 + 5 * story(application, at_ms) : 1;
  const wave = 1 + 0.03 * noise(application.id.length, at_ms, 10 * MINUTE);
  return Math.round(application.memory_mib * wave * grown * 2 ** 20);
}

export function diskAt(
  application: FakeApplication,
  at_ms: number,
): { read: number; write: number } {
  const seed = application.id.length * 7;
  const burst = hash(seed, Math.floor(at_ms / (2 * SECOND))) ** 12 * 6;
  const spike =
    12 * bump(at_ms, today(9, 40), 2 * MINUTE) + 9 * bump(at_ms, today(10, 24), 3 * MINUTE);
  const all = application.disk_kb * 1000 * (0.5 + burst + 0.3 * noise(seed, at_ms, MINUTE) + spike);
  return { read: Math.round(Math.max(0, all * 0.2)), write: Math.round(Math.max(0, all * 0.8)) };
}

export function networkAt(at_ms: number): { received: number; sent: number } {
  const burst = hash(99, Math.floor(at_ms / (45 * SECOND))) ** 40 * 9e6;
  const level = 1.4e6 * (0.6 + 0.3 * noise(98, at_ms, 3 * MINUTE)) + burst;
  return { received: Math.round(level), sent: Math.round(level * 0.31) };
}

/** Those that serve have traffic: a share of the machine's for each port. */
export function trafficAt(application: FakeApplication, at_ms: number) {
  const network = networkAt(at_ms);
  const part = Math.min(0.3, application.ports.length * 0.06);
  return { received: Math.round(network.received * part), sent: Math.round(network.sent * part) };
}

/** Those that ran then. */
export function running(at_ms: number): FakeApplication[] {
  return APPLICATIONS.filter((application) => startOf(application) <= at_ms);
}

/** Most of them began long before what is shown, whatever `since_ms` says of their last start. */
function startOf(application: FakeApplication): number {
  return application.name === "notes-api" ? application.since_ms : RECORDED_FROM_MS;
}

/** What an application is for, by its kind and its first program. */
function purposeOf(application: FakeApplication) {
  const engines: [RegExp, ApplicationClass, string][] = [
    [/postgres/, "database", "PostgreSQL"],
    [/redis/, "cache", "Redis"],
    [/nginx/, "web_server", "nginx"],
    [/node|vite|npm/, "runtime", "Node.js"],
    [/python|gunicorn|uvicorn/, "runtime", "Python"],
  ];
  const program = `${application.programs[0] ?? ""} ${application.name}`;
  const known = engines.find(([pattern]) => pattern.test(program));
  const plain: ApplicationClass = application.kind === "desktop" ? "desktop" : "other";
  return {
    class: application.kind === "kernel" ? ("system" as const) : (known?.[1] ?? plain),
    engine: known?.[2] ?? null,
    version: known?.[2] === "PostgreSQL" ? "16" : null,
    icon: application.kind === "desktop" ? application.name.toLowerCase() : null,
  };
}

/** Where it runs. */
export function folderOf({ id, kind }: FakeApplication): string {
  return kind === "process" ? id.replace("process:~", "/home/dev") : "/";
}

export function rowAt(application: FakeApplication, at_ms: number): ApplicationRow {
  const disk = diskAt(application, at_ms);
  const kernel = application.kind === "kernel";
  const traffic = trafficAt(application, at_ms);
  return {
    id: application.id,
    kind: application.kind,
    name: application.name,
    is_kept: false,
    working_directory: folderOf(application),
    ...purposeOf(application),
    process_count: application.processes,
    cpu_ratio: cpuAt(application, at_ms),
    memory_bytes: kernel ? null : memoryAt(application, at_ms),
    read_bytes_per_sec: kernel ? null : disk.read,
    write_bytes_per_sec: kernel ? null : disk.write,
    received_bytes_per_sec: kernel ? null : traffic.received,
    sent_bytes_per_sec: kernel ? null : traffic.sent,
    pss_bytes: kernel ? null : Math.round(memoryAt(application, at_ms) * PSS_PART),
    ports: application.ports,
    since_ms: application.since_ms <= at_ms ? application.since_ms : RECORDED_FROM_MS,
  };
}

/** Whiles of which nothing is known, oldest first. */
export const GAPS: Gap[] = [
  { from_ms: RECORDED_FROM_MS - 400 * DAY, to_ms: RECORDED_FROM_MS, reason: "before_first" },
  ...Array.from({ length: 11 }, (_, index): Gap => {
    const midnight = today(0) - (10 - index) * DAY;
    return { from_ms: midnight + HOUR, to_ms: midnight + 7.5 * HOUR, reason: "asleep" };
  }),
  { from_ms: today(12, 6), to_ms: today(12, 41), reason: "asleep" },
];

export function gapAt(at_ms: number): Gap | undefined {
  return GAPS.find((gap) => at_ms > gap.from_ms && at_ms < gap.to_ms);
}

function event(at_ms: number, kind: EventKind, name: string | null): Event {
  const application = APPLICATIONS.find((one) => one.name === name)?.id ?? null;
  return { at_ms, kind, application, name, detail: null, note: noteOf(kind) };
}

export const EVENTS: Event[] = [
  event(RECORDED_FROM_MS, "recording_started", null),
  ...Array.from({ length: 10 }, (_, index) =>
    event(today(8, 36) - (10 - index) * DAY, "started", "Firefox"),
  ),
  event(today(8, 40), "started", "Visual Studio Code"),
  event(today(9, 40, 52), "out_of_memory", "shop / api"),
  event(today(9, 41, 30), "stopped", "shop / worker"),
  event(today(9, 43), "started", "shop / api"),
  event(today(10, 2), "started", "notes-api"),
  event(today(11, 7), "started", "shop / worker"),
  event(today(13, 52, 40), "stopped", "catalog-web"),
  event(today(13, 53), "started", "catalog-web"),
];
