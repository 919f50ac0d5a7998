//! What a correction would change, now and in the past, before it is kept.

use super::draft;
use crate::{
    Ira,
    wire::{ApiError, CorrectionMove, CorrectionPreview, CorrectionPreviewRequest},
};
use ira_model::{Application, Correction, Corrections, ProcessDetails};
use ira_store::Reader;
use std::{collections::HashMap, sync::Arc};

/// As far back as seconds are kept.
const HOURS: u32 = 48;
/// Command lines shown.
const EXAMPLES: usize = 5;
/// Characters of each that are shown.
const EXAMPLE_LENGTH: usize = 200;
/// Moves shown.
const MOVES: usize = 50;

/// What a correction would change.
///
/// # Errors
/// When what is kept cannot be read. That the correction makes no sense is no error but the answer.
#[allow(clippy::needless_pass_by_value)] // every command takes its request
pub fn preview_correction(
    ira: &Ira,
    request: CorrectionPreviewRequest,
) -> Result<CorrectionPreview, ApiError> {
    if request.hours > HOURS {
        return Err(ApiError::invalid(format!("hours: 0 to {HOURS}")));
    }
    let refused = |problem| CorrectionPreview {
        problem: Some(problem),
        now: Vec::new(),
        past: Vec::new(),
        examples: Vec::new(),
        past_from_ms: None,
    };
    let one = match ira.understand(&request.correction) {
        Ok(one) => one,
        Err(problem) => return Ok(refused(problem)),
    };
    let before = ira.engine.corrections();
    if let Err(problem) = ira_model::check(&one, before.all()) {
        return Ok(refused(draft::problem(&problem)));
    }
    let mut compare = Compare::new(&before, one);
    let snapshot = ira.engine.snapshot();
    for process in &snapshot.processes {
        compare.add(&process.details, &process.found.application);
    }
    let now = compare.moves();
    let mut past_from_ms = None;
    if request.hours > 0 && snapshot.at_ms > 0 {
        let from_ms = snapshot.at_ms - i64::from(request.hours) * 3_600_000;
        // A reader of its own: others need not wait for this one.
        let mut reader = Reader::new(ira.engine.location().clone());
        let failed = |error: ira_store::StoreError| ApiError::of(None, error.to_string());
        past_from_ms = reader.range().map_err(failed)?.map(|(from, _)| from.max(from_ms));
        reader
            .each_found(from_ms, snapshot.at_ms, |details, found| compare.add(details, found))
            .map_err(failed)?;
    }
    let past = compare.moves();
    Ok(CorrectionPreview { problem: None, now, past, examples: compare.examples, past_from_ms })
}

/// Identifier and name, before and after.
type Move = [Option<(String, String)>; 2];

struct Compare<'a> {
    before: &'a Corrections,
    after: Corrections,
    moves: HashMap<Move, u32>,
    examples: Vec<String>,
}

impl<'a> Compare<'a> {
    /// What holds, and the same with one more or with one in the place of another.
    fn new(before: &'a Corrections, one: Correction) -> Self {
        let others = before.all().iter().filter(|other| one.id == 0 || other.id != one.id);
        let mut after: Vec<Correction> = others.cloned().collect();
        // As the newest it would win over its equals.
        let id = if one.id == 0 { i64::MAX } else { one.id };
        after.push(Correction { id, ..one });
        let after = Corrections::new(after);
        Self { before, after, moves: HashMap::new(), examples: Vec::new() }
    }

    fn add(&mut self, details: &ProcessDetails, found: &Application) {
        let place = |corrections: &Corrections| {
            let verdict = corrections.verdict(details, found)?;
            Some(verdict.application(&Arc::new(found.clone()), |_| None))
        };
        let (from, to) = (place(self.before), place(&self.after));
        if from.is_none() && to.is_none() {
            return;
        }
        let told = |application: Option<Arc<Application>>| {
            let of =
                |one: &Application| (!one.is_none()).then(|| (one.id.clone(), one.name.clone()));
            application.map_or_else(|| of(found), |application| of(&application))
        };
        let (from, to) = (told(from), told(to));
        let same_place = from.as_ref().map(|from| &from.0) == to.as_ref().map(|to| &to.0);
        let same_name = from.as_ref().map(|from| &from.1) == to.as_ref().map(|to| &to.1);
        // What is known of an application now may have another name than when it was chosen.
        let renames =
            self.after.all().iter().any(|one| matches!(one.action, ira_model::Action::Rename(_)));
        if same_place && (same_name || !renames) {
            return;
        }
        *self.moves.entry([from, to]).or_default() += 1;
        let example: String = details.command().chars().take(EXAMPLE_LENGTH).collect();
        if self.examples.len() < EXAMPLES && !self.examples.contains(&example) {
            self.examples.push(example);
        }
    }

    /// What was added since the last call, the most first.
    fn moves(&mut self) -> Vec<CorrectionMove> {
        let mut moves: Vec<CorrectionMove> = self
            .moves
            .drain()
            .map(|([from, to], process_count)| {
                let (from, from_name) = from.unzip();
                let (to, to_name) = to.unzip();
                CorrectionMove { from, from_name, to, to_name, process_count }
            })
            .collect();
        moves.sort_by(|a, b| {
            b.process_count.cmp(&a.process_count).then_with(|| a.from.cmp(&b.from))
        });
        moves.truncate(MOVES);
        moves
    }
}
