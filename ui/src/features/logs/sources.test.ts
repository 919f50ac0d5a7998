import { describe, expect, it } from "vitest";
import type { LogSourceRow } from "../../bindings/LogSourceRow";
import { chosen, grouped, labels, MOST } from "./sources";

const row = (id: string, more: Partial<LogSourceRow> = {}): LogSourceRow => ({
  id,
  kind: "file",
  name: id,
  application: null,
  application_name: null,
  path: null,
  evidence: "appended",
  pid: null,
  size_bytes: null,
  modified_ms: null,
  problem: null,
  ...more,
});
const denied = { kind: "denied" as const, message: "no", remedy: null };
const many = Array.from({ length: 100 }, (_, at) => row(`s${at}`, { modified_ms: at }));

describe("sources", () => {
  it("are those written to last, where there are more than can be read at once", () => {
    const on = chosen(many, {}, new Set());
    expect([on.length, on[0], on.at(-1)]).toEqual([MOST, "s36", "s99"]);
  });

  it("are those the user wants first, and stay those that were read", () => {
    const on = new Set(chosen(many, { s1: true, s99: false }, new Set()));
    expect([on.size, on.has("s1"), on.has("s99"), on.has("s36")]).toEqual([
      MOST,
      true,
      false,
      true,
    ]);
    expect(new Set(chosen([...many, row("new", { modified_ms: 1e6 })], {}, on))).toContain("s1");
  });

  it("stand by what they belong to", () => {
    const rows = [
      row("a", { application: "x" }),
      row("b"),
      row("c"),
      row("d", { problem: denied }),
    ];
    const groups = grouped(rows, new Set(chosen(rows, { c: false }, new Set())));
    const ids = (of: LogSourceRow[]) => of.map(({ id }) => id);
    expect(Object.values(groups).map(ids)).toEqual([["a"], ["b"], ["c"], ["d"]]);
  });

  it("have the colour of their application, and say which of several", () => {
    const known = labels([
      row("a", { application: "x", application_name: "X" }),
      row("b", { application: "x", application_name: "X" }),
      row("c", { application: "y", application_name: "Y" }),
      row("cron.service"),
    ]);
    expect([...known.values()]).toEqual([
      { name: "X", of: "a", color: "--k-1" },
      { name: "X", of: "b", color: "--k-1" },
      { name: "Y", of: null, color: "--k-2" },
      { name: "cron", of: null, color: "--k-8" },
    ]);
  });
});
