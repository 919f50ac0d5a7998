//! Corrections as TOML: to keep elsewhere, to take to another machine.

use super::draft;
use crate::{
    Ira,
    ira::lock,
    wire::{
        ApiError, CorrectionAction, CorrectionDraft, CorrectionMatcher, CorrectionsImported,
        CorrectionsText, Nothing,
    },
};
use ira_model::{Correction, Problem};
use serde::{Deserialize, Serialize};
use toml::Spanned;

/// A longer text is not read.
const LONGEST: usize = 256 << 10;
const HEAD: &str = "# Corrections of Ira: which processes belong together, and what they are called.\n\
    # Each has a condition (application, matches, or both) and one of\n\
    # belongs_to, separate, rename, ignore.\n\n";

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    application: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    separate: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    rename: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ignore: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    matches: Option<CorrectionMatcher>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    belongs_to: Option<Owner>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Owner {
    application: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    name: Option<String>,
}

#[derive(Debug, Serialize)]
struct Written {
    correction: Vec<Entry>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Read {
    #[serde(default)]
    correction: Vec<Spanned<Entry>>,
}

/// All corrections as TOML.
///
/// # Errors
/// Never now; like every command.
#[allow(clippy::needless_pass_by_value)] // every command takes its request
pub fn export_corrections(ira: &Ira, _: Nothing) -> Result<CorrectionsText, ApiError> {
    let all = ira.engine.corrections();
    let correction = all.all().iter().map(|one| entry(draft::of(one))).collect();
    let text = toml::to_string(&Written { correction });
    let text = text.map_err(|error| ApiError::of(None, error.to_string()))?;
    Ok(CorrectionsText { text: format!("{HEAD}{text}") })
}

/// Takes corrections over from TOML, all or none.
///
/// # Errors
/// What is wrong first, with its line.
#[allow(clippy::needless_pass_by_value)] // every command takes its request
pub fn import_corrections(
    ira: &Ira,
    request: CorrectionsText,
) -> Result<CorrectionsImported, ApiError> {
    let text = request.text;
    if text.len() > LONGEST {
        return Err(ApiError::invalid("the text is longer than 256 KiB"));
    }
    let read: Read = toml::from_str(&text).map_err(|error| {
        let line = error.span().map_or(1, |span| line_of(&text, span.start));
        ApiError::invalid(format!("line {line}: {}", error.message()))
    })?;
    let _one_at_a_time = lock(&ira.inner.correcting);
    let mut all = ira.engine.corrections().all().to_vec();
    let (mut added, mut there) = (Vec::new(), 0);
    for spanned in read.correction {
        let line = line_of(&text, spanned.span().start);
        let fail = |message: String| ApiError::invalid(format!("line {line}: {message}"));
        let draft = drafted(spanned.into_inner()).map_err(&fail)?;
        let one = ira.understand(&draft).map_err(|problem| fail(problem.message))?;
        match ira_model::check(&one, &all) {
            Ok(()) => {
                // Those of the text are told apart by their lines until they have numbers.
                all.push(Correction { id: -(line as i64), ..one.clone() });
                added.push(one);
            }
            Err(Problem::There { .. }) => there += 1,
            Err(problem) => return Err(fail(by_line(&problem))),
        }
    }
    let count = added.len() as u32;
    if !added.is_empty() {
        ira.change(Vec::new(), added)?;
    }
    Ok(CorrectionsImported { added: count, there })
}

/// What is wrong, where the other one is of the same text and has no number.
fn by_line(problem: &Problem) -> String {
    let told = problem.to_string();
    match draft::problem(problem).other.filter(|other| *other < 0) {
        Some(other) => {
            told.replace(&format!("rule {other}"), &format!("the rule in line {}", -other))
        }
        None => told,
    }
}

fn line_of(text: &str, at: usize) -> usize {
    text.bytes().take(at).filter(|byte| *byte == b'\n').count() + 1
}

fn entry(draft: CorrectionDraft) -> Entry {
    let mut entry =
        Entry { application: draft.application, matches: draft.matcher, ..Entry::default() };
    match draft.action {
        CorrectionAction::BelongsTo { application, name } => {
            entry.belongs_to = Some(Owner { application, name });
        }
        CorrectionAction::Separate { name } => entry.separate = Some(name),
        CorrectionAction::Rename { name } => entry.rename = Some(name),
        CorrectionAction::Ignore => entry.ignore = Some(true),
    }
    entry
}

fn drafted(entry: Entry) -> Result<CorrectionDraft, String> {
    let ignore = entry.ignore.filter(|ignore| *ignore).map(|_| CorrectionAction::Ignore);
    let belongs_to = entry.belongs_to.map(|owner| CorrectionAction::BelongsTo {
        application: owner.application,
        name: owner.name,
    });
    let separate = entry.separate.map(|name| CorrectionAction::Separate { name });
    let rename = entry.rename.map(|name| CorrectionAction::Rename { name });
    let mut actions = [belongs_to, separate, rename, ignore].into_iter().flatten();
    match (actions.next(), actions.next()) {
        (Some(action), None) => Ok(CorrectionDraft {
            id: None,
            application: entry.application,
            matcher: entry.matches,
            action,
        }),
        _ => Err("it must have one of belongs_to, separate, rename, ignore = true".to_owned()),
    }
}
