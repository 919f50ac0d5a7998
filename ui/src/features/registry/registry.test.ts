import { fireEvent, render, screen, within } from "@testing-library/svelte";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { settled, violations } from "../../../tests/fake-window";
import { hostFrameAt } from "../../platform/fake/host";
import { NOW_MS } from "../../platform/fake/world";
import { ApiFailure } from "../../platform/platform";
import { router } from "../../shared/router.svelte";
import { time } from "../../shared/time/time.svelte";
import { ApplicationDetail } from "../applications";
import { RegistryMenu } from ".";
import { asked, click, close, dialog, fake, open, RUNNING, saved, SHOP, type } from "./test-stage";

beforeEach(() => {
  open();
  router.start();
});

afterEach(close);

async function register() {
  render(RegistryMenu, { narrow: false });
  await click("Register…");
  return dialog();
}
async function detail(id: string) {
  render(ApplicationDetail, { id, part: undefined });
  await settled(10);
}

describe("the form", () => {
  it("registers one that never ran, with what is wrong at each field", async () => {
    const form = await register();
    expect(form.queryByText("It needs a name.")).toBeNull();
    expect(form.getByRole("button", { name: "Save" })).toBeDisabled();
    expect(form.getByText("To be saved it needs a name.")).toBeInTheDocument();
    expect(form.getByText(/Without a command/)).toBeInTheDocument();
    expect(await violations()).toEqual([]);
    const name = form.getByLabelText("Name");
    await type(name, "x");
    await type(name, "");
    expect(name).toHaveAttribute("aria-invalid", "true");
    expect(form.getByText("It needs a name.")).toBeInTheDocument();
    await type(name, "Shop");
    await type(form.getByLabelText("Command line"), `npm "run dev`);
    expect(form.getByText(/quotation is not closed/)).toBeInTheDocument();
    expect(form.getByRole("button", { name: "Save" })).toBeDisabled();
    await type(form.getByLabelText("Command line"), `npm "run dev" -p`);
    const parts = within(form.getByRole("list", { name: /Program and arguments/ }));
    expect(parts.getAllByRole("listitem").map((one) => one.textContent?.trim())).toEqual([
      "npm",
      "run dev",
      "-p",
    ]);
    await type(form.getByLabelText("Working directory"), "srv");
    expect(form.getByText(/Give the whole path/)).toBeInTheDocument();
    await type(form.getByLabelText("Working directory"), "/nowhere");
    expect(form.getByText("There is no folder /nowhere now.")).toBeInTheDocument();
    await type(form.getByLabelText("Port"), "99999x");
    expect(form.getByLabelText("Port")).toHaveValue("99999x");
    expect(form.getByLabelText("Port")).not.toHaveAttribute("maxlength");
    expect(form.getByText(/from 1 to 65535/)).toBeInTheDocument();
    expect(form.getByText("To be saved, mend: Port.")).toBeInTheDocument();
    expect(form.getByRole("button", { name: "Save" })).toBeDisabled();
    await type(form.getByLabelText("Port"), "8080");
    await type(form.getByLabelText("Log files"), "/var/log/a\n\n /var/log/b ");
    await type(form.getByLabelText("Tags"), "web, till,");
    await fireEvent.click(form.getByLabelText("start again on failure"));
    await fireEvent.click(form.getByLabelText("Start it with the machine"));
    await click("Add a variable", form);
    expect(form.getByLabelText("Name of variable 1")).toHaveFocus();
    await type(form.getByLabelText("Name of variable 1"), "MODE");
    await type(form.getByLabelText("Value of variable 1"), "a\nb");
    expect(await violations()).toEqual([]);
    await click("Save", form);
    expect(screen.queryByRole("dialog")).toBeNull();
    expect(saved()).toEqual([
      {
        application: null,
        name: "Shop",
        command_line: `npm "run dev" -p`,
        working_directory: "/nowhere",
        environment: [{ name: "MODE", value: "a\nb" }],
        port: 8080,
        log_paths: ["/var/log/a", "/var/log/b"],
        restart: "on_failure",
        enabled: true,
        notes: "",
        tags: ["web", "till"],
      },
    ]);
    expect(router.path).toEqual(["applications", "custom:shop"]);
  });

  it("asks for a check one at a time, however fast one types", async () => {
    const form = await register();
    const release = fake.hold();
    const before = asked("check_registration").length;
    for (const text of ["a", "ab", "abc", "abcd"])
      await type(form.getByLabelText("Command line"), text);
    expect(asked("check_registration").length - before).toBe(1);
    release();
    await settled();
    expect(asked("check_registration").length - before).toBe(2);
    expect(asked("check_registration").at(-1)?.request).toMatchObject({ command_line: "abcd" });
  });

  it("is empty again the next time, and says why something was not saved", async () => {
    const form = await register();
    await type(form.getByLabelText("Name"), "Shop");
    fake.fail("save_registration", new ApiFailure(null, "the disk is full"));
    await click("Save", form);
    expect(form.getByRole("alert")).toHaveTextContent("It was not saved: the disk is full");
    await click("Cancel", form);
    await click("Register…");
    expect(dialog().getByLabelText("Name")).toHaveValue("");
  });

  it("is off in the past", async () => {
    time.rewind(NOW_MS - 60_000);
    render(RegistryMenu, { narrow: false });
    await settled();
    expect(screen.getByRole("button", { name: "Register…" })).toBeDisabled();
    await detail(RUNNING);
    expect(screen.getByRole("button", { name: "Keep…" })).toBeDisabled();
  });
});

it("is off in an opened recording, and says why", async () => {
  fake.frame = { recording: { state: "opened", file: "spike.ira", hostname: "willow" } };
  time.tick({ ...hostFrameAt(fake.now_ms), ...fake.frame });
  render(RegistryMenu, { narrow: false });
  await detail(RUNNING);
  const off = ["Register…", "Import and export", "Keep…", "Stop", "More orders", "Correct it"];
  for (const name of off) {
    const button = screen.getByRole("button", { name });
    expect(button, name).toBeDisabled();
    expect(button.closest("[title]"), name).toHaveAttribute(
      "title",
      expect.stringContaining("opened recording"),
    );
  }
});

describe("one application", () => {
  it("that was discovered is kept as it runs", async () => {
    await detail(RUNNING);
    await click("Keep…");
    const form = dialog();
    expect(form.getByLabelText("Name")).toHaveValue("catalog-web");
    expect(form.getByLabelText("Working directory")).toHaveValue("/home/dev/code/catalog-web");
    expect(form.getByLabelText("Port")).toHaveValue("5173");
    expect(form.queryByRole("button", { name: "Keep no more…" })).toBeNull();
    await click("Save", form);
    expect(saved()[0]).toMatchObject({ application: RUNNING, command_line: "npm run dev" });
    expect(screen.getByRole("button", { name: "Edit…" })).toBeInTheDocument();
    expect(screen.getByRole("region", { name: "Kept" })).toHaveTextContent("npm");
    await click("More orders");
    expect(screen.getByRole("menuitem", { name: "Restart" })).toBeInTheDocument();
    expect(await violations()).toEqual([]);
  });

  it("that ends under the form leaves it open, with what was typed", async () => {
    await detail(RUNNING);
    await click("Keep…");
    await type(dialog().getByLabelText("Notes"), "ask Ana");
    fake.ended = [RUNNING];
    fake.tick();
    await settled(10);
    expect(screen.getByText("not running", { selector: ".badge" })).toBeInTheDocument();
    expect(dialog().getByLabelText("Notes")).toHaveValue("ask Ana");
    await click("Save", dialog());
    expect(saved()[0]).toMatchObject({ application: RUNNING, notes: "ask Ana" });
  });

  it("that does not run says what it is kept with, how it ended, and can be started", async () => {
    fake.registrations.keep(SHOP, {
      last_seen_ms: NOW_MS - 3_600_000,
      supervised: {
        supervisor: null,
        pid: null,
        restarts: 5,
        last_end: { at_ms: NOW_MS - 60_000, status: { signal: 11 }, fault: null },
        again_at_ms: null,
        gave_up: true,
        output: "/data/output/shop.log",
      },
    });
    await detail("custom:shop");
    expect(screen.getByText("stopped", { selector: ".badge" })).toBeInTheDocument();
    const facts = screen.getByRole("region", { name: "Kept" });
    for (const told of [
      "dev server",
      "/srv/shop",
      "start again on failure",
      "SIGSEGV",
      "5 times",
      "not started again by itself",
      "/data/output/shop.log",
      "ask Ana",
      "till",
    ])
      expect(facts).toHaveTextContent(told);
    expect(facts).not.toHaveTextContent("secret");
    expect(await violations()).toEqual([]);
    await click("Start");
    expect(asked("order_preview").at(-1)?.request).toEqual({
      target: { kind: "application", id: "custom:shop" },
      action: { kind: "start" },
    });
  });

  it("hides values until they are asked for, and loses no line of them", async () => {
    fake.registrations.keep(SHOP);
    await detail("custom:shop");
    await click("Edit…");
    const form = dialog();
    expect(form.getByLabelText("Value of variable 1")).toHaveAttribute("type", "password");
    await click("Show the value of TOKEN", form);
    expect(form.getByLabelText("Value of variable 1")).toHaveValue("secret\nof two lines");
    await click("Hide the value of TOKEN", form);
    await type(form.getByLabelText("Notes"), "ask Eva");
    await click("Save", form);
    expect(saved()).toEqual([{ ...SHOP, application: "custom:shop", notes: "ask Eva" }]);
  });

  it.each([
    [false, "Keep no more", "stays"],
    [true, "Keep no more, delete its history", "is deleted"],
  ])("is kept no more, history dropped: %s", async (drop_history, button, choice) => {
    fake.registrations.keep(SHOP);
    await detail("custom:shop");
    await click("Edit…");
    await click("Keep no more…", dialog());
    await fireEvent.click(dialog().getByLabelText(choice));
    await settled();
    if (drop_history) expect(dialog().getByText(/processes at past seconds/)).toBeInTheDocument();
    expect(await violations()).toEqual([]);
    await click(button, dialog());
    expect(asked("delete_registration").map(({ request }) => request)).toEqual([
      { id: "custom:shop", drop_history },
    ]);
    expect(router.path).toEqual(["applications"]);
  });
});
