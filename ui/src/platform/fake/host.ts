// The invented machine as a whole.
import type { Applications } from "../../bindings/Applications";
import type { Host } from "../../bindings/Host";
import type { HostFrame } from "../../bindings/HostFrame";
import {
  BOOT_MS,
  CPU_COUNT,
  cpuAt,
  diskAt,
  hash,
  MEMORY_TOTAL,
  memoryAt,
  networkAt,
  RECORDED_FROM_MS,
  rowAt,
  running,
} from "./world";

const GIB = 2 ** 30;

export function hostAt(at_ms: number): Host {
  const applications = running(at_ms);
  const sum = (figure: (one: (typeof applications)[number]) => number) =>
    applications.reduce((total, one) => total + figure(one), 0);
  const cpu_ratio = Math.min(CPU_COUNT, sum((one) => cpuAt(one, at_ms)) + 0.11);
  const busy = cpu_ratio / CPU_COUNT;
  const used = sum((one) => memoryAt(one, at_ms)) + 1.5 * GIB;
  const read = sum((one) => diskAt(one, at_ms).read) + 20_000;
  const write = sum((one) => diskAt(one, at_ms).write) + 70_000;
  const network = networkAt(at_ms);
  const disk_busy_ratio = Math.min(1, (read + write) / 6e7);
  return {
    cpu_ratio,
    cpu_count: CPU_COUNT,
    cpu_kinds: {
      user_ratio: busy * 0.78,
      nice_ratio: 0,
      system_ratio: busy * 0.2,
      idle_ratio: 1 - busy,
      iowait_ratio: 0,
      irq_ratio: 0,
      softirq_ratio: busy * 0.02,
      steal_ratio: 0,
    },
    cores_busy_ratio: Array.from({ length: CPU_COUNT }, (_, core) =>
      Math.min(1, busy * (0.4 + 1.2 * hash(core, Math.floor(at_ms / 1000)))),
    ),
    memory_used_bytes: used,
    memory_total_bytes: MEMORY_TOTAL,
    memory_available_bytes: MEMORY_TOTAL - used,
    memory_cached_bytes: 9.8 * GIB,
    swap_used_bytes: 0.4 * GIB,
    swap_total_bytes: 8 * GIB,
    load: [busy * CPU_COUNT, busy * 14, busy * 12],
    cpu_pressure_ratio: busy > 0.6 ? (busy - 0.6) * 0.5 : 0.01,
    memory_pressure_ratio: 0,
    io_pressure_ratio: disk_busy_ratio * 0.3,
    disk_read_bytes_per_sec: read,
    disk_write_bytes_per_sec: write,
    disk_busy_ratio,
    busiest_disk: "nvme0n1",
    received_bytes_per_sec: network.received,
    sent_bytes_per_sec: network.sent,
    busiest_interface: "enp5s0",
    load_ratio: Math.max(busy, disk_busy_ratio * 0.9),
    uptime_ms: at_ms - BOOT_MS,
    process_count: applications.reduce((total, one) => total + one.processes, 0),
    thread_count: 1893,
    running_thread_count: 3,
    zombie_count: 0,
  };
}

export function applicationsAt(at_ms: number): Applications {
  const host = hostAt(at_ms);
  const applications = running(at_ms)
    .map((one) => rowAt(one, at_ms))
    .sort((one, other) => (other.cpu_ratio ?? 0) - (one.cpu_ratio ?? 0));
  const rest = (
    whole: number | null,
    figure: (row: (typeof applications)[number]) => number | null,
  ) => (whole ?? 0) - applications.reduce((total, row) => total + (figure(row) ?? 0), 0);
  return {
    at_ms,
    host,
    applications,
    unattributed: {
      cpu_ratio: rest(host.cpu_ratio, (row) => row.cpu_ratio),
      memory_bytes: rest(host.memory_used_bytes, (row) => row.memory_bytes),
      read_bytes_per_sec: rest(host.disk_read_bytes_per_sec, (row) => row.read_bytes_per_sec),
      write_bytes_per_sec: rest(host.disk_write_bytes_per_sec, (row) => row.write_bytes_per_sec),
      received_bytes_per_sec: rest(
        host.received_bytes_per_sec,
        (row) => row.received_bytes_per_sec,
      ),
      sent_bytes_per_sec: rest(host.sent_bytes_per_sec, (row) => row.sent_bytes_per_sec),
    },
  };
}

export function hostFrameAt(at_ms: number): HostFrame {
  return {
    at_ms,
    host: hostAt(at_ms),
    own: {
      cpu_ratio: 0.004,
      memory_bytes: 61 * 2 ** 20,
      write_bytes_per_sec: 2_100,
      pss_bytes: 17_000_000,
      tick_ms: 6.2,
      read_ms: 5.1,
      derive_ms: 1.1,
      record_ms: 0.4,
      overruns: 0,
      budget_cpu_ratio: 0.0105,
      budget_memory_bytes: 160 * 2 ** 20,
    },
    recording: { state: "recording" },
    application_count: running(at_ms).length,
    recorded_from_ms: RECORDED_FROM_MS,
  };
}
