// A machine within with a systemd of its own: services, instances, a user's units, a timer and cron. Ira runs in it
// too, and which processes belong to a unit is what systemd wrote into their control groups.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { run } from './keeper.mjs';

const ROOT = process.env.ZOO_ROOT;
const FOLDER = '/srv/machine';
const BED = `${ROOT}/tests/bed/systemd.sh`;

const service = (command, more = '') => `[Unit]\nDescription=${command}\n${more}[Service]\nExecStart=${command}\n`;
const UNITS = {
  'shop-sync.service': service('/usr/bin/python3 /irabed/sync.py 9101'),
  'mailer@.service': service('/usr/bin/python3 /irabed/mailer.py 91%i'),
  'report.service': service('/bin/sh /irabed/nightly.sh'),
  'report.timer': '[Timer]\nOnActiveSec=1\nAccuracySec=100ms\n',
  'ledger.slice': '[Slice]\n',
  'accounts.service': service('/usr/bin/python3 /irabed/accounts.py 9104') + 'Slice=ledger.slice\n',
};
const START = `
cp /irabed/units/* /etc/systemd/system/
mkdir -p /etc/systemd/user && mv /etc/systemd/system/notes.service /etc/systemd/user/
useradd -m -s /bin/sh walter
printf '@reboot root /irabed/backup.sh\\n' >/etc/cron.d/zoo
systemctl daemon-reload
systemctl start shop-sync mailer@02 mailer@03 report.timer accounts
loginctl enable-linger walter
for i in 1 2 3 4 5 6 7 8 9 10; do [ -S /run/user/$(id -u walter)/bus ] && break; sleep 0.3; done
systemctl --user -M walter@ start notes
[ -x /usr/sbin/cron ] && systemctl start cron
exit 0
`;

const within = (pattern) => (all) => [...all.values()].filter((one) => pattern.test(one.group)).map((one) => one.pid);
const unit = (of, pattern, expected) => ({ of, only: true, who: within(pattern), kind: 'systemd', ...expected });
const runtime = (name, ...ports) => ({ name, class: 'runtime', ports });

export const machine = {
  what: 'systemd',
  needs: ['/lib/systemd/systemd', 'dbus-daemon', 'nsenter', 'python3'],
  start() {
    mkdirSync(`${FOLDER}/share/units`, { recursive: true });
    for (const [name, text] of Object.entries(UNITS)) writeFileSync(`${FOLDER}/share/units/${name}`, text);
    writeFileSync(`${FOLDER}/share/units/notes.service`, service('/usr/bin/python3 /irabed/notes.py 9105'));
    for (const name of ['sync', 'mailer', 'accounts', 'notes']) {
      cpSync(`${ROOT}/tests/zoo/projects/tools/answer.py`, `${FOLDER}/share/${name}.py`);
    }
    for (const name of ['nightly', 'backup']) cpSync(`${ROOT}/tests/zoo/projects/tools/nightly.sh`, `${FOLDER}/share/${name}.sh`);
    cpSync(`${ROOT}/target/debug/ira`, `${FOLDER}/share/ira`);
    cpSync(`${ROOT}/tests/zoo/processes.mjs`, `${FOLDER}/share/processes.mjs`);
    cpSync(process.execPath, `${FOLDER}/share/node`);
    run(BED, 'start', FOLDER);
    execFileSync(BED, ['exec', FOLDER, 'sh', '-c', START], { stdio: ['ignore', 'ignore', 'inherit'] });
  },
  stop() {
    run(BED, 'stop', FOLDER);
  },
  processes() {
    const list = JSON.parse(run(BED, 'exec', FOLDER, '/irabed/node', '/irabed/processes.mjs'));
    return new Map(list.map((one) => [one.pid, one]));
  },
  ask: () => JSON.parse(run(BED, 'unit', FOLDER, '/irabed/ira', '--data', '/tmp/ira', 'now', '--json')).applications,
  expect: [
    unit('a service', /\/shop-sync\.service$/m, runtime('shop-sync', 9101)),
    unit('two instances', /\/mailer@/m, runtime('mailer', 9102, 9103)),
    unit('what a timer started', /\/report\.service$/m, { name: 'report', class: 'other' }),
    unit('a service in a slice', /\/ledger\.slice\/accounts\.service$/m, runtime('accounts', 9104)),
    unit("a user's unit", /\/notes\.service$/m, runtime('notes', 9105)),
    unit('journald', /\/systemd-journald\.service$/m, { name: 'systemd-journald', class: 'system' }),
    unit('the bus', /system\.slice\/dbus\.service$/m, { name: 'dbus', class: 'system' }),
    {
      of: 'a job of cron',
      who: (all) => [...all.values()].filter((one) => /^\/bin\/sh \/irabed\/backup\.sh/.test(one.command)).map((one) => one.pid),
      also: (all) => [...all.values()].filter((one) => /^\/bin\/sh -c \/irabed\/backup/.test(one.command)).map((one) => one.pid),
      name: 'backup.sh',
      kind: 'process',
      class: 'other',
    },
  ],
};
