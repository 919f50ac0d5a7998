// A compose project of three containers on an engine of its own. One has a network of its own.
import { called, run } from './keeper.mjs';

const ROOT = process.env.ZOO_ROOT;
const FOLDER = '/srv/docker';
let engine;

function container(service, network, ...words) {
  const label = (name, value) => ['--label', `com.docker.compose.${name}=${value}`];
  const about = [...label('project', 'bakery'), ...label('service', service)];
  const name = `bakery-${service}-1`;
  run('docker', '-H', engine, 'run', '-d', '--name', name, ...about, '--network', network, 'local/busybox:1', ...words);
}

const one = (service, name, kind, ...ports) => ({
  of: service,
  who: called(new RegExp(name)),
  name: `bakery / ${service}`,
  kind: 'docker',
  class: kind,
  ports,
});

export const compose = {
  what: 'compose of three',
  needs: ['dockerd', 'docker', 'containerd', 'runc'],
  start() {
    const said = run(`${ROOT}/tests/bed/docker.sh`, 'start', FOLDER);
    engine = said.match(/DOCKER_HOST=(.*)/)[1];
    container('shop', 'host', 'httpd', '-f', '-p', '127.0.0.1:8030', '-h', '/etc');
    container('oven', 'none', 'httpd', '-f', '-p', '8031', '-h', '/etc');
    container('clock', 'none', 'sleep', '1000');
  },
  stop() {
    run(`${ROOT}/tests/bed/docker.sh`, 'stop', FOLDER);
  },
  expect: [
    one('shop', '^httpd .*8030', 'web_server', 8030),
    { ...one('oven', '^httpd .*8031', 'web_server', 8031), of: 'oven, in a network of its own' },
    one('clock', '^sleep 1000$', 'other'),
  ],
};
// The script of the databases has such a sleep too: that of the container is in the engine's group.
compose.expect[2].who = (all) => [...all.values()].filter((p) => p.command === 'sleep 1000' && /[0-9a-f]{64}/.test(p.group)).map((p) => p.pid);
