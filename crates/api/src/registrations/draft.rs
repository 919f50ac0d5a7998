//! A registration as it is typed, and as it is kept.

use super::registry;
use crate::{
    applications::oldest,
    moment::{Moment, ProcessView},
    wire::{
        ApiError, RegistrationDraft, RegistrationField, RegistrationProblem,
        RegistrationProblemKind, RestartPolicy, Variable,
    },
};
use ira_engine::registry::{Field, FieldProblem, Problem, Registration};
use std::path::Path;

/// A longer line is not looked at.
const LONGEST_LINE: usize = 2 << 20;

/// As it would be typed.
pub(super) fn of(one: &Registration) -> RegistrationDraft {
    RegistrationDraft {
        application: Some(one.application.clone()).filter(|id| !id.is_empty()),
        name: one.name.clone(),
        command_line: line(&one.command),
        working_directory: one.working_directory.clone(),
        environment: one
            .environment
            .iter()
            .map(|(name, value)| Variable { name: name.clone(), value: value.clone() })
            .collect(),
        port: one.port,
        log_paths: one.log_paths.clone(),
        restart: match one.restart {
            registry::RestartPolicy::Never => RestartPolicy::Never,
            registry::RestartPolicy::OnFailure => RestartPolicy::OnFailure,
            registry::RestartPolicy::Always => RestartPolicy::Always,
        },
        enabled: one.enabled,
        notes: one.notes.clone(),
        tags: one.tags.clone(),
    }
}

/// Program and arguments as they would be typed.
pub(crate) fn line(command: &[String]) -> String {
    // NUL is in no command that is kept, and none that runs.
    shlex::try_join(command.iter().map(String::as_str)).unwrap_or_default()
}

/// An application as it runs now: its oldest process, which started the others, unless that went to
/// another folder since, from which its own command would find nothing.
pub(super) fn of_running(moment: &Moment<'_>, id: &str) -> Option<RegistrationDraft> {
    let members: Vec<&ProcessView<'_>> =
        moment.processes.iter().filter(|p| p.attribution.application.id == id).collect();
    let starts = members
        .iter()
        .copied()
        .filter(|p| finds_its_script(&p.details.arguments, p.details.working_directory.as_deref()));
    let starts: Vec<_> = starts.collect();
    let oldest = oldest(&starts).or_else(|| oldest(&members))?;
    let by_pid = moment.ports();
    let ports = members.iter().flat_map(|process| by_pid.get(&process.sample.key.pid)).flatten();
    let here = ports.filter(|listener| listener.namespace.is_none());
    Some(RegistrationDraft {
        application: Some(id.to_owned()),
        name: oldest.attribution.application.name.clone(),
        command_line: line(&oldest.details.arguments),
        working_directory: oldest.details.working_directory.clone(),
        environment: Vec::new(),
        port: here.map(|listener| listener.port).min(),
        log_paths: Vec::new(),
        restart: RestartPolicy::Never,
        enabled: false,
        notes: String::new(),
        tags: Vec::new(),
    })
}

/// Whether what looks like a script among the first arguments is there, seen from a folder.
fn finds_its_script(arguments: &[String], folder: Option<&str>) -> bool {
    const SCRIPTS: [&str; 8] = ["sh", "bash", "js", "mjs", "cjs", "py", "rb", "pl"];
    let first = arguments.iter().skip(1).find(|argument| !argument.starts_with('-'));
    let (Some(first), Some(folder)) = (first.map(Path::new), folder) else { return true };
    let is_script = first.extension().is_some_and(|end| SCRIPTS.iter().any(|one| end == *one));
    !is_script || Path::new(folder).join(first).is_file()
}

/// What was typed, understood as far as that goes without looking at the machine.
pub(super) fn understand(
    draft: &RegistrationDraft,
) -> Result<Registration, Vec<RegistrationProblem>> {
    let mut problems = Vec::new();
    let mut wrong = |field, problem| problems.push(told(FieldProblem { field, problem }));
    let line = draft.command_line.trim();
    let command = if line.len() > LONGEST_LINE { None } else { shlex::split(line) };
    if command.is_none() {
        let is_long = line.len() > LONGEST_LINE;
        let long = Problem::TooLarge(LONGEST_LINE >> 10);
        wrong(Field::Command, if is_long { long } else { Problem::Quotation });
    }
    let mut environment = std::collections::BTreeMap::new();
    for Variable { name, value } in &draft.environment {
        if environment.insert(name.clone(), value.clone()).is_some() {
            wrong(Field::Environment, Problem::VariableTwice(registry::cut(name)));
        }
    }
    let filled = |text: &Option<String>| {
        text.as_deref().map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned)
    };
    let each = |texts: &[String]| {
        let texts = texts.iter().map(|text| text.trim().to_owned());
        texts.filter(|text| !text.is_empty()).collect::<Vec<_>>()
    };
    let one = Registration {
        application: filled(&draft.application).unwrap_or_default(),
        name: draft.name.trim().to_owned(),
        command: command.unwrap_or_default(),
        working_directory: filled(&draft.working_directory),
        environment,
        port: draft.port,
        log_paths: each(&draft.log_paths),
        restart: match draft.restart {
            RestartPolicy::Never => registry::RestartPolicy::Never,
            RestartPolicy::OnFailure => registry::RestartPolicy::OnFailure,
            RestartPolicy::Always => registry::RestartPolicy::Always,
        },
        enabled: draft.enabled,
        notes: draft.notes.clone(),
        tags: each(&draft.tags),
    };
    if problems.is_empty() {
        return Ok(one);
    }
    // Everything that is wrong is told at once.
    problems.extend(self::problems(&one));
    Err(problems)
}

/// What is wrong with it on this machine.
pub(super) fn problems(one: &Registration) -> Vec<RegistrationProblem> {
    registry::check(one).into_iter().map(told).collect()
}

/// A problem for the wire.
fn told(FieldProblem { field, problem }: FieldProblem) -> RegistrationProblem {
    use RegistrationProblemKind as Kind;
    let (message, is_warning) = (problem.to_string(), problem.is_warning());
    let (kind, about, most) = match problem {
        Problem::NameMissing => (Kind::NameMissing, None, None),
        Problem::TooLong(most) => (Kind::TooLong, None, Some(most)),
        Problem::TooLarge(kib) => (Kind::TooLarge, None, Some(kib)),
        Problem::TooMany(most) => (Kind::TooMany, None, Some(most)),
        Problem::Control => (Kind::Control, None, None),
        Problem::Nul => (Kind::Nul, None, None),
        Problem::ArgumentTooLarge { number, kib } => {
            (Kind::ArgumentTooLarge, Some(number.to_string()), Some(kib))
        }
        Problem::Quotation => (Kind::Quotation, None, None),
        Problem::ProgramEmpty => (Kind::ProgramEmpty, None, None),
        Problem::NoProgram(program) => (Kind::NoProgram, Some(program), None),
        Problem::NoProgramAt(path) => (Kind::NoProgramAt, Some(path), None),
        Problem::NotWhole => (Kind::NotWhole, None, None),
        Problem::NoFolder(folder) => (Kind::NoFolder, Some(folder), None),
        Problem::VariableName(name) => (Kind::VariableName, Some(name), None),
        Problem::VariableTwice(name) => (Kind::VariableTwice, Some(name), None),
        Problem::ValueNul(name) => (Kind::ValueNul, Some(name), None),
        Problem::ValueTooLarge { name, kib } => (Kind::ValueTooLarge, Some(name), Some(kib)),
        Problem::PortZero => (Kind::PortZero, None, None),
        Problem::LogPath(path) => (Kind::LogPath, Some(path), None),
        Problem::Tag { tag, most } => (Kind::Tag, Some(tag), Some(most)),
    };
    let field = match field {
        Field::Name => RegistrationField::Name,
        Field::Command => RegistrationField::Command,
        Field::WorkingDirectory => RegistrationField::WorkingDirectory,
        Field::Environment => RegistrationField::Environment,
        Field::Port => RegistrationField::Port,
        Field::LogPaths => RegistrationField::LogPaths,
        Field::Notes => RegistrationField::Notes,
        Field::Tags => RegistrationField::Tags,
    };
    let most = most.and_then(|most| u32::try_from(most).ok());
    RegistrationProblem { field, kind, about, most, message, is_warning }
}

/// The first thing that is wrong.
pub(super) fn refused(problems: &[RegistrationProblem]) -> ApiError {
    let first = problems.iter().find(|problem| !problem.is_warning);
    let text = first.map(|problem| {
        let field = match problem.field {
            RegistrationField::Name => "name",
            RegistrationField::Command => "command_line",
            RegistrationField::WorkingDirectory => "working_directory",
            RegistrationField::Environment => "environment",
            RegistrationField::Port => "port",
            RegistrationField::LogPaths => "log_paths",
            RegistrationField::Notes => "notes",
            RegistrationField::Tags => "tags",
        };
        format!("{field}: {}", problem.message)
    });
    ApiError::invalid(text.unwrap_or_default())
}

/// That another holds the port. It can be kept so, but will not start as this machine is now.
pub(super) fn port_taken(holder: String) -> RegistrationProblem {
    RegistrationProblem {
        field: RegistrationField::Port,
        kind: RegistrationProblemKind::PortTaken,
        message: format!("{holder} listens on that port now"),
        about: Some(holder),
        most: None,
        is_warning: true,
    }
}

#[cfg(test)]
mod tests {
    use super::finds_its_script;

    #[test]
    fn a_script_is_looked_for_from_where_the_process_is() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("server.js"), "").unwrap();
        let at = folder.path().to_str();
        let finds = |command: &str| {
            let arguments: Vec<_> = command.split(' ').map(str::to_owned).collect();
            finds_its_script(&arguments, at)
        };
        assert!(finds("node server.js") && finds("node --inspect server.js 80"));
        assert!(!finds("bash m/start.sh"), "it went to another folder since");
        assert!(finds("bash") && finds("python3 -m http.server") && finds("nginx -c x.conf"));
        let whole = folder.path().join("server.js");
        assert!(finds(&format!("node {}", whole.display())));
        assert!(finds_its_script(&["sh".into(), "x.sh".into()], None), "not known, not doubted");
    }
}
