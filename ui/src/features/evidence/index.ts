export { default as EvidenceList } from "./EvidenceList.svelte";
