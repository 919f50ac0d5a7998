use super::*;
use ira_model::Rule;

mod containers;

/// pid, parent, start in seconds after boot, command line, working directory
type Row<'a> = (u32, u32, u64, &'a str, &'a str);

struct All(Vec<Subject>);

impl Neighbours for All {
    fn find(&self, pid: u32) -> Option<Subject> {
        self.0.iter().find(|one| one.key.pid == pid).cloned()
    }

    fn children(&self, pid: u32) -> Vec<Subject> {
        self.0.iter().filter(|one| one.parent_pid == pid).cloned().collect()
    }
}

fn subjects(rows: &[Row<'_>], group: Option<&str>) -> All {
    let subject = |(pid, parent, start_s, line, folder): &Row<'_>| {
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
    };
    All(rows.iter().map(subject).collect())
}

fn decide(rows: &[Row<'_>], group: Option<&str>, pid: u32, now_s: u64) -> Decision {
    let all = subjects(rows, group);
    let subject = all.find(pid).unwrap();
    let mut discovery = Discovery::new(Box::new(NoFacts::default()));
    let first = discovery.decide(&subject, &all, now_s * 1000);
    if !first.attribution.application.is_none() {
        return first;
    }
    assert!(first.again_at_ms.is_some(), "what waits says until when");
    assert!(discovery.learn(now_s * 1000).contains(&pid), "and is told when there is an answer");
    discovery.decide(&subject, &all, now_s * 1000)
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
    assert_eq!(young.again_at_ms, Some(993_000), "its files are asked for at 3 s");
    assert_eq!(decide(&DESK, None, 41, 994).again_at_ms, Some(1_005_000), "and it at 15 s");
    let old = decide(&DESK, None, 41, 1006);
    assert_eq!(old.attribution.application.name, "a / make", "with its parent, by now");
    assert_eq!(old.again_at_ms, None);
    assert_eq!(old.attribution.evidence[0].input, "cc1 < make", "the way is told");
}

#[test]
fn the_strongest_rule_names_and_the_others_stay_visible() {
    let rows =
        [(1, 0, 0, "init", "/"), (20, 1, 1, "nginx master", "/"), (21, 20, 2, "nginx x", "/")];
    let attribution = decide(&rows, Some("/system.slice/nginx.service"), 21, 1000).attribution;
    let rules: Vec<Rule> = attribution.evidence.iter().map(|e| e.rule).collect();
    assert_eq!(attribution.application.id, "systemd:nginx.service");
    assert_eq!(rules, [Rule::SystemdUnit, Rule::ProcessTree, Rule::Executable]);
    let job = [(1, 0, 0, "systemd", "/"), (5, 1, 1, "cron -f", "/"), (6, 5, 100, "backup", "/")];
    let attribution = decide(&job, Some("/system.slice/cron.service"), 6, 1000).attribution;
    let rules: Vec<Rule> = attribution.evidence.iter().map(|e| e.rule).collect();
    assert_eq!(rules, [Rule::ProcessTree, Rule::Executable, Rule::SystemdUnit], "told aside");
    assert_eq!(
        attribution.evidence[2].result,
        "systemd:cron.service starts it, but cron starts all sorts"
    );
}

#[test]
fn a_parent_that_is_younger_is_a_reused_pid() {
    let rows = [(9, 0, 500, "node new.js", "/"), (5, 9, 5, "redis-server", "/")];
    assert_eq!(id(&rows, 5), "process:/usr/bin/redis-server");
}

#[test]
fn loops_end() {
    let rows = [(8, 9, 5, "sudo a", "/"), (9, 8, 5, "sudo b", "/")];
    assert!(!id(&rows, 8).is_empty());
}

/// Refuses every question, as a full queue does.
struct Full;

impl FactSource for Full {
    fn ask(&mut self, _: Question) -> bool {
        false
    }

    fn answers(&mut self) -> Vec<(Topic, Answer)> {
        Vec::new()
    }
}

/// Never answers, as a thread at a dead file system.
struct Silent;

impl FactSource for Silent {
    fn ask(&mut self, _: Question) -> bool {
        true
    }

    fn answers(&mut self) -> Vec<(Topic, Answer)> {
        Vec::new()
    }
}

#[test]
fn without_answers_it_is_decided_without_them() {
    for source in [Box::new(Full) as Box<dyn FactSource>, Box::new(Silent)] {
        let all = subjects(&DESK, None);
        let subject = all.find(20).unwrap();
        let mut discovery = Discovery::new(source);
        let mut now_ms = 1_000_000;
        let mut rounds = 0;
        let decision = loop {
            let decision = discovery.decide(&subject, &all, now_ms);
            if !decision.attribution.application.is_none() {
                break decision;
            }
            now_ms = decision.again_at_ms.unwrap();
            rounds += 1;
            assert!(rounds < 10, "it ends");
        };
        assert_eq!(decision.attribution.application.id, "process:/srv/shop/server.js");
        assert!(now_ms <= 1_005_000, "within five seconds, not {now_ms}");
    }
}

/// Counts questions and answers nothing at once.
#[derive(Default)]
struct Counting(NoFacts);

impl FactSource for Counting {
    fn ask(&mut self, question: Question) -> bool {
        self.0.ask(question)
    }

    fn answers(&mut self) -> Vec<(Topic, Answer)> {
        self.0.answers()
    }
}

#[test]
fn what_is_learnt_is_learnt_once_and_again_when_something_changed() {
    let mut all = subjects(&DESK, None);
    let mut discovery = Discovery::new(Box::new(Counting::default()));
    let decide = |discovery: &mut Discovery, all: &All| {
        for one in &all.0 {
            discovery.decide(one, all, 1_000_000);
        }
        discovery.learn(1_000_000);
    };
    decide(&mut discovery, &all);
    let first = discovery.questions();
    for _ in 0..10 {
        decide(&mut discovery, &all);
    }
    assert_eq!(discovery.questions(), first, "ten times over, and not one question more");
    let server = &mut all.0[3];
    Arc::make_mut(&mut server.details).working_directory = Some("/srv/other".into());
    decide(&mut discovery, &all);
    assert_eq!(discovery.questions(), first + 1, "its folder changed: one question");
    all.0[4].parent_pid = 1;
    decide(&mut discovery, &all);
    assert_eq!(discovery.questions(), first + 2, "its parent changed: one question");
}

/// Words that mean something to some rule, cut and joined at will.
fn words(most: usize) -> impl proptest::strategy::Strategy<Value = String> {
    let words = [
        "/",
        ":",
        "=",
        "-",
        "--",
        "@",
        ".",
        "..",
        "\\x2d",
        "\\x",
        " ",
        "é",
        "\u{202e}",
        "\0",
        "'",
        "\"",
        "$(",
        "%",
        "java",
        "-jar",
        "-cp",
        "app.jar",
        "python3",
        "-m",
        "node",
        "npm",
        "exec",
        "sh",
        "-c",
        "-lc",
        "ruby",
        "rails",
        "php-fpm",
        "dotnet",
        "sudo",
        "env",
        "nginx",
        "postgres",
        "16",
        "redis-server",
        "*:6379",
        "main",
        "ira",
        "supervise",
        "--application",
        "--name",
        "custom:shop",
        "system.slice",
        "user@1000.service",
        "app.slice",
        "app-gnome-",
        "snap.",
        "docker-",
        "libpod-",
        "machine-",
        "lxc.payload.",
        "ira-",
        ".scope",
        ".service",
        "kubepods",
        "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
    ];
    use proptest::{collection::vec, sample::select, strategy::Strategy as _};
    vec(select(words.to_vec()), 0..most).prop_map(|parts| parts.concat())
}

proptest::proptest! {
    #[test]
    fn any_process_is_decided(
        lines in proptest::collection::vec((proptest::collection::vec(words(6), 0..6), words(8), words(10), words(6)), 1..5),
    ) {
        let mut all = Vec::new();
        for (at, (arguments, executable, group, folder)) in lines.into_iter().enumerate() {
            let pid = u32::try_from(at).unwrap() + 1;
            let details = ProcessDetails {
                name: arguments.first().cloned().unwrap_or_else(|| "x".into()),
                arguments,
                executable: Some(executable),
                control_group: Some(group),
                working_directory: Some(folder),
                ..ProcessDetails::default()
            };
            let key = ProcessKey { pid, start_ms: u64::from(pid) };
            all.push(Subject { key, parent_pid: pid - 1, details: Arc::new(details) });
        }
        let near = All(all);
        let mut discovery = Discovery::new(Box::new(NoFacts::default()));
        for subject in &near.0 {
            let decision = discovery.decide(subject, &near, 1_000_000);
            let application = &decision.attribution.application;
            proptest::prop_assert!(application.is_none() || application.id.contains(':'), "{application:?}");
        }
    }

    #[test]
    fn any_path_of_a_control_group_and_any_image_are_survived(path in words(12)) {
        let _ = (control_group::container(&path), control_group::unit(&path), control_group::bundle(&path));
        let _ = (control_group::desktop(&path), control_group::registered(&path), engines::of_image(&path));
    }
}
