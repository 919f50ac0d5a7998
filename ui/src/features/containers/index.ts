export { default as ContainersList } from "./ContainersList.svelte";
