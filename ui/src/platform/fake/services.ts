// Units of the invented machine.
import type { ServiceDetail } from "../../bindings/ServiceDetail";
import type { ServiceRow } from "../../bindings/ServiceRow";
import type { Services } from "../../bindings/Services";
import { NOW_MS } from "./world";

const unit = (name: string, more: Partial<ServiceRow> = {}): ServiceRow => ({
  scope: "system",
  unit: name,
  kind: name.endsWith(".timer") ? "timer" : name.endsWith(".socket") ? "socket" : "service",
  description: `${name.replace(/\.\w+$/, "")} of this machine`,
  load: "loaded",
  active: "active",
  sub: "running",
  enabled: "enabled",
  result: null,
  main_pid: null,
  restarts: 0,
  memory_bytes: null,
  since_ms: NOW_MS - 7_200_000,
  next_ms: null,
  listens: [],
  triggers: [],
  application: `systemd:${name.replace(/\.\w+$/, "")}.service`,
  ...more,
});

const UNITS: ServiceRow[] = [
  unit("backup.service", {
    active: "failed",
    sub: "failed",
    result: "exit-code",
    enabled: "static",
    restarts: null,
  }),
  unit("nginx.service", { main_pid: 1204, restarts: 3, memory_bytes: 41_943_040 }),
  unit("postgresql@16-main.service", { main_pid: 1187 }),
  unit("getty@tty1.service", { active: "inactive", sub: "dead", since_ms: null }),
  unit("backup.timer", {
    sub: "waiting",
    next_ms: NOW_MS + 3_600_000,
    triggers: ["backup.service"],
    restarts: null,
  }),
  unit("dbus.socket", { sub: "running", listens: ["/run/dbus/system_bus_socket"], restarts: null }),
  unit("pipewire.service", { scope: "user", main_pid: 2210 }),
];

export const servicesNow = (): Services => ({ services: UNITS, system: null, user: null });

export const serviceDetail = (name: string): ServiceDetail => ({
  path: `/usr/lib/systemd/system/${name}`,
  text: `# /usr/lib/systemd/system/${name}\n[Service]\nExecStart=/usr/sbin/${name.split(".")[0]}\n`,
  requires: ["system.slice"],
  wants: ["dbus.socket"],
  required_by: [],
  wanted_by: ["multi-user.target"],
  triggered_by: [],
});
