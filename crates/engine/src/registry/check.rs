//! When a registration makes sense, a field at a time.

use super::Registration;
use std::path::Path;

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

/// What is wrong with a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldProblem {
    /// Which.
    pub field: Field,
    /// What, and what to do.
    pub message: String,
    /// It can be kept like that, but will not start as this machine is now.
    pub is_warning: bool,
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
        found.wrong(Field::Port, "port 0 means any; give 1 to 65535 or none");
    }
    found.log_paths(&one.log_paths);
    if one.notes.chars().count() > LONGEST_NOTES {
        found.wrong(Field::Notes, format!("longer than {LONGEST_NOTES} characters"));
    }
    found.tags(&one.tags);
    found.0
}

struct Found(Vec<FieldProblem>);

impl Found {
    fn wrong(&mut self, field: Field, message: impl Into<String>) {
        self.0.push(FieldProblem { field, message: message.into(), is_warning: false });
    }

    fn warn(&mut self, field: Field, message: impl Into<String>) {
        self.0.push(FieldProblem { field, message: message.into(), is_warning: true });
    }

    fn name(&mut self, name: &str) {
        if name.trim().is_empty() {
            self.wrong(Field::Name, "it needs a name");
        } else if name.chars().count() > LONGEST_NAME {
            self.wrong(Field::Name, format!("longer than {LONGEST_NAME} characters"));
        } else if name.chars().any(char::is_control) {
            self.wrong(Field::Name, "it holds a line break or another control character");
        }
    }

    fn command(&mut self, one: &Registration) {
        let command = &one.command;
        if command.len() > MOST_ARGUMENTS {
            self.wrong(Field::Command, format!("more than {MOST_ARGUMENTS} arguments"));
        }
        if let Some(long) = command.iter().position(|part| part.len() >= LONGEST_ARGUMENT) {
            self.wrong(Field::Command, format!("argument {long} is longer than 128 KiB"));
        }
        if command.iter().any(|part| part.contains('\0')) {
            self.wrong(Field::Command, "it holds a NUL character, which no command can");
        }
        let Some(program) = command.first() else { return };
        if program.is_empty() {
            self.wrong(Field::Command, "the program is empty; write its name or its path");
        } else if !program.contains('\0') && !is_found(program, one) {
            let folder = one.working_directory.as_deref().filter(|_| program.contains('/'));
            let place = folder.map_or("on the path of programs", |folder| folder);
            self.warn(Field::Command, format!("there is no program {program} {place} now"));
        }
    }

    fn working_directory(&mut self, folder: Option<&str>) {
        let field = Field::WorkingDirectory;
        match folder {
            None => {}
            Some(folder) if folder.contains('\0') => self.wrong(field, "it holds a NUL character"),
            Some(folder) if folder.len() >= LONGEST_PATH => self.wrong(field, "longer than 4 KiB"),
            Some(folder) if !Path::new(folder).is_absolute() => {
                self.wrong(field, "give the whole path; nothing says from where this one goes");
            }
            Some(folder) if !Path::new(folder).is_dir() => {
                self.warn(field, format!("there is no folder {folder} now"));
            }
            Some(_) => {}
        }
    }

    fn environment(&mut self, one: &Registration) {
        let field = Field::Environment;
        if one.environment.len() > MOST_VARIABLES {
            self.wrong(field, format!("more than {MOST_VARIABLES} variables"));
        }
        let size: usize =
            one.environment.iter().map(|(name, value)| name.len() + value.len()).sum();
        if size > LONGEST_ENVIRONMENT {
            self.wrong(field, "names and values are longer than 1 MiB together");
        }
        for (name, value) in &one.environment {
            if name.is_empty() || name.contains(['=', '\0']) {
                self.wrong(field, format!("{name:?} is no name for a variable"));
            } else if value.contains('\0') {
                self.wrong(field, format!("the value of {name} holds a NUL character"));
            } else if value.len() >= LONGEST_ARGUMENT {
                self.wrong(field, format!("the value of {name} is longer than 128 KiB"));
            }
        }
    }

    fn log_paths(&mut self, paths: &[String]) {
        if paths.len() > MOST_PATHS {
            self.wrong(Field::LogPaths, format!("more than {MOST_PATHS} paths"));
        }
        for path in paths {
            if path.contains('\0') || path.len() >= LONGEST_PATH || !Path::new(path).is_absolute() {
                self.wrong(Field::LogPaths, format!("{path:?} is no whole path"));
            }
        }
    }

    fn tags(&mut self, tags: &[String]) {
        if tags.len() > MOST_TAGS {
            self.wrong(Field::Tags, format!("more than {MOST_TAGS} tags"));
        }
        let bad = |tag: &&String| {
            tag.trim().is_empty()
                || tag.chars().count() > LONGEST_TAG
                || tag.chars().any(|one| one.is_control() || one == ',')
        };
        if let Some(tag) = tags.iter().find(bad) {
            let message = format!("{tag:?} is no tag: 1 to {LONGEST_TAG} characters, no comma");
            self.wrong(Field::Tags, message);
        }
    }
}

/// Whether the program is where it would be looked for.
fn is_found(program: &str, one: &Registration) -> bool {
    if program.contains('/') {
        let folder = one.working_directory.as_deref().unwrap_or("/");
        return Path::new(folder).join(program).is_file();
    }
    let own = one.environment.get("PATH").map(std::ffi::OsString::from);
    let path = own.or_else(|| std::env::var_os("PATH")).unwrap_or_default();
    std::env::split_paths(&path).any(|folder| folder.join(program).is_file())
}
