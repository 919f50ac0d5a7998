//! Applications that are kept: the list, one that is typed, keeping it and letting it go.

mod draft;
mod text;

pub(crate) use draft::line;
pub use text::{export_registrations, find_registrations};

use crate::{
    Ira,
    ira::lock,
    wire::{
        ApiError, ApplicationRef, CorrectionAction, CorrectionDraft, ErrorCode, ExitStatus,
        LastEnd, Nothing, RegistrationCheck, RegistrationDraft, RegistrationRemoval,
        RegistrationRow, Registrations, Supervised, Topic,
    },
};
use ira_engine::registry::{self, Kept, Registration};
use ira_model::{Action, Application, ApplicationKind};
use std::collections::HashSet;

/// Every application that is kept.
///
/// # Errors
/// Never now; like every command.
#[allow(clippy::needless_pass_by_value)] // every command takes its request
pub fn registrations(ira: &Ira, _: Nothing) -> Result<Registrations, ApiError> {
    let kept = ira.engine.registry_anew();
    let running = ira.running();
    let rows = kept.iter().map(|one| ira.registration_row(one, &running)).collect();
    Ok(Registrations { registrations: rows })
}

/// How an application would be kept: as it is kept, or as it runs now.
///
/// # Errors
/// [`ErrorCode::NotFound`] where it is not kept and does not run.
#[allow(clippy::needless_pass_by_value)] // every command takes its request
pub fn registration_draft(
    ira: &Ira,
    request: ApplicationRef,
) -> Result<RegistrationDraft, ApiError> {
    let kept = ira.engine.registry_anew();
    if let Some(one) = kept.iter().find(|one| one.registration.application == request.id) {
        return Ok(draft::of(&one.registration));
    }
    ira.at(None, |moment| draft::of_running(moment, &request.id))?.ok_or_else(|| {
        let message = format!("{} does not run, and is not kept", request.id);
        ApiError::of(Some(ErrorCode::NotFound), message)
    })
}

/// What a draft comes to, and what is wrong with it. Nothing is kept.
///
/// # Errors
/// Never now; like every command.
#[allow(clippy::needless_pass_by_value)] // every command takes its request
pub fn check_registration(
    ira: &Ira,
    request: RegistrationDraft,
) -> Result<RegistrationCheck, ApiError> {
    Ok(match draft::understand(&request) {
        Ok(one) => {
            let mut problems = draft::problems(&one);
            let holder = one.port.and_then(|port| ira.port_holder(port, &one.application));
            problems.extend(holder.map(draft::port_taken));
            RegistrationCheck { problems, command: one.command }
        }
        Err(problems) => RegistrationCheck { command: Vec::new(), problems },
    })
}

/// Keeps an application, or what is new of one that is kept.
///
/// # Errors
/// [`ErrorCode::Invalid`] with the first thing that is wrong, or when nothing can be kept.
#[allow(clippy::needless_pass_by_value)] // every command takes its request
pub fn save_registration(
    ira: &Ira,
    request: RegistrationDraft,
) -> Result<RegistrationRow, ApiError> {
    let _one_at_a_time = lock(&ira.inner.correcting);
    let mut one = draft::understand(&request).map_err(|problems| draft::refused(&problems))?;
    let problems = draft::problems(&one);
    if problems.iter().any(|problem| !problem.is_warning) {
        return Err(draft::refused(&problems));
    }
    let kept = ira.engine.registry_anew();
    if one.application.is_empty() {
        one.application = ira.new_identifier(&one.name, &kept);
    } else if !is_known(ira, &one.application, &kept) {
        let message = format!("application: there is no {}", one.application);
        return Err(ApiError::of(Some(ErrorCode::NotFound), message));
    }
    ira.keep(std::slice::from_ref(&one))?;
    ira.call_it(&one);
    let kept = ira.engine.registry();
    let row = kept.iter().find(|other| other.registration.application == one.application);
    let row = row.map(|row| ira.registration_row(row, &ira.running()));
    row.ok_or_else(|| ApiError::of(None, "it was kept, and is gone again"))
}

/// Keeps an application no more. What runs goes on.
///
/// # Errors
/// [`ErrorCode::NotFound`] where it is not kept, or when nothing can be changed.
#[allow(clippy::needless_pass_by_value)] // every command takes its request
pub fn delete_registration(ira: &Ira, request: RegistrationRemoval) -> Result<Nothing, ApiError> {
    let gone = ira.engine.unregister(&request.id, request.drop_history);
    match gone.map_err(|message| ApiError::of(None, format!("it stays kept: {message}")))? {
        true => {
            let topics = [Topic::Registrations, Topic::Applications, Topic::Events, Topic::History];
            topics.into_iter().for_each(|topic| drop(ira.inner.stale.send(topic)));
            Ok(Nothing {})
        }
        false => {
            let message = format!("{} is not kept", request.id);
            Err(ApiError::of(Some(ErrorCode::NotFound), message))
        }
    }
}

/// Whether an application was ever there.
fn is_known(ira: &Ira, id: &str, kept: &[Kept]) -> bool {
    kept.iter().any(|one| one.registration.application == id)
        || ira.running().contains(id)
        || ira.past(|reader| reader.application(id)).ok().flatten().is_some()
}

impl Ira {
    /// The name of another application that listens on a port now, `?` where it is not known whose it is.
    pub(crate) fn port_holder(&self, port: u16, own: &str) -> Option<String> {
        self.engine.live(|live| {
            let here = live.listeners.iter().filter(|one| one.namespace.is_none());
            let holders = here.filter(|one| one.port == port).map(|one| {
                let process = live.processes.iter().find(|p| Some(p.sample.key.pid) == one.pid);
                process.map(|process| &process.attribution.application)
            });
            let mut others = holders.filter(|of| of.is_none_or(|of| of.id != own));
            others.next().map(|of| of.map_or_else(|| "?".to_owned(), |of| of.name.clone()))
        })
    }

    /// Identifiers of all applications of which a process runs.
    fn running(&self) -> HashSet<String> {
        self.engine.live(|live| {
            let each = live.processes.iter();
            each.map(|process| process.attribution.application.id.clone()).collect()
        })
    }

    fn keep(&self, each: &[Registration]) -> Result<(), ApiError> {
        let kept = self.engine.register(each);
        kept.map_err(|message| ApiError::of(None, format!("it is not kept: {message}")))?;
        for topic in [Topic::Registrations, Topic::Applications] {
            self.inner.stale.send(topic).ok();
        }
        Ok(())
    }

    /// An identifier that no application has: `custom:` and the name in small letters.
    fn new_identifier(&self, name: &str, kept: &[Kept]) -> String {
        let plain: String = name
            .trim()
            .chars()
            .map(|one| if one.is_alphanumeric() { one } else { '-' })
            .flat_map(char::to_lowercase)
            .collect();
        let numbered = |number: u32| match number {
            1 => plain.clone(),
            more => format!("{plain}-{more}"),
        };
        (1..=u32::MAX)
            .map(|number| Application::new(ApplicationKind::Custom, &numbered(number), "").id)
            .find(|id| !is_known(self, id, kept))
            .unwrap_or_default()
    }

    /// Has an application that discovery calls otherwise called by its name, now and in the past.
    /// What is kept is kept also where that cannot be done.
    fn call_it(&self, one: &Registration) {
        let all = self.engine.corrections();
        let renames = |id: &str| {
            let whole = |other: &&ira_model::Correction| {
                other.condition.application.as_deref() == Some(id)
                    && other.condition.matcher.is_none()
                    && matches!(other.action, Action::Rename(_))
            };
            all.all().iter().find(whole).map(|other| other.id)
        };
        let called = self.engine.live(|live| {
            let mut each = live.processes.iter();
            each.find(|process| process.attribution.application.id == one.application)
                .map(|process| process.attribution.application.name.clone())
        });
        let called = called.or_else(|| {
            let known = self.past(|reader| reader.application(&one.application)).ok().flatten();
            known.map(|known| known.name)
        });
        if called.is_none_or(|called| called == one.name) {
            return;
        }
        let rename = CorrectionDraft {
            id: renames(&one.application),
            application: Some(one.application.clone()),
            matcher: None,
            action: CorrectionAction::Rename { name: one.name.clone() },
        };
        let done = self.understand(&rename).map_err(|problem| problem.message).and_then(|rename| {
            ira_model::check(&rename, all.all()).map_err(|problem| problem.to_string())?;
            self.engine.change_corrections(Vec::new(), vec![rename]).map(drop)
        });
        if let Err(message) = done {
            tracing::warn!(one.application, "not renamed: {message}");
        }
    }

    fn registration_row(&self, one: &Kept, running: &HashSet<String>) -> RegistrationRow {
        let id = &one.registration.application;
        let is_running = running.contains(id);
        let seen = || self.past(|reader| reader.application(id)).ok().flatten();
        let last_seen_ms = if is_running {
            Some(self.engine.live(|live| live.at_ms))
        } else {
            seen().map(|seen| seen.last_seen_ms)
        };
        RegistrationRow {
            application: id.clone(),
            draft: draft::of(&one.registration),
            command: one.registration.command.clone(),
            created_ms: one.created_ms,
            is_running,
            last_seen_ms,
            supervised: self.engine.supervised(id).map(supervised),
        }
    }
}

fn supervised(one: registry::Supervised) -> Supervised {
    let state = one.state;
    let here = |pid: u32| one.is_there.then_some(pid);
    Supervised {
        supervisor: here(state.supervisor),
        pid: state.pid.and_then(here),
        restarts: state.restarts,
        last_end: state.last_end.map(|end| LastEnd {
            at_ms: end.at_ms,
            status: match (end.code, end.signal) {
                (Some(code), _) => u8::try_from(code).ok().map(ExitStatus::Code),
                (None, Some(signal)) => u8::try_from(signal).ok().map(ExitStatus::Signal),
                (None, None) => None,
            },
            fault: end.fault,
        }),
        again_at_ms: state.again_at_ms.filter(|_| one.is_there),
        gave_up: state.gave_up,
        output: one.output.display().to_string(),
    }
}
