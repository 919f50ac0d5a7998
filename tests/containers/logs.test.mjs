// What a container says, from the file its engine keeps. Runs within tests/bed/containers.sh.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { after, before, test } from "node:test";
import { eventually, serve } from "../browser/server.mjs";

const docker = (...words) => execFileSync("docker", words, { encoding: "utf8" });

let server;
before(async () => {
  assert.ok(process.env.IRA_BED, "run it by tests/bed/containers.sh");
  const script = "i=0; while :; do i=$((i+1)); echo \"WARN says $i token=abcdef1234567890\"; sleep 0.1; done";
  docker("run", "-d", "--network", "host", "--name", "teller", "local/busybox:1", "sh", "-c", script);
  server = await serve();
});
after(async () => {
  docker("rm", "-f", "teller");
  await server?.stop();
});

test("the words of a container are its own, with their times", async () => {
  const source = await eventually("the container's log is known", async () => {
    const { body } = await server.call("log_sources", {});
    return body.sources.find(
      ({ kind, application_name }) => kind === "container" && application_name === "teller",
    );
  });
  assert.equal(source.problem, null);
  const { body } = await server.call("log_page", {
    sources: [{ source: source.id, cursor: null }],
    at_ms: null,
    direction: "older",
    filter: { text: "says" },
    limit: 5,
  });
  assert.equal(body.entries.length, 5);
  for (const { message, level, time, fields } of body.entries) {
    assert.match(message, /says \d+ token=\*\*\*$/);
    assert.deepEqual([level, time], ["warn", "told"]);
    assert.deepEqual(fields, [{ name: "stream", value: "stdout" }]);
  }
});
