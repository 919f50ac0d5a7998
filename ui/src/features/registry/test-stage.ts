// The stage of the tests of this feature: the invented machine, and how its forms are used.
import { cleanup, fireEvent, screen, within } from "@testing-library/svelte";
import { fakeWindow, settled } from "../../../tests/fake-window";
import type { RegistrationDraft } from "../../bindings/RegistrationDraft";
import type { FakePlatform } from "../../platform/fake";
import { hostFrameAt } from "../../platform/fake/host";
import { draftOf } from "../../platform/fake/registrations";
import { changes } from "../../shared/changes.svelte";
import { language } from "../../shared/i18n";
import { time } from "../../shared/time/time.svelte";

export let fake: FakePlatform;
let stop: () => void;

/** Before each test. */
export function open() {
  fake = fakeWindow();
  stop = changes.start();
  time.tick({ ...hostFrameAt(fake.now_ms) });
}
/** After each test. */
export function close() {
  cleanup();
  stop();
  time.live();
  language.locale = "en";
}

export const RUNNING = "process:~/code/catalog-web";
export const SHOP = draftOf({
  name: "Shop",
  command_line: "npm run 'dev server'",
  working_directory: "/srv/shop",
  environment: [{ name: "TOKEN", value: "secret\nof two lines" }],
  port: 4321,
  restart: "on_failure",
  tags: ["till", "web"],
  notes: "ask Ana",
});

export const asked = (command: string) => fake.calls.filter((call) => call.command === command);
export const saved = () =>
  asked("save_registration").map(({ request }) => request as RegistrationDraft);
export const click = async (
  name: string | RegExp,
  within_ = screen as ReturnType<typeof within>,
) => {
  await fireEvent.click(within_.getByRole("button", { name }));
  await settled();
};
export const type = async (field: HTMLElement, value: string) => {
  await fireEvent.input(field, { target: { value } });
  await settled();
};
export const dialog = () => within(screen.getByRole("dialog"));
