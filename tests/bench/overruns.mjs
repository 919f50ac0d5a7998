// How late the recorder's ticks are while the machine is busy: node --experimental-websocket
// tests/bench/overruns.mjs [SECONDS] [PROCESSES], after the release was built. As many loops as there are
// processors run beside the load. Fails where a tick took longer than the bar.
import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { start } from "./processes.mjs";

const built = (name) => fileURLToPath(new URL(`../../target/release/${name}`, import.meta.url));
const [SECONDS, PROCESSES] = [process.argv[2] ?? 600, process.argv[3] ?? 3000].map(Number);
const BAR_MS = 100;
const SETTLE_MS = 20_000;

const folder = await mkdtemp(join(tmpdir(), "ira-overruns-"));
const load = start(built("ira-xtask"), ["bench-load", String(PROCESSES)]);
const loops = Array.from({ length: availableParallelism() }, () =>
  spawn("sh", ["-c", "while :; do :; done"], { stdio: "ignore" }),
);
let ira;
try {
  ira = spawn(built("ira"), ["--data", folder, "serve", "--listen", "127.0.0.1:0"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let said = "";
  for await (const text of ira.stdout) {
    said += text;
    if (said.includes("\n")) break;
  }
  const [address, token] = /http\S+/.exec(said)[0].split("/#token=");
  await sleep(SETTLE_MS);
  const socket = new WebSocket(`${address.replace("http", "ws")}/api/streams`, [
    "ira",
    `ira.token.${token}`,
  ]);
  const ticks = [];
  let skipped = 0;
  const done = new Promise((resolve, reject) => {
    socket.onopen = () => {
      socket.send(JSON.stringify({ subscribe: { id: 1, stream: "host" } }));
      setTimeout(resolve, SECONDS * 1000);
    };
    socket.onmessage = (event) => {
      const told = JSON.parse(event.data);
      skipped += told.skipped ?? 0;
      if (told.frame) ticks.push({ at_ms: told.frame.at_ms, ...told.frame.own });
    };
    socket.onclose = () => reject(new Error("the stream was closed"));
  });
  await done;
  socket.onclose = null;
  socket.close();
  if (ticks.length < SECONDS / 2) throw new Error(`${ticks.length} ticks in ${SECONDS} s`);
  const times = ticks.map((tick) => tick.tick_ms).sort((a, b) => a - b);
  const late = times.filter((ms) => ms > BAR_MS).length;
  const worst = ticks.reduce((a, b) => (b.tick_ms > a.tick_ms ? b : a));
  // Ticks are a second apart; one that began late came so much longer after the one before.
  const gaps = ticks.slice(1).map((tick, at) => tick.at_ms - ticks[at].at_ms - 1000);
  const at = (share) => times[Math.floor((times.length - 1) * share)].toFixed(1);
  const stages = ["read_ms", "derive_ms", "record_ms"].map((one) => `${one} ${worst[one].toFixed(1)}`);
  console.log(
    `${ticks.length} ticks (${skipped} not seen) at ${PROCESSES} processes beside ${loops.length} loops: ` +
      `median ${at(0.5)} ms, p99 ${at(0.99)}, worst ${at(1)} (${stages.join(", ")}); ` +
      `${late} over ${BAR_MS} ms; begun late by ${Math.max(...gaps, 0)} ms at most; ` +
      `${ticks.at(-1).overruns - ticks[0].overruns} over a second`,
  );
  process.exitCode = late > 0 ? 1 : 0;
} finally {
  ira?.kill();
  loops.forEach((loop) => loop.kill());
  await load.end();
  await rm(folder, { recursive: true, force: true });
}
