// The rooms of the window. One that does not exist is not here: there are no dead entries.
import AppWindow from "@lucide/svelte/icons/app-window";
import Box from "@lucide/svelte/icons/box";
import Cog from "@lucide/svelte/icons/cog";
import LayoutDashboard from "@lucide/svelte/icons/layout-dashboard";
import ListTree from "@lucide/svelte/icons/list-tree";
import ScrollText from "@lucide/svelte/icons/scroll-text";
import SlidersHorizontal from "@lucide/svelte/icons/sliders-horizontal";
import type { Component } from "svelte";

export interface Room {
  name: "overview" | "applications" | "processes" | "services" | "containers" | "logs" | "settings";
  icon: Component;
}

export const ROOMS: readonly Room[] = [
  { name: "overview", icon: LayoutDashboard },
  { name: "applications", icon: AppWindow },
  { name: "processes", icon: ListTree },
  { name: "services", icon: Cog },
  { name: "containers", icon: Box },
  { name: "logs", icon: ScrollText },
];

export const SETTINGS_ROOM: Room = { name: "settings", icon: SlidersHorizontal };

type View = () => Promise<{ default: Component }>;
const VIEWS = import.meta.glob<{ default: Component }>("../views/*View.svelte");

/** The view of an address; Overview where the address names none that exists. */
export function viewOf(path: readonly string[]): View {
  const name = path[0] ?? "overview";
  const file =
    name === "applications" && path[1] !== undefined
      ? "ApplicationView"
      : `${name.charAt(0).toUpperCase()}${name.slice(1)}View`;
  const view = VIEWS[`../views/${file}.svelte`] ?? VIEWS["../views/OverviewView.svelte"];
  if (!view) throw new Error("There is no Overview");
  return view;
}
