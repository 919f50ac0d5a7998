/** What shows the output of an application in a terminal, where Ira knows of no log of it. */
import type { Containers } from "../../bindings/Containers";
import type { Services } from "../../bindings/Services";
import { t } from "./i18n";

export interface Place {
  what: string;
  /** A line for a terminal. */
  text: string;
}

/** As a shell takes it for one word: names of units and containers may hold anything. */
export function word(text: string): string {
  return /^[\w@%+:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

export const isOfUnit = (id: string) => id.startsWith("systemd:");
export const isOfContainer = (id: string) =>
  id.startsWith("docker:") || id.startsWith("container:");

/** The managers know the units of one; the identifier says which unit where they are not asked. */
export function ofUnit(id: string, services: Services | undefined): Place[] {
  if (!isOfUnit(id)) return [];
  const known = (services?.services ?? [])
    .filter((row) => row.application === id && row.kind === "service")
    .map((row) => ({ user: row.scope === "user", unit: row.unit }));
  const key = id.slice("systemd:".length);
  const user = key.startsWith("user/");
  const named = { user, unit: user ? key.slice("user/".length) : key };
  // Of a template it does not say which instance.
  const units = known.length > 0 ? known : /@\.service$/.test(named.unit) ? [] : [named];
  return units.map(({ user, unit }) => ({
    what: t("place_journal"),
    text: `journalctl ${user ? "--user " : ""}-u ${word(unit)}`,
  }));
}

export function ofContainer(id: string, containers: Containers | undefined): Place[] {
  if (!containers || !isOfContainer(id)) return [];
  const podman = new Set(
    containers.engines.filter((row) => row.kind === "podman").map((row) => row.socket),
  );
  return containers.containers
    .filter((row) => row.application === id)
    .map((row) => ({
      what: t("place_container"),
      text: `${podman.has(row.engine) ? "podman" : "docker"} logs ${word(row.name || row.id)}`,
    }));
}
