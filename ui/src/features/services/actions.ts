import type { OrderAction } from "../../bindings/OrderAction";
import type { ServiceRow } from "../../bindings/ServiceRow";
import { STOP } from "../orders";

/** What can be ordered of a unit, first what is done most. */
export function actionsOf({ active }: Pick<ServiceRow, "active">): OrderAction[] {
  const running = active === "active" || active === "activating";
  return [
    ...(running ? [STOP, { kind: "restart" } as const] : [{ kind: "start" } as const]),
    { kind: "enable" },
    { kind: "disable" },
  ];
}
