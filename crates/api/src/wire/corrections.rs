use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// What of a process a correction looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum CorrectionField {
    /// Its arguments, with blanks between them.
    CommandLine,
    /// Path of its program.
    Executable,
    /// Its working directory.
    Folder,
}

/// How it is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum CorrectionForm {
    /// It is the text.
    Equal,
    /// It begins with the text.
    Prefix,
    /// The text is a regular expression that is found in it.
    Pattern,
}

/// One look at a process.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct CorrectionMatcher {
    /// At what.
    pub field: CorrectionField,
    /// How.
    pub form: CorrectionForm,
    /// Against what; 1 to 512 characters, of a regular expression 256.
    pub text: String,
}

/// What a correction makes of the processes it holds for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum CorrectionAction {
    /// They count under this application.
    BelongsTo {
        /// Its identifier.
        application: String,
        /// Its name, where it is one that was never seen here.
        #[serde(default)]
        name: Option<String>,
    },
    /// They are an application of their own.
    Separate {
        /// Its name; 1 to 80 characters.
        name: String,
    },
    /// The application has this name.
    Rename {
        /// 1 to 80 characters.
        name: String,
    },
    /// They count under no application.
    Ignore,
}

/// A correction as the user writes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct CorrectionDraft {
    /// The one it takes the place of; `null` for a new one.
    #[serde(default)]
    pub id: Option<i64>,
    /// Only processes of this application, by identifier.
    #[serde(default)]
    pub application: Option<String>,
    /// Only processes that match; `null` for the whole application.
    #[serde(default)]
    pub matcher: Option<CorrectionMatcher>,
    /// What becomes of them.
    pub action: CorrectionAction,
}

/// A correction that is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct CorrectionRow {
    /// Its number, given once.
    pub id: i64,
    /// Only processes of this application.
    pub application: Option<String>,
    /// The name of that, where it is known.
    pub application_name: Option<String>,
    /// Only processes that match.
    pub matcher: Option<CorrectionMatcher>,
    /// What becomes of them.
    pub action: CorrectionAction,
    /// Identifier of the application they count under.
    pub target: Option<String>,
}

/// How far the past follows what was corrected last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Reattribution {
    /// Pieces of the past that do.
    pub done: u32,
    /// Pieces there are.
    pub all: u32,
    /// The user wants the rest left as it is.
    pub stopped: bool,
    /// Figures later than this do; `null` when all do.
    pub done_after_ms: Option<i64>,
}

/// All corrections.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct Corrections {
    /// The oldest first.
    pub corrections: Vec<CorrectionRow>,
    /// How far the past follows.
    pub reattribution: Reattribution,
}

/// Asks what a correction would change.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct CorrectionPreviewRequest {
    /// It.
    pub correction: CorrectionDraft,
    /// How far back to look; 0 to 48 hours.
    pub hours: u32,
}

/// Processes that would count under another application, or under another name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct CorrectionMove {
    /// Where they count; `null` for no application.
    pub from: Option<String>,
    /// Its name.
    pub from_name: Option<String>,
    /// Where they would; `null` for no application.
    pub to: Option<String>,
    /// Its name.
    pub to_name: Option<String>,
    /// How many.
    pub process_count: u32,
}

/// Kinds of what may be wrong with a correction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum CorrectionProblemKind {
    /// A text is missing, too long, or cannot be used.
    Text,
    /// Not a regular expression, or too large a one.
    Pattern,
    /// It names neither application nor processes, or both where only one can be.
    Condition,
    /// About the kernel's threads.
    Kernel,
    /// It goes round in a circle.
    Loop,
    /// Another one says something else about the same.
    Contradicts,
    /// They would not be seen: where they would count is ignored.
    IntoIgnored,
    /// Another one says the same.
    There,
    /// There are too many.
    TooMany,
    /// No such application was ever seen.
    UnknownApplication,
}

/// Why a correction is refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct CorrectionProblem {
    /// Which kind.
    pub kind: CorrectionProblemKind,
    /// The other correction concerned.
    pub other: Option<i64>,
    /// What is wrong and what to do, in English.
    pub message: String,
}

/// What a correction would change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct CorrectionPreview {
    /// Why it would be refused; then nothing else is said.
    pub problem: Option<CorrectionProblem>,
    /// What would change now, the most processes first.
    pub now: Vec<CorrectionMove>,
    /// What would change in the past, the most processes first.
    pub past: Vec<CorrectionMove>,
    /// Command lines of some processes it would change, now or in the past.
    pub examples: Vec<String>,
    /// From when on the past was looked at; `null` where nothing is kept.
    pub past_from_ms: Option<i64>,
}

/// Names a correction.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct CorrectionRef {
    /// Its number.
    pub id: i64,
}

/// Corrections as a text that can be kept elsewhere.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct CorrectionsText {
    /// TOML; at most 256 KiB.
    pub text: String,
}

/// What was taken over from a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct CorrectionsImported {
    /// Corrections that are new.
    pub added: u32,
    /// Corrections that were there already.
    pub there: u32,
}

/// Leaves the past as it is, or goes on with it.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct StopReattribution {
    /// Leave it.
    pub stopped: bool,
}
