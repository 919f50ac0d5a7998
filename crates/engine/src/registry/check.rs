//! When a registration makes sense, a field at a time.

use super::Registration;
use std::path::Path;
use thiserror::Error;

const LONGEST_NAME: usize = 100;
const MOST_ARGUMENTS: usize = 1000;
/// Linux takes 128 KiB in one argument (execve(2), `MAX_ARG_STRLEN`).
const LONGEST_ARGUMENT: usize = 128 << 10;
const MOST_VARIABLES: usize = 1000;
/// Of names and values together. The kernel takes no more than 2 MiB with the command by default.
const LONGEST_ENVIRONMENT: usize = 1 << 20;
/// `PATH_MAX` of limits.h.
const LONGEST_PATH: usize = 4096;
const MOST_PATHS: usize = 20;
const LONGEST_NOTES: usize = 10_000;
const MOST_TAGS: usize = 20;
const LONGEST_TAG: usize = 40;
/// Of what is wrong, the first so many are told.
const MOST_PROBLEMS: usize = 50;
const LONGEST_SHOWN: usize = 200;

/// A part of a registration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field {
    /// What it is called.
    Name,
    /// Program and arguments.
    Command,
    /// Where it is run.
    WorkingDirectory,
    /// Its variables.
    Environment,
    /// The port.
    Port,
    /// Files of logs.
    LogPaths,
    /// Notes.
    Notes,
    /// Tags.
    Tags,
}

/// What may be wrong with a field, and what to do.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[allow(missing_docs)] // the sentences say it
pub enum Problem {
    #[error("it needs a name")]
    NameMissing,
    #[error("longer than {0} characters")]
    TooLong(usize),
    #[error("longer than {0} KiB")]
    TooLarge(usize),
    #[error("more than {0}")]
    TooMany(usize),
    #[error("it holds a line break or another control character")]
    Control,
    #[error("it holds a NUL character, which nothing that is started can")]
    Nul,
    #[error("argument {number} is longer than {kib} KiB")]
    ArgumentTooLarge { number: usize, kib: usize },
    #[error("a quotation is not closed, or it ends with \\")]
    Quotation,
    #[error("the program is empty; write its name or its path")]
    ProgramEmpty,
    #[error("there is no program {0} on the path of programs now")]
    NoProgram(String),
    #[error("there is no program {0} now")]
    NoProgramAt(String),
    #[error("give the whole path; nothing says from where this one goes")]
    NotWhole,
    #[error("there is no folder {0} now")]
    NoFolder(String),
    #[error("{0} is no name for a variable")]
    VariableName(String),
    #[error("{0} is there twice")]
    VariableTwice(String),
    #[error("the value of {0} holds a NUL character")]
    ValueNul(String),
    #[error("the value of {name} is longer than {kib} KiB")]
    ValueTooLarge { name: String, kib: usize },
    #[error("port 0 means any; give 1 to 65535 or none")]
    PortZero,
    #[error("{0} is no whole path")]
    LogPath(String),
    #[error("{tag} is no tag: 1 to {most} characters, no comma")]
    Tag { tag: String, most: usize },
}

impl Problem {
    /// It can be kept like that, but will not start as this machine is now.
    #[must_use]
    pub fn is_warning(&self) -> bool {
        matches!(self, Self::NoProgram(_) | Self::NoProgramAt(_) | Self::NoFolder(_))
    }
}

/// What is wrong with a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldProblem {
    /// Which.
    pub field: Field,
    /// What.
    pub problem: Problem,
}

/// So much of what is wrong as is worth showing.
#[must_use]
pub fn cut(text: &str) -> String {
    text.chars().take(LONGEST_SHOWN).collect()
}

/// Everything that is wrong with a registration; looks at the machine for folder and program.
#[must_use]
pub fn check(one: &Registration) -> Vec<FieldProblem> {
    let mut found = Found(Vec::new());
    found.name(&one.name);
    found.command(one);
    found.working_directory(one.working_directory.as_deref());
    found.environment(one);
    if one.port == Some(0) {
        found.wrong(Field::Port, Problem::PortZero);
    }
    found.log_paths(&one.log_paths);
    if one.notes.chars().count() > LONGEST_NOTES {
        found.wrong(Field::Notes, Problem::TooLong(LONGEST_NOTES));
    }
    found.tags(&one.tags);
    found.0
}

struct Found(Vec<FieldProblem>);

impl Found {
    fn wrong(&mut self, field: Field, problem: Problem) {
        if self.0.len() < MOST_PROBLEMS {
            self.0.push(FieldProblem { field, problem });
        }
    }

    fn name(&mut self, name: &str) {
        if name.trim().is_empty() {
            self.wrong(Field::Name, Problem::NameMissing);
        } else if name.chars().count() > LONGEST_NAME {
            self.wrong(Field::Name, Problem::TooLong(LONGEST_NAME));
        } else if name.chars().any(char::is_control) {
            self.wrong(Field::Name, Problem::Control);
        }
    }

    fn command(&mut self, one: &Registration) {
        let (field, command) = (Field::Command, &one.command);
        if command.len() > MOST_ARGUMENTS {
            self.wrong(field, Problem::TooMany(MOST_ARGUMENTS));
        }
        if let Some(number) = command.iter().position(|part| part.len() >= LONGEST_ARGUMENT) {
            self.wrong(field, Problem::ArgumentTooLarge { number, kib: LONGEST_ARGUMENT >> 10 });
        }
        if command.iter().any(|part| part.contains('\0')) {
            self.wrong(field, Problem::Nul);
        }
        let Some(program) = command.first() else { return };
        if program.is_empty() {
            self.wrong(field, Problem::ProgramEmpty);
        } else if !program.contains('\0') {
            self.program(program, one);
        }
    }

    fn program(&mut self, program: &str, one: &Registration) {
        if program.contains('/') {
            let folder = one.working_directory.as_deref().unwrap_or("/");
            let path = Path::new(folder).join(program);
            if !path.is_file() {
                let path = cut(&path.display().to_string());
                self.wrong(Field::Command, Problem::NoProgramAt(path));
            }
            return;
        }
        let own = one.environment.get("PATH").map(std::ffi::OsString::from);
        let path = own.or_else(|| std::env::var_os("PATH")).unwrap_or_default();
        if !std::env::split_paths(&path).any(|folder| folder.join(program).is_file()) {
            self.wrong(Field::Command, Problem::NoProgram(cut(program)));
        }
    }

    fn working_directory(&mut self, folder: Option<&str>) {
        let field = Field::WorkingDirectory;
        match folder {
            None => {}
            Some(folder) if folder.contains('\0') => self.wrong(field, Problem::Nul),
            Some(folder) if folder.len() >= LONGEST_PATH => {
                self.wrong(field, Problem::TooLarge(LONGEST_PATH >> 10));
            }
            Some(folder) if !Path::new(folder).is_absolute() => {
                self.wrong(field, Problem::NotWhole);
            }
            Some(folder) if !Path::new(folder).is_dir() => {
                self.wrong(field, Problem::NoFolder(cut(folder)));
            }
            Some(_) => {}
        }
    }

    fn environment(&mut self, one: &Registration) {
        let field = Field::Environment;
        if one.environment.len() > MOST_VARIABLES {
            self.wrong(field, Problem::TooMany(MOST_VARIABLES));
        }
        let size: usize =
            one.environment.iter().map(|(name, value)| name.len() + value.len()).sum();
        if size > LONGEST_ENVIRONMENT {
            self.wrong(field, Problem::TooLarge(LONGEST_ENVIRONMENT >> 10));
        }
        for (name, value) in &one.environment {
            if name.is_empty() || name.contains(['=', '\0']) {
                self.wrong(field, Problem::VariableName(cut(name)));
            } else if value.contains('\0') {
                self.wrong(field, Problem::ValueNul(cut(name)));
            } else if value.len() >= LONGEST_ARGUMENT {
                let (name, kib) = (cut(name), LONGEST_ARGUMENT >> 10);
                self.wrong(field, Problem::ValueTooLarge { name, kib });
            }
        }
    }

    fn log_paths(&mut self, paths: &[String]) {
        if paths.len() > MOST_PATHS {
            self.wrong(Field::LogPaths, Problem::TooMany(MOST_PATHS));
        }
        for path in paths {
            if path.contains('\0') || path.len() >= LONGEST_PATH || !Path::new(path).is_absolute() {
                self.wrong(Field::LogPaths, Problem::LogPath(cut(path)));
            }
        }
    }

    fn tags(&mut self, tags: &[String]) {
        if tags.len() > MOST_TAGS {
            self.wrong(Field::Tags, Problem::TooMany(MOST_TAGS));
        }
        let bad = |tag: &&String| {
            tag.trim().is_empty()
                || tag.chars().count() > LONGEST_TAG
                || tag.chars().any(|one| one.is_control() || one == ',')
        };
        if let Some(tag) = tags.iter().find(bad) {
            self.wrong(Field::Tags, Problem::Tag { tag: cut(tag), most: LONGEST_TAG });
        }
    }
}
