// What the sources of logs of the invented machine say: the line with a number, always the same.
import type { LogEntry } from "../../bindings/LogEntry";
import type { LogLevel } from "../../bindings/LogLevel";
import { hash } from "./world";

export type Said = Partial<LogEntry> & { message: string };
type Say = (index: number) => Said;

const pick = <T>(of: readonly T[], seed: number, index: number): T =>
  of[Math.floor(hash(seed, index) * of.length)]!;
const some = (seed: number, index: number, from: number, to: number) =>
  Math.floor(from + hash(seed, index) * (to - from));
const told = (level: LogLevel, message: string, more: Partial<LogEntry> = {}): Said => ({
  level,
  level_told: true,
  message,
  ...more,
});
/** Every so often something else. */
const now_and_then = (every: number, rare: Say, often: Say): Say => {
  return (index) => (index % every === every - 1 ? rare(index) : often(index));
};

const ACCESS: Say = (index) => {
  const path = pick(["/", `/api/items?page=${some(1, index, 1, 6)}`, "/api/cart"], 2, index);
  const status = index % 41 === 0 ? 502 : 200;
  return {
    level: status === 200 ? "info" : "error",
    level_told: true,
    message: `10.0.4.${some(3, index, 20, 40)} "GET ${path} HTTP/2" ${status} ${some(4, index, 300, 19_000)} 0.0${some(5, index, 10, 80)}`,
    fields: [
      { name: "status", value: String(status) },
      { name: "path", value: path },
    ],
    format: "nginx_access",
  };
};

const STACK = [
  "    at FSWatcher.<computed> (node:internal/fs/watchers:254:19)",
  "    at Object.watch (node:fs:2550:36)",
  "    at createFsWatchInstance (file:///srv/vite/dist/node/chunks/dep.js:48571:17)",
  "    at setFsWatchListener (file:///srv/vite/dist/node/chunks/dep.js:48618:15)",
  "    at NodeFsHandler._watchWithNodeFs (file:///srv/vite/dist/node/chunks/dep.js:48773:14)",
];
const VITE: Say = (index) => {
  if (index % 23 === 22)
    return told(
      "error",
      "Error: ENOSPC: System limit for number of file watchers reached, watch 'src/assets'",
      { lines: STACK, format: "node" },
    );
  if (index % 9 === 8) {
    const heap = `heap 2.5${some(6, index, 0, 9)} GiB of 4.00 GiB`;
    return told("warn", `${heap}, full collection took 1 ${some(7, index, 410, 940)} ms`);
  }
  const file = pick(["components/Tile.tsx", "pages/Catalog.tsx", "pages/Cart.tsx"], 8, index);
  return {
    level: "info",
    level_told: false,
    message: `[vite] hmr update /src/${file}`,
    styles: [
      { start: 0, end: 6, color: 6, bold: true, dim: false },
      { start: 7, end: 17, color: 2, bold: false, dim: false },
    ],
    format: "guess",
  };
};

const API: Say = now_and_then(
  17,
  (index) =>
    told("warn", `slow query ${some(9, index, 600, 990)} ms: SELECT * FROM items WHERE tags`, {
      fields: [
        { name: "logger", value: "shop.db" },
        { name: "request_id", value: hash(10, index).toString(16).slice(2, 10) },
      ],
      format: "pino",
    }),
  (index) =>
    told("info", `GET /items/${some(11, index, 4400, 4499)} 200 ${some(12, index, 6, 40)} ms`, {
      fields: [
        { name: "logger", value: "shop.http" },
        { name: "request_id", value: hash(13, index).toString(16).slice(2, 10) },
      ],
      format: "pino",
    }),
);
const WORKER: Say = (index) =>
  told(
    "debug",
    `picked job thumbnails:${88_000 + (index % 900)} (queue ${some(14, index, 2, 30)})`,
  );
const POSTGRES: Say = now_and_then(
  13,
  (index) =>
    told("error", 'duplicate key value violates unique constraint "cart_pkey"', {
      lines: [`DETAIL:  Key (id)=(${some(15, index, 1000, 9000)}) already exists.`],
      format: "postgresql",
    }),
  (index) =>
    told("info", `checkpoint complete: wrote ${some(16, index, 90, 1400)} buffers; sync=0.04 s`, {
      format: "postgresql",
      time: "assumed",
    }),
);
const MAIL: Say = (index) =>
  index % 2 === 0
    ? told("info", "Starting mail-relay.service - Outgoing mail relay...")
    : told("error", "fatal: bind 127.0.0.1 port 25: Address already in use", { format: "postfix" });
const SYSTEMD: Say = (index) =>
  index % 2 === 0
    ? told("warn", `mail-relay.service: Scheduled restart job, restart counter is at ${index % 90}`)
    : told("info", "Finished logrotate.service - Rotate log files.");
const KERNEL: Say = (index) => ({
  message: pick(
    ["docker0: port 2(veth4f1c) entered forwarding state", "perf: interrupt took too long"],
    17,
    index,
  ),
});
const REDIS: Say = (index) => ({
  message: `${some(18, index, 10, 99)} changes in 60 seconds. Saving...`,
  time: "before",
});

export const SAYING = {
  ACCESS,
  VITE,
  API,
  WORKER,
  POSTGRES,
  MAIL,
  SYSTEMD,
  KERNEL,
  REDIS,
} as const;
