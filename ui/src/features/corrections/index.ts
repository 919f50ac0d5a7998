export { default as CorrectionsSection } from "./CorrectionsSection.svelte";
export { default as CorrectIt } from "./CorrectIt.svelte";
