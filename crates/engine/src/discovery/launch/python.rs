//! Python and the servers written in it.
//!
//! `python3 -h` for the interpreter; the manuals of Gunicorn (`gunicorn [OPTIONS] [APP_MODULE]`,
//! `MODULE:VARIABLE`), Uvicorn, Hypercorn, Daphne, Flask, Django and Celery for theirs. Where
//! `setproctitle` is installed Gunicorn shows as `gunicorn: master [MODULE:VARIABLE]`.

use super::{Launch, absolute, file_name, join, option, positional, title, working_folder};
use ira_model::ProcessDetails;

const WITH_VALUE: &[&str] = &["-W", "-X", "--check-hash-based-pycs"];

/// Servers that are given `MODULE:VARIABLE`.
const SERVERS: &[(&str, &str)] = &[
    ("gunicorn", "Gunicorn"),
    ("uvicorn", "Uvicorn"),
    ("hypercorn", "Hypercorn"),
    ("daphne", "Daphne"),
    ("waitress-serve", "Waitress"),
    ("waitress", "Waitress"),
    ("granian", "Granian"),
    ("uwsgi", "uWSGI"),
    ("bjoern", "Bjoern"),
];

/// Tools that run what a project says.
const RUNNERS: &[&str] =
    &["poetry", "pipenv", "pdm", "hatch", "tox", "nox", "invoke", "honcho", "pytest", "py.test"];

pub(super) fn launch(details: &ProcessDetails) -> Option<Launch> {
    if let Some(title) = title(details) {
        return titled(details, title);
    }
    let arguments = &details.arguments;
    let mut at = 1;
    while let Some(argument) = arguments.get(at) {
        match argument.as_str() {
            "-m" => return module(details, arguments.get(at + 1)?, at + 2),
            "-" | "-i" => return None,
            // `-c` ends the options, and may be one of several letters: `-uc`.
            short if short.starts_with('-') && !short.starts_with("--") && short.contains('c') => {
                return inline(details, arguments.get(at + 1)?);
            }
            short if short.starts_with('-') && short.ends_with('m') && short.len() < 5 => {
                return module(details, arguments.get(at + 1)?, at + 2);
            }
            option if option.starts_with('-') => {
                at += usize::from(WITH_VALUE.contains(&option)) + 1;
            }
            file if super::is_descriptor(file) => return None,
            file => return script(details, &absolute(details, file), at + 1),
        }
    }
    // The interpreter under another name: a script's own first argument.
    None
}

/// A worker of `multiprocessing`; it belongs to its parent and says nothing of itself.
fn inline(details: &ProcessDetails, code: &str) -> Option<Launch> {
    let is_worker = code.contains("multiprocessing");
    is_worker.then(|| {
        let folder = details.working_directory.as_deref().unwrap_or("");
        Launch::named(join(folder, "multiprocessing"), "multiprocessing")
    })
}

fn module(details: &ProcessDetails, module: &str, from: usize) -> Option<Launch> {
    // `python -m flask` is `flask`, and `python -m package.__main__` is `package`.
    let module = module.strip_suffix(".__main__").unwrap_or(module);
    let known = tool(details, module, from, None);
    known.or_else(|| {
        Some(Launch { name: module.to_owned(), key: module.to_owned(), ..<_>::default() })
    })
}

fn script(details: &ProcessDetails, path: &str, from: usize) -> Option<Launch> {
    let name = file_name(path);
    let stem = name.strip_suffix(".py").unwrap_or(name);
    // `python app/__main__.py`, or a folder or archive with one inside.
    if name == "__main__.py" {
        let folder = super::folder(path).to_owned();
        let name = file_name(&folder).to_owned();
        return Some(Launch { name, key: folder, main: Some(path.to_owned()), ..<_>::default() });
    }
    if name == "manage.py" {
        let folder = file_name(super::folder(path));
        let name = if folder.is_empty() { "manage.py" } else { folder };
        let launch = Launch { name: name.to_owned(), ..Launch::file(path.to_owned()) };
        return Some(launch.with_engine("Django"));
    }
    tool(details, stem, from, Some(path)).or_else(|| Some(Launch::file(path.to_owned())))
}

/// What a well-known tool runs.
fn tool(details: &ProcessDetails, name: &str, from: usize, path: Option<&str>) -> Option<Launch> {
    let arguments = details.arguments.get(from..).unwrap_or_default();
    let folder = details.working_directory.as_deref().unwrap_or("");
    if let Some((_, engine)) = SERVERS.iter().find(|(server, _)| *server == name) {
        let folder = option(arguments, &["--chdir", "--app-dir"]).unwrap_or(folder);
        let app = served(arguments).unwrap_or_else(|| {
            working_folder(details).filter(|f| !f.is_empty()).unwrap_or(name).to_owned()
        });
        return Some(Launch::named(join(folder, &app), app).with_engine(engine));
    }
    let launch = match name {
        "flask" => {
            let app = option(arguments, &["--app", "-A"]).map(str::to_owned);
            let app = app.or_else(|| working_folder(details).map(str::to_owned))?;
            Launch::named(join(folder, &app), app).with_engine("Flask")
        }
        "celery" => {
            let app = option(arguments, &["-A", "--app"]).or_else(|| working_folder(details))?;
            let part = ["worker", "beat", "flower", "events"]
                .into_iter()
                .find(|part| arguments.iter().any(|a| a == part));
            celery(folder, app, part)
        }
        "fastapi" => {
            let (at, word) = positional(arguments, 0, &[])?;
            let entry = match word {
                "run" | "dev" => positional(arguments, at + 1, &["--port", "--host"]),
                _ => Some((at, word)),
            };
            Launch::file(absolute(details, entry.map_or("main.py", |(_, entry)| entry)))
                .with_engine("FastAPI")
        }
        "streamlit" => {
            let (at, _) = positional(arguments, 0, &[])?;
            let (_, entry) = positional(arguments, at + 1, &["--server.port"])?;
            Launch::file(absolute(details, entry)).with_engine("Streamlit")
        }
        "jupyter-lab" | "jupyter-notebook" | "jupyterlab" | "notebook" | "jupyter" => {
            Launch::named(join(folder, "jupyter"), "Jupyter").with_engine("Jupyter")
        }
        "ipykernel_launcher" | "ipykernel" => {
            Launch::named(join(folder, "ipykernel"), "ipykernel").with_engine("Jupyter")
        }
        "django-admin" | "django" => {
            let name = working_folder(details)?;
            Launch::named(folder, name).with_engine("Django")
        }
        "dramatiq" | "huey_consumer" | "rq" | "arq" | "taskiq" => {
            let (_, app) = positional(arguments, 0, &["-p", "-t", "-w", "--url"])?;
            Launch::named(join(folder, &format!("{name} {app}")), format!("{app} {name}"))
        }
        "scrapy" => {
            let (at, _) = positional(arguments, 0, &[])?;
            let spider = positional(arguments, at + 1, &["-a", "-s", "-o"])?.1;
            Launch::named(join(folder, spider), format!("scrapy {spider}"))
        }
        _ if RUNNERS.contains(&name) => {
            let shown = working_folder(details)
                .map_or_else(|| name.to_owned(), |folder| format!("{folder} / {name}"));
            Launch { is_runner: true, ..Launch::named(join(folder, name), shown) }
        }
        _ => return None,
    };
    Some(Launch { main: launch.main.or_else(|| path.map(str::to_owned)), ..launch })
}

/// `module:app` among the arguments of a server; for Gunicorn the variable may be left out, then it
/// is the last argument.
fn served(arguments: &[String]) -> Option<String> {
    let is_name = |text: &str| {
        !text.is_empty()
            && !text.starts_with(|c: char| c.is_ascii_digit())
            && text.chars().all(|c| c.is_alphanumeric() || "._".contains(c))
    };
    let with_variable = arguments.iter().find(|argument| {
        argument.split_once(':').is_some_and(|(module, variable)| {
            let variable = variable.split('(').next().unwrap_or_default();
            is_name(module) && is_name(variable)
        })
    });
    let last = || {
        let last = arguments.last().filter(|last| is_name(last))?;
        let before = arguments.len().checked_sub(2).and_then(|at| arguments.get(at));
        // The value of an option is no module.
        before.is_none_or(|b| !b.starts_with('-') || b.contains('=')).then_some(last)
    };
    with_variable.or_else(last).cloned()
}

fn titled(details: &ProcessDetails, title: &str) -> Option<Launch> {
    let folder = details.working_directory.as_deref().unwrap_or("");
    if title.starts_with("gunicorn: ") {
        let app = title.split_once('[')?.1.strip_suffix(']')?;
        return Some(Launch::named(join(folder, app), app).with_engine("Gunicorn"));
    }
    // `[celeryd: celery@host:MainProcess] -active- (worker -A proj -l info)`
    if title.starts_with("[celery") {
        let inside = title.rsplit_once('(').map_or("", |(_, inside)| inside.trim_end_matches(')'));
        let words: Vec<String> = inside.split(' ').map(str::to_owned).collect();
        let app = option(&words, &["-A", "--app"]).or_else(|| working_folder(details))?;
        let part = words.first().map_or("worker", String::as_str);
        return Some(celery(folder, app, Some(part)));
    }
    let name = title.split([' ', ':']).next().filter(|name| !name.is_empty())?;
    Some(Launch::named(join(folder, name), name))
}

/// A part of Celery for an application, whose module is the code that runs.
fn celery(folder: &str, app: &str, part: Option<&str>) -> Launch {
    let name = [app, "celery"].into_iter().chain(part).collect::<Vec<_>>().join(" ");
    let module = app.split(':').next().unwrap_or(app).replace('.', "/");
    let main = Some(join(folder, &format!("{module}.py")));
    Launch { main, ..Launch::named(join(folder, &name), name).with_engine("Celery") }
}
