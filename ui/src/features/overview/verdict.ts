// The one sentence on top: what needs the user, said only from what was measured. Nothing is
// compared with a usual that nobody knows yet.
import type { ApplicationRow } from "../../bindings/ApplicationRow";
import type { Applications } from "../../bindings/Applications";
import { figureOf, type Resource } from "./breakdown";

/** Below this share of the machine even one application that uses it all is nobody's trouble. */
const BUSY = 0.3;
/** From this part of the busy CPU on, one application is the reason. */
const CULPRIT = 0.35;
/** From here on it is told even if nobody is the reason. */
const FULL = 0.9;
const MEMORY_LEFT = 0.08;
const DISK_BUSY = 0.85;
const PRESSURE = 0.1;

export type Verdict =
  | { kind: "calm" }
  | { kind: "cpu"; tone: Tone; application: ApplicationRow; part: number; busy: number }
  | { kind: "full"; tone: Tone; busy: number; application: ApplicationRow | undefined }
  | { kind: "memory"; tone: Tone; free_bytes: number; application: ApplicationRow | undefined }
  | { kind: "pressure"; tone: Tone; ratio: number; application: ApplicationRow | undefined }
  | { kind: "disk"; tone: Tone; busy: number; application: ApplicationRow | undefined };

export type Tone = "notice" | "warning" | "critical";

function most(applications: readonly ApplicationRow[], resource: Resource) {
  return applications.reduce<ApplicationRow | undefined>(
    (top, one) =>
      (figureOf(resource, one) ?? 0) > (top ? (figureOf(resource, top) ?? 0) : 0) ? one : top,
    undefined,
  );
}

/** The worst first: what stops programs, then what slows them, then who is merely busy. */
export function verdict({ host, applications }: Applications): Verdict {
  const pressure = host.memory_pressure_ratio ?? 0;
  if (pressure > PRESSURE)
    return {
      kind: "pressure",
      tone: pressure > 0.3 ? "critical" : "warning",
      ratio: pressure,
      application: most(applications, "memory"),
    };
  const left = host.memory_available_bytes / host.memory_total_bytes;
  if (left < MEMORY_LEFT)
    return {
      kind: "memory",
      tone: left < MEMORY_LEFT / 2 ? "critical" : "warning",
      free_bytes: host.memory_available_bytes,
      application: most(applications, "memory"),
    };
  const busy = (host.cpu_ratio ?? 0) / host.cpu_count;
  const top = most(applications, "cpu");
  const part = top && host.cpu_ratio ? Math.min(1, (top.cpu_ratio ?? 0) / host.cpu_ratio) : 0;
  if (top && busy >= BUSY && part >= CULPRIT)
    return {
      kind: "cpu",
      tone: busy > 0.85 ? "critical" : busy > 0.6 ? "warning" : "notice",
      application: top,
      part,
      busy,
    };
  if (busy >= FULL) return { kind: "full", tone: "warning", busy, application: top };
  const disk = host.disk_busy_ratio ?? 0;
  if (disk > DISK_BUSY)
    return { kind: "disk", tone: "warning", busy: disk, application: most(applications, "disk") };
  return { kind: "calm" };
}

const WEIGHT = 0.15;

function mix(before: number | null, now: number | null): number | null {
  return before === null || now === null ? now : before + (now - before) * WEIGHT;
}

/**
 * Live figures, evened out over about ten seconds: a sentence that changes with every sample cannot
 * be read.
 */
export function evenOut(before: Applications | undefined, now: Applications): Applications {
  if (!before) return now;
  const known = new Map(before.applications.map((one) => [one.id, one]));
  return {
    ...now,
    host: {
      ...now.host,
      cpu_ratio: mix(before.host.cpu_ratio, now.host.cpu_ratio),
      disk_busy_ratio: mix(before.host.disk_busy_ratio, now.host.disk_busy_ratio),
      memory_pressure_ratio: mix(before.host.memory_pressure_ratio, now.host.memory_pressure_ratio),
    },
    applications: now.applications.map((one) => ({
      ...one,
      cpu_ratio: mix(known.get(one.id)?.cpu_ratio ?? null, one.cpu_ratio),
    })),
  };
}
