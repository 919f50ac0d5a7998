// What it costs that listening sockets come and go: node tests/bench/sockets.mjs [PROCESSES] [SECONDS] [IRA…].
// Each program records the same machine over the same seconds: first in peace, then while 20 sockets a
// second are opened and closed, half of them by one server, half by programs that are started for it.
import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { cpuPercent, start } from "./processes.mjs";

const built = (name) => fileURLToPath(new URL(`../../target/release/${name}`, import.meta.url));
const [PROCESSES, SECONDS] = [process.argv[2] ?? 1000, process.argv[3] ?? 60].map(Number);
const programs = process.argv.length > 4 ? process.argv.slice(4) : [built("ira")];
const A_SECOND = 20;
const LIFE_MS = 2_000;
const LISTENER = `import socket,time;s=socket.create_server(("127.0.0.1",0));time.sleep(${LIFE_MS / 1000})`;

/** One socket that lives for a while, opened here or by a program of its own. */
function open(number) {
  if (number % 2 === 0) {
    spawn("python3", ["-S", "-c", LISTENER], { stdio: "ignore" });
    return;
  }
  const server = createServer();
  server.listen(0, "127.0.0.1", () => setTimeout(() => server.close(), LIFE_MS));
}

const load = start(built("ira-xtask"), ["bench-load", String(PROCESSES)]);
const folders = [];
const children = [];
try {
  for (const program of programs) {
    const folder = await mkdtemp(join(tmpdir(), "ira-sockets-"));
    folders.push(folder);
    const args = ["--data", folder, "serve", "--listen", "127.0.0.1:0"];
    children.push(spawn(program, args, { stdio: "ignore" }));
  }
  const pids = children.map((child) => child.pid);
  await sleep(20_000);
  const calm = (await cpuPercent(pids, SECONDS * 1000)).used;
  let opened = 0;
  const churn = setInterval(() => open(opened++), 1000 / A_SECOND);
  await sleep(5_000);
  const busy = (await cpuPercent(pids, SECONDS * 1000)).used;
  clearInterval(churn);
  console.log("| processes | program | % of a core in peace | with 20 sockets a second | they cost |");
  console.log("|---|---|---|---|---|");
  for (const [at, program] of programs.entries()) {
    const figures = [calm[at], busy[at], busy[at] - calm[at]].map((one) => one.toFixed(2));
    console.log(`| ${PROCESSES} | ${program} | ${figures.join(" | ")} |`);
  }
} finally {
  children.forEach((child) => child.kill());
  await load.end();
  await Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true })));
}
process.exit(0);
