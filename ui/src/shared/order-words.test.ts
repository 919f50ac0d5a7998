import { afterEach, expect, it } from "vitest";
import { language } from "./i18n";
import { orderWords } from "./order-words";

afterEach(() => (language.locale = "en"));

it("words orders as the audit keeps them; signals and what it does not know stay", () => {
  expect(orderWords("stop, kill")).toBe("stop, then kill");
  language.locale = "es";
  expect(orderWords("stop")).toBe("detener");
  expect(orderWords("priority -5")).toBe("prioridad -5");
  expect(orderWords("disk idle")).toBe("acceso a disco solo si nadie más lo quiere");
  expect(orderWords("SIGHUP")).toBe("SIGHUP");
  expect(orderWords("stop, done")).toBe("stop, done");
});
