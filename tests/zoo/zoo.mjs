// Starts the animals, lets them grow old enough to be applications, asks Ira, and prints expected against found.
import { mkdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { differences, table } from './compare.mjs';
import { compose } from './compose.mjs';
import { has, items } from './items.mjs';
import { run, seen } from './keeper.mjs';
import { machine } from './machine.mjs';
import { processes } from './processes.mjs';

const BAR = 0.95;
/** `discovery.min_age`, and what an answer from files may take. */
const GROWN_MS = 16_000;
const PATIENCE_MS = 25_000;

const quick = process.argv.includes('--quick');
const host = {
  processes,
  ask: () => JSON.parse(run(`${process.env.ZOO_ROOT}/target/debug/ira`, '--data', '/srv/ira', 'now', '--json')).applications,
};
const started = [];
const rows = [];

function skipped(item, why) {
  rows.push({ what: item.what, expected: '-', found: '-', processes: '-', ports: '-', verdict: `skipped: ${why}` });
}

function start(item) {
  const missing = item.needs.filter((program) => !has(program));
  if (missing.length > 0) return skipped(item, `no ${missing.map((path) => path.split('/').pop()).join(', ')}`);
  try {
    started.push(item);
    item.start();
  } catch (error) {
    started.pop();
    skipped(item, `it did not start: ${String(error.stderr || error.message).trim().split('\n').pop()}`);
  }
}

/** What is wrong with each, by one look of Ira's. */
function look(place, list) {
  const before = place.processes();
  const applications = place.ask();
  const after = place.processes();
  return list.map(([item, expected]) => ({ item, expected, ...differences(expected, before, after, applications) }));
}

async function judge(place, list) {
  let results = look(place, list);
  for (const end = Date.now() + PATIENCE_MS; Date.now() < end && results.some((one) => one.wrong.length > 0); ) {
    await sleep(2000);
    results = look(place, list);
  }
  for (const { item, expected, wrong, found, processes: count } of results) {
    rows.push({
      what: expected.of ? `${item.what}: ${expected.of}` : item.what,
      expected: `${expected.kind} ${expected.name} (${expected.class})`,
      found: found || '-',
      processes: count ?? '-',
      ports: (expected.ports ?? []).join(' ') || '-',
      verdict: wrong.length === 0 ? 'right' : `WRONG: ${wrong.join('; ')}`,
      ran: true,
    });
  }
  for (const item of new Set(results.filter((one) => one.wrong.includes('it is not running')).map((one) => one.item))) {
    console.log(`${item.what} is not running: ${item.terminal ? seen(item.terminal) : log(item.log)}`);
  }
}

function log(name) {
  try {
    return readFileSync(`/srv/run/${name}.log`, 'utf8').trim().split('\n').slice(-4).join(' | ');
  } catch {
    return 'it said nothing';
  }
}

function stop() {
  for (const item of started.splice(0)) {
    try {
      item.stop?.();
    } catch (error) {
      console.log(`${item.what}: ${error.message}`);
    }
  }
}
process.on('SIGTERM', () => {
  stop();
  process.exit(1);
});

mkdirSync('/srv/ira');
try {
  for (const item of [machine, compose, ...items(quick)]) start(item);
  console.log(`${started.length} started; they must be ${GROWN_MS / 1000} s old to be applications`);
  await sleep(GROWN_MS);
  const ofHost = started.filter((item) => item !== machine);
  await judge(host, ofHost.flatMap((item) => item.expect.map((expected) => [item, expected])));
  if (started.includes(machine)) await judge(machine, machine.expect.map((expected) => [machine, expected]));
} finally {
  stop();
}
const { ran, right, skipped: left } = table(rows);
const share = ran === 0 ? 1 : right / ran;
console.log(`\n${right} of ${ran} right (${(share * 100).toFixed(1)} %), ${left} skipped`);
process.exit(share < BAR ? 1 : 0);
