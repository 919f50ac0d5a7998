export { default as Palette } from "./Palette.svelte";
export { palette } from "./palette.svelte";
