/** Columns of open files, and the words for them. */
import type { OpenFileRow } from "../../bindings/OpenFileRow";
import * as format from "../../shared/format";
import type { Column } from "../../shared/table/columns";
import { t } from "./i18n";

export interface FileLine extends OpenFileRow {
  /** A path is no key: one file may have been deleted and made anew. */
  key: string;
}

export const fileLines = (files: readonly OpenFileRow[]): FileLine[] =>
  files.map((file, index) => ({ ...file, key: `${index} ${file.path}` }));

export function accessText(file: OpenFileRow): string {
  const words = [
    file.read && t("read"),
    file.append ? t("append") : file.write && t("write"),
  ].filter((word): word is string => Boolean(word));
  return words.join(", ") || t("path_only");
}

export function kindText(file: OpenFileRow): string {
  return file.file_system
    ? t("on_file_system", { kind: file.file_system })
    : t(`kind_${file.kind}`);
}

export function holdersText(file: OpenFileRow): string {
  return file.holders
    .map(({ name, pid, descriptors }) =>
      t(descriptors > 1 ? "holder_times" : "holder", { name, pid, n: descriptors }),
    )
    .join("\n");
}

/** Whether every word is somewhere in it. */
export function matches(file: OpenFileRow, filter: string): boolean {
  const text = [
    file.path,
    kindText(file),
    accessText(file),
    file.is_deleted ? t("deleted") : "",
    holdersText(file),
  ]
    .join("\n")
    .toLowerCase();
  return filter
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}

function amount(
  id: "size" | "position" | "keeps",
  read: (file: FileLine) => number | null,
  more: Partial<Column<FileLine>>,
): Column<FileLine> {
  return {
    id,
    label: t(id),
    width: 84,
    align: "end",
    initial: true,
    sort: read,
    figure: (file) => {
      const value = read(file);
      return value === null ? null : format.bytes(value);
    },
    fields: [{ name: `${id}_bytes`, read }],
    ...more,
  };
}

export function fileColumns(): Column<FileLine>[] {
  return [
    {
      id: "path",
      label: t("path"),
      // A path says little when it is cut: others leave first.
      width: 340,
      grow: true,
      fixed: true,
      sort: (file) => file.path,
      fields: [
        { name: "path", read: (file) => file.path },
        { name: "is_deleted", read: (file) => String(file.is_deleted) },
      ],
    },
    {
      id: "access",
      label: t("access"),
      title: t("access_title"),
      width: 104,
      initial: true,
      sort: accessText,
      text: accessText,
      fields: [{ name: "access", read: accessText }],
    },
    {
      id: "kind",
      label: t("kind"),
      width: 90,
      initial: true,
      leaves: 2,
      quiet: true,
      sort: kindText,
      text: kindText,
      fields: [{ name: "kind", read: (file) => file.kind }],
    },
    amount("size", (file) => file.size_bytes, {}),
    amount("position", (file) => file.position_bytes, {
      title: t("position_title"),
      leaves: 1,
      quiet: true,
    }),
    amount("keeps", (file) => file.kept_bytes, {
      title: t("keeps_title"),
      figure: (file) =>
        file.kept_bytes === null ? { value: "", unit: "" } : format.bytes(file.kept_bytes),
    }),
    {
      id: "held_by",
      label: t("held_by"),
      width: 150,
      initial: true,
      leaves: 3,
      sort: (file) => file.holders[0]?.name ?? null,
      text: holdersText,
      drawn: true,
      fields: [
        { name: "pids", read: (file) => file.holders.map(({ pid }) => pid) },
        { name: "processes", read: (file) => file.holders.map(({ name }) => name) },
      ],
    },
  ];
}
