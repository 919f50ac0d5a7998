import { defineCatalogue } from "../../shared/i18n";

export const t = defineCatalogue({
  en: {
    title: "What happened",
    count: "{n} {n:event|events}",
    more: "the newest {n}",
    none: "Nothing happened in this span",
    none_text: "Starts and stops of applications appear here.",
    rewind: "Go to {time}",
    today: "today",
    machine: "Ira",
  },
  es: {
    title: "Qué ha pasado",
    count: "{n} {n:suceso|sucesos}",
    more: "los últimos {n}",
    none: "No ha pasado nada en este periodo",
    none_text: "Aquí aparecen los arranques y paradas de las aplicaciones.",
    rewind: "Ir a {time}",
    today: "hoy",
    machine: "Ira",
  },
});
