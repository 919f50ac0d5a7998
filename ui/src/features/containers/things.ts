/** Images, volumes and networks as one sort of line: what it is, what it takes, who uses it. */
import type { Containers } from "../../bindings/Containers";
import type { ContainerSize } from "../../bindings/ContainerSize";
import * as format from "../../shared/format";
import type { Column } from "../../shared/table/columns";
import { t } from "./i18n";

export type ThingKind = "images" | "volumes" | "networks";

export interface Thing {
  key: string;
  engine: string;
  name: string;
  /** More names, an identifier. */
  about: string;
  driver: string | null;
  place: string | null;
  size_bytes: number | null;
  created_ms: number | null;
  project: string | null;
  used_by: readonly string[];
  is_built_in: boolean;
}

export const isOrphan = (thing: Thing) => thing.used_by.length === 0 && !thing.is_built_in;

export function thingsOf(
  kind: ThingKind,
  all: Containers,
  sizes: readonly ContainerSize[],
): Thing[] {
  switch (kind) {
    case "images":
      return all.images.map((row) => ({
        ...row,
        key: `${row.engine} ${row.id}`,
        name: row.tags[0] ?? t("untagged"),
        about: [...row.tags.slice(1), row.id.replace(/^sha256:/, "").slice(0, 12)].join(" "),
        driver: null,
        place: null,
        project: null,
        is_built_in: false,
      }));
    case "volumes":
      return all.volumes.map((row) => ({
        ...row,
        key: `${row.engine} ${row.name}`,
        about: "",
        size_bytes:
          sizes.find(({ engine, name }) => engine === row.engine && name === row.name)?.bytes ??
          null,
        is_built_in: false,
      }));
    case "networks":
      return all.networks.map((row) => ({
        ...row,
        key: `${row.engine} ${row.id}`,
        about: row.subnets.join(" "),
        place: null,
        size_bytes: null,
        created_ms: null,
      }));
  }
}

export function usedBy(thing: Thing): string {
  if (thing.used_by.length > 0) return thing.used_by.join(", ");
  return thing.is_built_in ? t("built_in") : t("nobody");
}

export function thingColumns(kind: ThingKind, now_ms: number): Column<Thing>[] {
  const all: Column<Thing>[] = [
    {
      id: "name",
      label: t("name"),
      width: 240,
      grow: true,
      fixed: true,
      sort: (row) => row.name,
      fields: [
        { name: "name", read: (row) => row.name },
        { name: "about", read: (row) => row.about },
      ],
    },
    {
      id: "used_by",
      label: t("used_by"),
      width: 220,
      fixed: true,
      sort: (row) => (isOrphan(row) ? 0 : 1),
      text: usedBy,
      drawn: true,
      fields: [{ name: "used_by", read: (row) => row.used_by }],
    },
    {
      id: "size",
      label: t("size"),
      width: 96,
      align: "end",
      initial: true,
      sort: (row) => row.size_bytes,
      figure: (row) => (row.size_bytes === null ? null : format.bytes(row.size_bytes)),
      fields: [{ name: "size_bytes", read: (row) => row.size_bytes }],
    },
    {
      id: "driver",
      label: t("driver"),
      width: 90,
      leaves: 2,
      initial: true,
      quiet: true,
      sort: (row) => row.driver,
      text: (row) => row.driver ?? "–",
      fields: [{ name: "driver", read: (row) => row.driver }],
    },
    {
      id: "created",
      label: t("created"),
      width: 100,
      align: "end",
      leaves: 1,
      initial: true,
      quiet: true,
      sort: (row) => row.created_ms,
      text: (row) => (row.created_ms === null ? "–" : format.since(row.created_ms, now_ms)),
      fields: [{ name: "created_ms", read: (row) => row.created_ms }],
    },
  ];
  const left_out: Record<ThingKind, readonly string[]> = {
    images: ["driver"],
    volumes: [],
    networks: ["size", "created"],
  };
  return all.filter(({ id }) => !left_out[kind].includes(id));
}
