//! What the user says against discovery: the list, what one would change, keeping and taking back.

mod draft;
mod preview;
mod text;

pub use preview::preview_correction;
pub use text::{export_corrections, import_corrections};

use crate::{
    Ira,
    ira::lock,
    wire::{
        ApiError, CorrectionAction, CorrectionDraft, CorrectionRef, CorrectionRow, Corrections,
        ErrorCode, Nothing, Reattribution, StopReattribution,
    },
};
use ira_model::{Action, Correction};
use std::collections::HashMap;

/// All corrections, and how far the past follows them.
///
/// # Errors
/// Never now; like every command.
#[allow(clippy::needless_pass_by_value)] // every command takes its request
pub fn corrections(ira: &Ira, _: Nothing) -> Result<Corrections, ApiError> {
    let all = ira.engine.corrections();
    let names = ira.application_names();
    Ok(Corrections {
        corrections: all.all().iter().map(|one| ira.correction_row(one, &names)).collect(),
        reattribution: ira.reattribution(),
    })
}

/// Keeps a correction. It holds from the next second on; the past follows.
///
/// # Errors
/// When it makes no sense beside the others, or nothing can be kept.
#[allow(clippy::needless_pass_by_value)] // every command takes its request
pub fn save_correction(ira: &Ira, request: CorrectionDraft) -> Result<CorrectionRow, ApiError> {
    // Two that are saved at once could contradict each other.
    let _one_at_a_time = lock(&ira.inner.correcting);
    let one = ira.understand(&request).map_err(|problem| ApiError::invalid(problem.message))?;
    let all = ira.engine.corrections();
    if one.id != 0 && all.all().iter().all(|other| other.id != one.id) {
        return Err(unknown(one.id));
    }
    ira_model::check(&one, all.all()).map_err(|problem| ApiError::invalid(problem.to_string()))?;
    let kept = ira.change(Vec::new(), vec![one])?;
    let names = ira.application_names();
    let kept = kept.first().map(|one| ira.correction_row(one, &names));
    kept.ok_or_else(|| ApiError::of(None, "nothing was kept"))
}

/// Takes a correction back. Gives it as it was, so that it can be made again.
///
/// # Errors
/// [`ErrorCode::NotFound`] where there is none of that number.
#[allow(clippy::needless_pass_by_value)] // every command takes its request
pub fn delete_correction(ira: &Ira, request: CorrectionRef) -> Result<CorrectionDraft, ApiError> {
    let _one_at_a_time = lock(&ira.inner.correcting);
    let all = ira.engine.corrections();
    let one = all.all().iter().find(|one| one.id == request.id);
    let one = one.ok_or_else(|| unknown(request.id))?;
    ira.change(vec![request.id], Vec::new())?;
    Ok(CorrectionDraft { id: None, ..draft::of(one) })
}

/// Leaves the past that does not follow yet as it is, or goes on with it.
///
/// # Errors
/// When nothing is recorded by this program.
#[allow(clippy::needless_pass_by_value)] // every command takes its request
pub fn stop_reattribution(
    ira: &Ira,
    request: StopReattribution,
) -> Result<Reattribution, ApiError> {
    let stopped = ira.engine.stop_reattribution(request.stopped);
    stopped.map_err(|message| ApiError::of(None, message))?;
    Ok(ira.reattribution())
}

fn unknown(id: i64) -> ApiError {
    ApiError::of(Some(ErrorCode::NotFound), format!("there is no rule {id} any more"))
}

impl Ira {
    fn change(
        &self,
        removed: Vec<i64>,
        kept: Vec<Correction>,
    ) -> Result<Vec<Correction>, ApiError> {
        let changed = self.engine.change_corrections(removed, kept);
        changed.map_err(|message| ApiError::of(None, format!("the rule is not kept: {message}")))
    }

    fn reattribution(&self) -> Reattribution {
        let now = self.engine.reattribution();
        let short = |count: u64| u32::try_from(count).unwrap_or(u32::MAX);
        Reattribution {
            done: short(now.done),
            all: short(now.all),
            stopped: now.stopped && now.done < now.all,
            done_after_ms: now.done_after_ms,
        }
    }

    /// The names of all applications that run, by identifier: as they are shown, and as found.
    fn application_names(&self) -> [HashMap<String, String>; 2] {
        self.engine.live(|live| {
            let (mut shown, mut found) = (HashMap::new(), HashMap::new());
            for process in &live.processes {
                let one = &process.attribution.application;
                shown.entry(one.id.clone()).or_insert_with(|| one.name.clone());
                let one = &process.found.application;
                found.entry(one.id.clone()).or_insert_with(|| one.name.clone());
            }
            [shown, found]
        })
    }

    fn correction_row(
        &self,
        one: &Correction,
        [shown, found]: &[HashMap<String, String>; 2],
    ) -> CorrectionRow {
        let draft = draft::of(one);
        let kept = |id: &str| self.past(|reader| reader.application(id)).ok().flatten();
        let name = |id: &str| {
            let named = shown.get(id).or_else(|| found.get(id)).cloned();
            named.or_else(|| kept(id).map(|application| application.name))
        };
        // What this rule calls otherwise is told as it was found.
        let subject = |id: &str| match &one.action {
            Action::Rename(to) => {
                found.get(id).cloned().or_else(|| name(id).filter(|name| name != to))
            }
            _ => name(id),
        };
        let action = match (draft.action, &one.action) {
            // The name it has now, where it has another since.
            (CorrectionAction::BelongsTo { application, .. }, Action::BelongsTo(target)) => {
                let name = name(&application).unwrap_or_else(|| target.0.name.clone());
                CorrectionAction::BelongsTo { application, name: Some(name) }
            }
            (action, _) => action,
        };
        CorrectionRow {
            id: one.id,
            application_name: draft.application.as_deref().and_then(subject),
            application: draft.application,
            matcher: draft.matcher,
            action,
            target: one.target(),
        }
    }
}
