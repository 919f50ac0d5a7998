//! Whole machines, each a file of `tests/discovery/machines`: every process of a fake `/proc`, read by the
//! real probe, and the whole list of applications. The format is in `tests/discovery/README.md`.

use crate::{
    case::{self, class, words},
    files::{AtOnce, Made},
};
use ira_engine::{
    Live,
    discovery::{Discovery, Investigator},
};
use ira_model::{ProcessKey, Protocol, Sample};
use ira_probe::{LinuxProbe, Moment, Probe};
use ira_store::Tick;
use ira_testkit::{FakeProc, FakeProcess};
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

/// An application, as a machine's file has it and as Ira tells it.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
struct Line {
    name: String,
    class: String,
    ports: BTreeSet<u16>,
    pids: BTreeSet<u32>,
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} | {} | ports {:?} | pids {:?}", self.name, self.class, self.ports, self.pids)
    }
}

struct Machine {
    fake: FakeProc,
    facts: AtOnce,
    expected: BTreeMap<String, Line>,
}

/// A process began so long ago, seconds, unless its line says otherwise.
const AGE_S: u64 = 1000;

impl Machine {
    fn of(text: &str) -> Self {
        let mut fake = FakeProc::new();
        fake.advance(10_000_000);
        let uptime_ms = fake.clock().monotonic_ms();
        let (files, lines): (Vec<&str>, Vec<&str>) = text
            .lines()
            .filter(|line| !line.trim().is_empty() && !line.starts_with('#'))
            .partition(|line| line.starts_with(|c: char| c.is_ascii_lowercase()));
        let whole = case::parse(&format!("== files\n{}\n=> -\n", files.join("\n"))).remove(0);
        let mut made = Made {
            files: whole.files,
            desktop: whole.desktop,
            containers: whole.containers,
            ..Made::default()
        };
        let mut expected: BTreeMap<String, Line> = BTreeMap::new();
        let (mut id, mut common) = (String::new(), String::new());
        for line in lines {
            if let Some(head) = line.strip_prefix("=> ") {
                let mut parts = head.split(" ; ");
                let about: Vec<&str> = parts.next().unwrap().split(" | ").map(str::trim).collect();
                common = parts.map(|part| format!(" ; {part}")).collect();
                id = about[0].to_owned();
                let one = expected.entry(id.clone()).or_default();
                one.name = about.get(1).copied().unwrap_or_default().to_owned();
                one.class = about.get(2).copied().unwrap_or_default().to_owned();
                continue;
            }
            let process = Process::of(&format!("{line}{common}"), uptime_ms);
            let one = expected.entry(id.clone()).or_default();
            one.pids.insert(process.key.pid);
            one.ports.extend(process.ports.iter().map(|(_, port)| *port));
            made.command_lines.insert(process.key, process.arguments);
            made.environments.insert(process.key, process.environment);
            let pid = fake.add(process.fake);
            for (protocol, port) in process.ports {
                fake.listen(pid, protocol, port);
            }
        }
        let facts = AtOnce { investigator: Investigator { places: made }, asked: Vec::new() };
        Self { fake, facts, expected }
    }

    /// What Ira tells of it after some seconds.
    fn told(mut self) -> (BTreeMap<String, Line>, BTreeMap<String, Line>) {
        let clock = self.fake.clock();
        let now = move || Moment { at_ms: clock.at_ms(), monotonic_ms: clock.monotonic_ms() };
        let mut probe =
            LinuxProbe::new(&self.fake.proc_root(), &self.fake.sys_root()).unwrap().with_clock(now);
        let mut live = Live::new((0, i64::MIN), Discovery::new(Box::new(self.facts)));
        let (mut sample, mut tick) = (Sample::default(), Tick::default());
        for _ in 0..8 {
            probe.sample(&mut sample).unwrap();
            live.take(&sample, 0, false, &mut tick);
            self.fake.advance(100);
        }
        let mut told: BTreeMap<String, Line> = BTreeMap::new();
        for process in &live.processes {
            let application = &process.attribution.application;
            let id = if application.is_none() { "-" } else { application.id.as_str() };
            let one = told.entry(id.to_owned()).or_default();
            one.name.clone_from(&application.name);
            class(application.class).clone_into(&mut one.class);
            let pid = process.sample.key.pid;
            one.pids.insert(pid);
            one.ports.extend(live.listeners.iter().filter(|l| l.pid == Some(pid)).map(|l| l.port));
        }
        (self.expected, told)
    }
}

/// One line: `PID PARENT COMMAND ; key=value`.
struct Process {
    key: ProcessKey,
    arguments: Vec<String>,
    environment: Vec<(String, String)>,
    ports: Vec<(Protocol, u16)>,
    fake: FakeProcess,
}

impl Process {
    fn of(line: &str, uptime_ms: u64) -> Self {
        let mut parts = line.trim().split(" ; ").map(str::trim);
        let mut start = parts.next().unwrap().splitn(3, ' ');
        let mut number = || start.next().unwrap().parse::<u32>().expect("PID PARENT COMMAND");
        let (pid, parent) = (number(), number());
        let arguments = words(start.next().unwrap_or_default());
        let mut of: BTreeMap<&str, &str> = BTreeMap::new();
        for part in parts {
            // What a line says itself comes first.
            let (key, value) = part.split_once('=').unwrap_or((part, ""));
            of.entry(key).or_insert(value);
        }
        let text = |key: &str| of.get(key).copied();
        let list = |key: &str| text(key).unwrap_or_default().split(',').map(str::to_owned);
        let age_ms = text("age").map_or(AGE_S, |age| age.parse().unwrap()) * 1000;
        // Parents are older than their children.
        let start_ms =
            if pid == 1 { 0 } else { uptime_ms - age_ms + u64::from(pid % 5000) / 10 * 10 };
        let ports: Vec<(Protocol, u16)> = [(Protocol::Tcp, "tcp"), (Protocol::Udp, "udp")]
            .into_iter()
            .flat_map(|(protocol, key)| list(key).map(move |port| (protocol, port)))
            .filter_map(|(protocol, port)| Some((protocol, port.parse().ok()?)))
            .collect();
        let parsed = case::process(arguments.clone(), text("exe"), text("comm"), text("cwd"));
        let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let is_kernel = text("kernel").is_some();
        let mut fake = if is_kernel {
            FakeProcess::kernel_thread(pid, words[0])
        } else {
            FakeProcess::new(pid, &parsed.name)
                .arguments(&words)
                .executable(parsed.executable.as_deref())
                .working_directory(parsed.working_directory.as_deref())
                .control_group(text("cgroup").unwrap_or("/"))
                .group(text("group").map_or(pid, |group| group.parse().unwrap()), pid)
        };
        fake = fake.parent(parent).start_ms(start_ms);
        if text("tty").is_some() {
            fake = fake.terminal();
        }
        if let Some(network) = text("network") {
            fake = fake.network(network.parse().unwrap());
        }
        let environment = list("env").filter_map(|one| {
            one.split_once(':').map(|(name, value)| (name.to_owned(), value.to_owned()))
        });
        Self {
            key: ProcessKey { pid, start_ms },
            environment: environment.collect(),
            arguments: if is_kernel { Vec::new() } else { arguments },
            ports,
            fake,
        }
    }
}

fn check(name: &str, at_least: usize) {
    let path = crate::folder().join(format!("machines/{name}.txt"));
    let machine = Machine::of(&std::fs::read_to_string(path).unwrap());
    let (expected, told) = machine.told();
    let mut wrong = 0;
    for id in expected.keys().chain(told.keys()).collect::<BTreeSet<_>>() {
        let (wanted, found) = (expected.get(id), told.get(id));
        if wanted != found {
            wrong += 1;
            let text = |one: Option<&Line>| one.map_or("nothing".to_owned(), Line::to_string);
            eprintln!("{name}: {id}\n  expected {}\n  found    {}", text(wanted), text(found));
        }
    }
    assert!(expected.len() >= at_least, "{name}: only {} applications", expected.len());
    assert_eq!(wrong, 0, "{name}: applications that are told wrongly");
}

#[test]
fn a_desktop() {
    check("desktop", 30);
}
#[test]
fn a_server() {
    check("server", 25);
}

#[test]
fn a_ci_runner() {
    check("runner", 12);
}
