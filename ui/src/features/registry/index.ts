export { default as KeepIt } from "./KeepIt.svelte";
export { default as KeptFacts } from "./KeptFacts.svelte";
export { kept } from "./kept.svelte";
export { default as RegistryMenu } from "./RegistryMenu.svelte";
