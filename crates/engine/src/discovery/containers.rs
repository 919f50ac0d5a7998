//! Which containers run, who is in them, and when to ask again how one is called.
//!
//! A name that was read from a file is looked at again once a minute: the file has changed when the
//! container was renamed. An engine is not asked by a clock for what it told. It is where nobody told
//! anything, at first after a minute and then ever more seldom.

use super::facts::ContainerName;
use std::collections::{BTreeSet, HashMap, HashSet};

/// How old an answer is before it is looked at again, milliseconds.
pub(super) const AGAIN_MS: u64 = 60_000;
/// The wait for who did not tell is doubled so often: an hour, about.
const DOUBLINGS: u32 = 6;
/// Asked again at most at one time.
const AT_ONCE: usize = 8;

#[derive(Debug, Default)]
struct Container {
    pids: HashSet<u32>,
    /// How often in a row nobody told.
    in_vain: u32,
    due_ms: Option<u64>,
}

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Containers {
    all: HashMap<String, Container>,
    of: HashMap<u32, String>,
    due: BTreeSet<(u64, String)>,
}

impl Containers {
    /// A process is in a container; says whether it is the first that is.
    pub(super) fn enter(&mut self, id: &str, pid: u32) -> bool {
        match self.of.get(&pid) {
            Some(known) if known == id => return false,
            Some(_) => self.leave(pid),
            None => {}
        }
        self.of.insert(pid, id.to_owned());
        let container = self.all.entry(id.to_owned()).or_default();
        container.pids.insert(pid);
        container.pids.len() == 1
    }

    /// A process ended.
    pub(super) fn leave(&mut self, pid: u32) {
        let Some(id) = self.of.remove(&pid) else { return };
        let Some(container) = self.all.get_mut(&id) else { return };
        container.pids.remove(&pid);
        if container.pids.is_empty()
            && let Some(due_ms) = self.all.remove(&id).and_then(|container| container.due_ms)
        {
            self.due.remove(&(due_ms, id));
        }
    }

    /// Who is in a container.
    pub(super) fn pids(&self, id: &str) -> impl Iterator<Item = u32> {
        self.all.get(id).into_iter().flat_map(|container| container.pids.iter().copied())
    }

    /// It was told how a container is called, or not.
    pub(super) fn told(&mut self, id: &str, answer: &Result<ContainerName, String>, now_ms: u64) {
        let Some(container) = self.all.get_mut(id) else { return };
        // It was renamed while the answer was on its way.
        if container.due_ms == Some(0) {
            return;
        }
        let again_ms = match answer {
            Ok(name) => {
                container.in_vain = 0;
                name.is_of_file.then_some(now_ms + AGAIN_MS)
            }
            Err(_) => {
                let wait_ms = AGAIN_MS << container.in_vain;
                container.in_vain = (container.in_vain + 1).min(DOUBLINGS);
                Some(now_ms + wait_ms)
            }
        };
        self.ask_at(id, again_ms);
    }

    /// A container is to be asked about at the next occasion.
    pub(super) fn hurry(&mut self, id: &str) {
        self.ask_at(id, Some(0));
    }

    /// Containers to be asked about now; each is given once.
    pub(super) fn due(&mut self, now_ms: u64) -> Vec<String> {
        let due: Vec<(u64, String)> =
            self.due.iter().take_while(|(at, _)| *at <= now_ms).take(AT_ONCE).cloned().collect();
        for (_, id) in &due {
            self.ask_at(id, None);
        }
        due.into_iter().map(|(_, id)| id).collect()
    }

    /// A container is to be asked about then.
    pub(super) fn ask_at(&mut self, id: &str, at_ms: Option<u64>) {
        let Some(container) = self.all.get_mut(id) else { return };
        if let Some(before) = std::mem::replace(&mut container.due_ms, at_ms) {
            self.due.remove(&(before, id.to_owned()));
        }
        self.due.extend(at_ms.map(|at_ms| (at_ms, id.to_owned())));
    }
}
