export { default as LedgerPanel } from "./LedgerPanel.svelte";
