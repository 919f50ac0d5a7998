use super::*;

struct NoNames;

impl ContainerNames for NoNames {
    fn container(&mut self, _: &str) -> Option<ContainerName> {
        None
    }
}

struct Compose;

impl ContainerNames for Compose {
    fn container(&mut self, _: &str) -> Option<ContainerName> {
        Some(ContainerName { key: "shop/api".into(), name: "shop / api".into() })
    }
}

/// pid, parent, start in seconds after boot, command line, working directory
type Row<'a> = (u32, u32, u64, &'a str, &'a str);

fn subjects(rows: &[Row<'_>], group: Option<&str>) -> Vec<Subject> {
    rows.iter()
        .map(|(pid, parent, start_s, line, folder)| {
            let arguments: Vec<String> = line.split(' ').map(|a| a.replace('_', " ")).collect();
            let name = arguments[0].trim_start_matches('-').rsplit('/').next().unwrap().to_owned();
            Subject {
                key: ProcessKey { pid: *pid, start_ms: start_s * 1000 },
                parent_pid: *parent,
                details: Arc::new(ProcessDetails {
                    executable: Some(format!("/usr/bin/{name}")),
                    name,
                    arguments,
                    working_directory: Some((*folder).to_owned()),
                    control_group: group.map(str::to_owned),
                    ..ProcessDetails::default()
                }),
            }
        })
        .collect()
}

fn decide(rows: &[Row<'_>], group: Option<&str>, pid: u32, now_s: u64) -> Decision {
    let all = subjects(rows, group);
    let find = |pid| all.iter().find(|s| s.key.pid == pid).cloned();
    Discovery::new(Box::new(NoNames)).decide(&find(pid).unwrap(), &find, now_s * 1000)
}

fn id(rows: &[Row<'_>], pid: u32) -> String {
    decide(rows, None, pid, 1000).attribution.application.id.clone()
}

const DESK: [Row<'_>; 8] = [
    (1, 0, 0, "systemd", "/"),
    (10, 1, 1, "gnome-terminal-server", "/home/a"),
    (11, 10, 2, "-bash", "/home/a"),
    (20, 11, 100, "node server.js", "/srv/shop"),
    (21, 20, 101, "node worker.js", "/srv/shop"),
    (30, 11, 100, "sh -c exec_python3_-m_http.server_8000", "/home/a"),
    (40, 11, 990, "make -j2", "/home/a"),
    (41, 40, 990, "cc1 x.c", "/home/a"),
];

#[test]
fn a_server_in_a_terminal_is_an_application_with_its_workers() {
    assert_eq!(id(&DESK, 20), "process:/srv/shop/server.js");
    assert_eq!(id(&DESK, 21), "process:/srv/shop/server.js", "the worker counts under it");
    assert_eq!(id(&DESK, 11), "process:/usr/bin/bash", "the shell is not a part of it");
    assert_eq!(id(&DESK, 30), "process:python3", "a shell is known by what it was told to run");
    let name = decide(&DESK, None, 20, 1000).attribution.application.name.clone();
    assert_eq!(name, "shop / server.js", "a plain file name is told with its folder");
}

#[test]
fn a_young_process_counts_under_its_parent_until_it_is_old_enough() {
    let young = decide(&DESK, None, 41, 991);
    assert_eq!(young.attribution.application.id, "process:/usr/bin/bash");
    assert_eq!(young.again_at_ms, Some(1_005_000), "decided again at 15 s");
    let old = decide(&DESK, None, 41, 1006);
    assert_eq!(old.attribution.application.id, "process:/usr/bin/make", "with its parent, by now");
    assert_eq!(old.again_at_ms, None);
    assert_eq!(old.attribution.evidence[0].input, "cc1 < make", "the way is told");
}

#[test]
fn the_strongest_rule_names_and_the_others_stay_visible() {
    let group = format!("/system.slice/docker-{}.scope", "ab".repeat(32));
    let decision = decide(&DESK, Some(&group), 20, 1000);
    let rules: Vec<Rule> = decision.attribution.evidence.iter().map(|e| e.rule).collect();
    assert_eq!(rules, [Rule::Container, Rule::ProcessTree, Rule::Executable]);
    assert_eq!(decision.attribution.application.id, "docker:abababababab");
    let all = subjects(&DESK, Some(&group));
    let named = Discovery::new(Box::new(Compose)).decide(&all[3], &|_| None, 1_000_000).attribution;
    assert_eq!(named.application.id, "docker:shop/api", "the engine's own name wins");
    let unit = decide(&DESK, Some("/system.slice/nginx.service"), 21, 1000).attribution;
    assert_eq!(unit.application.id, "systemd:nginx.service");
}

#[test]
fn scripts_of_every_interpreter() {
    for (line, folder, expected) in [
        ("python3.11 -u manage.py runserver", "/srv/site", "process:/srv/site/manage.py"),
        ("python3 -m http.server 8000", "/srv", "process:http.server"),
        ("node --require x ./app/../index.mjs", "/srv", "process:/srv/index.mjs"),
        ("java -Xmx1g -cp lib -jar shop.jar", "/opt", "process:/opt/shop.jar"),
        ("perl -w /usr/bin/exim", "/", "process:/usr/bin/exim"),
        ("bash /opt/run.sh now", "/", "process:/opt/run.sh"),
        ("python3 -c import_time", "/", "process:/usr/bin/python3"),
        ("nginx: master process", "/", "process:/usr/bin/nginx:"),
    ] {
        let rows = [(1, 0, 0, "init", "/"), (5, 1, 5, line, folder)];
        assert_eq!(id(&rows, 5), expected, "{line}");
    }
}

#[test]
fn a_parent_that_is_younger_is_a_reused_pid() {
    let rows = [(9, 0, 500, "node new.js", "/"), (5, 9, 5, "redis-server", "/")];
    assert_eq!(id(&rows, 5), "process:/usr/bin/redis-server");
}

#[test]
fn loops_end() {
    let rows = [(8, 9, 5, "a", "/"), (9, 8, 5, "b", "/")];
    assert!(!id(&rows, 8).is_empty());
}
