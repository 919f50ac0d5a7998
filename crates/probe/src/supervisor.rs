//! Runs one command for as long as it is wanted, in a session of its own, and starts it again by its
//! rules: a small program that goes on when Ira ends, and whose name tells for whom it runs.
//!
//! `ira supervise --application ID --name NAME --folder FOLDER`, its [`Work`] as JSON on standard input.
//! It takes what its command leaves behind as its own children (`PR_SET_CHILD_SUBREAPER`, prctl(2)), so
//! that nothing it started is lost. SIGTERM stops everything, SIGINT the same without killing what stays.
//! What it did last is in `state.json` of its folder, the output of its command in `output.log`.
//! Leaves out: who may start what (the floors above), what is counted under whom (discovery).

#[cfg(target_os = "linux")]
mod children;
#[cfg(target_os = "linux")]
mod launch;
#[cfg(target_os = "linux")]
mod run;
mod state;

#[cfg(target_os = "linux")]
pub use launch::{Started, launch};
pub use state::{End, Exit, State, output, output_before, state};

use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, process::ExitCode};

/// The word that makes this program a supervisor.
pub const WORD: &str = "supervise";

/// When the command is started again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Again {
    /// Not at all.
    #[default]
    Never,
    /// When it ended with an exit code other than 0, or by a signal.
    OnFailure,
    /// Whenever it ended.
    Always,
}

/// What is to be run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Work {
    /// Program and arguments.
    pub command: Vec<String>,
    /// Where.
    pub working_directory: Option<String>,
    /// Beside what the supervisor was given.
    pub environment: BTreeMap<String, String>,
    /// When again.
    pub again: Again,
}

/// For whom a command line says that it supervises: the application's identifier and its name.
#[must_use]
pub fn supervises(arguments: &[String]) -> Option<(&str, &str)> {
    let [program, word, rest @ ..] = arguments else { return None };
    let program = program.rsplit('/').next().unwrap_or_default();
    if word != WORD || !matches!(program, "ira" | "ira-window") {
        return None;
    }
    match rest {
        [first, id, second, name, ..] if first == "--application" && second == "--name" => {
            Some((id, name))
        }
        _ => None,
    }
}

/// Runs as a supervisor where the command line of this program says so.
#[must_use]
pub fn asked() -> Option<ExitCode> {
    let arguments: Vec<String> =
        std::env::args_os().map(|one| one.to_string_lossy().into_owned()).collect();
    if arguments.get(1).map(String::as_str) != Some(WORD) {
        return None;
    }
    #[cfg(target_os = "linux")]
    let code = run::run(&arguments);
    #[cfg(not(target_os = "linux"))]
    let code = ExitCode::FAILURE;
    Some(code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_line_tells_for_whom() {
        let line = |text: &str| -> Vec<String> { text.split(' ').map(str::to_owned).collect() };
        let told = line("/usr/bin/ira supervise --application custom:shop --name Shop --folder /x");
        assert_eq!(supervises(&told), Some(("custom:shop", "Shop")));
        for other in [
            "ira",
            "ira supervise",
            "ira supervise --application custom:shop",
            "ira now --application custom:shop --name Shop",
            "vi supervise --application custom:shop --name Shop",
        ] {
            assert_eq!(supervises(&line(other)), None, "{other}");
        }
    }
}
