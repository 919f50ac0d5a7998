// How animals are started: in a terminal, as a developer does, or by themselves, as a service is. Which processes
// are theirs is known from how they were started, never from Ira.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

const TMUX = ['-L', 'zoo', '-f', '/dev/null'];
const RUN = '/srv/run';

export const run = (program, ...words) => execFileSync(program, words, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });

/** Whether a program can be found. */
export function has(program) {
  if (program.startsWith('/')) return existsSync(program);
  return (process.env.PATH ?? '').split(':').some((folder) => existsSync(`${folder}/${program}`));
}

/** A window of a terminal with a shell in it, into which the command is typed. */
export function terminal(name, folder, command) {
  const began = spawnedTerminals.size > 0;
  const start = began ? ['new-window', '-d'] : ['new-session', '-d', '-s', 'zoo', '-x', '120', '-y', '30'];
  const pane = run('tmux', ...TMUX, ...start, '-P', '-F', '#{pane_pid}', '-n', name, '-c', folder, 'bash --norc').trim();
  run('tmux', ...TMUX, 'send-keys', '-t', `zoo:${name}`, '-l', command);
  run('tmux', ...TMUX, 'send-keys', '-t', `zoo:${name}`, 'Enter');
  spawnedTerminals.set(name, Number(pane));
}
const spawnedTerminals = new Map();

/** What runs in such a window: the children of its shell. */
export const inTerminal = (name) => (all) =>
  [...all.values()].filter((one) => one.parent === spawnedTerminals.get(name)).map((one) => one.pid);

/** The last lines of such a window. */
export function seen(name) {
  return run('tmux', ...TMUX, 'capture-pane', '-p', '-t', `zoo:${name}`).trim().split('\n').slice(-4).join(' | ');
}

/** A session of its own whose parent is the first process. */
export function alone(name, folder, words, environment = {}) {
  mkdirSync(RUN, { recursive: true });
  const script = `echo $$ >${RUN}/${name}.pid; exec "$@" >${RUN}/${name}.log 2>&1 </dev/null`;
  execFileSync('setsid', ['-f', 'sh', '-c', script, 'sh', ...words], {
    cwd: folder,
    env: { ...process.env, ...environment },
    stdio: 'ignore',
  });
}

/** What was started so. */
export const byItself = (name) => () => [pidIn(`${RUN}/${name}.pid`)];

export const pidIn = (file) => (existsSync(file) ? Number(readFileSync(file, 'utf8')) : 0);

/** Processes whose command line matches. */
export const called = (pattern) => (all) =>
  [...all.values()].filter((one) => pattern.test(one.command)).map((one) => one.pid);

/** Those whose command line matches and whose parent's does not. */
export const highest = (pattern) => (all) =>
  called(pattern)(all).filter((pid) => !pattern.test(all.get(all.get(pid).parent)?.command ?? ''));

export async function within(seconds, what) {
  const end = Date.now() + seconds * 1000;
  while (Date.now() < end) {
    if (await what()) return true;
    await sleep(200);
  }
  return false;
}
