//! `Procfile`: `type: command` a line (Heroku Dev Center, "The Procfile"), with the `.env` beside it that
//! foreman reads.

use super::{File, Found, ImportError, has_variable, words};
use std::collections::BTreeMap;

/// A longer `.env` is not read.
const LONGEST_ENV: u64 = 64 << 10;

pub(super) fn read(file: &File<'_>) -> Result<Vec<Found>, ImportError> {
    let variables = env(file);
    let project = file.folder_name();
    let mut all = Vec::new();
    for (at, line) in file.text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let entry = line.split_once(':').filter(|(kind, _)| {
            !kind.is_empty()
                && kind.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b))
        });
        let Some((kind, command)) = entry else {
            return Err(file.fault(at + 1, format!("it should be `name: command`, not {line:?}")));
        };
        all.push(entry_of(file, &format!("{project} {kind}"), command.trim(), &variables));
    }
    Ok(all)
}

fn entry_of(
    file: &File<'_>,
    name: &str,
    line: &str,
    variables: &BTreeMap<String, String>,
) -> Found {
    let (command, notes) = words(line);
    let mut found = file.found(name, Vec::new());
    found.registration.environment.clone_from(variables);
    let mut words = command.into_iter().peekable();
    // `NAME=value` before the program is its environment (2.9.1 of the shell command language, POSIX).
    while let Some((name, value)) = words.peek().and_then(|word| assignment(word)) {
        found.registration.environment.insert(name.to_owned(), value.to_owned());
        words.next();
    }
    let environment = &found.registration.environment;
    let mut left = false;
    // A word that is a variable and nothing else needs no shell, where its value is known.
    let replaced = |word: String| {
        let name = word.strip_prefix('$').map(|rest| rest.trim_matches(['{', '}']));
        match name.and_then(|name| environment.get(name)) {
            Some(value) if !line.contains('\'') => value.clone(),
            _ => {
                left |= has_variable(&word);
                word
            }
        }
    };
    found.registration.command = words.map(replaced).collect();
    found.registration.port = environment.get("PORT").and_then(|port| port.parse().ok());
    found.notes = notes.into_iter().filter(|note| left || !note.starts_with("Variables")).collect();
    found
}

fn assignment(word: &str) -> Option<(&str, &str)> {
    let (name, value) = word.split_once('=')?;
    let first = name.bytes().next()?;
    let is_name = (first.is_ascii_alphabetic() || first == b'_')
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    is_name.then_some((name, value))
}

/// `NAME=value` a line, quoted or not; what is no such thing is left out.
fn env(file: &File<'_>) -> BTreeMap<String, String> {
    let path = file.folder.join(".env");
    let bytes = ira_probe::read_plain(&path, LONGEST_ENV + 1).unwrap_or_default();
    let is_small = bytes.len() as u64 <= LONGEST_ENV;
    let text = String::from_utf8(bytes).ok().filter(|_| is_small).unwrap_or_default();
    let lines = text.lines().map(|line| line.trim().trim_start_matches("export "));
    lines
        .filter_map(|line| {
            let (name, value) = assignment(line)?;
            let value = value.trim();
            let quoted = ['"', '\''].into_iter().find_map(|quote| {
                value.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote))
            });
            Some((name.to_owned(), quoted.unwrap_or(value).to_owned()))
        })
        .collect()
}
