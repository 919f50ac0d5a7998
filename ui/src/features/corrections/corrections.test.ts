import { cleanup, fireEvent, render, screen, within } from "@testing-library/svelte";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { fakeWindow, settled as settle, violations } from "../../../tests/fake-window";
import type { CorrectionDraft } from "../../bindings/CorrectionDraft";
import type { FakePlatform } from "../../platform/fake";
import { hostFrameAt } from "../../platform/fake/host";
import { ApiFailure } from "../../platform/platform";
import { changes } from "../../shared/changes.svelte";
import { language } from "../../shared/i18n";
import { router } from "../../shared/router.svelte";
import { time } from "../../shared/time/time.svelte";
import { CorrectionsSection, CorrectIt, RulesAbout } from ".";
import type { Subject } from "./form.svelte";

let fake: FakePlatform;
let stop: () => void;

beforeEach(() => {
  fake = fakeWindow();
  stop = changes.start();
  time.tick({ ...hostFrameAt(fake.now_ms) });
});
afterEach(() => {
  cleanup();
  stop();
  time.live();
  language.locale = "en";
});

const ID = "process:~/code/catalog-web";
const command = (index: number, name: string) => `/usr/bin/${name} --id=${index} ${ID}`;
const subject: Subject = {
  id: ID,
  name: "catalog-web",
  commands: [command(0, "node"), command(1, "esbuild")],
  others: [
    { id: "systemd:nginx.service", name: "nginx" },
    { id: "process:~/code/notes-api", name: "notes-api" },
  ],
};

async function openForm() {
  render(CorrectIt, { id: ID, subject, title: "Why these processes" });
  await settle();
  await fireEvent.click(screen.getByRole("button", { name: "Correct it" }));
  await settle();
  return within(screen.getByRole("dialog"));
}

const saved = () =>
  fake.calls
    .filter(({ command }) => command === "save_correction")
    .map(({ request }) => request as CorrectionDraft);

describe("correcting an application", () => {
  it("names it, after it showed what that changes", async () => {
    const form = await openForm();
    expect(form.getByRole("button", { name: "Save the rule" })).toBeDisabled();
    await fireEvent.input(form.getByLabelText("Name"), { target: { value: "The shop" } });
    await settle();
    expect(form.getAllByText("catalog-web → The shop")).toHaveLength(2);
    expect(form.getByText("7 processes")).toBeInTheDocument();
    expect(await violations()).toEqual([]);
    await fireEvent.click(form.getByRole("button", { name: "Save the rule" }));
    await settle();
    expect(screen.queryByRole("dialog")).toBeNull();
    expect(saved()).toEqual([
      {
        id: null,
        application: ID,
        matcher: null,
        action: { kind: "rename", name: "The shop" },
      },
    ]);
    const rules = within(screen.getByRole("group", { name: "Your rules about it" }));
    expect(rules.getByText("is called The shop")).toBeInTheDocument();
    expect(rules.getByRole("progressbar", { name: "The past follows" })).toBeInTheDocument();
    expect(await violations()).toEqual([]);
  });

  it("merges it into another, and goes there", async () => {
    const form = await openForm();
    await fireEvent.click(form.getByLabelText("Merge it"));
    await fireEvent.change(form.getByLabelText("Counts under"), {
      target: { value: "systemd:nginx.service" },
    });
    await settle();
    expect(form.getAllByText("catalog-web → nginx")).toHaveLength(2);
    await fireEvent.click(form.getByRole("button", { name: "Save the rule" }));
    await settle();
    expect(saved()[0]?.action).toMatchObject({ application: "systemd:nginx.service" });
    expect(router.path).toContain("systemd:nginx.service");
  });

  it("splits off what is like one process", async () => {
    const form = await openForm();
    await fireEvent.click(form.getByLabelText("Split it"));
    await fireEvent.change(form.getByLabelText("Like this process"), {
      target: { value: command(1, "esbuild") },
    });
    await fireEvent.input(form.getByLabelText("Name"), { target: { value: "Bundler" } });
    await settle();
    expect(form.getByText("1 process")).toBeInTheDocument();
    expect(form.getByTitle(command(1, "esbuild"))).toBeInTheDocument();
    await fireEvent.click(form.getByLabelText("Only processes of catalog-web"));
    await fireEvent.click(form.getByRole("button", { name: "Save the rule" }));
    await settle();
    const matcher = { field: "command_line", form: "equal", text: command(1, "esbuild") };
    expect(saved()).toEqual([
      { id: null, application: null, matcher, action: { kind: "separate", name: "Bundler" } },
    ]);
  });

  it("says what makes no sense, and what changes nothing", async () => {
    fake.corrections.rows = [
      {
        id: 4,
        application: "systemd:nginx.service",
        application_name: "nginx",
        matcher: null,
        action: { kind: "belongs_to", application: ID, name: "catalog-web" },
        target: ID,
      },
    ];
    const form = await openForm();
    await fireEvent.click(form.getByLabelText("Merge it"));
    await fireEvent.change(form.getByLabelText("Counts under"), {
      target: { value: "systemd:nginx.service" },
    });
    await settle();
    expect(form.getByText(/go round in a circle, by rule 4/)).toBeInTheDocument();
    expect(form.getByRole("button", { name: "Save the rule" })).toBeDisabled();
    await fireEvent.click(form.getByLabelText("Split it"));
    await fireEvent.input(form.getByLabelText("Text"), { target: { value: "cobol" } });
    await fireEvent.input(form.getByLabelText("Name"), { target: { value: "X" } });
    await settle();
    expect(form.getByText(/matches nothing that runs or ran/)).toBeInTheDocument();
    expect(form.getByRole("button", { name: "Save the rule" })).toBeEnabled();
    fake.fail("save_correction", new ApiFailure(null, "another Ira records"));
    await fireEvent.click(form.getByRole("button", { name: "Save the rule" }));
    await settle();
    expect(form.getByRole("alert")).toHaveTextContent("another Ira records");
  });

  it("is for the present only", async () => {
    time.rewind(fake.now_ms - 60_000);
    render(CorrectIt, { id: ID, subject, title: "Why" });
    await settle();
    expect(screen.getByRole("button", { name: "Correct it" })).toBeDisabled();
  });
});

describe("the list of rules", () => {
  const ignore = (id: number) => ({
    id,
    application: ID,
    application_name: "catalog-web",
    matcher: null,
    action: { kind: "ignore" } as const,
    target: null,
  });

  it("takes one back and makes it again", async () => {
    fake.corrections.rows = [ignore(3)];
    render(CorrectionsSection);
    await settle();
    expect(screen.getByText("is not listed")).toBeInTheDocument();
    expect(await violations()).toEqual([]);
    await fireEvent.click(screen.getByRole("button", { name: "Take back rule 3" }));
    await settle();
    expect(screen.queryByText("is not listed")).toBeNull();
    await fireEvent.click(screen.getByRole("button", { name: "Make it again" }));
    await settle();
    expect(screen.getByText("is not listed")).toBeInTheDocument();
  });

  it("shows how far the past follows, stops it and goes on", async () => {
    fake.corrections.rows = [ignore(3)];
    fake.corrections.reattribution = { done: 0, all: 200, stopped: false, done_after_ms: null };
    render(CorrectionsSection);
    await settle();
    fake.corrections.follow(50);
    await settle();
    expect(screen.getByRole("progressbar")).toHaveAttribute("aria-valuenow", "25");
    await fireEvent.click(screen.getByRole("button", { name: "Stop" }));
    await settle();
    expect(screen.getByText(/stays as it was shown/)).toBeInTheDocument();
    await fireEvent.click(screen.getByRole("button", { name: "Go on" }));
    fake.corrections.follow(200);
    await settle();
    expect(screen.queryByRole("progressbar")).toBeNull();
  });

  it("imports all or says in which line it could not", async () => {
    render(CorrectionsSection);
    await settle();
    await fireEvent.click(screen.getByRole("button", { name: "Import" }));
    await settle();
    const form = within(screen.getByRole("dialog"));
    expect(await violations()).toEqual([]);
    await fireEvent.input(form.getByLabelText("Rules as text"), { target: { value: "x = 1" } });
    await fireEvent.click(form.getByRole("button", { name: "Import" }));
    await settle();
    expect(form.getByRole("alert")).toHaveTextContent("line 1: unknown field");
    await fireEvent.input(form.getByLabelText("Rules as text"), {
      target: { value: "[[correction]]\n" },
    });
    await fireEvent.click(form.getByRole("button", { name: "Import" }));
    await settle();
    expect(screen.getByText("1 rule new, 0 there already.")).toBeInTheDocument();
  });

  it("exports what there is", async () => {
    fake.corrections.rows = [ignore(3)];
    const made = vi.spyOn(URL, "createObjectURL").mockReturnValue("blob:x");
    render(CorrectionsSection);
    await settle();
    await fireEvent.click(screen.getByRole("button", { name: "Export" }));
    await settle();
    expect(made).toHaveBeenCalledOnce();
    made.mockRestore();
  });

  it("stands where the application is gone by a rule", async () => {
    fake.corrections.rows = [ignore(3)];
    render(RulesAbout, { id: "process:/bin/other" });
    await settle();
    expect(screen.queryByRole("group")).toBeNull();
    cleanup();
    render(RulesAbout, { id: ID });
    await settle();
    await fireEvent.click(screen.getByRole("button", { name: "Take back rule 3" }));
    await settle();
    expect(screen.getByRole("button", { name: "Make it again" })).toBeInTheDocument();
  });

  it("speaks Spanish", async () => {
    language.locale = "es";
    fake.corrections.rows = [ignore(3)];
    render(CorrectionsSection);
    await settle();
    expect(screen.getByText("no aparece en la lista")).toBeInTheDocument();
  });
});
