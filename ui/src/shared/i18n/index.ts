// Text that several features share.
import { defineCatalogue } from "./catalogue.svelte";
import { en } from "./en";
import { es } from "./es";

export { defineCatalogue, inEach, language } from "./catalogue.svelte";

export const t = defineCatalogue({ en, es });
