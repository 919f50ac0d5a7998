import { defineCatalogue } from "../../shared/i18n";

export const t = defineCatalogue({
  en: {
    title: "Logs are not shown here yet",
    text: "This tab will hold the lines of its logs, merged by time. Until then, this is where its output lies as far as Ira knows.",
    output: "Output, written by Ira’s supervisor",
    log_path: "Log file it is kept with",
    journal: "Journal of its unit",
    container: "Log of its container",
    appended: "Open for appending, held by {name}",
    copy: "Copy {text}",
    none: "Ira knows of no place: no unit, no container, and no file that it holds open for appending.",
    none_past: "Of the past it is not recorded which files it held open.",
    denied: "{n} of its processes do not let this user see their files.",
    failed: "Its open files could not be read: {message}",
  },
  es: {
    title: "Los registros aún no se muestran aquí",
    text: "Esta pestaña tendrá las líneas de sus registros, unidas por tiempo. Hasta entonces, aquí está su salida, hasta donde Ira sabe.",
    output: "Salida, escrita por el supervisor de Ira",
    log_path: "Archivo de registro con el que se guarda",
    journal: "Diario de su unidad",
    container: "Registro de su contenedor",
    appended: "Abierto para añadir por {name}",
    copy: "Copiar {text}",
    none: "Ira no conoce ningún lugar: ni unidad, ni contenedor, ni archivo que tenga abierto para añadir.",
    none_past: "Del pasado no se graba qué archivos tenía abiertos.",
    denied: "{n} de sus procesos no dejan a este usuario ver sus archivos.",
    failed: "No se pudieron leer sus archivos abiertos: {message}",
  },
});
