export { default as ApplicationDetail } from "./ApplicationDetail.svelte";
export { default as ApplicationsList } from "./ApplicationsList.svelte";
