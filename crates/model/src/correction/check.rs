//! Which corrections make no sense, and why.

use super::{
    Action, Correction, Field, Form, LONGEST_ID, LONGEST_NAME, LONGEST_TEXT, MOST, MOST_PATTERNS,
    compiled::compile,
};
use std::collections::HashSet;

/// Why a correction is refused. The text says what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// It holds for nobody in particular.
    #[error("the rule says neither which application nor which processes it is about; name one")]
    NoCondition,
    /// A text is empty, too long, or holds characters that cannot be seen.
    #[error("{field} must be 1 to {longest} characters, none of them invisible")]
    Text {
        /// Which.
        field: &'static str,
        /// How long it may be.
        longest: usize,
    },
    /// Not a regular expression, or one that would take too much memory.
    #[error("{text:?} cannot be used as a regular expression: {reason}")]
    Pattern {
        /// It.
        text: String,
        /// Why, in one line.
        reason: String,
    },
    /// The kernel's threads are what they are.
    #[error("threads of the kernel are always the application Kernel; no rule changes that")]
    Kernel,
    /// A name is for an application.
    #[error("a name is given to a whole application; leave out which processes match")]
    RenameOfProcesses,
    /// It would count an application under itself.
    #[error("{application} would be merged into itself")]
    Itself {
        /// Which.
        application: String,
    },
    /// Following it leads back to where it began.
    #[error(
        "that would go round in a circle: {application} already counts under what it would be merged into, by rule {other}; delete that rule first"
    )]
    Loop {
        /// The application it would count under.
        application: String,
        /// The rule that leads back.
        other: i64,
    },
    /// Another one is about the same processes and says something else.
    #[error("rule {other} already says something else about the same; delete or change that one")]
    Contradicts {
        /// It.
        other: i64,
    },
    /// The application it counts processes under is ignored.
    #[error(
        "{application} is ignored by rule {other}, so they would not be seen; delete that rule first"
    )]
    IntoIgnored {
        /// It.
        application: String,
        /// By which rule.
        other: i64,
    },
    /// It is there already.
    #[error("rule {other} says exactly that already")]
    There {
        /// It.
        other: i64,
    },
    /// There are enough.
    #[error(
        "there are {most} {what} already, and more are not kept; delete one that is not needed"
    )]
    TooMany {
        /// How many there may be.
        most: usize,
        /// Of what.
        what: &'static str,
    },
}

/// Whether a correction makes sense beside others; one with its own number among them is the one
/// it replaces.
///
/// # Errors
/// The first thing that is wrong with it.
pub fn check(one: &Correction, others: &[Correction]) -> Result<(), Problem> {
    let others: Vec<&Correction> =
        others.iter().filter(|other| one.id == 0 || other.id != one.id).collect();
    texts(one)?;
    sense(one)?;
    if others.len() >= MOST {
        return Err(Problem::TooMany { most: MOST, what: "rules" });
    }
    patterns(one, &others)?;
    for other in &others {
        if is_same_subject(one, other) {
            let other_id = other.id;
            return Err(if one.action == other.action {
                Problem::There { other: other_id }
            } else {
                Problem::Contradicts { other: other_id }
            });
        }
    }
    leads_somewhere(one, &others)
}

fn texts(one: &Correction) -> Result<(), Problem> {
    let text = |field: &'static str, text: &str, longest: usize| {
        let fits = (1..=longest).contains(&text.chars().count());
        let is_seen = !text.trim().is_empty() && !text.chars().any(char::is_control);
        if fits && is_seen { Ok(()) } else { Err(Problem::Text { field, longest }) }
    };
    if let Some(id) = &one.condition.application {
        text("the application", id, LONGEST_ID)?;
    }
    if let Some(matcher) = &one.condition.matcher {
        let longest = if matcher.form == Form::Pattern { LONGEST_TEXT / 2 } else { LONGEST_TEXT };
        text("the text to match", &matcher.text, longest)?;
    }
    match &one.action {
        Action::BelongsTo(target) => {
            text("the application to count under", &target.0.id, LONGEST_ID)?;
            text("the name of the application to count under", &target.0.name, LONGEST_ID)
        }
        Action::Separate(name) | Action::Rename(name) => text("the name", name, LONGEST_NAME),
        Action::Ignore => Ok(()),
    }
}

fn sense(one: &Correction) -> Result<(), Problem> {
    let (application, matcher) = (&one.condition.application, &one.condition.matcher);
    let is_kernel = |id: &str| id == "kernel:kernel";
    if application.is_none() && matcher.is_none() {
        return Err(Problem::NoCondition);
    }
    if matches!(one.action, Action::Rename(_)) && (application.is_none() || matcher.is_some()) {
        return Err(Problem::RenameOfProcesses);
    }
    let is_of_kernel = application.as_deref().is_some_and(is_kernel);
    if is_of_kernel || one.target().is_some_and(|id| is_kernel(&id)) {
        return Err(Problem::Kernel);
    }
    match (application, one.target()) {
        (Some(id), Some(target)) if *id == target => Err(Problem::Itself { application: target }),
        _ => Ok(()),
    }
}

/// Whether its regular expression compiles, alone and with the others of its field.
fn patterns(one: &Correction, others: &[&Correction]) -> Result<(), Problem> {
    let Some(matcher) = one.condition.matcher.as_ref().filter(|m| m.form == Form::Pattern) else {
        return Ok(());
    };
    let pattern_of = |field: Option<Field>| {
        others.iter().filter_map(move |other| {
            let theirs = other.condition.matcher.as_ref()?;
            let fits = field.is_none_or(|field| field == theirs.field);
            (theirs.form == Form::Pattern && fits).then_some(theirs.text.as_str())
        })
    };
    if pattern_of(None).count() >= MOST_PATTERNS {
        return Err(Problem::TooMany { most: MOST_PATTERNS, what: "regular expressions" });
    }
    let text = matcher.text.as_str();
    compile(std::iter::once(text))
        .and_then(|_| compile(pattern_of(Some(matcher.field)).chain([text])))
        .map(drop)
        .map_err(|error| {
            let told = error.to_string();
            let last = told.lines().last().unwrap_or_default();
            let reason = last.strip_prefix("error: ").unwrap_or(last).to_owned();
            Problem::Pattern { text: text.to_owned(), reason }
        })
}

/// Whether two are about the same processes, in the same respect.
fn is_same_subject(a: &Correction, b: &Correction) -> bool {
    let names = |one: &Correction| matches!(one.action, Action::Rename(_));
    a.condition == b.condition && names(a) == names(b)
}

/// Follows what becomes of the application it counts under.
fn leads_somewhere(one: &Correction, others: &[&Correction]) -> Result<(), Problem> {
    let about_whole = |id: &str| {
        others.iter().find(|other| {
            other.condition.matcher.is_none()
                && other.condition.application.as_deref() == Some(id)
                && !matches!(other.action, Action::Rename(_))
        })
    };
    if let (Action::Rename(_), Some(id)) = (&one.action, &one.condition.application) {
        // Nobody would see the name.
        return match about_whole(id) {
            Some(other) => Err(Problem::Contradicts { other: other.id }),
            None => Ok(()),
        };
    }
    let source = one.condition.application.as_ref().filter(|_| one.condition.matcher.is_none());
    let mut seen = HashSet::new();
    let mut at = one.target();
    while let Some(id) = at {
        if !seen.insert(id.clone()) {
            break;
        }
        let Some(next) = about_whole(&id) else { break };
        if next.action == Action::Ignore {
            return Err(Problem::IntoIgnored { application: id, other: next.id });
        }
        at = next.target();
        if source.is_some() && at.as_ref() == source {
            return Err(Problem::Loop { application: id, other: next.id });
        }
    }
    Ok(())
}
