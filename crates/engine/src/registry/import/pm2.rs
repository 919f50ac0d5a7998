//! `ecosystem.config.js` and its like (PM2, "Ecosystem File"). A script is never run: it is understood where
//! what it exports is written out.

use super::{File, Found, ImportError, is_deep};
use crate::registry::RestartPolicy;
use serde::Deserialize;
use std::{collections::BTreeMap, path::Path};

#[derive(Deserialize)]
#[serde(untagged)]
enum Ecosystem {
    Whole { apps: Vec<App> },
    Bare(Vec<App>),
}

#[derive(Deserialize)]
struct App {
    #[serde(default)]
    name: Option<String>,
    script: String,
    #[serde(default)]
    args: Option<Args>,
    #[serde(default)]
    interpreter: Option<String>,
    #[serde(default)]
    cwd: Option<String>,
    #[serde(default)]
    env: BTreeMap<String, Option<Value>>,
    #[serde(default)]
    node_args: Option<Args>,
    #[serde(default)]
    autorestart: Option<bool>,
    #[serde(default)]
    instances: Option<Value>,
    #[serde(default)]
    exec_mode: Option<String>,
    #[serde(default)]
    max_memory_restart: Option<Value>,
    #[serde(default, alias = "out_log", alias = "out", alias = "output")]
    out_file: Option<String>,
    #[serde(default, alias = "err_file", alias = "err_log", alias = "error", alias = "err")]
    error_file: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Args {
    Line(String),
    Each(Vec<String>),
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Value {
    Whole(i64),
    Number(f64),
    Is(bool),
    Text(String),
}

impl std::fmt::Display for Value {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Whole(number) => write!(f, "{number}"),
            Self::Number(number) => write!(f, "{number}"),
            Self::Is(is) => write!(f, "{is}"),
            Self::Text(text) => f.write_str(text),
        }
    }
}

pub(super) fn read(file: &File<'_>) -> Result<Vec<Found>, ImportError> {
    let starts = ["module.exports", "export default"];
    let exported = starts.into_iter().find_map(|start| {
        let at = file.text.find(start)? + start.len();
        let rest = file.text.get(at..)?;
        let value = rest.find(['{', '['])?;
        Some(at + value)
    });
    let begin = exported.unwrap_or(0);
    let object = file.text.get(begin..).unwrap_or_default().trim_end();
    let object = object.strip_suffix(';').unwrap_or(object);
    if is_deep(object) {
        return Err(file.fault(1, "its brackets go too deep"));
    }
    let ecosystem: Ecosystem = json5::from_str(object).map_err(|error| {
        let before = super::line_of(file.text, begin);
        let line = before + error.position().map_or(0, |at| at.line);
        let advice = "only values that are written out are understood, as no script is run";
        file.fault(line, format!("{error}; {advice}"))
    })?;
    let (Ecosystem::Whole { apps } | Ecosystem::Bare(apps)) = ecosystem;
    Ok(apps.into_iter().map(|app| found(file, app)).collect())
}

fn found(file: &File<'_>, app: App) -> Found {
    let mut notes = Vec::new();
    let mut command = Vec::new();
    let ending = Path::new(&app.script).extension().and_then(|ending| ending.to_str());
    let interpreter = match (app.interpreter.as_deref(), ending) {
        (Some("none"), _) => None,
        (Some(named), _) => Some(named),
        (None, Some("js" | "cjs" | "mjs")) => Some("node"),
        (None, Some("py")) => Some("python3"),
        (None, Some("sh")) => Some("bash"),
        (None, Some("rb")) => Some("ruby"),
        (None, Some("php")) => Some("php"),
        (None, Some("pl")) => Some("perl"),
        (None, _) => None,
    };
    command.extend(interpreter.map(str::to_owned));
    match app.node_args {
        None => {}
        Some(Args::Each(each)) => command.extend(each),
        Some(Args::Line(line)) => command.extend(shlex::split(&line).unwrap_or_default()),
    }
    command.push(app.script.clone());
    match app.args {
        None => {}
        Some(Args::Each(each)) => command.extend(each),
        Some(Args::Line(line)) => match shlex::split(&line) {
            Some(words) => command.extend(words),
            None => notes.push(format!("A quotation is not closed: {line}")),
        },
    }
    let name = app.name.unwrap_or_else(|| {
        let stem =
            Path::new(&app.script).file_stem().map(|stem| stem.to_string_lossy().into_owned());
        stem.unwrap_or_else(|| file.folder_name())
    });
    let mut found = file.found(&name, command);
    let one = &mut found.registration;
    let folder = app.cwd.map_or_else(|| file.folder.to_owned(), |cwd| file.folder.join(cwd));
    one.working_directory = Some(folder.display().to_string());
    one.environment =
        app.env.into_iter().filter_map(|(name, value)| Some((name, value?.to_string()))).collect();
    one.port = one.environment.get("PORT").and_then(|port| port.parse().ok());
    one.restart =
        if app.autorestart == Some(false) { RestartPolicy::Never } else { RestartPolicy::Always };
    let logs = [app.out_file, app.error_file].into_iter().flatten();
    one.log_paths = logs.map(|path| folder.join(path).display().to_string()).collect();
    one.log_paths.dedup();
    let many = app.instances.filter(|count| !matches!(count, Value::Whole(1)));
    if let Some(count) = many {
        notes.push(format!("PM2 runs {count} of it; Ira runs one."));
    } else if app.exec_mode.as_deref().is_some_and(|mode| mode.starts_with("cluster")) {
        notes.push("PM2 runs it as a cluster; Ira runs it by itself.".to_owned());
    }
    if let Some(limit) = app.max_memory_restart {
        notes.push(format!("PM2 starts it again beyond {limit} of memory; Ira does not."));
    }
    found.notes = notes;
    found
}
