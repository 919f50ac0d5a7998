export { inCommon, PROCESS_ACTIONS, STOP } from "./actions";
export { default as AuditList } from "./AuditList.svelte";
export { default as OrderButtons } from "./OrderButtons.svelte";
export { default as OrderDialog } from "./OrderDialog.svelte";
export { default as SelectionBar } from "./SelectionBar.svelte";
export { orders } from "./orders.svelte";
