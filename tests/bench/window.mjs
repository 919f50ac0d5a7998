// What the window costs: tests/bed/desktop.sh node tests/bench/window.mjs [RUNS [PROCESSES]] > table.
// Everything is started as a user starts it, under a load of sleeping, working and short-lived
// processes; only the time to the first rows needs WebDriver. Progress goes to stderr.
import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { loadavg, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { openWindow, PROGRAM, until } from "../window/webdriver.mjs";
import { cpuPercent, pssMib, start, startedMs, total } from "./processes.mjs";

const run = promisify(execFile);
const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const beside = (name) => join(dirname(PROGRAM), name);
const [RUNS, PROCESSES] = [process.argv[2] ?? 3, process.argv[3] ?? 300].map(Number);
/** After this everything that a start brings with it is over. */
const SETTLE_MS = 30_000;
const MEASURED_MS = 60_000;
const BARS = { pss_mib: 60, visible_percent: 5 };
// As src-tauri/rendering.rs chooses where there is no graphics processor: the peer must draw alike.
const SOFTWARE = { WEBKIT_DISABLE_DMABUF_RENDERER: "1" };

const say = (text) => console.error(`  ${text}`);
const action = (name) => run("/usr/bin/python3", [here("../bed/window.py"), name, "Ira"]);

/** From exec to rows of Overview and Processes, as the page's own clock saw them drawn. */
async function timesToRows() {
  const window = await openWindow();
  try {
    const drawn = (css, count) =>
      until(
        `rows of ${css}`,
        () =>
          window
            .run(
              `(css, count) => new Promise((done) => {
                const look = () =>
                  document.querySelectorAll(css).length >= count
                    ? requestAnimationFrame(() => done(Date.now()))
                    : requestAnimationFrame(look);
                look();
              })`,
              css,
              count,
            )
            // The page was replaced while it was asked.
            .catch(() => 0),
      );
    const began_ms = await startedMs(window.pid);
    const overview_ms = (await drawn("main .instrument li a", 3)) - began_ms;
    const went_ms = await window.run("() => { location.hash = '#/processes'; return Date.now(); }");
    const processes_ms = (await drawn("main [role=row] [role=gridcell]", 20)) - went_ms;
    return { overview_ms, processes_ms };
  } finally {
    await window.close();
  }
}

async function blankMib(folder) {
  const blank = start(join(folder, "blank"), [], { env: { ...process.env, ...SOFTWARE } });
  try {
    await sleep(SETTLE_MS);
    return await pssMib(blank.pid);
  } finally {
    await blank.end();
  }
}

async function windowUses(folder) {
  const window = start(PROGRAM, ["--data", join(folder, "window")]);
  let recorder;
  try {
    await sleep(SETTLE_MS);
    const pss = await pssMib(window.pid);
    const visible = await cpuPercent([window.pid], MEASURED_MS);
    await run("import", ["-window", "root", join(folder, "overview.png")]).catch(() => {});
    await action("hide");
    recorder = start(beside("ira"), ["--data", join(folder, "alone"), "serve", "--listen", "127.0.0.1:0"]);
    await sleep(SETTLE_MS / 2);
    const hidden = await cpuPercent([window.pid, recorder.pid], MEASURED_MS);
    return { pss, visible, hidden };
  } finally {
    await recorder?.end();
    await window.end();
    await rm(join(folder, "window"), { recursive: true, force: true });
    await rm(join(folder, "alone"), { recursive: true, force: true });
  }
}

const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
const fixed = (digits) => (value) => value.toFixed(digits);
/** Median, and every run after it. */
const shown = (values, unit, format) =>
  `${format(median(values))} ${unit}${values.length > 1 ? ` (${values.map(format).join(", ")})` : ""}`;
const row = (...cells) => `| ${cells.join(" | ")} |`;

function table(runs) {
  const of = (pick) => runs.map(pick);
  const over = of(({ blank, pss }) => total(pss) - total(blank));
  const visible = of((one) => one.visible.used[0]);
  const hidden = of((one) => one.hidden.used[0]);
  const alone = of((one) => one.hidden.used[1]);
  const ratio = of((one) => one.hidden.used[0] / one.hidden.used[1]);
  const others = of((one) => Math.max(one.visible.others, one.hidden.others));
  const [ms, mib, cpu] = [fixed(0), fixed(1), fixed(2)];
  const verdict = (values, bar) => (median(values) <= bar ? "yes" : "**no**");
  const parts = Object.entries(runs.at(-1).pss).map(([name, part]) => `${name} ${mib(part)}`);
  return [
    row("what", `median of ${runs.length} (each)`, "bar", "met"),
    "|---|---|---|---|",
    row("exec to the first rows of Overview", shown(of((one) => one.overview_ms), "ms", ms), "none set", "-"),
    row("from Overview to rows of Processes", shown(of((one) => one.processes_ms), "ms", ms), "none set", "-"),
    row("PSS of all its processes, Overview visible", shown(of((one) => total(one.pss)), "MiB", mib), "", ""),
    row("PSS of a blank page in the same WebKit", shown(of((one) => total(one.blank)), "MiB", mib), "", ""),
    row("PSS over the blank page", shown(over, "MiB", mib), `${BARS.pss_mib} MiB`, verdict(over, BARS.pss_mib)),
    row("CPU, Overview visible", shown(visible, "% of a core", cpu), `${BARS.visible_percent} %`, verdict(visible, BARS.visible_percent)),
    row("CPU, hidden", shown(hidden, "% of a core", cpu), "", ""),
    row("CPU of `ira serve` beside it in the same seconds", shown(alone, "% of a core", cpu), "", ""),
    row("CPU, hidden / recorder alone", shown(ratio, "", cpu), "about 1 (1.25)", verdict(ratio, 1.25)),
    "",
    `${PROCESSES} processes, one in ten of them working, and 10 short-lived a second. PSS after ${SETTLE_MS / 1000} s, CPU over ` +
      `${MEASURED_MS / 1000} s, drawn in software at 1280x800. Blank page: \`tests/bench/blank.c\`. Last run: ${parts.join(", ")} MiB. ` +
      `Everything else on the machine, the load and the X server among it, used up to ${shown(others, "% of a core", ms)}.`,
  ].join("\n");
}

const folder = await mkdtemp(join(tmpdir(), "ira-bench-"));
const load = start(beside("ira-xtask"), ["bench-load", String(PROCESSES)]);
try {
  const flags = (await run("pkg-config", ["--cflags", "--libs", "webkit2gtk-4.1"])).stdout.trim().split(/\s+/);
  await run("cc", [here("blank.c"), ...flags, "-o", join(folder, "blank")]);
  if (loadavg()[0] > 0.7) say(`the machine is not quiet: load ${loadavg()[0]}`);
  const runs = [];
  for (let number = 1; number <= RUNS; number++) {
    say(`run ${number} of ${RUNS}, about four minutes`);
    const one = { ...(await timesToRows()), blank: await blankMib(folder), ...(await windowUses(folder)) };
    say(JSON.stringify(one));
    runs.push(one);
  }
  console.log(table(runs));
} finally {
  await load.end();
  await rm(folder, { recursive: true, force: true });
}
