// Expected against found.
import { withDescendants } from './processes.mjs';

const list = (values) => [...values].sort((a, b) => a - b).join(' ') || 'none';
const same = (a, b) => list(a) === list(b);

function named(all, pids) {
  return [...pids].map((pid) => `${pid} (${(all.get(pid)?.command ?? '').slice(0, 60)})`).join(', ');
}

/**
 * What differs, as texts; empty when all is right. `before` and `after` are the processes around the moment in which
 * Ira looked: what was not there both times is not judged.
 */
export function differences(expected, before, after, applications) {
  const lasting = (pids) => new Set([...pids].filter((pid) => before.get(pid)?.start === after.get(pid)?.start && before.has(pid)));
  const roots = expected.who(before).filter((pid) => before.has(pid));
  if (roots.length === 0) return { wrong: ['it is not running'], found: '' };
  const without = new Set(withDescendants(before, expected.but?.(before) ?? []));
  const own = expected.only ? new Set(roots) : withDescendants(before, roots);
  for (const pid of expected.also?.(before) ?? []) own.add(pid);
  const wanted = lasting([...own].filter((pid) => !without.has(pid)));
  const application = applications.find((one) => one.pids?.includes(roots[0]));
  if (!application) return { wrong: ['no application has it'], found: '' };
  const got = lasting(application.pids);
  const wrong = [];
  const missing = [...wanted].filter((pid) => !got.has(pid));
  const extra = [...got].filter((pid) => !wanted.has(pid));
  if (missing.length > 0) wrong.push(`lacks ${named(before, missing)}`);
  if (extra.length > 0) wrong.push(`has besides ${named(before, extra)}`);
  for (const field of ['name', 'kind', 'class']) {
    if (application[field] !== expected[field]) wrong.push(`${field} ${application[field]} instead of ${expected[field]}`);
  }
  if (!same(application.ports, expected.ports ?? [])) {
    wrong.push(`ports ${list(application.ports)} instead of ${list(expected.ports ?? [])}`);
  }
  return { wrong, found: application.id, processes: got.size };
}

/** The table, and how many of those that ran are right. */
export function print(rows) {
  const width = (key) => Math.max(...rows.map((row) => String(row[key]).length), key.length);
  const columns = ['what', 'expected', 'found', 'processes', 'ports'];
  const line = (row) => columns.map((key) => String(row[key]).padEnd(width(key))).join('  ');
  console.log(line(Object.fromEntries(columns.map((key) => [key, key]))) + '  verdict');
  for (const row of rows) console.log(`${line(row)}  ${row.verdict}`);
  const ran = rows.filter((row) => row.ran);
  const right = ran.filter((row) => row.verdict === 'right');
  return { ran: ran.length, right: right.length };
}
