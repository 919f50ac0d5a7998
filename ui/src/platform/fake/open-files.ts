// Open files of the invented machine.
import type { ApplicationFiles } from "../../bindings/ApplicationFiles";
import type { OpenFileRow } from "../../bindings/OpenFileRow";
import type { ProcessRow } from "../../bindings/ProcessRow";

const file = (path: string, more: Partial<OpenFileRow> = {}): OpenFileRow => ({
  path,
  kind: "regular",
  read: true,
  write: false,
  append: false,
  size_bytes: 18_432,
  position_bytes: 0,
  is_deleted: false,
  kept_bytes: null,
  file_system: null,
  holders: [],
  ...more,
});

const FILES: OpenFileRow[] = [
  file("/home/dev/code/catalog-web/.cache/trace.json", {
    read: false,
    write: true,
    is_deleted: true,
    size_bytes: 734_003_200,
    position_bytes: 734_003_200,
    kept_bytes: 734_003_200,
  }),
  file("/home/dev/code/catalog-web/logs/dev.log", {
    read: false,
    write: true,
    append: true,
    size_bytes: 2_411_724,
    position_bytes: 2_411_724,
  }),
  file("/home/dev/code/catalog-web/package.json"),
  file("/mnt/share/assets/catalog.db", {
    kind: "not_asked",
    file_system: "nfs4",
    size_bytes: null,
    position_bytes: 4096,
  }),
  file("/home/dev/code/catalog-web", {
    kind: "directory",
    size_bytes: null,
    position_bytes: null,
  }),
  file("/dev/pts/3", { kind: "device", write: true, size_bytes: null, position_bytes: null }),
  file("pipe:[41877]", { kind: "pipe", write: true, size_bytes: null, position_bytes: null }),
  file("anon_inode:[eventpoll]", {
    kind: "anonymous",
    write: true,
    size_bytes: null,
    position_bytes: null,
  }),
];

export function applicationFiles(members: readonly ProcessRow[]): ApplicationFiles {
  const holders = members.slice(0, 2).map(({ pid, start_time_ms, name }, index) => ({
    pid,
    start_time_ms,
    name,
    descriptors: index + 1,
  }));
  return {
    files: FILES.map((one, index) => ({
      ...one,
      holders: index % 2 === 0 ? holders.slice(0, 1) : holders,
    })),
    sockets: 14,
    process_count: members.length,
    denied_count: 0,
    more: false,
    timed_out: false,
  };
}
