import { defineCatalogue } from "../../shared/i18n";

export const t = defineCatalogue({
  en: {
    title: "What happened",
    count: "{n} {n:event|events}",
    more: "the newest {n}",
    none: "Nothing happened in this span",
    none_text: "Starts and stops of applications appear here.",
    rewind: "Go to {time}",
    came_and_went: "started and stopped",
    came_and_went_n: "started and stopped {n} times",
    started_n: "started {n} {n:time|times}",
    stopped_n: "stopped {n} {n:time|times}",
    between: "Between {from} and {to}",
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
    came_and_went: "arrancó y paró",
    came_and_went_n: "arrancó y paró {n} veces",
    started_n: "arrancó {n} {n:vez|veces}",
    stopped_n: "paró {n} {n:vez|veces}",
    between: "Entre las {from} y las {to}",
    today: "hoy",
    machine: "Ira",
  },
});
