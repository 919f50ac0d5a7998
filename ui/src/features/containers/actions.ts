import type { ContainerRow } from "../../bindings/ContainerRow";
import type { OrderAction } from "../../bindings/OrderAction";
import { runs } from "./columns";

/** An engine ends what does not end by itself. */
const STOP: OrderAction = { kind: "stop", escalate: true };

/** What can be ordered of a container, first what is done most. */
export function actionsOf(row: ContainerRow): OrderAction[] {
  if (row.state === "paused") return [{ kind: "resume" }, STOP];
  if (runs(row)) return [STOP, { kind: "restart" }, { kind: "suspend" }];
  return [{ kind: "start" }, { kind: "remove" }];
}
