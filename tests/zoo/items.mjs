// What lives in the zoo on this machine: how each is started, and what Ira must say of it.
//
// An item has what it `needs` (programs), how it `start`s, and what it `expect`s: for each application `who` (the pids
// at its top; all that descends from them is its own), name, kind, class and ports. What `isAlways` needs nothing but
// what building and testing Ira needs, so it runs everywhere.
import { cpSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { alone, byItself, called, highest, inTerminal, pidIn, run, terminal } from './keeper.mjs';
import { servers } from './servers.mjs';

const HOME = process.env.ZOO_HOME;
const ROOT = process.env.ZOO_ROOT;
const NODE = `${HOME}/node/node_modules`;
const PYTHON = `${HOME}/python`;
const TOOLS = '/srv/tools';

/** A folder of a project, with the packages it would have. */
function project(name, packages) {
  cpSync(`${ROOT}/tests/zoo/projects/${name}`, `/srv/${name}`, { recursive: true });
  if (packages) symlinkSync(packages, `/srv/${name}/${packages === PYTHON ? '.venv' : 'node_modules'}`);
  return `/srv/${name}`;
}

/** A script under a name of its own; what is made of answer.py answers on the port it is given. */
export function tool(name, from = 'answer.py') {
  const path = `${TOOLS}/${name}${from.slice(from.lastIndexOf('.'))}`;
  mkdirSync(TOOLS, { recursive: true });
  cpSync(`${ROOT}/tests/zoo/projects/tools/${from}`, path);
  return path;
}

const runtime = (name, kind, ...ports) => ({ name, kind, class: 'runtime', ports });

/** A project that is worked at in a terminal. */
function dev(what, folder, command, expected, { needs = [], packages, before, isAlways } = {}) {
  return {
    what,
    needs,
    isAlways,
    start() {
      const path = project(folder, packages);
      before?.(path);
      terminal(folder, path, command);
    },
    terminal: folder,
    expect: [{ who: inTerminal(folder), ...expected }],
  };
}

const node = { needs: [`${NODE}/.bin/vite`], packages: NODE };
const python = { needs: [`${PYTHON}/installed`], packages: PYTHON };
const PNPM = `${NODE}/.bin/pnpm`;

const projects = [
  dev('vite under npm', 'web', 'npm run dev', runtime('shop-web', 'project', 5173), node),
  dev('vite under pnpm', 'admin', `${PNPM} run dev`, runtime('shop-admin', 'project', 5174), node),
  dev('express under npm', 'api', 'npm start', runtime('shop-api', 'project', 3000), node),
  dev('express under pnpm', 'mail', `${PNPM} start`, runtime('shop-mail', 'project', 3001), node),
  dev('node --watch under npm', 'stall', 'npm run dev', runtime('market-stall', 'project', 3005), { needs: ['npm'], isAlways: true }),
  dev('two servers of one project', 'combo', 'npm run dev', runtime('shop-combo', 'project', 3006, 5175), node),
  dev('python http.server', 'pages', 'python3 -m http.server 8000', runtime('http.server', 'process', 8000), { needs: ['python3'], isAlways: true }),
  dev('flask', 'blog', '.venv/bin/flask run --port 5000', runtime('blog', 'project', 5000), python),
  dev('flask --debug', 'lists', '.venv/bin/flask run --debug --port 5001', runtime('lists', 'project', 5001), python),
  dev('django', 'wiki', '.venv/bin/python manage.py runserver 8010', runtime('team-wiki', 'project', 8010), python),
  dev('uvicorn --reload', 'quotes', '.venv/bin/uvicorn quotes:app --reload --port 8011', runtime('quotes', 'project', 8011), python),
  dev('gunicorn', 'orders', '.venv/bin/gunicorn -w 2 -b 127.0.0.1:8001 orders:app', runtime('orders', 'project', 8001), python),
  dev('celery', 'jobs', '.venv/bin/celery -A jobs worker -c 2', runtime('jobs', 'project'), python),
  dev('php -S', 'site', 'php -S 127.0.0.1:8003 -t public', runtime('site', 'project', 8003), { needs: ['php'] }),
  dev('puma', 'desk', 'puma -b tcp://127.0.0.1:8008 config.ru', runtime('desk', 'project', 8008), { needs: ['puma'] }),
  dev('cargo run', 'ledger', 'cargo run -q', { name: 'ledger', kind: 'project', class: 'other', ports: [8005] }, { needs: ['cargo'], isAlways: true }),
];

const slow = [
  dev('next', 'front', 'npm run dev', runtime('shop-front', 'project', 3010), {
    needs: [`${HOME}/next/node_modules/.bin/next`],
    packages: `${HOME}/next/node_modules`,
  }),
  dev('go build', 'stock', 'go build -o stock . && ./stock', { name: 'stock', kind: 'project', class: 'other', ports: [8006] }, { needs: ['go'] }),
  dev('a Spring-like jar', 'billing', 'java -jar target/billing-1.4.0.jar', runtime('billing', 'process', 8007), {
    needs: ['java', 'javac', 'jar'],
    before(path) {
      mkdirSync(`${path}/target`);
      run('javac', '-d', `${path}/target/classes`, `${path}/src/Billing.java`);
      run('jar', 'cfm', `${path}/target/billing-1.4.0.jar`, `${path}/manifest.txt`, '-C', `${path}/target/classes`, '.');
    },
  }),
];

const services = [
  {
    what: 'uvicorn by itself',
    log: 'uvicorn',
    needs: python.needs,
    start() {
      alone('uvicorn', project('prices', PYTHON), ['.venv/bin/uvicorn', 'prices:app', '--port', '8002']);
    },
    expect: [{ who: byItself('uvicorn'), ...runtime('prices:app', 'process', 8002) }],
  },
  {
    what: 'webrick by itself',
    log: 'webrick',
    needs: ['ruby'],
    start() {
      mkdirSync('/srv/notes');
      alone('webrick', '/srv/notes', ['ruby', '-run', '-e', 'httpd', '.', '-b', '127.0.0.1', '-p', '8004']);
    },
    expect: [{ who: byItself('webrick'), ...runtime('httpd', 'process', 8004) }],
  },
  {
    what: 'databases by one script',
    log: 'databases',
    needs: ['redis-server', 'nginx', 'memcached', 'mariadbd', 'psql'],
    start() {
      alone('databases', ROOT, ['bash', 'tests/bed/databases.sh', '/srv/databases', 'sleep', '1000']);
    },
    expect: [
      { of: 'postgres', who: highest(/postgres -D \/srv/), name: 'postgres', kind: 'process', class: 'database', ports: [54321] },
      { of: 'redis', who: called(/^redis-server/), name: 'redis-server', kind: 'process', class: 'cache', ports: [63791] },
      { of: 'nginx', who: called(/^nginx: master/), name: 'nginx', kind: 'process', class: 'web_server', ports: [8091] },
      { of: 'memcached', who: called(/^memcached/), name: 'memcached', kind: 'process', class: 'cache', ports: [11291] },
      { of: 'mariadb', who: called(/^mariadbd/), name: 'mariadbd', kind: 'process', class: 'database', ports: [33061] },
      {
        of: 'the script',
        who: byItself('databases'),
        but: called(/postgres -D|^redis-server|^nginx:|^memcached|^mariadbd/),
        name: 'databases.sh',
        kind: 'process',
        class: 'other',
      },
    ],
  },
  {
    what: 'supervisor',
    log: 'supervisor',
    needs: ['supervisord', 'python3'],
    start() {
      const program = (name, port) => `[program:${name}]\ncommand=python3 ${tool(name)} ${port}\n`;
      const head = '[supervisord]\nnodaemon=true\nlogfile=/dev/null\nlogfile_maxbytes=0\npidfile=/srv/run/supervisord\n';
      mkdirSync('/srv/run', { recursive: true });
      writeFileSync('/srv/run/supervisord.conf', head + program('stamps', 8020) + program('coins', 8021));
      alone('supervisor', '/srv', ['supervisord', '-c', '/srv/run/supervisord.conf']);
    },
    expect: [
      { who: byItself('supervisor'), only: true, name: 'supervisord', kind: 'process', class: 'system' },
      { of: 'first program', who: called(/stamps\.py/), ...runtime('stamps.py', 'process', 8020) },
      { of: 'second program', who: called(/coins\.py/), ...runtime('coins.py', 'process', 8021) },
    ],
  },
  {
    what: 'PM2',
    log: 'pm2',
    needs: [`${NODE}/.bin/pm2`],
    start() {
      const folder = project('cart', NODE);
      alone('pm2', folder, [`${NODE}/.bin/pm2`, 'start', 'server.js', '--name', 'cart'], { PM2_HOME: '/srv/pm2' });
    },
    expect: [
      { who: () => [pidIn('/srv/pm2/pm2.pid')], only: true, ...runtime('PM2', 'process') },
      { of: 'what it runs', who: () => [pidIn('/srv/pm2/pids/cart-0.pid')], ...runtime('shop-cart', 'project', 3003) },
    ],
  },
  {
    what: 'tmux',
    log: 'tmux',
    needs: ['tmux', 'python3'],
    start() {
      alone('tmux', '/srv', ['tmux', '-L', 'work', '-f', '/dev/null', 'new-session', '-d', `python3 ${tool('mirror')} 8022`]);
    },
    expect: [
      { who: called(/^tmux -L work/), only: true, also: called(/^tmux -L zoo/), name: 'tmux', kind: 'process', class: 'other' },
      { of: 'what runs in it', who: highest(/^(?!tmux).*mirror\.py/), ...runtime('mirror.py', 'process', 8022) },
    ],
  },
  {
    what: 'screen',
    log: 'screen',
    needs: ['screen', 'python3'],
    start() {
      alone('screen', '/srv', ['screen', '-DmS', 'work', 'bash', '-c', `python3 ${tool('feed')} 8023; true`], { SCREENDIR: '/srv/run/screen' });
    },
    expect: [
      { who: byItself('screen'), only: true, name: 'screen', kind: 'process', class: 'other' },
      { of: 'what runs in it', who: highest(/^(?!SCREEN|screen).*feed\.py/i), ...runtime('feed.py', 'process', 8023) },
    ],
  },
  {
    what: 'sudo',
    log: 'sudo',
    needs: ['sudo', 'python3'],
    start() {
      alone('sudo', '/srv', ['sudo', '-n', '-u', 'www-data', '/usr/bin/python3', tool('audit'), '8024']);
    },
    expect: [{ who: byItself('sudo'), ...runtime('audit.py', 'process', 8024) }],
  },
  {
    what: 'su',
    log: 'su',
    needs: ['su', 'python3'],
    start() {
      alone('su', '/srv', ['su', '-s', '/bin/sh', 'www-data', '-c', `/usr/bin/python3 ${tool('relay')} 8025`]);
    },
    expect: [{ who: byItself('su'), ...runtime('relay.py', 'process', 8025) }],
  },
  {
    what: 'two of one program',
    needs: ['python3'],
    isAlways: true,
    start() {
      for (const port of ['8026', '8027']) alone(`twin-${port}`, '/srv', ['/usr/bin/python3', tool('twin'), port]);
    },
    expect: [
      { of: 'the elder', who: byItself('twin-8026'), ...runtime('twin.py', 'process', 8026) },
      { of: 'the younger', who: byItself('twin-8027'), ...runtime('twin.py :8027', 'process', 8027) },
    ],
  },
  {
    what: 'perl',
    log: 'gate',
    needs: ['perl'],
    start() {
      alone('gate', '/srv', ['perl', tool('gate', 'gate.pl'), '8028']);
    },
    expect: [{ who: byItself('gate'), ...runtime('gate.pl', 'process', 8028) }],
  },
  {
    what: 'node by itself',
    log: 'counter',
    needs: ['node'],
    isAlways: true,
    start() {
      mkdirSync('/srv/counter');
      writeFileSync('/srv/counter/counter.js', "require('node:http').createServer().listen(3007, '127.0.0.1')");
      alone('counter', '/', ['node', '/srv/counter/counter.js']);
    },
    expect: [{ who: byItself('counter'), ...runtime('counter.js', 'process', 3007) }],
  },
  {
    what: 'a script of a shell',
    log: 'import',
    needs: ['sh'],
    isAlways: true,
    start() {
      alone('import', '/srv', ['nohup', 'sh', tool('import', 'nightly.sh')]);
    },
    expect: [{ who: byItself('import'), name: 'import.sh', kind: 'process', class: 'other' }],
  },
  {
    what: 'a loop in a shell',
    log: 'loop',
    needs: ['bash'],
    isAlways: true,
    start() {
      alone('loop', '/srv', ['bash', '-c', 'for i in $(seq 1000); do sleep 1; done']);
    },
    expect: [{ who: byItself('loop'), name: 'sleep', kind: 'process', class: 'other' }],
  },
  {
    what: 'chromium, headless',
    log: 'chromium',
    needs: ['chromium'],
    isAlways: true,
    start() {
      const quiet = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'];
      const rest = ['--disable-component-update', '--disable-sync', '--remote-debugging-port=9222', '--user-data-dir=/srv/chromium'];
      alone('chromium', '/srv', ['chromium', '--headless=new', ...quiet, ...rest, 'about:blank']);
    },
    expect: [{ who: byItself('chromium'), also: called(/chrome_crashpad_handler/), name: 'Chromium Web Browser', kind: 'desktop', class: 'desktop', ports: [9222] }],
  },
];

/** Everything that is started beside the two machines within. */
export const items = (quick) => [...projects, ...(quick ? [] : [...slow, ...servers]), ...services];
