// What `ira serve` holds in memory with hours of history: node tests/bench/held.mjs PROCESSES [HOURS].
// A made-up machine's past is recorded by a simulated clock, and goes on here under a load of as many
// processes; measured after three minutes, right after ten questions about random seconds of the past, and a minute
// later.
import { execFile, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { pssMib, start, total } from "./processes.mjs";

const run = promisify(execFile);
const built = (name) => fileURLToPath(new URL(`../../target/release/${name}`, import.meta.url));
const [PROCESSES, HOURS] = [process.argv[2] ?? 300, process.argv[3] ?? 48].map(Number);
const SETTLE_MS = Number(process.env.IRA_SETTLE_MS ?? 180_000);
const QUESTIONS = 10;
const LATER_MS = Number(process.env.IRA_SETTLE_MS ?? 70_000);
const BAR_MIB = PROCESSES > 1000 ? 30 : 20;

const folder = await mkdtemp(join(tmpdir(), "ira-held-"));
const load = start(built("ira-xtask"), ["bench-load", String(PROCESSES)]);
let ira;
try {
  await run(built("examples/history"), [HOURS, PROCESSES, 1].map(String), {
    env: { ...process.env, IRA_KEEP: join(folder, "ira.db") },
  });
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
  const quiet = total(await pssMib(ira.pid));
  const now_ms = Date.now();
  let rows = 0;
  for (let asked = 0; asked < QUESTIONS; asked++) {
    const at_ms = Math.floor(now_ms - 600_000 - Math.random() * (HOURS * 3_600_000 - 1_200_000));
    const answer = await fetch(`${address}/api/processes`, {
      method: "POST",
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      body: JSON.stringify({ at_ms }),
    });
    if (!answer.ok) throw new Error(await answer.text());
    rows += (await answer.json()).processes.length;
  }
  const asked = total(await pssMib(ira.pid));
  await sleep(LATER_MS);
  const later = total(await pssMib(ira.pid));
  if (rows < QUESTIONS * PROCESSES) throw new Error(`${rows} rows in ${QUESTIONS} answers`);
  const met = Math.max(quiet, asked) <= BAR_MIB ? "yes" : "**no**";
  console.log(
    `| ${PROCESSES} | ${HOURS} h | ${quiet.toFixed(1)} | ${asked.toFixed(1)} | ${later.toFixed(1)} | ${BAR_MIB} | ${met} |`,
  );
} finally {
  ira?.kill();
  await load.end();
  await rm(folder, { recursive: true, force: true });
}
