//! What files of other tools say can be run. Nothing in them is carried out, and none goes through a
//! shell: what only a shell would understand is said, not guessed.

mod compose;
mod package;
mod pm2;
mod procfile;
mod unit;

use super::Registration;
use std::path::Path;
use thiserror::Error;

/// A longer file is not read.
pub const LONGEST: u64 = 1 << 20;

/// What is looked for in a folder. Services and what Ira exported have names of their own: their path is
/// to be given.
pub const IN_FOLDER: [&str; 12] = [
    "Procfile",
    "package.json",
    "compose.yaml",
    "compose.yml",
    "docker-compose.yaml",
    "docker-compose.yml",
    "ecosystem.config.js",
    "ecosystem.config.cjs",
    "ecosystem.config.mjs",
    "ecosystem.config.json",
    "ecosystem.json",
    "pm2.json",
];

/// What is taken from one file.
const MOST: usize = 200;
/// Brackets within brackets.
const DEEPEST: u32 = 100;

/// Why a file tells nothing.
#[derive(Debug, Error, Clone, PartialEq, Eq)]
pub enum ImportError {
    /// It has another name than those that are known.
    #[error(
        "{0} is none of Procfile, package.json, compose.yaml, docker-compose.yml, ecosystem.config.js or .json, *.service, *.toml"
    )]
    UnknownFile(String),
    /// It is not what its name says.
    #[error("line {line}: {message}")]
    Malformed {
        /// Where, from 1.
        line: usize,
        /// What, and what to do.
        message: String,
    },
}

/// Something that can be run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// How it would be kept; `application` is empty.
    pub registration: Registration,
    /// What of the file could not be taken over, a sentence each.
    pub notes: Vec<String>,
}

/// What a file says can be run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundInFile {
    /// What kind of file it is.
    pub format: &'static str,
    /// In its order.
    pub found: Vec<Found>,
}

/// Reads the text of a file by its name. `path` is the whole path; things are run in its folder where it
/// does not say otherwise.
///
/// # Errors
/// See [`ImportError`].
pub fn import(path: &Path, text: &str) -> Result<FoundInFile, ImportError> {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let file = File { path, folder: path.parent().unwrap_or(Path::new("/")), text };
    let (format, found) = match name {
        "Procfile" => ("Procfile", procfile::read(&file)?),
        name if name.starts_with("Procfile.") => ("Procfile", procfile::read(&file)?),
        "package.json" => ("package.json", package::read(&file)?),
        "compose.yaml" | "compose.yml" | "docker-compose.yaml" | "docker-compose.yml" => {
            ("Compose", compose::read(&file)?)
        }
        "ecosystem.config.js"
        | "ecosystem.config.cjs"
        | "ecosystem.config.mjs"
        | "ecosystem.config.json"
        | "ecosystem.json"
        | "pm2.json" => ("PM2", pm2::read(&file)?),
        name if name.ends_with(".service") => ("systemd", unit::read(&file)?),
        name if name.ends_with(".toml") => ("Ira", own(&file)?),
        _ => return Err(ImportError::UnknownFile(path.display().to_string())),
    };
    Ok(FoundInFile { format, found: found.into_iter().take(MOST).collect() })
}

/// A file whose text was read.
struct File<'a> {
    path: &'a Path,
    folder: &'a Path,
    text: &'a str,
}

impl File<'_> {
    /// Something that runs in its folder.
    fn found(&self, name: &str, command: Vec<String>) -> Found {
        Found {
            registration: Registration {
                name: plain(name),
                command,
                working_directory: Some(self.folder.display().to_string()),
                ..Registration::default()
            },
            notes: Vec::new(),
        }
    }

    /// The name of its folder, for what has no other.
    fn folder_name(&self) -> String {
        let name = self.folder.file_name().map(|name| name.to_string_lossy().into_owned());
        name.unwrap_or_else(|| "/".to_owned())
    }

    fn fault(&self, line: usize, message: impl Into<String>) -> ImportError {
        ImportError::Malformed { line: line.max(1), message: message.into() }
    }
}

/// A name that can be kept.
fn plain(name: &str) -> String {
    let shown = name.chars().map(|one| if one.is_control() { ' ' } else { one });
    shown.take(100).collect::<String>().trim().to_owned()
}

/// Why a line means something else than its words to a shell.
fn shell_only(line: &str) -> Option<&'static str> {
    let mut quote = None;
    let mut chars = line.chars().peekable();
    while let Some(one) = chars.next() {
        match (one, quote) {
            ('\\', None | Some('"')) => drop(chars.next()),
            ('\'' | '"', None) => quote = Some(one),
            (_, Some(open)) if one == open => quote = None,
            ('`', None | Some('"')) => return Some("` runs a command for its output"),
            ('$', None | Some('"')) if chars.peek() == Some(&'(') => {
                return Some("$( runs a command for its output");
            }
            ('|', None) => return Some("| joins two commands"),
            ('&' | ';', None) => return Some("& and ; separate commands"),
            ('<' | '>', None) => return Some("< and > redirect"),
            _ => {}
        }
    }
    None
}

/// Whether some word would be replaced by a shell.
fn has_variable(line: &str) -> bool {
    let begins = |rest: &str| {
        rest.starts_with(|one: char| one.is_ascii_alphabetic() || one == '_' || one == '{')
    };
    line.split('$').skip(1).any(begins)
}

/// A line as program and arguments, and what of it a shell would do; no command where only one could.
fn words(line: &str) -> (Vec<String>, Vec<String>) {
    let mut notes = Vec::new();
    if let Some(why) = shell_only(line) {
        notes.push(format!("It needs a shell ({why}): put it into a script. It says: {line}"));
        return (Vec::new(), notes);
    }
    let Some(command) = shlex::split(line) else {
        notes.push(format!("A quotation is not closed: {line}"));
        return (Vec::new(), notes);
    };
    if has_variable(line) {
        notes.push("Variables in the command are not replaced: write their values.".to_owned());
    }
    if command.iter().any(|word| word.contains(['*', '?'])) && !line.contains(['\'', '"']) {
        notes.push("* and ? stay as they are: no files are put in their place.".to_owned());
    }
    (command, notes)
}

/// A text whose brackets go deeper is not given to a parser that would follow them all.
fn is_deep(text: &str) -> bool {
    let mut depth = 0_u32;
    text.bytes().any(|byte| {
        match byte {
            b'[' | b'{' => depth += 1,
            b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth > DEEPEST
    })
}

/// What [`Registration`]s were exported as.
fn own(file: &File<'_>) -> Result<Vec<Found>, ImportError> {
    #[derive(serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Written {
        #[serde(default)]
        application: Vec<Registration>,
    }
    let written: Written = toml::from_str(file.text).map_err(|error| {
        let at = error.span().map_or(0, |span| span.start);
        file.fault(line_of(file.text, at), error.message())
    })?;
    let found = written.application.into_iter().map(|one| Found {
        // Whom it was of need not be there.
        registration: Registration { application: String::new(), ..one },
        notes: Vec::new(),
    });
    Ok(found.collect())
}

fn line_of(text: &str, at: usize) -> usize {
    text.bytes().take(at).filter(|byte| *byte == b'\n').count() + 1
}

#[cfg(test)]
mod tests;
