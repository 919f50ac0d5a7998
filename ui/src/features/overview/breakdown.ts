// A machine's figure split over its applications: the largest by name, the others as one, and what
// belongs to nobody. Together they are the machine's figure, always.
import type { ApplicationRow } from "../../bindings/ApplicationRow";
import type { Applications } from "../../bindings/Applications";

export type Resource = "cpu" | "memory" | "disk" | "network";

export interface Share {
  application: ApplicationRow;
  value: number;
}

export interface Breakdown {
  /** Largest first. */
  top: Share[];
  others_count: number;
  others: number;
  /** Applications whose figure may not be read. */
  unread_count: number;
  /** Negative where applications together count more; `null` where the machine is not measured. */
  unattributed: number | null;
}

/** A figure of which some may be missing; `null` only when all are. */
function sum(...values: (number | null)[]): number | null {
  const there = values.filter((value) => value !== null);
  return there.length === 0 ? null : there.reduce((total, value) => total + value, 0);
}

type Figures = Pick<
  ApplicationRow,
  | "cpu_ratio"
  | "memory_bytes"
  | "read_bytes_per_sec"
  | "write_bytes_per_sec"
  | "received_bytes_per_sec"
  | "sent_bytes_per_sec"
>;

export function figureOf(resource: Resource, of: Figures): number | null {
  if (resource === "cpu") return of.cpu_ratio;
  if (resource === "memory") return of.memory_bytes;
  if (resource === "network") return sum(of.received_bytes_per_sec, of.sent_bytes_per_sec);
  return sum(of.read_bytes_per_sec, of.write_bytes_per_sec);
}

/** `order` keeps applications where they were while somebody points at them. */
export function breakdown(
  { applications, unattributed }: Applications,
  resource: Resource,
  rows: number,
  order: readonly string[] | null = null,
): Breakdown {
  const known = (one: ApplicationRow) => one.kind === "kernel" || figureOf(resource, one) !== null;
  const shares = applications
    .filter(known)
    .map((application) => ({ application, value: figureOf(resource, application) ?? 0 }))
    .sort((one, other) => other.value - one.value);
  const held = order
    ?.map((id) => shares.find(({ application }) => application.id === id))
    .filter((share) => share !== undefined);
  const top = held?.length ? held : shares.filter(({ value }) => value > 0).slice(0, rows);
  const rest = shares.filter((share) => !top.includes(share));
  return {
    top,
    others_count: rest.length,
    others: rest.reduce((total, { value }) => total + value, 0),
    unread_count: applications.length - shares.length,
    unattributed: figureOf(resource, unattributed),
  };
}
