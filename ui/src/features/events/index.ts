export { default as EventList } from "./EventList.svelte";
export { events } from "./events.svelte";
export { words } from "./words";
