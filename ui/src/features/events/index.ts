export { card } from "./card.svelte";
export { default as CrashCard } from "./CrashCard.svelte";
export { default as EventGlyph } from "./EventGlyph.svelte";
export { default as EventList } from "./EventList.svelte";
export { events } from "./events.svelte";
export { hasCard, isGrave, RANK } from "./kinds";
export { saying, statusWords, words } from "./words";
