import { expect, it } from "vitest";
import { Latest } from "./latest";

function setup() {
  const asked: { input: number; answer: (value: string) => void; fail: (why: Error) => void }[] =
    [];
  const answers: string[] = [];
  const failures: unknown[] = [];
  const latest = new Latest<number, string>(
    (input) =>
      new Promise((answer, fail) => {
        asked.push({ input, answer, fail });
      }),
    (answer) => answers.push(answer),
    (thrown) => failures.push(thrown),
  );
  return { asked, answers, failures, latest };
}
const rest = () => new Promise((resolve) => setTimeout(resolve));

it("asks one at a time and of those that wait only the last", async () => {
  const { asked, answers, latest } = setup();
  for (let moment = 1; moment <= 50; moment++) latest.ask(moment);
  expect(asked.map(({ input }) => input)).toEqual([1]);
  asked[0]?.answer("one");
  await rest();
  expect(asked.map(({ input }) => input)).toEqual([1, 50]);
  asked[1]?.answer("fifty");
  await rest();
  expect(answers).toEqual(["one", "fifty"]);
  expect(latest.busy).toBe(false);
});

it("does not deliver what was given up", async () => {
  const { asked, answers, latest } = setup();
  latest.ask(1);
  latest.forget();
  asked[0]?.answer("late");
  await rest();
  expect(answers).toEqual([]);
});

it("asks again after a failure", async () => {
  const { asked, answers, failures, latest } = setup();
  latest.ask(1);
  asked[0]?.fail(new Error("gone"));
  await rest();
  latest.ask(2);
  asked[1]?.answer("there");
  await rest();
  expect([failures.length, answers]).toEqual([1, ["there"]]);
});
