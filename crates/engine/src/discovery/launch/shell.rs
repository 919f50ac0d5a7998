//! Shells: `sh [options] FILE`, `sh -c COMMAND` (sh(1p), bash(1)).

use super::{Launch, absolute, is_command_option, is_descriptor, positional, program};
use ira_model::ProcessDetails;

pub(in crate::discovery) const WITH_VALUE: &[&str] =
    &["-o", "+o", "-O", "+O", "--rcfile", "--init-file", "-C"];

/// Words before the program of a command.
const BEFORE: &[&str] = &[
    "exec", "env", "nohup", "time", "nice", "ionice", "command", "sudo", "then", "do", "else", "{",
    "(", "!",
];

/// Commands that only prepare, decide or tell: what stands beside them is the program.
const ASIDE: &[&str] = &[
    "cd", "set", "export", "unset", "trap", "umask", "ulimit", "shopt", "source", ".", ":", "true",
    "false", "test", "[", "[[", "echo", "printf", "read", "local", "declare", "wait", "shift",
    "exit", "return", "for", "while", "until", "if", "elif", "case", "select", "done", "fi",
    "esac", "}", ")",
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

/// The program a shell was told to run: that of the first command that is one. A pause counts only
/// where there is nothing else.
fn of_command(command: &str) -> Option<Launch> {
    let programs = || command.split([';', '\n', '|', '&']).filter_map(program_of);
    let word = programs().find(|word| *word != "sleep").or_else(|| programs().next())?;
    Some(Launch {
        key: word.to_owned(),
        name: super::file_name(word).to_owned(),
        ..Launch::default()
    })
}

/// The program of one command, without what stands before it.
fn program_of(command: &str) -> Option<&str> {
    let mut words = command.split_whitespace().peekable();
    let mut is_told = false;
    let word = words.find(|word| {
        let is_before = BEFORE.contains(word);
        // `nice -n 5 node`: options of what stands before, and their numbers.
        let of_before =
            is_told && (word.starts_with('-') || word.bytes().all(|b| b.is_ascii_digit()));
        is_told |= is_before;
        !is_before && !of_before && !is_assignment(word)
    })?;
    if ASIDE.contains(&word) {
        return None;
    }
    let word = word.trim_matches(|c: char| !c.is_alphanumeric() && !"/._-~".contains(c));
    Some(word).filter(|word| !word.is_empty())
}

fn is_assignment(word: &str) -> bool {
    let name = word.split_once('=').map(|(name, _)| name);
    name.is_some_and(|name| name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_'))
}
