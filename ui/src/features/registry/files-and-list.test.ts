import { fireEvent, render, screen, within } from "@testing-library/svelte";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { settled, violations } from "../../../tests/fake-window";
import type { RegistrationDraft } from "../../bindings/RegistrationDraft";
import { draftOf } from "../../platform/fake/registrations";
import { ApiFailure } from "../../platform/platform";
import { TableState } from "../../shared/table/table.svelte";
import { ApplicationsList } from "../applications";
import { choices } from "../applications/list.svelte";
import { RegistryMenu } from ".";
import { click, close, dialog, fake, open, RUNNING, saved, SHOP, type } from "./test-stage";

beforeEach(() => {
  open();
  choices.table = new TableState({ column: "cpu", descending: true });
  choices.kind = null;
  choices.group = "kind";
});
afterEach(close);

async function choose(item: string) {
  render(RegistryMenu, { narrow: false });
  await click("Import and export");
  await fireEvent.click(screen.getByRole("menuitem", { name: item }));
  await settled();
  return dialog();
}

describe("a file", () => {
  it("is looked at, and what is chosen of it is kept", async () => {
    fake.registrations.keep(draftOf({ name: "api" }));
    const found = (name: string, more = {}) => ({
      draft: draftOf({ name, command_line: `run ${name}`, working_directory: "/srv" }),
      notes: [],
      problems: [],
      kept_as: null,
      ...more,
    });
    const problem = (field: string, kind: string, is_warning: boolean) => ({
      ...{ field, kind, is_warning, message: "in English" },
      ...{ about: "run", most: null },
    });
    fake.registrations.found = {
      formats: ["Procfile"],
      looked_for: [],
      found: [
        found("web", { notes: ["$PORT means nothing without a shell"] }),
        found("api", { kept_as: "custom:api" }),
        found("bad", { problems: [problem("name", "name_missing", false)] }),
        found("worker", {
          problems: [problem("command", "no_program", true)],
        }),
      ],
    };
    const form = await choose("Import from files…");
    await type(
      form.getByLabelText("Whole path of the file, or of the folder that has them"),
      "/srv/Procfile",
    );
    await click("Look", form);
    expect(form.getByText("4 applications in Procfile")).toBeInTheDocument();
    expect(form.getByText("$PORT means nothing without a shell")).toBeInTheDocument();
    expect(form.getByText("kept already")).toBeInTheDocument();
    expect(form.getByText("There is no program run on the path of programs now.")).toBeVisible();
    expect(form.getByLabelText("Keep web")).toBeChecked();
    expect(form.getByLabelText("Keep api")).not.toBeChecked();
    expect(form.getByLabelText("Keep bad")).toBeDisabled();
    expect(form.getByLabelText("Keep worker")).toBeChecked();
    expect(await violations()).toEqual([]);
    const call = fake.call.bind(fake);
    fake.call = async (command, request) => {
      if (command === "save_registration" && (request as RegistrationDraft).name === "worker")
        throw new ApiFailure(null, "there is no room");
      return call(command, request);
    };
    await click("Keep 2 chosen", form);
    expect(saved().map(({ name }) => name)).toEqual(["web"]);
    expect(form.getByText("It was not saved: there is no room")).toBeInTheDocument();
    expect(form.getByRole("status")).toHaveTextContent("1 kept. 1 not kept, see there.");
    expect(form.getByRole("button", { name: "Keep 1 chosen" })).toBeEnabled();
    expect(form.queryByText(/It replaces the one/)).toBeNull();
    await fireEvent.click(form.getByLabelText("Keep api"));
    await settled();
    expect(form.getByText(/It replaces the one of this name and folder/)).toBeInTheDocument();
    await click("Keep 2 chosen, 1 in place of kept ones", form);
    expect(saved().at(-1)).toMatchObject({ application: "custom:api", command_line: "run api" });
  });

  it("that tells nothing says so", async () => {
    const form = await choose("Import from files…");
    await type(
      form.getByLabelText("Whole path of the file, or of the folder that has them"),
      "/srv/readme",
    );
    await click("Look", form);
    expect(form.getByRole("alert")).toHaveTextContent("/srv/readme is none of");
  });

  it("of all that is kept is saved after a word about secrets", async () => {
    fake.registrations.keep(SHOP);
    let text = "";
    const make = vi.spyOn(URL, "createObjectURL").mockImplementation((blob) => {
      void (blob as Blob).text().then((written) => (text = written));
      return "blob:none";
    });
    const form = await choose("Export…");
    expect(form.getByText(/whatever secrets are in them/)).toBeInTheDocument();
    expect(await violations()).toEqual([]);
    await click("Save as a file", form);
    make.mockRestore();
    expect(text).toContain('name = "Shop"');
  });
});

describe("the list", () => {
  const names = () =>
    [...document.querySelectorAll('[role="row"] .name .isolate')].map((cell) => cell.textContent);

  it("shows what is kept and does not run as stopped", async () => {
    fake.registrations.keep(SHOP);
    render(ApplicationsList);
    await settled(10);
    const row = screen.getByText("Shop").closest('[role="row"]') as HTMLElement;
    expect(row).toHaveTextContent("stopped");
    expect(row).toHaveTextContent("–");
    expect(within(row).getByTitle("kept")).toBeInTheDocument();
    expect(await violations()).toEqual([]);
  });

  it("is filtered by state and by what is kept", async () => {
    fake.registrations.keep(SHOP);
    fake.registrations.keep(draftOf({ application: RUNNING, name: "catalog-web" }));
    render(ApplicationsList);
    await settled(10);
    await click("Show");
    await fireEvent.click(screen.getByRole("menuitemcheckbox", { name: "Stopped 1" }));
    await settled();
    expect(names()).toEqual(["Shop"]);
    await fireEvent.click(screen.getByRole("menuitemcheckbox", { name: "Stopped 1" }));
    await fireEvent.click(screen.getByRole("menuitemcheckbox", { name: "Kept 2" }));
    await settled();
    expect(names().sort()).toEqual(["Shop", "catalog-web"]);
    choices.table.query = "is:discovered state:running";
    await settled();
    expect(names()).not.toContain("catalog-web");
    expect(names().length).toBeGreaterThan(5);
  });

  it("is grouped by working directory, those without one last", async () => {
    fake.registrations.keep(SHOP);
    fake.registrations.keep(draftOf({ name: "Beacon" }));
    choices.group = "folder";
    render(ApplicationsList);
    await settled(10);
    const groups = [...document.querySelectorAll("button[aria-expanded] > .label")].map(
      (label) => label.textContent,
    );
    expect(groups).toEqual([
      "/",
      "/home/dev/code/catalog-web",
      "/home/dev/code/notes-api",
      "/srv/shop",
      "No working directory known",
    ]);
  });
});
