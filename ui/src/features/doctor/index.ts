export { default as Doctor } from "./Doctor.svelte";
