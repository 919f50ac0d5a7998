export { default as TimeBar } from "./TimeBar.svelte";
