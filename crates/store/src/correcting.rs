//! The user's corrections on what was found: applied whenever frames are read, so that frames keep
//! what discovery found and a correction can be taken back.

use crate::{
    names::{Name, Names},
    tick::Ended,
};
use ira_model::{Application, Attribution, Corrections, ProcessDetails};
use std::{collections::HashMap, sync::Arc};

/// Corrections beside the names of an epoch. What was decided of a process holds until it is
/// introduced again.
#[derive(Debug)]
pub(crate) struct Correcting<'a> {
    corrections: &'a Corrections,
    decided: HashMap<u32, (u32, Option<Arc<Application>>)>,
    known: HashMap<String, Option<Arc<Application>>>,
}

impl<'a> Correcting<'a> {
    pub(crate) fn new(corrections: &'a Corrections) -> Self {
        Self { corrections, decided: HashMap::new(), known: HashMap::new() }
    }

    /// The application a process counts under; `None` where that is the one that was found.
    pub(crate) fn application(
        &mut self,
        names: &Names,
        ordinal: u32,
        name: &Name,
    ) -> Option<Arc<Application>> {
        if self.corrections.is_empty() {
            return None;
        }
        if let Some((serial, decided)) = self.decided.get(&ordinal)
            && *serial == name.serial
        {
            return decided.clone();
        }
        let found = names.application(&name.application);
        let decided = self.decide(names, &names.details(name), found);
        self.decided.insert(ordinal, (name.serial, decided.clone()));
        decided
    }

    fn decide(
        &mut self,
        names: &Names,
        details: &ProcessDetails,
        found: Application,
    ) -> Option<Arc<Application>> {
        let verdict = self.corrections.verdict(details, &found)?;
        self.look_up(names, verdict.fired().iter().filter_map(|one| one.target()));
        Some(verdict.application(&Arc::new(found), |id| self.known.get(id).cloned().flatten()))
    }

    /// The application of the process that has a pid, and when that began.
    pub(crate) fn of_pid(&mut self, names: &Names, pid: u32) -> Option<(String, u64)> {
        let (ordinal, name) = names.of_pid(pid)?;
        let id = match self.application(names, ordinal, name) {
            Some(application) => application.id.clone(),
            None => names.text(name.application.id).to_owned(),
        };
        (!id.is_empty()).then_some((id, name.key.start_ms))
    }

    /// The same with its reasons, for a process in full.
    pub(crate) fn attribution(
        &mut self,
        names: &Names,
        details: &ProcessDetails,
        found: Arc<Attribution>,
    ) -> Arc<Attribution> {
        let Some(verdict) = self.corrections.verdict(details, &found.application) else {
            return found;
        };
        self.look_up(names, verdict.fired().iter().filter_map(|one| one.target()));
        self.corrections.correct(details, &found, |id| self.known.get(id).cloned().flatten())
    }

    /// The application of a process that ended: by what is known of it, or of its parent where no
    /// tick ever saw it.
    pub(crate) fn ended(&mut self, names: &Names, one: &Ended) -> Arc<Application> {
        if self.corrections.is_empty() {
            return Arc::clone(&one.application);
        }
        let of_pid = |pid| names.of_pid(pid).map(|(_, name)| name);
        let seen = of_pid(one.process.key.pid).filter(|name| name.key == one.process.key);
        let decided = match seen.or_else(|| of_pid(one.process.parent_pid)) {
            Some(name) => self.decide(names, &names.details(name), (*one.application).clone()),
            None => None,
        };
        decided.unwrap_or_else(|| Arc::clone(&one.application))
    }

    fn look_up(&mut self, names: &Names, ids: impl Iterator<Item = String>) {
        for id in ids {
            self.known.entry(id).or_insert_with_key(|id| names.known(id).map(Arc::new));
        }
    }
}
