// Starts the animals, lets them grow old enough to be applications, asks Ira, and prints expected against found.
import { mkdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { differences, print } from './compare.mjs';
import { compose } from './compose.mjs';
import { items } from './items.mjs';
import { has, run, said } from './keeper.mjs';
import { machine } from './machine.mjs';
import { processes } from './processes.mjs';

const BAR = 0.95;
/** `discovery.min_age`, and what an answer from files may take. */
const GROWN_MS = 16_000;
/** What starts slowly may take so much longer. */
const PATIENCE_MS = 45_000;

const quick = process.argv.includes('--quick');
const host = {
  processes,
  ask: () => JSON.parse(run(`${process.env.ZOO_ROOT}/target/debug/ira`, '--data', '/srv/ira', 'now', '--json')).applications,
};
const started = [];
const rows = [];

/** Only what needs packages may be left out: without them the network may have been. */
function leaveOut(item, why) {
  const blank = { what: item.what, expected: '-', found: '-', processes: '-', ports: '-' };
  rows.push(item.isAlways ? { ...blank, ran: true, verdict: `WRONG: ${why}` } : { ...blank, verdict: `skipped: ${why}` });
}

function start(item) {
  const missing = item.needs.filter((program) => !has(program));
  if (missing.length > 0) return leaveOut(item, `no ${missing.map((path) => path.split('/').pop()).join(', ')}`);
  started.push(item);
  try {
    item.start();
  } catch (error) {
    // What it needs is there, so this is a fault of the zoo, and counts.
    const why = String(error.stderr || error.message).trim().split('\n').pop();
    item.failure = `it did not start: ${why}`;
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
    console.log(`${item.what} is not running; it said: ${said(item)}`);
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
  started.filter((item) => item.failure).forEach((item) => leaveOut({ ...item, isAlways: true }, item.failure));
  const running = started.filter((item) => !item.failure);
  const all = (list) => list.flatMap((item) => item.expect.map((expected) => [item, expected]));
  await judge(host, all(running.filter((item) => item !== machine)));
  if (running.includes(machine)) await judge(machine, all([machine]));
} finally {
  stop();
}
const { ran, right } = print(rows);
const share = right / ran;
console.log(`\n${right} of ${ran} right (${(share * 100).toFixed(1)} %), ${rows.length - ran} skipped`);
// For scripts/test, which counts. A miss within the bar is told above, and no failure.
const isGood = ran > 0 && share >= BAR;
console.log(`zoo pass ${right}\nzoo fail ${isGood ? 0 : Math.max(ran - right, 1)}`);
process.exit(isGood ? 0 : 1);
