export { default as ServicesList } from "./ServicesList.svelte";
