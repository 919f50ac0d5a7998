import { fireEvent, render, screen } from "@testing-library/svelte";
import { beforeEach, describe, expect, it } from "vitest";
import { fakeWindow } from "../../../tests/fake-window";
import type { SharedEvidence } from "../../bindings/SharedEvidence";
import EvidenceList from "./EvidenceList.svelte";
import { lineOf, merge } from "./merge";

const one = (
  rule: number,
  input: string,
  result: string,
  process_count = 1,
  names_it = false,
): SharedEvidence => ({ evidence: { rule, input, result }, process_count, names_it });

const BASH = "process:/usr/bin/bash";

describe("merging", () => {
  it("says once what many processes share, and lets only the strongest name", () => {
    const found = merge([
      one(9, "/usr/bin/grep", "process:/usr/bin/grep"),
      one(9, "/usr/bin/bash", BASH, 15, true),
      one(8, "bash", BASH, 10, true),
      one(8, "rustc < cargo < bash", BASH, 2, true),
    ]);
    expect(
      found.map(({ rule, process_count, decides, agrees }) => [
        rule,
        process_count,
        decides,
        agrees,
      ]),
    ).toEqual([
      [8, 12, true, true],
      [9, 15, false, true],
      [9, 1, false, false],
    ]);
    expect(found[0]?.inputs).toEqual(["bash", "rustc < cargo < bash"]);
  });

  it("draws a line of descent from the oldest on", () => {
    expect(lineOf(8, "rustc < cargo < bash")).toBe("bash › cargo › rustc");
    expect(lineOf(9, "/tmp/a < b")).toBe("/tmp/a < b");
  });
});

describe("the list", () => {
  beforeEach(() => void fakeWindow());

  it("says in words what was looked at and what follows", () => {
    render(EvidenceList, {
      all: 17,
      evidence: [
        one(3, "/system.slice/nginx.service", "systemd:nginx.service", 5, true),
        one(9, "/usr/sbin/nginx", "process:/usr/sbin/nginx", 5),
      ],
    });
    expect(screen.getByText("Part of a systemd unit")).toBeInTheDocument();
    expect(screen.getByText("names it")).toBeInTheDocument();
    expect(screen.getByText("/usr/sbin/nginx")).toHaveClass("mono");
    expect(screen.getByText("alone it would be an application of its own")).toBeInTheDocument();
    expect(screen.getAllByText("5 of 17")).toHaveLength(2);
  });

  it("keeps to eight until the others are asked for, and knows a rule of a later Ira", async () => {
    const many = Array.from({ length: 11 }, (_, i) => one(40, "x", `process:${i}`));
    render(EvidenceList, { evidence: many });
    expect(screen.getAllByText("Rule 40")).toHaveLength(8);
    await fireEvent.click(screen.getByRole("button", { name: "and 3 more" }));
    expect(screen.getAllByText("Rule 40")).toHaveLength(11);
  });

  it("leads to its identifier in one sentence, with nothing else between", () => {
    render(EvidenceList, { evidence: [one(7, "node", "process:/srv/shop", 1, true)] });
    const conclusion = screen.getByText("process:/srv/shop").closest("p");
    expect(conclusion).toHaveTextContent(/^so it is process:\/srv\/shop$/);
  });
});
