//! The machine of a case.

use crate::{
    case::{Case, Process},
    files::{AtOnce, Made},
};
use ira_engine::discovery::{Discovery, Investigator, Neighbours, Subject};
use ira_model::{Attribution, Listener, ProcessDetails, ProcessKey, Protocol};
use std::{net::Ipv4Addr, sync::Arc};

const NOW_MS: u64 = 10_000_000;
const PID: u32 = 500;
/// Another process of the same program.
const SIBLING: u32 = 300;

pub(crate) struct World {
    all: Vec<Subject>,
    listeners: Vec<Listener>,
    subject: Subject,
    discovery: Discovery,
}

/// The processes of a case.
struct All<'a>(&'a [Subject]);

impl Neighbours for All<'_> {
    fn find(&self, pid: u32) -> Option<Subject> {
        self.0.iter().find(|one| one.key.pid == pid).cloned()
    }

    fn children(&self, pid: u32) -> Vec<Subject> {
        let children = self.0.iter().filter(|one| one.parent_pid == pid);
        let mut children: Vec<Subject> = children.cloned().collect();
        children.sort_by_key(|one| one.key.start_ms);
        children
    }
}

impl World {
    pub(crate) fn of(case: &Case) -> Self {
        let flag = |name: &str| case.flags.get(name);
        let number = |name: &str| flag(name).and_then(|value| value.parse::<u64>().ok());
        let pid = number("pid").map_or(PID, |pid| u32::try_from(pid).unwrap());
        let start_ms = NOW_MS - number("age").unwrap_or(1000) * 1000;
        let mut all = Vec::new();
        let parent = if case.parents.is_empty() { 1 } else { pid - 1 };
        let mut subject = subject(&case.process, pid, parent, start_ms);
        let details = Arc::make_mut(&mut subject.details);
        details.is_kernel_thread = flag("kernel").is_some();
        details.has_terminal = flag("terminal").is_some();
        details.process_group = if flag("leader").is_some() { pid } else { 1 };
        for (at, process) in (1..).zip(&case.parents) {
            let is_last = at as usize == case.parents.len();
            let above = if is_last { 1 } else { PID - at - 1 };
            // Shells and what they start are milliseconds apart; what is old is older.
            let began = NOW_MS - number("age").map_or(1000, |_| 2000) * 1000 - u64::from(at) * 300;
            let began = process.age_s.map_or(began, |age| NOW_MS - age * 1000);
            let mut one = self::subject(process, PID - at, above, began);
            if at == 1 && flag("pleader").is_some() {
                let details = Arc::make_mut(&mut one.details);
                details.has_terminal = true;
                details.process_group = PID - at;
            }
            all.push(one);
        }
        for (at, process) in (1..).zip(&case.children) {
            // One below the other, or all of the one the case is about.
            let above = if flag("brothers").is_some() { PID } else { PID + at - 1 };
            all.push(self::subject(process, PID + at, above, start_ms + u64::from(at) * 100));
        }
        let init = Process {
            arguments: vec!["/sbin/init".into()],
            executable: Some("/usr/lib/systemd/systemd".into()),
            name: "systemd".into(),
            working_directory: Some("/".into()),
            control_group: Some("/init.scope".into()),
            age_s: None,
        };
        if pid != 1 {
            all.push(self::subject(&init, 1, 0, 0));
        }
        let mut listeners = Vec::new();
        if let Some(port) = number("listens") {
            listeners.push(listener(port, pid));
        }
        if flag("sibling").is_some() || flag("idle-sibling").is_some() {
            let key = ProcessKey { pid: SIBLING, start_ms: start_ms - 60_000 };
            all.push(Subject { key, parent_pid: 1, details: Arc::clone(&subject.details) });
            listeners.extend(number("sibling").map(|port| listener(port, SIBLING)));
        }
        all.push(subject.clone());
        let command_lines =
            all.iter().map(|one| (one.key, one.details.arguments.clone())).collect();
        let places = Made {
            files: case.files.clone(),
            environment: case.environment.clone(),
            desktop: case.desktop.clone(),
            containers: case.containers.clone(),
            command_lines,
            ..Made::default()
        };
        let investigator = Investigator { places };
        let facts = AtOnce { investigator, asked: Vec::new() };
        Self { all, listeners, subject, discovery: Discovery::new(Box::new(facts)) }
    }

    /// Decides as often as there is news.
    pub(crate) fn decide(&mut self) -> Attribution {
        let near = All(&self.all);
        for _ in 0..3 {
            for one in &self.all {
                self.discovery.decide(one, &near, NOW_MS);
            }
            self.discovery.learn(NOW_MS);
            self.discovery.listen(&self.listeners, &near, NOW_MS);
        }
        self.discovery.decide(&self.subject, &near, NOW_MS).attribution
    }
}

fn listener(port: u64, pid: u32) -> Listener {
    Listener {
        protocol: Protocol::Tcp,
        port: u16::try_from(port).unwrap(),
        address: Ipv4Addr::UNSPECIFIED.into(),
        pid: Some(pid),
        namespace: None,
    }
}

fn subject(process: &Process, pid: u32, parent_pid: u32, start_ms: u64) -> Subject {
    let details = ProcessDetails {
        name: process.name.clone(),
        arguments: process.arguments.clone(),
        executable: process.executable.clone(),
        working_directory: process.working_directory.clone(),
        control_group: process.control_group.clone(),
        process_group: 1,
        ..ProcessDetails::default()
    };
    Subject { key: ProcessKey { pid, start_ms }, parent_pid, details: Arc::new(details) }
}
