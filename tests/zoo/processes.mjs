// The processes that are there, from the kernel. Run as a program it prints them, for the machine inside.
import { readdirSync, readFileSync } from 'node:fs';

function read(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
    const group = readFileSync(`/proc/${pid}/cgroup`, 'utf8');
    return { pid, parent: Number(fields[1]), state: fields[0], start: Number(fields[19]), command, group };
  } catch {
    return undefined; // it ended
  }
}

/** Everything alive, by pid. */
export function processes() {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  const all = pids.map((pid) => read(Number(pid)));
  return new Map(all.filter((one) => one && one.state !== 'Z').map((one) => [one.pid, one]));
}

/** These and all that descend from them. */
export function withDescendants(all, roots) {
  const found = new Set(roots.filter((pid) => all.has(pid)));
  for (let before = -1; before !== found.size; ) {
    before = found.size;
    for (const one of all.values()) if (found.has(one.parent)) found.add(one.pid);
  }
  return found;
}

if (process.argv[1] === import.meta.filename) console.log(JSON.stringify([...processes().values()]));
