//! Rule 1, for what Ira started itself: it belongs to whom it was started for. The supervisor between is
//! Ira's, and counts as Ira.

use super::{Found, Subject, by_executable, conclude, control_group, describe, purpose_within};
use crate::discovery::{Discovery, Resolved};
use ira_model::{Application, ApplicationKind, Evidence, ProcessDetails, Rule};
use ira_probe::supervisor::supervises;

/// What a supervisor of Ira's runs; `None` for every other process.
#[must_use]
pub(crate) fn supervised(details: &ProcessDetails) -> Option<Application> {
    let (id, name) = supervises(&details.arguments)?;
    let is_one = ApplicationKind::of_id(id).is_some() && !name.is_empty();
    is_one.then(|| Application::of_id(id, name))
}

impl Discovery {
    /// Below a supervisor, or in the scope that one was put into.
    pub(super) fn registered(&self, chain: &[Subject], own: usize) -> Option<Resolved> {
        let line = chain.get(own..)?;
        let subject = line.first()?;
        if supervised(&subject.details).is_some() {
            let own = by_executable(subject, own, &Found::default());
            return Some(conclude(vec![own], Vec::new(), chain, None));
        }
        let supervisor =
            line.iter().find_map(|one| Some((supervised(&one.details)?, one.details.command())));
        let (mut application, input) = supervisor.or_else(|| {
            let group = subject.details.control_group.as_deref()?;
            let id = control_group::registered(group)?;
            let known = self.known(&id).filter(|known| !known.name.is_empty())?;
            Some(((*known).clone(), group.to_owned()))
        })?;
        let below = |one: &Subject| supervised(&one.details).is_none();
        describe(&mut application, purpose_within(line, below));
        let result = application.id.clone();
        let evidence = vec![Evidence { rule: Rule::Correction, input, result }];
        Some(Resolved { application: Some(application), evidence, ..Resolved::default() })
    }
}
