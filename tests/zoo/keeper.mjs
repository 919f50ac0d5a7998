// How animals are started: in a terminal, as a developer does, or by themselves, as a service is. Which processes
// are theirs is known from how they were started, never from Ira.
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';

const TMUX = ['-L', 'zoo', '-f', '/dev/null'];
const RUN = '/srv/run';

export const run = (program, ...words) => execFileSync(program, words, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });

/** Whether a program can be found. */
export function has(program) {
  if (program.startsWith('/')) return existsSync(program);
  return (process.env.PATH ?? '').split(':').some((folder) => existsSync(`${folder}/${program}`));
}

/** The pid above each terminal's programs, or, where that is not known, the one above that. */
const shells = new Map();
const above = new Map();

/** A terminal with a shell in it, into which the command is typed: a window of tmux, or what `script` makes. */
export function terminal(name, folder, command) {
  if (!has('tmux')) return scripted(name, folder, command);
  const start = shells.size > 0 ? ['new-window', '-d'] : ['new-session', '-d', '-s', 'zoo', '-x', '120', '-y', '30'];
  const pane = run('tmux', ...TMUX, ...start, '-P', '-F', '#{pane_pid}', '-n', name, '-c', folder, 'bash --norc').trim();
  run('tmux', ...TMUX, 'send-keys', '-t', `zoo:${name}`, '-l', command);
  run('tmux', ...TMUX, 'send-keys', '-t', `zoo:${name}`, 'Enter');
  shells.set(name, Number(pane));
}

function scripted(name, folder, command) {
  mkdirSync(RUN, { recursive: true });
  const child = spawn('script', ['-q', '-f', '-c', 'exec bash --norc', `${RUN}/${name}.log`], {
    cwd: folder,
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  child.stdin.write(`${command}\n`);
  child.unref();
  above.set(name, child.pid);
}

/** What runs in such a terminal: the children of its shell. */
export const inTerminal = (name) => (all) => {
  const under = (pid) => [...all.values()].filter((one) => one.parent === pid).map((one) => one.pid);
  return (shells.has(name) ? [shells.get(name)] : under(above.get(name))).flatMap(under);
};

/** What it said last: in its terminal, or where that was written to. */
export function said(item) {
  try {
    const text = shells.has(item.terminal)
      ? run('tmux', ...TMUX, 'capture-pane', '-p', '-t', `zoo:${item.terminal}`)
      : readFileSync(`${RUN}/${item.terminal ?? item.log}.log`, 'utf8');
    return text.trim().split('\n').slice(-4).join(' | ') || 'nothing';
  } catch {
    return 'nothing';
  }
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
