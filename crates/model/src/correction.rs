//! What the user says against discovery: rule 1, the strongest after the kernel's own threads.
//!
//! Owns: what a correction is, which processes one holds for, which of several wins, what becomes
//! of an application by all of them together, and which corrections make no sense.
//! Leaves out: keeping them, and every other rule. What discovery found stays beside what is made
//! of it here, so that taking a correction back gives exactly what was before.
//!
//! ```text
//!  found by rules 0, 2 to 9 --the best one that looks at processes--> application
//!      --those about that whole application, one after the other--> application --a name--> named
//! ```

mod check;
mod compiled;

pub use check::{Problem, check};
pub use compiled::{Corrections, Verdict};

use crate::{Application, ApplicationKind};

/// More corrections than this are not kept.
pub const MOST: usize = 500;
/// More regular expressions than this are not kept.
pub const MOST_PATTERNS: usize = 50;
/// Characters of a text to match at most; of a regular expression half of it.
pub const LONGEST_TEXT: usize = 512;
/// Characters of a name at most.
pub const LONGEST_NAME: usize = 80;
/// Characters of an identifier at most.
pub const LONGEST_ID: usize = 4096;

/// What of a process is looked at. Its environment is not kept with it, so the past could not be
/// asked about it; tags do not exist.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Field {
    /// Its arguments, with blanks between them.
    CommandLine = 0,
    /// Path of its program.
    Executable = 1,
    /// Its working directory.
    Folder = 2,
}

impl Field {
    /// Every field, in the order of its stored number.
    pub const ALL: [Self; 3] = [Self::CommandLine, Self::Executable, Self::Folder];
}

/// How it is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Form {
    /// It is the text.
    Equal = 0,
    /// It begins with the text.
    Prefix = 1,
    /// The text is a regular expression that is found in it.
    Pattern = 2,
}

impl Form {
    /// Every form, in the order of its stored number.
    pub const ALL: [Self; 3] = [Self::Equal, Self::Prefix, Self::Pattern];
}

/// One look at a process.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Matcher {
    /// At what.
    pub field: Field,
    /// How.
    pub form: Form,
    /// Against what.
    pub text: String,
}

/// Which processes a correction holds for; at least one of the two is there.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Condition {
    /// Only those of this application, as discovery finds it or as it is merged.
    pub application: Option<String>,
    /// Only those that match; without it the whole application is meant.
    pub matcher: Option<Matcher>,
}

/// An application that processes are counted under, as it was when the correction was made.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Target(pub Application);

/// What a correction makes of them.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Action {
    /// They count under this application: "belongs to", and of a whole application "merge".
    BelongsTo(Target),
    /// They are an application of their own with this name: "split".
    Separate(String),
    /// The application has this name.
    Rename(String),
    /// They count under no application: their use is in what no application accounts for.
    Ignore,
}

/// One correction.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Correction {
    /// Its number, given once and never again; 0 for one that is not kept yet.
    pub id: i64,
    /// For whom.
    pub condition: Condition,
    /// What.
    pub action: Action,
}

impl Correction {
    /// The application it counts processes under, where it names one.
    #[must_use]
    pub fn target(&self) -> Option<String> {
        match &self.action {
            Action::BelongsTo(target) => Some(target.0.id.clone()),
            Action::Separate(name) => Some(custom(name).id),
            Action::Rename(_) | Action::Ignore => None,
        }
    }

    /// What it looks at, for people: `rule 3: command line begins with "node worker"`.
    #[must_use]
    pub fn describe(&self) -> String {
        let number = if self.id == 0 { "this rule".into() } else { format!("rule {}", self.id) };
        let matcher = self.condition.matcher.as_ref().map(|one| {
            let field = match one.field {
                Field::CommandLine => "command line",
                Field::Executable => "program",
                Field::Folder => "working directory",
            };
            let form = match one.form {
                Form::Equal => "is",
                Form::Prefix => "begins with",
                Form::Pattern => "matches",
            };
            format!("{field} {form} \"{}\"", one.text)
        });
        let application = self.condition.application.as_deref().unwrap_or_default();
        match matcher {
            Some(matcher) if application.is_empty() => format!("{number}: {matcher}"),
            Some(matcher) => format!("{number}: {matcher}, of {application}"),
            None => format!("{number}: all of {application}"),
        }
    }

    /// How much it says, more for what is narrower: by the field, the form and the length of what
    /// it matches, and by whether it holds for one application alone. Of equals the later one wins.
    #[must_use]
    pub fn score(&self) -> (u8, u8, usize, bool, i64) {
        let Some(matcher) = &self.condition.matcher else { return (0, 0, 0, true, self.id) };
        let field = match matcher.field {
            Field::CommandLine => 2,
            Field::Executable | Field::Folder => 1,
        };
        let form = match matcher.form {
            Form::Equal => 3,
            Form::Prefix => 2,
            Form::Pattern => 1,
        };
        let length = matcher.text.chars().count();
        (field, form, length, self.condition.application.is_some(), self.id)
    }
}

/// The application that a name of the user's stands for.
#[must_use]
pub fn custom(name: &str) -> Application {
    Application::new(ApplicationKind::Custom, name, name)
}
