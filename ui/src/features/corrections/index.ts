export { default as CorrectIt } from "./CorrectIt.svelte";
export { default as CorrectionsSection } from "./CorrectionsSection.svelte";
export { default as RulesAbout } from "./RulesAbout.svelte";
