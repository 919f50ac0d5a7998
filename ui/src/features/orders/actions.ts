// Orders as a menu offers them, for processes and applications.
import type { OrderAction } from "../../bindings/OrderAction";
import type { OrderTarget } from "../../bindings/OrderTarget";
import type { MenuItem } from "../../shared/components/Menu.svelte";
import { t } from "./i18n";
import { orders } from "./orders.svelte";

export const STOP: OrderAction = { kind: "stop", escalate: false };

/** What can be ordered of processes; the first of its figures is chosen in the dialog. */
export const PROCESS_ACTIONS: readonly OrderAction[] = [
  { kind: "suspend" },
  { kind: "resume" },
  { kind: "priority", nice: 10 },
  { kind: "io", class: "idle" },
  { kind: "signal", signal: 1 },
];

/** Signals by name, as signal(7) numbers them. */
export const SIGNALS: readonly (readonly [number, string])[] = [
  [1, "SIGHUP"],
  [2, "SIGINT"],
  [3, "SIGQUIT"],
  [6, "SIGABRT"],
  [9, "SIGKILL"],
  [10, "SIGUSR1"],
  [12, "SIGUSR2"],
  [14, "SIGALRM"],
  [15, "SIGTERM"],
  [18, "SIGCONT"],
  [19, "SIGSTOP"],
  [28, "SIGWINCH"],
];

/** Whether an order ends, or may end, what it is for. */
export const isGrave = (action: OrderAction): boolean =>
  ["stop", "restart", "signal", "remove"].includes(action.kind);

/** What can be ordered of every one of several, by what can be ordered of each. */
export function inCommon(each: readonly (readonly OrderAction[])[]): OrderAction[] {
  const [first = [], ...rest] = each;
  return first.filter(({ kind }) => rest.every((one) => one.some((other) => other.kind === kind)));
}

export function menuItems(
  target: OrderTarget,
  actions: readonly OrderAction[],
  name: string,
): MenuItem[] {
  return actions.map((action) => ({
    label: t(`do_${action.kind}`),
    critical: isGrave(action),
    onselect: () => orders.ask(target, action, name),
  }));
}
