//! Processes that ended, as the kernel told: what they used and whom that counts under.

use super::{Live, LiveProcess, unknown};
use crate::discovery::supervised;
use ira_model::{Attribution, ProcessDetails, Sample};
use ira_store::{Ended, Tick};
use std::sync::Arc;

/// So far above is looked for one that was known of an ended process.
const GENERATIONS: usize = 16;

impl Live {
    /// What the kernel told of processes that ended: what they used since the last tick counts under
    /// their application; that of one no tick ever saw under its parent's, or what its parent supervises.
    pub(super) fn end_all(&mut self, sample: &Sample, known: bool, tick: &mut Tick) {
        self.ended.clear();
        if !known {
            return;
        }
        for process in &sample.ended {
            let mut process = process.clone();
            let seen = self.process(process.key.pid).filter(|p| p.sample.key == process.key);
            let owner = match seen {
                Some(seen) => {
                    if process.name.is_empty() {
                        process.name.clone_from(&seen.details.name);
                    }
                    process.user_ms = process.user_ms.saturating_sub(seen.sample.user_ms);
                    process.system_ms = process.system_ms.saturating_sub(seen.sample.system_ms);
                    Some(seen)
                }
                None => self.known_above(process.parent_pid, sample),
            };
            let (shown, found) = match owner {
                Some(owner) if seen.is_none() => self.below(owner, &process.name),
                Some(owner) => (Arc::clone(&owner.attribution), Arc::clone(&owner.found)),
                None => (unknown(), unknown()),
            };
            let application = Arc::clone(&found.application);
            let given_up = false;
            tick.ended.push(Ended { process: process.clone(), application, given_up });
            let application = Arc::clone(&shown.application);
            self.ended.push(Ended { process, application, given_up });
        }
    }

    /// Whom a process that was never seen counts under, after corrections and without them.
    fn below(&self, owner: &LiveProcess, name: &str) -> (Arc<Attribution>, Arc<Attribution>) {
        let Some(application) = supervised(&owner.details) else {
            return (Arc::clone(&owner.attribution), Arc::clone(&owner.found));
        };
        let known = |id: &str| self.discovery.known(id);
        let application = known(&application.id).unwrap_or_else(|| Arc::new(application));
        let found = Arc::new(Attribution { application, evidence: Arc::from([]) });
        let details = ProcessDetails { name: name.to_owned(), ..ProcessDetails::default() };
        (self.corrections.correct(&details, &found, known), found)
    }

    /// The nearest above that the tick before knew: a script's children may start others and end with
    /// it within a second.
    fn known_above(&self, mut pid: u32, sample: &Sample) -> Option<&LiveProcess> {
        for _ in 0..GENERATIONS {
            if let Some(known) = self.process(pid) {
                return Some(known);
            }
            let listed = sample.processes.binary_search_by_key(&pid, |one| one.key.pid);
            let listed = listed.ok().and_then(|at| sample.processes.get(at));
            pid = match listed {
                _ if pid == 0 => return None, // nobody's child
                Some(one) => one.parent_pid,
                None => sample.ended.iter().find(|one| one.key.pid == pid)?.parent_pid,
            };
        }
        None
    }
}
