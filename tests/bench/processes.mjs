// What a program and everything it started use, as the kernel counts it (proc(5)). Linux only.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile, readdir } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";

/** USER_HZ, 100 on every architecture Linux is common on. */
const TICKS_A_SECOND = 100;

const read = (path) => readFile(path, "utf8").catch(() => "");

/** Fields of `stat` from the third on, the state; the name before them may hold spaces. */
const stat = async (pid) => {
  const text = await read(`/proc/${pid}/stat`);
  return text.slice(text.lastIndexOf(")") + 2).split(" ");
};

/** The process and all that descend from it. */
async function family(pid) {
  const found = [Number(pid)];
  for (const one of found) {
    // Children hang on the thread that started them.
    for (const thread of await readdir(`/proc/${one}/task`).catch(() => [])) {
      const children = await read(`/proc/${one}/task/${thread}/children`);
      found.push(...children.split(" ").filter(Boolean).map(Number));
    }
  }
  return found;
}

/** Proportional set size of each process of the family by its name, in MiB. */
export async function pssMib(pid) {
  const parts = {};
  for (const one of await family(pid)) {
    const rollup = await read(`/proc/${one}/smaps_rollup`);
    const name = (await read(`/proc/${one}/comm`)).trim();
    parts[name] = (parts[name] ?? 0) + Number(/^Pss:\s+(\d+)/m.exec(rollup)?.[1] ?? 0) / 1024;
  }
  return parts;
}

export const total = (parts) => Object.values(parts).reduce((sum, part) => sum + part, 0);

/** Seconds of CPU by process, so that one that ends in between does not make the sum smaller. */
async function spent(pids) {
  const seconds = new Map();
  for (const pid of pids) {
    const fields = await stat(pid);
    if (fields.length > 13)
      seconds.set(pid, (Number(fields[11]) + Number(fields[12])) / TICKS_A_SECOND);
  }
  return seconds;
}

/** Seconds that all processors together were busy: user, nice, system, interrupts, stolen. */
async function busy() {
  const [, user, nice, system, , , irq, softirq, steal] = (await read("/proc/stat"))
    .split("\n")[0]
    .split(/\s+/)
    .map(Number);
  return (user + nice + system + irq + softirq + steal) / TICKS_A_SECOND;
}

/** Shares of one core that each family, and everything else on the machine, used over `ms`. */
export async function cpuPercent(roots, ms) {
  const before = await Promise.all(roots.map(async (root) => spent(await family(root))));
  const [busyBefore, began] = [await busy(), performance.now()];
  await sleep(ms);
  const after = await Promise.all(roots.map(async (root) => spent(await family(root))));
  const elapsed = (performance.now() - began) / 1000;
  const percent = (seconds) => (seconds / elapsed) * 100;
  const used = roots.map((_, index) => {
    let seconds = 0;
    for (const [pid, now] of after[index]) seconds += now - (before[index].get(pid) ?? 0);
    return percent(seconds);
  });
  return { used, others: percent((await busy()) - busyBefore) - used.reduce((a, b) => a + b, 0) };
}

/** When a process was started, in milliseconds of this machine's clock, and never later than it was. */
export async function startedMs(pid) {
  const ticks = Number((await stat(pid))[19]);
  const uptime = Number((await read("/proc/uptime")).split(" ")[0]);
  // Both are whole ticks rounded down: one tick off, to the disadvantage of what is measured.
  return Date.now() - (uptime - (ticks - 1) / TICKS_A_SECOND) * 1000;
}

/** Starts a program; `end` ends it and what it started, and waits for that. */
export function start(program, args = [], options = {}) {
  const child = spawn(program, args, { stdio: ["pipe", "ignore", "inherit"], ...options });
  const ended = once(child, "exit");
  ended.catch(() => {});
  return {
    pid: child.pid,
    async end() {
      const rest = await family(child.pid);
      child.stdin.end();
      child.kill();
      await Promise.race([ended, sleep(5_000)]);
      for (const pid of rest) {
        try {
          process.kill(pid, "SIGKILL");
        } catch {
          // It has ended by itself, as it should.
        }
      }
      await ended;
    },
  };
}
