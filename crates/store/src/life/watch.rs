//! What the ticks of a block tell of an application: that it began, ended and how, opened ports.

use super::{Fact, What};
use crate::{
    block::{Replay, ReplayRow},
    names::{Name, Names, TextId},
    tick::Ended,
};
use ira_model::{
    LifeNote, Listener, Protocol,
    life::{GIVEN_UP_AFTER, is_fault},
};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// An application that ends so soon after a process of it crashed ended by that, milliseconds.
const FOLLOWS_MS: i64 = 10_000;
/// The version of one that began so long before a block may become known in it, milliseconds.
const YOUNG_MS: i64 = 60_000;
/// Ports of UDP from here on are given by chance to whoever asks a question (ip(7), the lower end of
/// `ip_local_port_range`).
const CHANCE_PORTS: u16 = 32_768;
/// Ports of one tick looked at.
const PORTS_AT_ONCE: usize = 256;

/// A process as far as it matters here.
#[derive(Debug, Clone, Copy)]
struct Member {
    ordinal: u32,
    start_ms: u64,
    pid: u32,
}

/// One application from tick to tick.
#[derive(Debug, Default)]
pub(crate) struct Life {
    /// Its oldest process at the tick before: the one whose end says how the application ended.
    main: Option<Member>,
    /// The oldest of this tick.
    oldest: Option<Member>,
    main_is_there: bool,
    /// Processes that were in the table before this tick.
    old: u32,
    /// What crashed in this tick.
    fault: Option<LifeNote>,
    /// What ended lately while others went on.
    recent: Option<(i64, LifeNote)>,
    given_up: Option<LifeNote>,
    version_now: Option<TextId>,
    version: Option<String>,
    /// It began so lately that its version is news.
    is_young: bool,
}

/// What the others tell in one tick.
pub(crate) struct Around<'a> {
    pub(crate) replay: &'a Replay<'a>,
    pub(crate) names: &'a Names,
    /// Number of its processes at the tick before and at this one.
    pub(crate) was: u32,
    pub(crate) processes: u32,
}

impl Life {
    /// Before the rows of a tick.
    pub(crate) fn begin(&mut self) {
        (self.oldest, self.main_is_there, self.old) = (None, false, 0);
        (self.fault, self.version_now, self.given_up) = (None, None, None);
    }

    /// A process of it in this tick.
    pub(crate) fn see(&mut self, row: &ReplayRow, name: &Name) {
        self.main_is_there |= self.main.is_some_and(|main| main.ordinal == row.ordinal);
        self.old += u32::from(row.before.is_some());
        let (start_ms, pid) = (name.key.start_ms, name.key.pid);
        if self.oldest.is_none_or(|oldest| (start_ms, pid) < (oldest.start_ms, oldest.pid)) {
            self.oldest = Some(Member { ordinal: row.ordinal, start_ms, pid });
            self.version_now = name.application.version;
        }
    }

    /// A process that the kernel told of ended in this tick, or its supervisor gave it up.
    pub(crate) fn ended(&mut self, one: &Ended) {
        if one.given_up {
            let status = one.process.status;
            let count = GIVEN_UP_AFTER;
            self.given_up = Some(LifeNote { status, count, ..LifeNote::default() });
            return;
        }
        if !one.process.out_of_memory && !is_fault(one.process.status) {
            return;
        }
        match &mut self.fault {
            Some(fault) => fault.count += 1,
            None => self.fault = Some(note_of(one)),
        }
    }

    /// After the rows of a tick. The state before the first tick tells only who runs.
    pub(crate) fn step(&mut self, around: &Around<'_>) -> Vec<(i64, What)> {
        let now_ms = around.replay.since_boot_ms;
        let mut told = Vec::new();
        if around.replay.tick == 0 {
            let start_ms = self.oldest.map_or(0, |oldest| oldest.start_ms.cast_signed());
            self.is_young = now_ms - start_ms < YOUNG_MS;
            if self.oldest.is_some() {
                told.push((start_ms, What::Ran));
            }
        } else {
            self.come_and_go(around, &mut told);
            told.extend(self.given_up.take().map(|note| (now_ms, What::GivenUp(note))));
        }
        self.main = self.oldest;
        let version = self.version_now.map(|id| around.names.text(id));
        if let Some(version) = version
            && self.version.as_deref() != Some(version)
        {
            let before = self.version.replace(version.to_owned());
            if around.replay.tick > 0 && (self.is_young || before.is_some()) {
                told.push((now_ms, What::Version(version.to_owned(), before)));
            }
        }
        told
    }

    fn come_and_go(&mut self, around: &Around<'_>, told: &mut Vec<(i64, What)>) {
        let now_ms = around.replay.since_boot_ms;
        let main_went = self.main.filter(|_| around.was > 0 && !self.main_is_there);
        let went = around.was > 0 && around.processes == 0;
        // All are new: it ended and began again between two ticks.
        let again = main_went.is_some() && around.processes > 0 && self.old == 0;
        let came = around.was == 0 && around.processes > 0;
        let start_ms = self.oldest.map_or(now_ms, |oldest| oldest.start_ms.cast_signed());
        // A start is told for when the process began, which discovery may name a little later.
        let began_ms = if (0..60_000).contains(&(now_ms - start_ms)) { start_ms } else { now_ms };
        if went || again {
            let mut note = self.end_of(main_went, around, now_ms);
            note.version.clone_from(&self.version);
            let at_ms = if again { now_ms.min(began_ms) } else { now_ms };
            told.push((at_ms, What::Ended(note)));
            self.recent = None;
        } else {
            if let Some(main) = main_went {
                self.recent = Some((now_ms, main_note(main, around)));
            }
            if let Some(mut fault) = self.fault.take().filter(|_| around.processes > 0) {
                fault.part = true;
                self.recent = Some((now_ms, LifeNote { part: false, ..fault.clone() }));
                told.push((now_ms, What::Part(fault)));
            }
        }
        if came || again {
            self.is_young = true;
            told.push((began_ms, What::Began(start_ms)));
        }
    }

    /// How it ended: by the fault of a process if there was one, else as its main process did.
    fn end_of(&mut self, main: Option<Member>, around: &Around<'_>, now_ms: i64) -> LifeNote {
        if let Some(fault) = self.fault.take() {
            return LifeNote { count: 1, ..fault };
        }
        let own = main.map_or_else(LifeNote::default, |main| main_note(main, around));
        match self.recent.take().filter(|(at_ms, _)| now_ms - at_ms <= FOLLOWS_MS) {
            Some((_, recent)) if recent.is_crash() || own.status.is_none() => {
                LifeNote { count: 1, ..recent }
            }
            _ => own,
        }
    }

    /// Whether what was told of a part since then is what the application ended by.
    pub(crate) fn follows(part_ms: i64, ended_ms: i64) -> bool {
        (0..=FOLLOWS_MS).contains(&(ended_ms - part_ms))
    }
}

fn note_of(one: &Ended) -> LifeNote {
    LifeNote {
        status: one.process.status,
        out_of_memory: one.process.out_of_memory,
        pid: Some(one.process.key.pid),
        process: Some(one.process.name.clone()),
        ..LifeNote::default()
    }
}

/// How the main process ended, as the kernel told, or that it did not.
fn main_note(main: Member, around: &Around<'_>) -> LifeNote {
    let key = (main.pid, main.start_ms);
    let mut ended = around.names.ended(around.replay.tick).iter();
    if let Some(one) = ended.find(|one| (one.process.key.pid, one.process.key.start_ms) == key) {
        return note_of(one);
    }
    let name = around.names.get(main.ordinal).map(|name| around.names.process_name(name));
    LifeNote {
        moved: around.replay.rows.iter().any(|row| row.ordinal == main.ordinal),
        pid: Some(main.pid),
        process: name.filter(|name| !name.is_empty()).map(str::to_owned),
        ..LifeNote::default()
    }
}

/// An application that runs: its name, and the start of its oldest process.
pub(crate) type Runs<'a> = (&'a str, u64);

impl Life {
    /// Start of its oldest process, milliseconds since boot.
    pub(crate) fn since_ms(&self) -> u64 {
        self.main.map_or(0, |main| main.start_ms)
    }
}

/// Ports opened and closed between two lists. One that changed hands within an application is
/// neither, and what is closed by its end needs no telling; `whose` tells the application of a pid and
/// when that process began, `runs` of an application that runs.
pub(crate) fn ports<'a>(
    (before, after): (&[Listener], &[Listener]),
    at_ms: i64,
    whose: &HashMap<u32, (String, u64)>,
    runs: impl Fn(&str) -> Option<Runs<'a>>,
) -> Vec<Fact> {
    let key = |one: &Listener| (one.protocol, one.port, one.pid);
    let lasting = |one: &&Listener| one.protocol == Protocol::Tcp || one.port < CHANCE_PORTS;
    let keys = |list: &[Listener]| list.iter().filter(lasting).map(key).collect::<BTreeSet<_>>();
    let (old, new) = (keys(before), keys(after));
    let whose = |pid: Option<u32>| {
        let (id, start_ms) = whose.get(&pid?)?;
        Some((id.as_str(), *start_ms))
    };
    let mut found: BTreeMap<(&str, bool), BTreeSet<(Protocol, u16)>> = BTreeMap::new();
    for (opened, only_in, other) in [(true, &new, &old), (false, &old, &new)] {
        for (protocol, port, pid) in only_in.difference(other).take(PORTS_AT_ONCE) {
            let Some((id, start_ms)) = whose(*pid) else { continue };
            // The run that held the port is over, and another began.
            if !opened && runs(id).is_none_or(|(_, since_ms)| since_ms > start_ms) {
                continue;
            }
            let mut same =
                other.range((*protocol, *port, None)..=(*protocol, *port, Some(u32::MAX)));
            if !same.any(|(.., pid)| whose(*pid).is_some_and(|(other, _)| other == id)) {
                found.entry((id, opened)).or_default().insert((*protocol, *port));
            }
        }
    }
    let facts = found.into_iter().filter_map(|((id, opened), ports)| {
        let ports = ports.into_iter().collect();
        let what = if opened { What::PortsOpened(ports) } else { What::PortsClosed(ports) };
        let name = runs(id)?.0.to_owned();
        Some(Fact { at_ms, application: id.to_owned(), name, what })
    });
    facts.collect()
}
