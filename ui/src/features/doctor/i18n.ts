import { defineCatalogue } from "../../shared/i18n";

export const t = defineCatalogue({
  en: {
    title: "Doctor",
    text: "what Ira can read on this machine",
    again: "Check again",
    good: "good",
    limited: "limited",
    bad: "does not work",
    unsupported: "not available here",
    copy_remedy: "Copy what to do",
    copied: "Copied",
    not_copied: "Could not be copied",
  },
  es: {
    title: "Diagnóstico",
    text: "qué puede leer Ira en este equipo",
    again: "Comprobar otra vez",
    good: "bien",
    limited: "limitado",
    bad: "no funciona",
    unsupported: "no disponible aquí",
    copy_remedy: "Copiar qué hacer",
    copied: "Copiado",
    not_copied: "No se pudo copiar",
  },
});
