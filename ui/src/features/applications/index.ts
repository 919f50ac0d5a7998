export { default as ApplicationsList } from "./ApplicationsList.svelte";
