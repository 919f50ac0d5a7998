// What cannot be read somewhere, by the codes of `crates/probe`, and what to do where that is no command.
const en = {
  what_hidden_processes: "other users’ processes (/proc is mounted with hidepid)",
  what_io_denied: "bytes read and written by other users’ processes",
  what_io_unsupported: "bytes read and written by some processes",
  what_executable_denied: "program and working directory of other users’ processes",
  what_ports_denied: "which of other users’ processes holds a listening port",
  what_ports_unsupported: "listening ports",
  what_control_group_unsupported: "control groups of processes",
  what_pss_denied: "memory of other users’ processes with shared pages in shares (PSS)",
  what_pss_unsupported: "memory of processes with shared pages in shares (PSS)",
  what_network_denied: "bytes sent and received over TCP by other users’ processes",
  what_network_unsupported: "bytes sent and received over TCP by processes",
  what_network_lost: "bytes of some TCP connections, of which there were too many at once",
  what_other_networks_denied:
    "bytes sent and received over TCP in containers and other network namespaces",
  what_other_networks_unsupported: "bytes sent and received over TCP in some network namespaces",
  what_exits_denied: "how processes ended, and those that lived for less than a second",
  what_exits_unsupported: "how processes ended, and those that lived for less than a second",
  what_exits_lost: "some of the processes that ended, thousands in one second, and how they did",
  what_starts_late:
    "the first seconds, ten at most, of processes whose pids were given out of turn",
  what_pressure_denied: "pressure: time in which tasks waited for CPU, memory or devices",
  what_pressure_unsupported: "pressure: time in which tasks waited for CPU, memory or devices",
  what_cpu_kinds_unsupported: "CPU time of processes and processors by kind",
  what_disk_busy_unsupported: "time in which disks were busy",
  what_unknown_form: "processes whose /proc/PID/stat has an unknown form",
  do_other_networks_denied: "run Ira as root",
  do_hidden_processes: "add this user to the group that the mount option gid= of /proc names",
  do_io_unsupported: "a kernel built with CONFIG_TASK_IO_ACCOUNTING",
  do_pss_unsupported: "Linux 4.14 or newer",
  do_network_unsupported: "Linux 4.2 or newer built with CONFIG_INET_DIAG",
  do_exits_unsupported:
    "run Ira outside of containers on Linux 5.19 or newer built with CONFIG_TASKSTATS",
  do_pressure_unsupported: "start Linux 4.20 or newer with psi=1 on its command line",
};

const es: Record<keyof typeof en, string> = {
  what_hidden_processes: "procesos de otros usuarios (/proc está montado con hidepid)",
  what_io_denied: "bytes que leen y escriben los procesos de otros usuarios",
  what_io_unsupported: "bytes que leen y escriben algunos procesos",
  what_executable_denied: "programa y carpeta de trabajo de los procesos de otros usuarios",
  what_ports_denied: "cuál de los procesos de otros usuarios tiene un puerto de escucha",
  what_ports_unsupported: "puertos de escucha",
  what_control_group_unsupported: "grupos de control de los procesos",
  what_pss_denied:
    "memoria de los procesos de otros usuarios con las páginas compartidas repartidas (PSS)",
  what_pss_unsupported: "memoria de los procesos con las páginas compartidas repartidas (PSS)",
  what_network_denied: "bytes que los procesos de otros usuarios envían y reciben por TCP",
  what_network_unsupported: "bytes que los procesos envían y reciben por TCP",
  what_network_lost: "bytes de algunas conexiones TCP, que fueron demasiadas a la vez",
  what_other_networks_denied:
    "bytes enviados y recibidos por TCP en contenedores y otros espacios de red",
  what_other_networks_unsupported: "bytes enviados y recibidos por TCP en algunos espacios de red",
  what_exits_denied: "cómo acabaron los procesos, y los que vivieron menos de un segundo",
  what_exits_unsupported: "cómo acabaron los procesos, y los que vivieron menos de un segundo",
  what_exits_lost: "algunos de los procesos que acabaron, miles en un segundo, y cómo acabaron",
  what_starts_late: "los primeros segundos, diez como mucho, de procesos con un pid fuera de orden",
  what_pressure_denied: "presión: tiempo en que las tareas esperaron CPU, memoria o dispositivos",
  what_pressure_unsupported:
    "presión: tiempo en que las tareas esperaron CPU, memoria o dispositivos",
  what_cpu_kinds_unsupported: "tiempo de CPU de procesos y procesadores por clase",
  what_disk_busy_unsupported: "tiempo en que los discos estuvieron ocupados",
  what_unknown_form: "procesos cuyo /proc/PID/stat tiene una forma desconocida",
  do_other_networks_denied: "ejecutar Ira como root",
  do_hidden_processes: "añadir este usuario al grupo que nombra la opción de montaje gid= de /proc",
  do_io_unsupported: "un núcleo compilado con CONFIG_TASK_IO_ACCOUNTING",
  do_pss_unsupported: "Linux 4.14 o posterior",
  do_network_unsupported: "Linux 4.2 o posterior compilado con CONFIG_INET_DIAG",
  do_exits_unsupported:
    "ejecutar Ira fuera de contenedores en Linux 5.19 o posterior compilado con CONFIG_TASKSTATS",
  do_pressure_unsupported: "arrancar Linux 4.20 o posterior con psi=1 en su línea de órdenes",
};

export const missing = { en, es };
