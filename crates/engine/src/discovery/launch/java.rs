//! The Java launcher: `java [options] -jar FILE`, `java [options] MAINCLASS`,
//! `java [options] -m MODULE[/CLASS]` (java(1)).

use super::{Launch, absolute, file_name, folder, join, without_version, working_folder};
use ira_model::ProcessDetails;

const WITH_VALUE: &[&str] = &[
    "-cp",
    "-classpath",
    "--class-path",
    "-p",
    "--module-path",
    "--upgrade-module-path",
    "--add-modules",
    "--add-exports",
    "--add-opens",
    "--add-reads",
    "--limit-modules",
    "--patch-module",
    "--source",
    "--describe-module",
    "-d",
];

/// What is known by a property on its command line; long class paths hide the class behind them.
const BY_PROPERTY: &[(&str, &str)] = &[
    ("-Dkafka.logs.dir=", "Kafka"),
    ("-Des.path.home=", "Elasticsearch"),
    ("-Dopensearch.path.home=", "OpenSearch"),
    ("-Dcassandra.", "Cassandra"),
    ("-Dzookeeper.log.dir=", "ZooKeeper"),
    ("-Dsolr.solr.home=", "Solr"),
    ("-Dactivemq.home=", "ActiveMQ"),
    ("-Dartemis.home=", "ActiveMQ"),
];

/// Main classes of servers and tools, by their beginning, and how people call those.
const BY_CLASS: &[(&str, &str)] = &[
    ("kafka.Kafka", "Kafka"),
    ("kafka.server.KafkaRaftServer", "Kafka"),
    ("org.apache.kafka.connect", "Kafka Connect"),
    ("org.elasticsearch.", "Elasticsearch"),
    ("org.opensearch.", "OpenSearch"),
    ("org.apache.cassandra.", "Cassandra"),
    ("org.apache.zookeeper.", "ZooKeeper"),
    ("org.apache.activemq.", "ActiveMQ"),
    ("org.apache.solr.", "Solr"),
    ("org.neo4j.", "Neo4j"),
    ("com.neo4j.", "Neo4j"),
    ("org.apache.hadoop.hbase.", "HBase"),
    ("org.apache.hadoop.", "Hadoop"),
    ("org.apache.spark.", "Spark"),
    ("org.apache.flink.", "Flink"),
    ("org.apache.pulsar.", "Pulsar"),
    ("org.apache.nifi.", "NiFi"),
    ("org.h2.tools.Server", "H2"),
    ("org.hsqldb.", "HSQLDB"),
    ("org.logstash.Logstash", "Logstash"),
    ("com.hazelcast.", "Hazelcast"),
    ("org.infinispan.", "Infinispan"),
    ("org.sonar.", "SonarQube"),
    ("org.sonatype.nexus.", "Nexus"),
    ("com.intellij.idea.Main", "JetBrains IDE"),
    ("org.gradle.launcher.daemon.", "Gradle daemon"),
    ("org.jetbrains.kotlin.daemon.", "Kotlin daemon"),
    ("org.jboss.modules.Main", "WildFly"),
    ("org.eclipse.equinox.launcher.", "Eclipse"),
    ("org.eclipse.jetty.", "Jetty"),
    ("com.sun.enterprise.glassfish.", "GlassFish"),
];

/// Classes that start what a project says.
const RUNNERS: &[(&str, &str)] = &[
    ("org.gradle.wrapper.GradleWrapperMain", "gradle"),
    ("org.gradle.launcher.GradleMain", "gradle"),
    ("org.codehaus.plexus.classworlds.launcher.Launcher", "mvn"),
    ("org.apache.maven.wrapper.MavenWrapperMain", "mvn"),
    ("xsbt.boot.Boot", "sbt"),
    ("sbt.xMain", "sbt"),
];

pub(super) fn launch(details: &ProcessDetails) -> Option<Launch> {
    let arguments = &details.arguments;
    let property = |name: &str| {
        arguments.iter().find_map(|a| a.strip_prefix(name)).filter(|value| !value.is_empty())
    };
    let spring = property("-Dspring.application.name=")
        .or_else(|| property("--spring.application.name="))
        .or_else(|| property("-Dquarkus.application.name="));
    let launch = what(details);
    let known = BY_PROPERTY
        .iter()
        .find(|(start, _)| arguments.iter().any(|argument| argument.starts_with(start)));
    match (launch, spring, known) {
        (Some(launch), Some(name), _) => {
            Some(Launch { name: name.to_owned(), is_named: true, ..launch })
        }
        (Some(launch), ..) if launch.engine.is_some() => Some(launch),
        (launch, _, Some((_, name))) => {
            let key = launch.map_or_else(|| (*name).to_owned(), |launch| launch.key);
            Some(Launch::named(key, *name).with_engine(name))
        }
        (launch, ..) => launch,
    }
}

fn what(details: &ProcessDetails) -> Option<Launch> {
    let arguments = &details.arguments;
    let mut at = 1;
    while let Some(argument) = arguments.get(at) {
        match argument.as_str() {
            "-jar" => return Some(archive(&absolute(details, arguments.get(at + 1)?))),
            "-m" | "--module" => {
                let module = arguments.get(at + 1)?;
                let class = module.split_once('/').map_or(module.as_str(), |(_, class)| class);
                return Some(of_class(details, class));
            }
            option if option.starts_with('-') || option.starts_with('@') => {
                at += usize::from(WITH_VALUE.contains(&option)) + 1;
            }
            source if source.ends_with(".java") => {
                return Some(Launch::file(absolute(details, source)));
            }
            class => return Some(of_class(details, class)),
        }
    }
    None
}

/// An archive: known by its file less the version, which the next release changes.
fn archive(path: &str) -> Launch {
    let file = file_name(path);
    let (stem, ending) = file.rsplit_once('.').unwrap_or((file, "jar"));
    let bare = without_version(stem);
    // `app.jar` and `target/app.jar` say less than the folder they lie in.
    let above = file_name(folder(path));
    let is_nameless =
        matches!(bare, "app" | "application" | "server" | "main" | "service" | "ROOT");
    let is_telling = !matches!(above, "" | "target" | "libs" | "lib" | "build" | "opt" | "srv");
    let name =
        if is_nameless && is_telling { format!("{above} / {bare}") } else { bare.to_owned() };
    let key = join(folder(path), &format!("{bare}.{ending}"));
    let engine = match bare {
        "jenkins" => Some("Jenkins"),
        "elasticsearch" => Some("Elasticsearch"),
        "start" if path.contains("jetty") => Some("Jetty"),
        _ => None,
    };
    let main = Some(path.to_owned());
    Launch { key, name, main, engine, is_nameless, ..Launch::default() }
}

fn of_class(details: &ProcessDetails, class: &str) -> Launch {
    let simple = class.rsplit('.').next().unwrap_or(class);
    if let Some((_, name)) = RUNNERS.iter().find(|(runner, _)| *runner == class) {
        let shown = working_folder(details)
            .map_or_else(|| (*name).to_owned(), |folder| format!("{folder} / {name}"));
        let key = join(details.working_directory.as_deref().unwrap_or(""), name);
        return Launch { is_runner: true, ..Launch::named(key, shown) };
    }
    if class == "org.apache.catalina.startup.Bootstrap" {
        let base = details.arguments.iter().find_map(|a| a.strip_prefix("-Dcatalina.base="));
        let key = base.unwrap_or(class);
        return Launch::named(key, base.map_or("tomcat", file_name)).with_engine("Tomcat");
    }
    if let Some((_, name)) = BY_CLASS.iter().find(|(start, _)| class.starts_with(start)) {
        return Launch::named(class, *name).with_engine(name);
    }
    // A Spring Boot archive started by its launcher is known by the archive.
    if class.starts_with("org.springframework.boot.loader.") {
        let path = super::option(&details.arguments, &["-cp", "-classpath", "--class-path"]);
        if let Some(path) = path.and_then(|paths| paths.split(':').next()) {
            let path = absolute(details, path);
            if path.ends_with(".jar") {
                return archive(&path);
            }
            return Launch {
                main: Some(path.clone()),
                ..Launch::named(path.clone(), file_name(&path))
            };
        }
    }
    let name = match (simple, working_folder(details)) {
        ("Main" | "App" | "Application", Some(folder)) => format!("{folder} / {simple}"),
        _ => simple.to_owned(),
    };
    Launch { key: class.to_owned(), name, ..Launch::default() }
}
