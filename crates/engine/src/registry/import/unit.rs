//! A service of systemd (systemd.service(5), systemd.exec(5), systemd.syntax(7)), to be run without systemd.

use super::{File, Found, ImportError, has_variable};
use crate::registry::RestartPolicy;

pub(super) fn read(file: &File<'_>) -> Result<Vec<Found>, ImportError> {
    let unit = file.path.file_name().map(|name| name.to_string_lossy().into_owned());
    let unit = unit.unwrap_or_default();
    let name = unit.strip_suffix(".service").unwrap_or(&unit);
    let mut found = file.found(name, Vec::new());
    found.registration.working_directory = Some("/".to_owned());
    found.notes.push(format!("Where {unit} is installed, Services runs it as it says."));
    let mut commands = Vec::new();
    for (line, section, key, value) in settings(file)? {
        let one = &mut found.registration;
        match (section.as_str(), key.as_str()) {
            ("Unit", "Description") => one.notes.clone_from(&value),
            ("Service", "ExecStart") if value.is_empty() => commands.clear(),
            ("Service", "ExecStart") => commands.push(command(file, line, &value)?),
            ("Service", "WorkingDirectory") => {
                let folder = value.trim_start_matches('-');
                one.working_directory = Some(folder.to_owned()).filter(|folder| folder != "~");
            }
            ("Service", "Environment") if value.is_empty() => one.environment.clear(),
            ("Service", "Environment") => {
                let each = shlex::split(&value)
                    .ok_or_else(|| file.fault(line, "a quotation is not closed"))?;
                let pairs = each.iter().filter_map(|each| each.split_once('='));
                let owned = pairs.map(|(name, value)| (name.to_owned(), value.to_owned()));
                one.environment.extend(owned);
            }
            ("Service", "Restart") => {
                one.restart = match value.as_str() {
                    "no" => RestartPolicy::Never,
                    "always" | "on-success" => RestartPolicy::Always,
                    _ => RestartPolicy::OnFailure,
                };
            }
            ("Service", "EnvironmentFile") => {
                found.notes.push(format!("The variables of {value} are not taken over."));
            }
            ("Service", "User" | "Group" | "DynamicUser") => {
                found.notes.push(format!("{key}={value} is left out: it runs as you."));
            }
            ("Service", "ExecStartPre" | "ExecStartPost" | "ExecStop" | "ExecReload") => {
                found.notes.push(format!("{key} is left out: {value}"));
            }
            _ => {}
        }
    }
    if commands.len() > 1 {
        found.notes.push("It runs several commands in turn; the first is taken.".to_owned());
    }
    let first = commands.into_iter().next();
    found.registration.command =
        first.ok_or_else(|| file.fault(1, "there is no ExecStart= in [Service]"))?;
    let line = found.registration.command.join(" ");
    if has_variable(&line) || line.contains('%') {
        let text =
            "Variables and specifiers (%) in the command are not replaced: write their values.";
        found.notes.push(text.to_owned());
    }
    found.notes.truncate(20);
    Ok(vec![found])
}

/// Line, section, key and value of each assignment; lines that end in a backslash go on.
fn settings(file: &File<'_>) -> Result<Vec<(usize, String, String, String)>, ImportError> {
    let mut all = Vec::new();
    let mut section = String::new();
    let mut lines = file.text.lines().enumerate();
    while let Some((at, line)) = lines.next() {
        let line = line.trim();
        if line.is_empty() || line.starts_with(['#', ';']) {
            continue;
        }
        if let Some(name) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            name.clone_into(&mut section);
            continue;
        }
        let Some((key, value)) = line.split_once('=') else {
            return Err(file.fault(at + 1, format!("it should be `Key=value`, not {line:?}")));
        };
        let mut value = value.trim().to_owned();
        while value.ends_with('\\') {
            value.pop();
            value.push(' ');
            match lines.next().map(|(_, line)| line.trim()) {
                // Comments in between are left out.
                Some(line) if line.starts_with(['#', ';']) => value.push('\\'),
                Some(line) => value.push_str(line),
                None => {}
            }
        }
        all.push((at + 1, section.clone(), key.trim().to_owned(), value.trim().to_owned()));
    }
    Ok(all)
}

/// `@-:+!` before the path change how systemd starts it; after `@` the second word is the name that the
/// program is told it has.
fn command(file: &File<'_>, line: usize, value: &str) -> Result<Vec<String>, ImportError> {
    let bare = value.trim_start_matches(['@', '-', ':', '+', '!', '|']);
    let has_name = value.get(..value.len() - bare.len()).is_some_and(|marks| marks.contains('@'));
    let mut words =
        shlex::split(bare).ok_or_else(|| file.fault(line, "a quotation is not closed"))?;
    if has_name && words.len() > 1 {
        words.remove(1);
    }
    Ok(words)
}
