export { default as FilesPanel } from "./FilesPanel.svelte";
export { openFiles } from "./files.svelte";
