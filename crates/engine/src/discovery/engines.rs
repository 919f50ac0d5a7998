//! What a program is for: by its executable and what it runs, never by a word somewhere in a path.

use super::{
    launch::{self, Launch, Runtime},
    roles,
};
use ira_model::{ApplicationClass as Class, ProcessDetails};

mod version;

/// What a process is for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Purpose {
    pub(super) class: Class,
    pub(super) engine: Option<String>,
    pub(super) version: Option<String>,
}

/// Executables, what they are called and what they are for. A version may follow the name.
const PROGRAMS: &[(&[&str], &str, Class)] = &[
    (&["postgres", "postmaster"], "PostgreSQL", Class::Database),
    (&["pgbouncer"], "PgBouncer", Class::Proxy),
    (&["pgpool"], "Pgpool-II", Class::Proxy),
    (&["mysqld", "mysqld_safe"], "MySQL", Class::Database),
    (&["mariadbd", "mariadbd-safe"], "MariaDB", Class::Database),
    (&["mysqlrouter"], "MySQL Router", Class::Proxy),
    (&["proxysql"], "ProxySQL", Class::Proxy),
    (&["mongod"], "MongoDB", Class::Database),
    (&["mongos"], "MongoDB router", Class::Proxy),
    (&["redis-server", "redis-sentinel"], "Redis", Class::Cache),
    (&["valkey-server", "valkey-sentinel"], "Valkey", Class::Cache),
    (&["keydb-server"], "KeyDB", Class::Cache),
    (&["dragonfly"], "Dragonfly", Class::Cache),
    (&["memcached"], "Memcached", Class::Cache),
    (&["varnishd"], "Varnish", Class::Cache),
    (&["clickhouse", "clickhouse-server"], "ClickHouse", Class::Database),
    (&["influxd"], "InfluxDB", Class::Database),
    (&["etcd"], "etcd", Class::Database),
    (&["consul"], "Consul", Class::Database),
    (&["cockroach"], "CockroachDB", Class::Database),
    (&["tidb-server"], "TiDB", Class::Database),
    (&["tikv-server"], "TiKV", Class::Database),
    (&["scylla"], "ScyllaDB", Class::Database),
    (&["arangod"], "ArangoDB", Class::Database),
    (&["rethinkdb"], "RethinkDB", Class::Database),
    (&["surreal"], "SurrealDB", Class::Database),
    (&["questdb"], "QuestDB", Class::Database),
    (&["victoria-metrics", "victoria-metrics-prod"], "VictoriaMetrics", Class::Database),
    (&["prometheus"], "Prometheus", Class::Database),
    (&["loki"], "Loki", Class::Database),
    (&["meilisearch"], "Meilisearch", Class::Database),
    (&["typesense-server"], "Typesense", Class::Database),
    (&["qdrant"], "Qdrant", Class::Database),
    (&["milvus"], "Milvus", Class::Database),
    (&["weaviate"], "Weaviate", Class::Database),
    (&["firebird", "fbserver"], "Firebird", Class::Database),
    (&["sqlservr"], "SQL Server", Class::Database),
    (&["oracle", "tnslsnr"], "Oracle Database", Class::Database),
    (&["sqld"], "libSQL", Class::Database),
    (&["rqlited"], "rqlite", Class::Database),
    (&["dqlited"], "dqlite", Class::Database),
    (&["slapd"], "OpenLDAP", Class::Database),
    (&["minio"], "MinIO", Class::Database),
    (&["nats-server", "gnatsd"], "NATS", Class::Queue),
    (&["mosquitto"], "Mosquitto", Class::Queue),
    (&["beanstalkd"], "Beanstalkd", Class::Queue),
    (&["nsqd", "nsqlookupd"], "NSQ", Class::Queue),
    (&["redpanda"], "Redpanda", Class::Queue),
    (&["gearmand"], "Gearman", Class::Queue),
    (&["nginx"], "nginx", Class::WebServer),
    (&["openresty"], "OpenResty", Class::WebServer),
    (&["apache2", "httpd", "httpd.worker", "httpd-prefork"], "Apache", Class::WebServer),
    (&["caddy"], "Caddy", Class::WebServer),
    (&["lighttpd"], "lighttpd", Class::WebServer),
    (&["h2o"], "H2O", Class::WebServer),
    (&["thttpd"], "thttpd", Class::WebServer),
    (&["darkhttpd"], "darkhttpd", Class::WebServer),
    (&["static-web-server"], "Static Web Server", Class::WebServer),
    (&["haproxy"], "HAProxy", Class::Proxy),
    (&["traefik"], "Traefik", Class::Proxy),
    (&["envoy"], "Envoy", Class::Proxy),
    (&["squid"], "Squid", Class::Proxy),
    (&["kong"], "Kong", Class::Proxy),
    (&["privoxy"], "Privoxy", Class::Proxy),
    (&["tinyproxy"], "Tinyproxy", Class::Proxy),
    (&["docker-proxy"], "Docker", Class::Proxy),
    (&["rootlessport"], "Podman", Class::Proxy),
    (&["cloudflared"], "cloudflared", Class::Proxy),
    (&["ngrok"], "ngrok", Class::Proxy),
    (&["frps", "frpc"], "frp", Class::Proxy),
    (&["linkerd2-proxy"], "Linkerd", Class::Proxy),
    (&["dockerd"], "Docker", Class::System),
    (&["containerd"], "containerd", Class::System),
    (&["crio"], "CRI-O", Class::System),
    (&["podman"], "Podman", Class::System),
    (&["kubelet"], "Kubernetes", Class::System),
    (&["k3s", "k3s-server"], "K3s", Class::System),
    (&["lxd"], "LXD", Class::System),
    (&["incusd"], "Incus", Class::System),
    (&["libvirtd", "virtqemud"], "libvirt", Class::System),
];

/// Parts of the operating system, by their executable.
const SYSTEM: &[&str] = &[
    "init",
    "launchd",
    "sshd",
    "sshd-session",
    "dropbear",
    "cron",
    "crond",
    "atd",
    "anacron",
    "rsyslogd",
    "syslog-ng",
    "dbus-daemon",
    "dbus-broker",
    "dbus-broker-launch",
    "polkitd",
    "agetty",
    "getty",
    "login",
    "udevd",
    "NetworkManager",
    "wpa_supplicant",
    "iwd",
    "dhclient",
    "dhcpcd",
    "chronyd",
    "ntpd",
    "avahi-daemon",
    "cupsd",
    "cups-browsed",
    "bluetoothd",
    "ModemManager",
    "udisksd",
    "upowerd",
    "accounts-daemon",
    "rtkit-daemon",
    "colord",
    "fwupd",
    "packagekitd",
    "snapd",
    "unattended-upgrades",
    "unattended-upgrade",
    "unattended-upgrade-shutdown",
    "networkd-dispatcher",
    "auditd",
    "irqbalance",
    "acpid",
    "smartd",
    "thermald",
    "power-profiles-daemon",
    "switcheroo-control",
    "firewalld",
    "fail2ban-server",
    "apparmor",
    "multipathd",
    "lvmetad",
    "mdadm",
    "rpcbind",
    "rpc.statd",
    "nfsd",
    "smbd",
    "nmbd",
    "winbindd",
    "named",
    "dnsmasq",
    "unbound",
    "resolvconf",
    "gpg-agent",
    "ssh-agent",
    "supervisord",
    "runsvdir",
    "runsv",
    "s6-svscan",
    "s6-supervise",
    "monit",
    "exim4",
    "postfix",
    "dovecot",
    "gdm3",
    "gdm",
    "sddm",
    "lightdm",
    "Xorg",
    "Xwayland",
    "Xvfb",
    "Xvnc",
    "pipewire",
    "pipewire-pulse",
    "wireplumber",
    "pulseaudio",
    "gvfsd",
    "qemu-ga",
    "open-vm-tools",
    "vmtoolsd",
    "spice-vdagentd",
    "haveged",
    "rngd",
    "earlyoom",
    "tailscaled",
];

/// What Java runs, by the names its launches have.
const JAVA: &[(&str, Class)] = &[
    ("Kafka", Class::Queue),
    ("Kafka Connect", Class::Queue),
    ("ActiveMQ", Class::Queue),
    ("Pulsar", Class::Queue),
    ("Elasticsearch", Class::Database),
    ("OpenSearch", Class::Database),
    ("Cassandra", Class::Database),
    ("ZooKeeper", Class::Database),
    ("Solr", Class::Database),
    ("Neo4j", Class::Database),
    ("HBase", Class::Database),
    ("H2", Class::Database),
    ("HSQLDB", Class::Database),
    ("Hazelcast", Class::Cache),
    ("Infinispan", Class::Cache),
    ("Tomcat", Class::WebServer),
    ("Jetty", Class::WebServer),
    ("RabbitMQ", Class::Queue),
    ("EMQX", Class::Queue),
    ("VerneMQ", Class::Queue),
    ("CouchDB", Class::Database),
    ("Riak", Class::Database),
];

/// What a process is for, as far as what is known of it without its files tells.
pub(super) fn purpose_of(details: &ProcessDetails) -> Purpose {
    purpose(details, &launch::launch(details))
}

/// What a process is for that was launched so.
pub(super) fn purpose(details: &ProcessDetails, launch: &Launch) -> Purpose {
    if details.is_kernel_thread {
        return Purpose { class: Class::System, ..Purpose::default() };
    }
    let program = launch::program(details);
    let file = launch::executable(details).map(launch::file_name);
    if program == "httpd" && file == Some("busybox") {
        let engine = Some("BusyBox".to_owned());
        return Purpose { class: Class::WebServer, engine, version: None };
    }
    // A thread may call itself anything; the name counts where the program may not be seen.
    let of_name = || file.is_none().then(|| known(&details.name)).flatten();
    if let Some((name, engine, class)) = known(program).or_else(of_name) {
        let version = version::of(details, name);
        return Purpose { class, engine: Some(engine.to_owned()), version };
    }
    let is_system = |name: &str| SYSTEM.contains(&name);
    let script = launch.main.as_deref().map_or("", launch::file_name);
    if is_system(program)
        || is_system(&details.name)
        || is_system(script)
        || program.starts_with("systemd")
        || details.name.starts_with("systemd-")
        || program.starts_with("containerd-shim")
        || in_system_folder(details)
        || roles::is_session(details)
    {
        return Purpose { class: Class::System, ..Purpose::default() };
    }
    if roles::is_desktop(details) {
        return Purpose { class: Class::Desktop, ..Purpose::default() };
    }
    match launch::runtime(details) {
        None | Some(Runtime::Shell) => {
            Purpose { engine: launch.engine.map(str::to_owned), version: None, class: Class::Other }
        }
        Some(runtime) => {
            let (plain, name) = of_runtime(runtime, program);
            let engine = launch.engine.unwrap_or(plain);
            let class = JAVA.iter().find(|(java, _)| *java == engine).map(|(_, class)| *class);
            // A version of the interpreter says nothing of what runs in it.
            let version = if launch.engine.is_none() || launch.engine == Some(plain) {
                version::of(details, name)
            } else {
                version::of_archive(details)
            };
            Purpose {
                class: class.unwrap_or(Class::Runtime),
                engine: Some(engine.to_owned()),
                version,
            }
        }
    }
}

/// Whether a name is that of a known server.
pub(super) fn is_program(name: &str) -> bool {
    known(name).is_some()
}

/// Whether it serves others by itself: such a program is known by what it is, whatever started it.
pub(super) fn is_server(purpose: &Purpose) -> bool {
    matches!(
        purpose.class,
        Class::Database | Class::Cache | Class::Queue | Class::WebServer | Class::Proxy
    )
}

/// Whether an engine is an interpreter and no more: what runs in it says more.
pub(super) fn is_plain(engine: &str) -> bool {
    const PLAIN: &[&str] = &[
        "Node.js", "Bun", "Deno", "Python", "PyPy", "Java", "PHP", "Ruby", ".NET", "Perl", "Lua",
        "R", "Erlang",
    ];
    PLAIN.contains(&engine)
}

/// What a container's image is made of: `postgres:16-alpine`, `docker.io/library/redis:7`.
pub(super) fn of_image(image: &str) -> Option<Purpose> {
    let (path, tag) = match image.rsplit_once(':') {
        Some((path, tag)) if !tag.contains('/') => (path, Some(tag)),
        _ => (image, None),
    };
    let path = path.split('@').next().unwrap_or(path);
    let name = launch::file_name(path);
    let name = match name {
        "mongo" => "mongod",
        "mysql" => "mysqld",
        "mariadb" => "mariadbd",
        "redis" | "redis-stack-server" => "redis-server",
        "valkey" => "valkey-server",
        "influxdb" => "influxd",
        "nats" => "nats-server",
        "postgis" | "timescaledb" | "pgvector" | "postgresql" => "postgres",
        "eclipse-mosquitto" => "mosquitto",
        name => name,
    };
    let version = tag.filter(|tag| tag.starts_with(|c: char| c.is_ascii_digit()));
    let version = version.map(|tag| tag.split('-').next().unwrap_or(tag).to_owned());
    let others = [
        ("rabbitmq", "RabbitMQ"),
        ("kafka", "Kafka"),
        ("elasticsearch", "Elasticsearch"),
        ("opensearch", "OpenSearch"),
        ("cassandra", "Cassandra"),
        ("zookeeper", "ZooKeeper"),
        ("neo4j", "Neo4j"),
        ("couchdb", "CouchDB"),
        ("solr", "Solr"),
        ("tomcat", "Tomcat"),
    ];
    let (engine, class) = match known(name) {
        Some((_, engine, class)) => (engine, class),
        None => {
            let (_, engine) = others.iter().find(|(image, _)| *image == name)?;
            let class = JAVA.iter().find(|(java, _)| java == engine).map(|(_, class)| *class)?;
            (*engine, class)
        }
    };
    Some(Purpose { class, engine: Some(engine.to_owned()), version })
}

fn known(program: &str) -> Option<(&'static str, &'static str, Class)> {
    let bare = program.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.' || c == '-');
    PROGRAMS.iter().find_map(|(names, engine, class)| {
        let name = names.iter().find(|name| **name == program || **name == bare)?;
        Some((*name, *engine, *class))
    })
}

fn in_system_folder(details: &ProcessDetails) -> bool {
    let path = details.executable.as_deref().unwrap_or_default();
    ["/usr/lib/systemd/", "/lib/systemd/", "/usr/lib/polkit-1/", "/usr/libexec/polkit"]
        .iter()
        .any(|folder| path.starts_with(folder))
}

fn of_runtime(runtime: Runtime, program: &str) -> (&'static str, &'static str) {
    match runtime {
        Runtime::Node => ("Node.js", "node"),
        Runtime::Bun => ("Bun", "bun"),
        Runtime::Deno => ("Deno", "deno"),
        Runtime::Python if program.starts_with("pypy") => ("PyPy", "pypy"),
        Runtime::Python => ("Python", "python"),
        Runtime::Java => ("Java", "java"),
        Runtime::Php => ("PHP", "php"),
        Runtime::Ruby => ("Ruby", "ruby"),
        Runtime::Dotnet => (".NET", "dotnet"),
        Runtime::Perl => ("Perl", "perl"),
        Runtime::Lua => ("Lua", "lua"),
        Runtime::R => ("R", "R"),
        Runtime::Beam => ("Erlang", "beam.smp"),
        Runtime::Shell => ("", ""),
    }
}
