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
      name: "database",
      state: "good",
      detail: "/home/dev/.local/share/ira/ira.db, 212 MiB",
      remedy: null,
    },
    { name: "processes", state: "good", detail: "334 processes read in 6 ms", remedy: null },
    {
      name: "storage of other users",
      state: "limited",
      detail: "Reads and writes of processes of other users cannot be read.",
      remedy: "sudo setcap cap_sys_ptrace+ep /usr/bin/ira",
    },
    {
      name: "docker",
      state: "bad",
      detail: "/var/run/docker.sock: permission denied",
      remedy: "sudo usermod -aG docker dev",
    },
    {
      name: "network per application",
      state: "unsupported",
      detail: "Needs socket counters.",
      remedy: null,
    },
  ],
};
