//! Processes that ended while their application went on: which of those ends are worth telling. One
//! that was there for long or held a port, or that its parent started again, is a part of what runs;
//! what else ends with an exit code is a tool that answered (a `grep` without a match).

use super::{Fact, What};
use crate::{
    block::Replay,
    correcting::Correcting,
    names::{Name, Names, TextId},
};
use ira_model::{
    ApplicationKind, ExitStatus, LifeNote, Listener, ProcessKey,
    life::{LASTING_MS, LASTING_PART_MS, PART_AGAIN_MS, is_fault},
};

/// So many that ended are looked for among those that came later.
const PENDING: usize = 64;
/// When a process began is known as exactly, milliseconds.
const EXACT_MS: i64 = 200;
/// A loop that waits is no part that failed, when it is not known how its waiting ended.
const WAITS: &str = "sleep";

/// What the others tell in one tick.
pub(crate) struct Around<'a> {
    pub(crate) replay: &'a Replay<'a>,
    pub(crate) names: &'a Names,
    /// Who listened at the tick before.
    pub(crate) listeners: &'a [Listener],
}

/// An application now: its name, its kind, whether a process of it is there.
pub(crate) type Now<'a> = (&'a str, ApplicationKind, bool);

/// One that ended.
struct Gone {
    application: String,
    name: String,
    at_ms: i64,
    /// The earliest moment one that takes its place can have begun.
    since_ms: i64,
    key: ProcessKey,
    parent_pid: u32,
    arguments: TextId,
    note: LifeNote,
    /// Its application ended with it.
    is_whole: bool,
    /// It held a port, or was there for so long that it is no tool.
    lasted: bool,
    is_told: bool,
}

/// See the module.
#[derive(Default)]
pub(crate) struct Parts {
    /// Ordinals of the tick before, ascending.
    before: Vec<u32>,
    pending: Vec<Gone>,
}

impl Parts {
    /// After what a tick tells of whole applications is in `facts`.
    pub(crate) fn step<'a>(
        &mut self,
        around: &Around<'_>,
        correcting: &mut Correcting<'_>,
        runs: impl Fn(&str) -> Option<Now<'a>>,
        facts: &mut Vec<Fact>,
    ) {
        let replay = around.replay;
        let mut now: Vec<u32> = replay.rows.iter().map(|row| row.ordinal).collect();
        now.sort_unstable();
        let before = std::mem::replace(&mut self.before, now);
        if replay.tick == 0 {
            return;
        }
        self.pending.retain(|one| replay.since_boot_ms - one.at_ms <= PART_AGAIN_MS);
        let gone = before.iter().filter(|one| self.before.binary_search(one).is_err());
        for ordinal in gone.copied().collect::<Vec<_>>() {
            let Some(name) = around.names.get(ordinal) else { continue };
            let id = id_of(around.names, correcting, ordinal, name);
            if let Some(now) = runs(&id)
                && self.pending.len() < PENDING
            {
                self.ended(around, (id, now), name, facts);
            }
        }
        self.again(around, correcting, facts);
    }

    fn ended(
        &mut self,
        around: &Around<'_>,
        (application, (called, kind, is_there)): (String, Now<'_>),
        name: &Name,
        facts: &mut Vec<Fact>,
    ) {
        let (at_ms, key) = (around.replay.since_boot_ms, name.key);
        let since_ms = at_ms - around.replay.elapsed_ms.cast_signed() - EXACT_MS;
        let told = around.names.ended(around.replay.tick).iter();
        let told = told.map(|one| &one.process).find(|one| one.key == key);
        let process = around.names.process_name(name);
        let note = LifeNote {
            status: told.and_then(|one| one.status),
            out_of_memory: told.is_some_and(|one| one.out_of_memory),
            part: true,
            pid: Some(key.pid),
            process: (!process.is_empty()).then(|| process.to_owned()),
            ..LifeNote::default()
        };
        let lived_ms = at_ms - key.start_ms.cast_signed();
        let held = around.listeners.iter().any(|one| one.pid == Some(key.pid));
        let is_answer = matches!(note.status, Some(ExitStatus::Code(1..=125)));
        // The newest first: one that went and came within a tick is not there for its end.
        let end = facts.iter_mut().rev().find_map(|fact| match &mut fact.what {
            What::Ended(end) if fact.application == application && fact.at_ms >= since_ms => {
                Some(end)
            }
            _ => None,
        });
        let is_whole = !is_there || end.is_some();
        if let Some(end) = end.filter(|end| end.pid == note.pid) {
            let may_be = matches!(kind, ApplicationKind::Process | ApplicationKind::Project);
            end.tool = may_be && is_answer && !held && lived_ms < LASTING_MS;
        }
        // Faults of a part are told by the application itself.
        let mut is_told = is_whole || note.out_of_memory || is_fault(note.status);
        // Whoever starts others ends as they did.
        let follows = |one: &Gone| one.is_told && one.application == application;
        if !is_told && is_answer && (held || lived_ms >= LASTING_PART_MS) {
            is_told = true;
            if !self.pending.iter().any(follows) {
                let (application, name) = (application.clone(), called.to_owned());
                facts.push(Fact { at_ms, application, name, what: What::Part(note.clone()) });
            }
        }
        self.pending.push(Gone {
            application,
            name: called.to_owned(),
            at_ms,
            since_ms,
            key,
            parent_pid: name.parent_pid,
            arguments: name.arguments,
            note,
            is_whole,
            lasted: held || lived_ms >= LASTING_MS,
            is_told,
        });
    }

    /// Those whose parent started the same anew.
    fn again(
        &mut self,
        around: &Around<'_>,
        correcting: &mut Correcting<'_>,
        facts: &mut Vec<Fact>,
    ) {
        if self.pending.is_empty() {
            return;
        }
        for row in &around.replay.rows {
            let Some(name) = around.names.get(row.ordinal) else { continue };
            let start_ms = name.key.start_ms.cast_signed();
            let at = self.pending.iter().position(|one| {
                start_ms >= one.since_ms
                    && name.key != one.key
                    && (name.parent_pid, name.arguments) == (one.parent_pid, one.arguments)
            });
            let Some(at) = at else { continue };
            let id = id_of(around.names, correcting, row.ordinal, name);
            if self.pending.get(at).is_some_and(|one| one.application == id) {
                let again = self.pending.swap_remove(at).came_again(facts);
                facts.extend(again);
            }
        }
    }
}

impl Gone {
    /// What is to be told of it now that it was started again.
    fn came_again(self, facts: &mut [Fact]) -> Option<Fact> {
        let Self { application, name, at_ms, note, .. } = self;
        if self.is_whole {
            for fact in facts.iter_mut().filter(|fact| fact.application == application) {
                if let What::Ended(end) = &mut fact.what
                    && end.pid == note.pid
                {
                    end.tool = false;
                }
            }
            return None;
        }
        let waits = note.status.is_none() && note.process.as_deref() == Some(WAITS);
        let ended_well = note.status == Some(ExitStatus::Code(0));
        let what = match note.is_crash() {
            _ if self.is_told => return None,
            true => What::Part(note),
            false if self.lasted && !waits && !ended_well => What::PartAgain(note),
            false => return None,
        };
        Some(Fact { at_ms, application, name, what })
    }
}

fn id_of(names: &Names, correcting: &mut Correcting<'_>, ordinal: u32, name: &Name) -> String {
    match correcting.application(names, ordinal, name) {
        Some(application) => application.id.clone(),
        None => names.text(name.application.id).to_owned(),
    }
}
