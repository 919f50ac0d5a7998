//! Rule 4: projects, which keep a dev server out of its terminal's application.

use super::{Conclusion, Found, describe, launch_of};
use crate::discovery::{
    Discovery, MIN_AGE_MS, Subject,
    engines::{self, Purpose},
    launch, roles,
    tree::Climb,
};
use ira_model::{Application, ApplicationClass, ApplicationKind, ProcessDetails, Rule};

impl Discovery {
    /// Rule 4: an interpreter, a program built here or what starts those, with a project above it,
    /// that listens or leads its own process group under a terminal or an editor.
    pub(super) fn project(
        &self,
        chain: &[Subject],
        own: usize,
        climb: &Climb,
        found: &Found,
        now_ms: u64,
    ) -> Option<Conclusion> {
        let candidates = (own.min(climb.namer)..=climb.top).rev();
        candidates
            .filter_map(|at| {
                let one = chain.get(at)?;
                let details = &*one.details;
                let facts = found.of(at)?;
                let project = facts.project.as_ref()?;
                if !may_have_project(details) || now_ms < one.key.start_ms + MIN_AGE_MS {
                    return None;
                }
                let launch = launch_of(details, Some(facts));
                let listens = self.listening.contains(&one.key);
                let above = chain.get(at + 1..).unwrap_or_default();
                let watched =
                    details.has_terminal || above.iter().any(|one| roles::is_editor(&one.details));
                let leads = watched
                    && details.process_group == one.key.pid
                    && (project.has_main || launch.is_runner);
                if !listens && !leads {
                    return None;
                }
                let mut application =
                    Application::new(ApplicationKind::Project, &project.root, project.name.clone());
                describe(&mut application, purpose_of_project(chain, at, own));
                let why = if listens { "listens on a port" } else { "leads its own process group" };
                Some(Conclusion {
                    rule: Rule::Project,
                    input: format!("{}/{}, {} {why}", project.root, project.marker, details.name),
                    application,
                    instance: Some(at),
                })
            })
            .next()
    }
}

/// What runs a project: the first in its line that is an interpreter or names one.
fn purpose_of_project(chain: &[Subject], top: usize, own: usize) -> Purpose {
    let line = chain.get(own.min(top)..=top).unwrap_or_default();
    let purposes = line.iter().rev().map(|one| engines::purpose_of(&one.details));
    let mut best = Purpose::default();
    for purpose in purposes {
        let is_better = purpose.class == ApplicationClass::Runtime || purpose.engine.is_some();
        if is_better && !engines::is_server(&purpose) {
            // A server of the framework says more than the tool that started it.
            let plain = |p: &Purpose| p.engine.as_deref().is_none_or(engines::is_plain);
            if best.engine.is_none() || (plain(&best) && !plain(&purpose)) {
                best = purpose;
            }
        }
    }
    best
}

/// Whether a process is of the kind that projects are made of: an interpreter with something to
/// run, a tool that runs what a project says, a program that was not installed.
pub(super) fn may_have_project(details: &ProcessDetails) -> bool {
    if roles::role(details) != roles::Role::Program {
        return false;
    }
    let launch = launch::launch(details);
    if launch.is_runner || launch::runtime(details).is_some() {
        return true;
    }
    let installed =
        ["/usr/", "/bin/", "/sbin/", "/lib/", "/opt/", "/snap/", "/nix/", "/app/", "/gnu/"];
    launch::executable(details)
        .is_some_and(|path| !installed.iter().any(|folder| path.starts_with(folder)))
}
