import { render, screen } from "@testing-library/svelte";
import { beforeEach, expect, it } from "vitest";
import { fakeWindow, settled } from "../../../tests/fake-window";
import { language } from "../../shared/i18n";
import Doctor from "./Doctor.svelte";

beforeEach(() => {
  fakeWindow();
});

it("says in the language of the window what Ira says, and as it is what the system says", async () => {
  language.locale = "es";
  render(Doctor);
  await settled();
  expect(screen.getByText("base de datos")).toBeInTheDocument();
  expect(screen.getByText("denegado a este usuario")).toBeInTheDocument();
  expect(
    screen.getByText(/^334 procesos en 6,0 ms; 0 segundos llegaron tarde$/),
  ).toBeInTheDocument();
  expect(
    screen.getByText("bytes que leen y escriben los procesos de otros usuarios"),
  ).toBeInTheDocument();
  expect(screen.getByText("Linux 4.14 o posterior")).toBeInTheDocument();
  expect(screen.getByText(/^sudo setcap/)).toBeInTheDocument();
  expect(screen.getByText(/disk I\/O error$/)).toBeInTheDocument();
  language.locale = "en";
});
