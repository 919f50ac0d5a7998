//! Shells: `sh [options] FILE`, `sh -c COMMAND` (sh(1p), bash(1)).

use super::{Launch, absolute, is_command_option, is_descriptor, positional, program};
use ira_model::ProcessDetails;

const WITH_VALUE: &[&str] = &["-o", "+o", "-O", "+O", "--rcfile", "--init-file", "-C"];

/// Words before the program in a command.
const BEFORE: &[&str] = &[
    "exec", "env", "nohup", "cd", "set", "&&", ";", "time", "nice", "command", "sudo", "then",
    "do", "while", "for", "if", "until", "true", "trap", "export", "source", ".", "{", "(", "!",
    "umask",
];

pub(super) fn launch(details: &ProcessDetails) -> Option<Launch> {
    let arguments = &details.arguments;
    // A shell that is one of many in a file has its own name second.
    let from = if arguments.first().is_some_and(|a| a.ends_with("busybox")) { 2 } else { 1 };
    let at = arguments.iter().skip(from).position(|argument| !argument.starts_with('-'));
    let command =
        arguments.iter().skip(from).take(at.unwrap_or(usize::MAX)).any(|argument| {
            is_command_option(argument) && !WITH_VALUE.contains(&argument.as_str())
        });
    if command {
        return of_command(arguments.get(from + at?)?);
    }
    let (_, file) = positional(arguments, from, WITH_VALUE)?;
    if is_descriptor(file) || program(details) == "busybox" {
        return None;
    }
    Some(Launch::file(absolute(details, file)))
}

/// The program a shell was told to run.
fn of_command(command: &str) -> Option<Launch> {
    let mut words =
        command.split(|c: char| c.is_whitespace() || c == ';').filter(|word| !word.is_empty());
    let mut word = words.find(|word| !word.contains('=') && !BEFORE.contains(word))?;
    // `cd /srv && exec node` goes on after the folder.
    if command.trim_start().starts_with("cd ") {
        word = words.find(|word| !word.contains('=') && !BEFORE.contains(word)).unwrap_or(word);
    }
    let word = word.trim_matches(|c: char| !c.is_alphanumeric() && !"/._-~".contains(c));
    (!word.is_empty()).then(|| Launch {
        key: word.to_owned(),
        name: super::file_name(word).to_owned(),
        ..Launch::default()
    })
}
