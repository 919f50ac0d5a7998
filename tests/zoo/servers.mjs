// Servers of the full zoo, each with a configuration of its own, and a log-in with something in it.
import { cpSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { alone, byItself, called, run } from './keeper.mjs';

/** A folder with a configuration in it. */
function config(name, text) {
  mkdirSync(`/srv/${name}`, { recursive: true });
  writeFileSync(`/srv/${name}/conf`, text);
  return `/srv/${name}/conf`;
}

function server(name, program, words, expected, text = '') {
  return {
    what: expected.name,
    log: name,
    needs: [program],
    start() {
      const file = config(name, text);
      alone(name, `/srv/${name}`, [program, ...words(file)]);
    },
    expect: [{ who: byItself(name), kind: 'process', ...expected }],
  };
}

// Its version is a part of its name.
const PHP = readdirSync('/usr/sbin').find((name) => name.startsWith('php-fpm')) ?? 'php-fpm';
const MODULES = ['mpm_event', 'authz_core'].map((name) => `LoadModule ${name}_module /usr/lib/apache2/modules/mod_${name}.so`);
const APACHE = [...MODULES, 'Listen 127.0.0.1:8040', 'ServerName zoo', 'PidFile /srv/apache/pid', 'ErrorLog /srv/apache/log', ''];
const HAPROXY = `defaults
  mode http
  timeout connect 5s
  timeout client 5s
  timeout server 5s
frontend shop
  bind 127.0.0.1:8041
  default_backend shop
backend shop
  server one 127.0.0.1:8040
`;
const FPM = `[global]
error_log = /srv/fpm/log
[www]
user = www-data
listen = 127.0.0.1:8042
pm = static
pm.max_children = 2
`;
const SSHD = `Port 2222
ListenAddress 127.0.0.1
HostKey /srv/ssh/host
AuthorizedKeysFile /srv/ssh/key.pub
StrictModes no
UsePAM no
PermitRootLogin yes
PidFile none
`;

const login = {
  what: 'ssh',
  log: 'ssh-login',
  needs: ['/usr/sbin/sshd', 'ssh', 'ssh-keygen', 'npm'],
  start() {
    const file = config('ssh', SSHD);
    for (const key of ['host', 'key']) run('ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-f', `/srv/ssh/${key}`);
    mkdirSync('/run/sshd', { recursive: true });
    cpSync(`${process.env.ZOO_ROOT}/tests/zoo/projects/porch`, '/srv/porch', { recursive: true });
    alone('sshd', '/srv/ssh', ['/usr/sbin/sshd', '-D', '-e', '-f', file]);
    const quiet = ['StrictHostKeyChecking=no', 'UserKnownHostsFile=/dev/null', 'ConnectionAttempts=10'].flatMap((one) => ['-o', one]);
    alone('ssh-login', '/srv/ssh', ['ssh', '-tt', '-i', '/srv/ssh/key', '-p', '2222', ...quiet, 'root@127.0.0.1', 'cd /srv/porch && npm start']);
  },
  expect: [
    { of: 'sshd', who: byItself('sshd'), only: true, also: called(/^sshd: root/), name: 'sshd', kind: 'process', class: 'system', ports: [2222] },
    { of: 'its client', who: byItself('ssh-login'), name: 'ssh', kind: 'process', class: 'other' },
    {
      of: 'what runs in the log-in',
      who: (all) => [...all.values()].filter((one) => /^sshd: root@/.test(all.get(one.parent)?.command)).map((one) => one.pid),
      name: 'porch',
      kind: 'project',
      class: 'runtime',
      ports: [3008],
    },
  ],
};

export const servers = [
  server('apache', 'apache2', (file) => ['-f', file, '-DFOREGROUND'], { name: 'apache2', class: 'web_server', ports: [8040] }, APACHE.join('\n')),
  server('haproxy', 'haproxy', (file) => ['-W', '-f', file], { name: 'haproxy', class: 'proxy', ports: [8041] }, HAPROXY),
  server('fpm', PHP, (file) => ['-F', '-y', file], { name: 'php-fpm', class: 'runtime', ports: [8042] }, FPM),
  server('mosquitto', 'mosquitto', (file) => ['-c', file], { name: 'mosquitto', class: 'queue', ports: [1884] }, 'listener 1884 127.0.0.1\n'),
  server(
    'etcd',
    'etcd',
    () => ['--data-dir', '/srv/etcd/data', '--listen-client-urls', 'http://127.0.0.1:2389', '--advertise-client-urls', 'http://127.0.0.1:2389', '--listen-peer-urls', 'http://127.0.0.1:2390'],
    { name: 'etcd', class: 'database', ports: [2389, 2390] },
  ),
  login,
];
