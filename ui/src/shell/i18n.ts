import { defineCatalogue } from "../shared/i18n";

export const t = defineCatalogue({
  en: {
    views: "Views",
    collapse: "Show icons only",
    expand: "Show names",
    own_cost: "Ira itself",
    of_budget: "{percent} % of its budget",
    over_budget: "over its budget",
    budget_title:
      "CPU {cpu} of one core (allowed {budget_cpu}), memory {memory} of {budget_memory}, writes {writes}",
    overruns: "{n} {n:sample|samples} took too long",
    search: "Search or run: an application, :port, pid, action",
    search_short: "Search",
    to_light: "Light theme",
    to_dark: "Dark theme",
    recording_failed: "Not recording: {message}",
    recording_opened:
      "This is {file}, a recording of {host}: its last second stands for now, and orders and changes are off.",
    recording_elsewhere:
      "Another Ira records on this machine (pid {pid}); this window shows what it keeps.",
    recording_elsewhere_unknown:
      "Another Ira records on this machine; this window shows what it keeps.",
    connection_lost:
      "The connection to Ira was lost. Trying again; what is shown is stale since {time}.",
    connection_lost_first: "Ira does not answer. Trying again.",
    view_failed: "This view has failed",
    skip: "Skip to the content",
    past_now: "Showing {time}",
    live_now: "Showing now",
  },
  es: {
    views: "Vistas",
    collapse: "Mostrar solo iconos",
    expand: "Mostrar nombres",
    own_cost: "Ira misma",
    of_budget: "{percent} % de lo permitido",
    over_budget: "más de lo permitido",
    budget_title:
      "CPU {cpu} de un núcleo (permitido {budget_cpu}), memoria {memory} de {budget_memory}, escritura {writes}",
    overruns: "{n} {n:muestra tardó|muestras tardaron} demasiado",
    search: "Buscar o hacer: una aplicación, :puerto, pid, orden",
    search_short: "Buscar",
    to_light: "Tema claro",
    to_dark: "Tema oscuro",
    recording_failed: "No se graba: {message}",
    recording_opened:
      "Esto es {file}, una grabación de {host}: su último segundo hace de ahora, y no se dan órdenes ni se cambia nada.",
    recording_elsewhere:
      "Otra Ira graba en este equipo (pid {pid}); esta ventana muestra lo que conserva.",
    recording_elsewhere_unknown:
      "Otra Ira graba en este equipo; esta ventana muestra lo que conserva.",
    connection_lost:
      "Se perdió la conexión con Ira. Reintentando; lo que se ve no está al día desde las {time}.",
    connection_lost_first: "Ira no responde. Reintentando.",
    view_failed: "Esta vista ha fallado",
    skip: "Saltar al contenido",
    past_now: "Se muestra {time}",
    live_now: "Se muestra el presente",
  },
});
