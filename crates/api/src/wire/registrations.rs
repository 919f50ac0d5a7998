use super::ExitStatus;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// When an application that Ira started is started again by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum RestartPolicy {
    /// Not at all.
    Never,
    /// When it ended with an exit code other than 0, or by a signal.
    OnFailure,
    /// Whenever it ended and was not told to.
    Always,
}

/// A variable of the environment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct Variable {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: String,
}

/// An application to keep, as it is typed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct RegistrationDraft {
    /// Identifier of the application that is kept; `null` for one that never ran.
    pub application: Option<String>,
    /// The name people use, 1 to 100 characters.
    pub name: String,
    /// Program and arguments, quoted as in a POSIX shell. Nothing else of a shell is understood: no
    /// variables, no pipes. Empty for one that is only kept.
    pub command_line: String,
    /// Where it is run, a whole path.
    pub working_directory: Option<String>,
    /// Set beside what Ira itself was given; 1 MiB at most.
    pub environment: Vec<Variable>,
    /// The port it is expected to listen on.
    pub port: Option<u16>,
    /// Files it writes its logs to, whole paths, may hold `*`; 20 at most.
    pub log_paths: Vec<String>,
    /// When it is started again.
    pub restart: RestartPolicy,
    /// Whether Ira starts it the first time it runs after the machine was started.
    pub enabled: bool,
    /// What else should be known; 10,000 characters at most.
    pub notes: String,
    /// Words to find it by; 20 at most.
    pub tags: Vec<String>,
}

/// A field of [`RegistrationDraft`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum RegistrationField {
    /// `name`
    Name,
    /// `command_line`
    Command,
    /// `working_directory`
    WorkingDirectory,
    /// `environment`
    Environment,
    /// `port`
    Port,
    /// `log_paths`
    LogPaths,
    /// `notes`
    Notes,
    /// `tags`
    Tags,
}

/// Kinds of what may be wrong with a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum RegistrationProblemKind {
    /// There is no name.
    NameMissing,
    /// More than `most` characters.
    TooLong,
    /// More than `most` KiB.
    TooLarge,
    /// More than `most` of them.
    TooMany,
    /// A control character.
    Control,
    /// A NUL character.
    Nul,
    /// Argument number `about` has more than `most` KiB.
    ArgumentTooLarge,
    /// A quotation is not closed.
    Quotation,
    /// The program is an empty word.
    ProgramEmpty,
    /// The program `about` is nowhere on the path of programs.
    NoProgram,
    /// There is no program at the path `about`.
    NoProgramAt,
    /// A path that is not whole.
    NotWhole,
    /// There is no folder `about`.
    NoFolder,
    /// `about` is no name for a variable.
    VariableName,
    /// The variable `about` is there twice.
    VariableTwice,
    /// The value of the variable `about` holds a NUL character.
    ValueNul,
    /// The value of the variable `about` has more than `most` KiB.
    ValueTooLarge,
    /// Port 0.
    PortZero,
    /// `about` listens on that port now, `?` where it is not known who does.
    PortTaken,
    /// `about` is no whole path.
    LogPath,
    /// `about` is no tag: 1 to `most` characters, no comma.
    Tag,
}

/// What is wrong with a field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct RegistrationProblem {
    /// Which.
    pub field: RegistrationField,
    /// What.
    pub kind: RegistrationProblemKind,
    /// What it is about, its first 200 characters; see the kind.
    pub about: Option<String>,
    /// How much there may be; see the kind.
    pub most: Option<u32>,
    /// What, and what to do, in English.
    pub message: String,
    /// It can be kept like that, but will not start as this machine is now.
    pub is_warning: bool,
}

/// What a draft comes to. Nothing is kept yet.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct RegistrationCheck {
    /// Program and arguments as they would be run, one by one.
    pub command: Vec<String>,
    /// What is wrong, a field at a time; it can be kept when all of it are warnings.
    pub problems: Vec<RegistrationProblem>,
}

/// How the last run of an application that Ira started ended.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct LastEnd {
    /// When.
    pub at_ms: i64,
    /// With what; `null` where it did not begin.
    pub status: Option<ExitStatus>,
    /// What kept it from beginning.
    pub fault: Option<String>,
}

/// What the supervisor of an application says.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct Supervised {
    /// Process identifier of the supervisor, while it is there.
    pub supervisor: Option<u32>,
    /// Process identifier of what it runs, while that is there.
    pub pid: Option<u32>,
    /// How often it was started again since the user started it.
    pub restarts: u32,
    /// How the last run ended.
    pub last_end: Option<LastEnd>,
    /// When it is started again, where it waits for that.
    pub again_at_ms: Option<i64>,
    /// It ended so often, and so soon, that it is not started again.
    pub gave_up: bool,
    /// The file that has its output.
    pub output: String,
}

/// An application that is kept.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct RegistrationRow {
    /// Identifier of the application.
    pub application: String,
    /// All that was typed; `application` is set.
    pub draft: RegistrationDraft,
    /// Program and arguments.
    pub command: Vec<String>,
    /// Since when it is kept.
    pub created_ms: i64,
    /// Whether a process of it runs now.
    pub is_running: bool,
    /// When it was last seen to run; `null` for never.
    pub last_seen_ms: Option<i64>,
    /// What its supervisor says, where Ira started it.
    pub supervised: Option<Supervised>,
}

/// Every application that is kept.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct Registrations {
    /// By name.
    pub registrations: Vec<RegistrationRow>,
}

/// An application, to be kept or no more.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct ApplicationRef {
    /// Its identifier.
    pub id: String,
}

/// Keeps an application no more.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct RegistrationRemoval {
    /// Its identifier.
    pub id: String,
    /// Whether its events, its series, and when it was seen go too. Processes at past seconds are kept
    /// together for all and go with time.
    pub drop_history: bool,
}

/// A file that may tell what to run.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct RegistrationImport {
    /// Whole path of a folder that has one, or of a `Procfile`, `package.json`, compose file, PM2 ecosystem file, systemd service, or
    /// what [`export_registrations`](crate::export_registrations) wrote; 1 MiB at most.
    pub path: String,
}

/// Something that a file says can be run.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct FoundRegistration {
    /// How it would be kept.
    pub draft: RegistrationDraft,
    /// What of the file could not be taken over, a sentence each.
    pub notes: Vec<String>,
    /// What is wrong with it; it can be kept when all of it are warnings.
    pub problems: Vec<RegistrationProblem>,
    /// Identifier of the one that is kept already under that name and in that folder.
    pub kept_as: Option<String>,
}

/// What a file, or the files of a folder, say can be run.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct FoundRegistrations {
    /// What kinds of files they are, for example `Procfile`.
    pub formats: Vec<String>,
    /// Names of files that were looked for in a folder; empty for a file.
    pub looked_for: Vec<String>,
    /// In their order.
    pub found: Vec<FoundRegistration>,
}

/// Every registration as TOML. It holds the environments, and so what is secret in them.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct RegistrationsText {
    /// TOML.
    pub text: String,
}
