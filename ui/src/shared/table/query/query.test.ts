import { describe, expect, it } from "vitest";
import { compileQuery, withoutEach, type Language } from "./compile";
import { parseQuery, quote } from "./parse";
import { parseBytes, parseDuration, parsePercent } from "./values";

interface Row {
  name: string;
  user: string | null;
  state: string;
  cpu: number | null;
  mem: number;
  pid: number;
  ports: number[];
}

const ROWS: Row[] = [
  {
    name: "nginx",
    user: "www-data",
    state: "sleeping",
    cpu: 0.4,
    mem: 12e6,
    pid: 10,
    ports: [80, 443],
  },
  {
    name: "node server.js",
    user: "anna",
    state: "running",
    cpu: 21,
    mem: 3e9,
    pid: 11,
    ports: [5173],
  },
  {
    name: "Postgres: checkpointer",
    user: "postgres",
    state: "sleeping",
    cpu: null,
    mem: 2e8,
    pid: 12,
    ports: [],
  },
  { name: "ghost", user: null, state: "zombie", cpu: 0, mem: 0, pid: 13, ports: [] },
];

const LANGUAGE: Language<Row> = {
  units: "iec",
  text: (row) => row.name.toLowerCase(),
  fields: [
    { id: "name", kind: "text", read: (row) => row.name },
    { id: "user", kind: "word", read: (row) => row.user },
    {
      id: "state",
      kind: "choice",
      choices: ["running", "sleeping", "zombie"],
      read: (row) => row.state,
    },
    { id: "cpu", kind: "percent", read: (row) => row.cpu },
    { id: "mem", aliases: ["memory", "rss"], kind: "bytes", read: (row) => row.mem },
    { id: "pid", kind: "number", read: (row) => row.pid },
    { id: "port", kind: "number", read: (row) => row.ports },
  ],
};

const find = (query: string) => {
  const { matches } = compileQuery(query, LANGUAGE);
  return ROWS.filter(matches).map((row) => row.pid);
};
const problems = (query: string) => compileQuery(query, LANGUAGE).problems.map((p) => p.code);

describe("parsing", () => {
  it("splits at spaces outside quotes", () => {
    expect(parseQuery('cpu>10  "two words" -nginx').map((t) => t.source)).toEqual([
      "cpu>10",
      '"two words"',
      "-nginx",
    ]);
  });

  it("reads operators, alternatives and negation", () => {
    const [a, b, c, d] = parseQuery('mem>=100M user:anna,"x y" not state:zombie -pid!=4 ');
    expect(a).toMatchObject({ field: "mem", op: ">=", values: ["100M"], negated: false });
    expect(b).toMatchObject({ field: "user", op: ":", values: ["anna", "x y"] });
    expect(c).toMatchObject({ field: "state", negated: true, source: "not state:zombie" });
    expect(d, "two negations cancel out").toMatchObject({ field: "pid", op: "=", negated: false });
  });

  it("knows whether a term may still be being typed", () => {
    expect(parseQuery("cpu>1").at(-1)?.open).toBe(true);
    expect(parseQuery("cpu>1 ").at(-1)?.open).toBe(false);
  });

  it("takes a lone minus, a lone not and an open quote as text", () => {
    expect(parseQuery("-")[0]).toMatchObject({ field: null, values: ["-"], negated: false });
    expect(parseQuery("not")[0]).toMatchObject({ field: null, values: ["not"] });
    expect(parseQuery('"half open')[0]).toMatchObject({ field: null, values: ["half open"] });
  });

  it("gives back what it quoted", () => {
    for (const value of ["plain", "two words", "a,b", "not", "-x", "a:b", "<i>"]) {
      expect(parseQuery(`user:${quote(value)}`)[0]?.values).toEqual([value]);
    }
  });
});

describe("matching", () => {
  it.each([
    ["", [10, 11, 12, 13]],
    ["nginx", [10]],
    ["POSTGRES", [12]],
    ['"node server"', [11]],
    ["-nginx", [11, 12, 13]],
    ["not nginx", [11, 12, 13]],
    ["cpu>10", [11]],
    ["cpu>0,5", [11]],
    ["cpu<=0", [13]],
    ["mem>100M", [11, 12]],
    ["rss>=2GB", [11]],
    ["user:anna,postgres", [11, 12]],
    ["user:www-*", [10]],
    ["-user:anna", [10, 12, 13]],
    ["state:zombie", [13]],
    ["pid:10,13", [10, 13]],
    ["pid>=12", [12, 13]],
    ["port:443", [10]],
    ["name=ghost", [13]],
    ["state:sleeping mem>100M", [12]],
  ])("%s", (query, expected) => expect(find(query)).toEqual(expected));

  it("does not take a user's name as a part of another's", () => {
    expect(find("user:data")).toEqual([]);
  });

  it("looks for what it was given, not for a pattern", () => {
    expect(find("user:w.w-*")).toEqual([]);
    expect(find('"(a+)+$"')).toEqual([]);
  });
});

describe("problems", () => {
  it.each([
    ["usr:anna ", "unknown_field"],
    ["state:runing ", "unknown_choice"],
    ["mem>much ", "not_an_amount"],
    ["cpu:10 ", "compare_amount"],
    ["user>anna ", "cannot_compare"],
    ["cpu> ", "no_value"],
    ["mem>500", "no_unit"],
  ])("%s: %s", (query, code) => expect(problems(query)).toEqual([code]));

  it("filters nothing by a term it does not understand", () => {
    expect(find("usr:anna nginx")).toEqual([10]);
  });

  it("does not complain about what is still being typed", () => {
    expect(problems("cpu>")).toEqual([]);
    expect(problems("state:run")).toEqual([]);
  });

  it("takes the words that the view shows for a choice, and names those", () => {
    const words = (choice: string) => (choice === "sleeping" ? ["schläft", "does sleep"] : []);
    const fields = LANGUAGE.fields.map((one) => (one.kind === "choice" ? { ...one, words } : one));
    const of = (query: string) => compileQuery(query, { ...LANGUAGE, fields });
    const shown = (query: string) => ROWS.filter(of(query).matches).length;
    expect(shown("state:Schläft")).toBe(shown("state:sleeping"));
    expect(shown('state:"does sleep"')).toBe(shown("state:sleeping"));
    expect(of("state:schl").problems).toEqual([]);
    const [problem] = of("state:x ").problems;
    expect(problem && "choices" in problem && problem.choices).toContain("schläft");
  });

  it("suggests the field that was meant", () => {
    const near = (query: string) => {
      const [problem] = compileQuery(query, LANGUAGE).problems;
      return problem?.code === "unknown_field" ? problem.near : undefined;
    };
    expect(near("usr:x ")).toBe("user");
    expect(near("memo>1 ")).toBe("memory");
    expect(near("colour:x ")).toBeNull();
  });
});

it("says how many rows there would be without each term", () => {
  const compiled = compileQuery("state:sleeping cpu>10", LANGUAGE);
  expect(withoutEach(compiled, ROWS).map((o) => [o.term.source, o.count])).toEqual([
    ["cpu>10", 2],
    ["state:sleeping", 1],
  ]);
});

describe("amounts", () => {
  it("reads sizes by the user's units unless the unit says which", () => {
    expect(parseBytes("1k", "iec")).toBe(1024);
    expect(parseBytes("1k", "si")).toBe(1000);
    expect(parseBytes("1KiB", "si")).toBe(1024);
    expect(parseBytes("1.5 GB", "iec")).toBe(1.5e9);
    expect(parseBytes("2M/s", "si")).toBe(2e6);
    expect(parseBytes("512", "iec")).toBe(512);
    expect(parseBytes("1.2.3M", "iec")).toBeNull();
    expect(parseBytes("M", "iec")).toBeNull();
  });

  it("reads shares and durations", () => {
    expect(parsePercent("12,5 %")).toBe(12.5);
    expect(parseDuration("90")).toBe(90_000);
    expect(parseDuration("1h30m")).toBe(5_400_000);
    expect(parseDuration("soon")).toBeNull();
    expect(parseDuration("5m ago")).toBeNull();
  });
});
