//! Rule 1, for what Ira started itself: it belongs to whom it was started for.

use super::{Subject, control_group, describe, purpose_within};
use crate::discovery::{Discovery, Resolved};
use ira_model::{Application, ApplicationKind, Evidence, Rule};
use ira_probe::supervisor::supervises;

impl Discovery {
    /// Below a supervisor, or in the scope that one was put into.
    pub(super) fn registered(&self, chain: &[Subject], own: usize) -> Option<Resolved> {
        let line = chain.get(own..)?;
        let supervisor = line.iter().find_map(|one| {
            let (id, name) = supervises(&one.details.arguments)?;
            Some((Application::of_id(id, name), one.details.command()))
        });
        let (mut application, input) = supervisor.or_else(|| {
            let group = line.first()?.details.control_group.as_deref()?;
            let id = control_group::registered(group)?;
            let known = self.known(&id)?;
            Some(((*known).clone(), group.to_owned()))
        })?;
        let is_one = ApplicationKind::of_id(&application.id).is_some();
        if !is_one || application.name.is_empty() {
            return None;
        }
        let below = |one: &Subject| supervises(&one.details.arguments).is_none();
        describe(&mut application, purpose_within(line, below));
        let result = application.id.clone();
        let evidence = vec![Evidence { rule: Rule::Correction, input, result }];
        Some(Resolved { application: Some(application), evidence, ..Resolved::default() })
    }
}
