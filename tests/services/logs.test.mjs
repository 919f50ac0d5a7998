// What a unit says, from a real journal: by `ira logs` within the bed. Runs within tests/bed/services.sh.
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { copyFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { before, test } from "node:test";

const BED = process.env.IRA_BED;
const SYSTEMD = resolve(import.meta.dirname, "../bed/systemd.sh");
const IRA = ["/irabed/ira-logs", "logs", "--data", "/tmp/ira-logs"];

const within = (...command) => [SYSTEMD, ["exec", BED, ...command]];
const run = (...command) => execFileSync(...within(...command), { encoding: "utf8" });
const entries = (text) => text.split("\n").filter(Boolean).map((line) => JSON.parse(line));

/** Asks until that is so. */
async function until(what, ask) {
  const end = Date.now() + 40_000;
  for (;;) {
    let answer;
    try {
      answer = ask();
    } catch (error) {
      // `ira logs` ends so while nobody has said anything.
      assert.match(String(error), /is known here/);
    }
    if (answer) return answer;
    assert.ok(Date.now() < end, `never: ${what}`);
    await new Promise((wake) => setTimeout(wake, 200));
  }
}

before(() => {
  assert.ok(BED, "run it by tests/bed/services.sh");
  copyFileSync(resolve(import.meta.dirname, "../../target/debug/ira"), join(BED, "share/ira-logs"));
  const script = 'for i in 1 2 3; do echo "<4>says $i token=abcdef1234567890"; done; sleep 1000';
  run("systemd-run", "--quiet", "--unit=teller", "sh", "-c", script);
});

test("the journal's entries of a unit, and what systemd says of it", async () => {
  const told = await until("the unit's words are in the journal", () => {
    const all = entries(run(...IRA, "--json", "teller.service"));
    return all.filter(({ message }) => message.startsWith("says ")).length === 3 && all;
  });
  const words = told.filter(({ message }) => message.startsWith("says "));
  assert.deepEqual(
    words.map(({ message, level, format, source }) => [message, level, format, source]),
    [1, 2, 3].map((i) => [`says ${i} token=***`, "warn", "plain", "journal:teller.service"]),
  );
  assert.ok(
    told.some(({ message }) => /Started.*teller/.test(message)),
    `what systemd says of it is among them: ${JSON.stringify(told)}`,
  );
  const errors = run(...IRA, "--json", "--level", "error", "teller.service");
  assert.deepEqual(entries(errors), []);
  const second = entries(run(...IRA, "--json", "--grep", "^says 2", "teller.service"));
  assert.equal(second.length, 1);
});

test("what a unit says from now on comes by itself, once", async () => {
  const script = "echo first; sleep 1; while echo again; do sleep 0.2; done";
  run("systemd-run", "--quiet", "--unit=crier", "sh", "-c", script);
  await until("the unit is known", () => run(...IRA, "--sources").includes("journal:crier.service"));
  // The page brings the newest entry, the stream what comes behind it.
  const follow = spawn(...within(...IRA, "--json", "-f", "-n", "1", "crier.service"));
  const heard = [];
  try {
    for await (const line of createInterface({ input: follow.stdout })) {
      heard.push(JSON.parse(line));
      if (heard.length === 8) break;
    }
  } finally {
    run("pkill", "-x", "ira-logs");
  }
  assert.equal(heard.length, 8);
  assert.ok(heard.slice(1).every(({ message }) => message === "again"), JSON.stringify(heard));
  const times = heard.map(({ at_ms }) => at_ms);
  assert.deepEqual(times, [...new Set(times)].sort((a, b) => a - b), "in order, each once");
  run("systemctl", "stop", "crier.service", "teller.service");
});
