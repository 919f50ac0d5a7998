// Orders on the invented machine: looked at and given, and nothing ends.
import type { AuditRow } from "../../bindings/AuditRow";
import type { OrderAction } from "../../bindings/OrderAction";
import type { OrderEnd } from "../../bindings/OrderEnd";
import type { OrderPreview } from "../../bindings/OrderPreview";
import type { OrderRequest } from "../../bindings/OrderRequest";
import { ApiFailure } from "../platform";
import { processesAt } from "./processes";

const SIGNAL: Partial<Record<OrderAction["kind"], string>> = {
  stop: "SIGTERM",
  suspend: "SIGSTOP",
  resume: "SIGCONT",
};
const UNDO: Partial<Record<OrderAction["kind"], OrderAction>> = {
  suspend: { kind: "resume" },
  resume: { kind: "suspend" },
  priority: { kind: "priority", nice: 0 },
};

export class FakeOrders {
  /** The newest first. */
  given: AuditRow[] = [];
  /** What the next orders come to. */
  end: Partial<OrderEnd> = {};
  #previews = new Map<string, OrderPreview>();
  #last = 0;

  preview({ target, action }: OrderRequest, at_ms: number): OrderPreview {
    const all = processesAt(at_ms);
    const rows =
      target.kind === "processes"
        ? target.processes.flatMap(({ pid }) => all.filter((row) => row.pid === pid))
        : target.kind === "application"
          ? all.filter((row) => row.application === target.id)
          : all.slice(0, 1);
    const [first] = rows;
    const starts = action.kind === "start";
    if (!first && !starts) throw new ApiFailure("not_found", "It has ended");
    const named = {
      processes: first ? `${first.name} (${first.pid})` : "",
      application: target.kind === "application" ? target.id : "",
      service: target.kind === "service" ? target.unit : "",
      container: target.kind === "container" ? target.id.slice(0, 12) : "",
    };
    const call = SIGNAL[action.kind];
    const preview: OrderPreview = {
      token: String(++this.#last),
      target: named[target.kind],
      action,
      calls: starts
        ? ["fork, exec"]
        : rows.slice(0, 20).map(({ pid }) => (call ? `kill(${pid}, ${call})` : `set(${pid})`)),
      call_count: starts ? 1 : rows.length,
      processes: rows.map(({ pid, start_time_ms, name, user }) => ({
        pid,
        start_time_ms,
        name,
        user,
      })),
      process_count: rows.length,
      ports: action.kind === "stop" ? [5432] : [],
      peers:
        action.kind === "stop"
          ? [
              {
                port: 5432,
                address: "127.0.0.1:50412",
                pid: 2400,
                name: "node",
                application: "shop",
              },
            ]
          : [],
      dependents: target.kind === "service" && action.kind === "stop" ? ["shop.service"] : [],
      undo: UNDO[action.kind] ?? null,
      notes: action.kind === "stop" && action.escalate ? ["abrupt"] : [],
    };
    this.#previews.set(preview.token, preview);
    return preview;
  }

  give(token: string, at_ms: number): OrderEnd {
    const preview = this.#previews.get(token);
    if (!preview) throw new ApiFailure("expired", "This order was given already; look at it again");
    this.#previews.delete(token);
    const end: OrderEnd = {
      result: "done",
      detail: "",
      remedy: null,
      still_runs: false,
      took_ms: 42,
      kept: true,
      ...this.end,
    };
    this.given.unshift({
      at_ms,
      took_ms: end.took_ms,
      who: "dev",
      action: preview.action.kind,
      target: preview.target,
      application: null,
      call: preview.calls.join("\n"),
      result: end.result,
      detail: end.detail,
      unkept: !end.kept,
    });
    return end;
  }
}
