export { default as LogsPanel } from "./LogsPanel.svelte";
