export { default as LogsPanel } from "./LogsPanel.svelte";
export { default as LogsRoom } from "./LogsRoom.svelte";
