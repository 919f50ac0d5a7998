/** The invented machine itself, and what Doctor says of it. */
import type { Doctor } from "../../bindings/Doctor";
import type { Machine } from "../../bindings/Machine";
import { BOOT_MS, CPU_COUNT, MEMORY_TOTAL } from "./world";

export const MACHINE: Machine = {
  hostname: "juniper",
  system: "Debian GNU/Linux 13",
  kernel: "6.12.0-amd64",
  cpu_count: CPU_COUNT,
  memory_bytes: MEMORY_TOTAL,
  boot_ms: BOOT_MS,
  ira_version: "0.1.0",
  user: "dev",
  pid: 2400,
};

export const DOCTOR: Doctor = {
  ira_version: "0.1.0",
  checks: [
    {
      code: "database",
      name: "database",
      state: "good",
      found: {
        found: "database",
        path: "/home/dev/.local/share/ira/ira.db",
        bytes: 222_298_112,
        span_ms: 36_000_000,
        set_aside: null,
      },
      detail: "/home/dev/.local/share/ira/ira.db, 212 MiB, 10.0 h of seconds",
      remedy: null,
    },
    {
      code: "sampling",
      name: "sampling",
      state: "good",
      found: { found: "sampled", processes: 334, tick_ms: 6, overruns: 0 },
      detail: "334 processes in 6.0 ms, 0 overruns",
      remedy: null,
    },
    {
      code: "io_denied",
      name: "bytes read and written by other users' processes",
      state: "limited",
      found: { found: "refused" },
      detail: "refused to this user",
      remedy: "sudo setcap cap_sys_ptrace,cap_dac_read_search=ep '/usr/bin/ira'",
    },
    {
      code: "recording",
      name: "recording",
      state: "bad",
      found: { found: "said" },
      detail: "/home/dev/.local/share/ira/ira.db: disk I/O error",
      remedy: null,
    },
    {
      code: "pss_unsupported",
      name: "memory of processes with shared pages in shares (PSS)",
      state: "unsupported",
      found: { found: "not_here" },
      detail: "this system does not have it",
      remedy: "Linux 4.14 or newer",
    },
  ],
};
