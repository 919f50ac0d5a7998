export { PROCESS_ACTIONS, STOP } from "./actions";
export { default as AuditList } from "./AuditList.svelte";
export { default as OrderButtons } from "./OrderButtons.svelte";
export { default as OrderDialog } from "./OrderDialog.svelte";
export { orders } from "./orders.svelte";
