export { processColumns } from "./columns";
export { liveProcesses } from "./live-processes.svelte";
export { processKey } from "./process-map";
export { default as ProcessesList } from "./ProcessesList.svelte";
export { default as ProcessName } from "./ProcessName.svelte";
