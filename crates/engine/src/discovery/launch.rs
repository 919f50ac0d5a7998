//! What a command line really runs: the script, module or archive behind an interpreter, what a
//! shell was told to run, else the program itself. By the documented options of each interpreter;
//! no file is read here.

mod dotnet;
mod java;
mod native;
mod node;
mod php;
mod python;
mod ruby;
mod shell;

pub(super) use shell::WITH_VALUE as SHELL_OPTIONS_WITH_VALUE;

use ira_model::ProcessDetails;
use std::path::{Component, Path, PathBuf};

/// What runs programs that are no executables.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Runtime {
    Node,
    Bun,
    Deno,
    Python,
    Java,
    Php,
    Ruby,
    Dotnet,
    Perl,
    Lua,
    R,
    Beam,
    Shell,
}

/// What a command line runs.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Launch {
    /// What it is told apart by, lasting: a path where there is one.
    pub(super) key: String,
    /// For people.
    pub(super) name: String,
    /// The file whose code it is, absolute.
    pub(super) main: Option<String>,
    /// The folder it works for, where that is not its working directory.
    pub(super) folder: Option<String>,
    /// What it runs in, where that says more than the interpreter: `Gunicorn`, `Laravel`.
    pub(super) engine: Option<&'static str>,
    /// Starts what a project says, like `npm run` and `make`: what it runs is the project's.
    pub(super) is_runner: bool,
    /// Its file has a name that says nothing, like `app.jar`.
    pub(super) is_nameless: bool,
    /// The name is from the program's own mouth and better than that of a package file.
    pub(super) is_named: bool,
}

impl Launch {
    /// Something that is known by its file.
    fn file(path: String) -> Self {
        Self { name: script_name(&path), key: path.clone(), main: Some(path), ..Self::default() }
    }

    fn named(key: impl Into<String>, name: impl Into<String>) -> Self {
        Self { key: key.into(), name: name.into(), is_named: true, ..Self::default() }
    }

    fn with_engine(self, engine: &'static str) -> Self {
        Self { engine: Some(engine), ..self }
    }
}

/// Interpreters by the beginning of their file name; digits and dots may follow.
const RUNTIMES: &[(&str, Runtime)] = &[
    ("node", Runtime::Node),
    ("nodejs", Runtime::Node),
    ("bun", Runtime::Bun),
    ("bunx", Runtime::Bun),
    ("deno", Runtime::Deno),
    ("python", Runtime::Python),
    ("pypy", Runtime::Python),
    ("java", Runtime::Java),
    ("php", Runtime::Php),
    ("php-cgi", Runtime::Php),
    ("php-fpm", Runtime::Php),
    ("frankenphp", Runtime::Php),
    ("ruby", Runtime::Ruby),
    ("jruby", Runtime::Ruby),
    ("truffleruby", Runtime::Ruby),
    ("dotnet", Runtime::Dotnet),
    ("mono", Runtime::Dotnet),
    ("perl", Runtime::Perl),
    ("lua", Runtime::Lua),
    ("luajit", Runtime::Lua),
    ("R", Runtime::R),
    ("Rscript", Runtime::R),
    ("beam.smp", Runtime::Beam),
    ("erl", Runtime::Beam),
];

/// Programs that are many in one file, each called by its own name.
const MANY_IN_ONE: &[&str] = &["busybox", "toybox", "coreutils", "sbase-box"];

/// File names that say nothing; the folder above does.
const PLAIN: &[&str] = &[
    "index",
    "main",
    "server",
    "app",
    "start",
    "run",
    "cli",
    "__main__",
    "manage",
    "worker",
    "api",
    "dev",
    "bootstrap",
    "entrypoint",
    "init",
];

/// The last part of a path.
pub(super) fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// The folder of a path.
pub(super) fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// The program's file, where it has one: one that lives in memory only has no name that lasts.
pub(super) fn executable(details: &ProcessDetails) -> Option<&str> {
    details.executable.as_deref().filter(|path| !path.starts_with("/memfd:"))
}

/// The name a process is known by to the kernel and its user: of its file, else as it says itself.
pub(super) fn program(details: &ProcessDetails) -> &str {
    let said = details.arguments.first().map(|said| file_name(said));
    match (executable(details), &details.executable, said) {
        (Some(path), _, said) if MANY_IN_ONE.contains(&file_name(path)) => match said {
            Some(name) if !MANY_IN_ONE.contains(&name) => name.trim_start_matches('-'),
            _ => details.arguments.get(1).map_or("busybox", |applet| applet.as_str()),
        },
        // One file under several names, like Debian's `redis-server`, which is `redis-check-rdb`: the
        // kernel has the name it was started by, and a title says it again.
        (Some(path), _, Some(said))
            if !details.name.is_empty()
                && file_name(path) != details.name
                && super::engines::is_program(&details.name)
                && !super::engines::is_program(file_name(path))
                && said.split([' ', ':']).next() == Some(details.name.as_str()) =>
        {
            &details.name
        }
        (Some(path), ..) => file_name(path),
        (None, Some(_), Some(said)) => said,
        // Of others' processes the file is not told. The first argument is, and says more than the
        // name of a thread; a title (`nginx: worker`) says its program before the colon.
        (None, None, Some(said)) if !said.is_empty() && !said.contains(' ') => {
            said.trim_start_matches('-')
        }
        _ => &details.name,
    }
}

/// The interpreter a process is.
pub(super) fn runtime(details: &ProcessDetails) -> Option<Runtime> {
    let program = program(details);
    let known = RUNTIMES.iter().find_map(|(name, runtime)| {
        let version = program.strip_prefix(name)?;
        version.bytes().all(|b| b.is_ascii_digit() || b == b'.').then_some(*runtime)
    });
    known.or_else(|| super::roles::SHELLS.contains(&program).then_some(Runtime::Shell))
}

/// What a process runs.
pub(super) fn launch(details: &ProcessDetails) -> Launch {
    let launch = match runtime(details) {
        Some(Runtime::Node | Runtime::Bun | Runtime::Deno) => node::launch(details),
        Some(Runtime::Python) => python::launch(details),
        Some(Runtime::Java) => java::launch(details),
        Some(Runtime::Php) => php::launch(details),
        Some(Runtime::Ruby) => ruby::launch(details),
        Some(Runtime::Dotnet) => dotnet::launch(details),
        Some(Runtime::Perl | Runtime::Lua | Runtime::R) => native::script(details),
        Some(Runtime::Beam) => native::beam(details),
        Some(Runtime::Shell) => shell::launch(details),
        None => None,
    };
    launch.unwrap_or_else(|| native::launch(details))
}

/// A file that is only a descriptor of the process and has no name of its own.
pub(super) fn is_descriptor(argument: &str) -> bool {
    argument.starts_with("/dev/fd/") || argument.starts_with("/proc/self/fd/")
}

/// Whether an option of a shell says that the next argument is a command: `-c`, `-lc`, `-ec`.
pub(super) fn is_command_option(argument: &str) -> bool {
    argument.starts_with('-') && !argument.starts_with("--") && argument.contains('c')
}

/// A path of a process, absolute and without dots, by text alone: the file may be in another root,
/// and links are a name people chose.
pub(super) fn absolute(details: &ProcessDetails, path: &str) -> String {
    join(details.working_directory.as_deref().unwrap_or(""), path)
}

/// `path` as seen from `folder`.
pub(super) fn join(folder: &str, path: &str) -> String {
    let mut clean = PathBuf::new();
    for part in Path::new(folder).join(path).components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                clean.pop();
            }
            part => clean.push(part),
        }
    }
    clean.to_string_lossy().into_owned()
}

/// The name of a script: its file's, with the folder before it where that alone says nothing.
pub(super) fn script_name(path: &str) -> String {
    let file = file_name(path);
    let stem = file.split('.').next().filter(|stem| !stem.is_empty()).unwrap_or(file);
    let mut above = path.rsplit('/').skip(1);
    // `shop/src/index.js`: the folder of sources says no more.
    let plain =
        |folder: &&str| !matches!(*folder, "src" | "dist" | "build" | "bin" | "lib" | "out");
    let folder = above.find(plain).filter(|folder| !folder.is_empty());
    match folder {
        Some(folder) if PLAIN.contains(&stem) => format!("{folder} / {file}"),
        _ => file.to_owned(),
    }
}

/// The value of an option: `--name value`, `--name=value`; any of the names.
fn option<'a>(arguments: &'a [String], names: &[&str]) -> Option<&'a str> {
    arguments.iter().enumerate().find_map(|(at, argument)| {
        if names.contains(&argument.as_str()) {
            return arguments.get(at + 1).map(String::as_str);
        }
        let (name, value) = argument.split_once('=')?;
        names.contains(&name).then_some(value)
    })
}

/// The first argument that is no option, from `from` on; options that take a value are skipped with
/// it. Its place and itself.
fn positional<'a>(
    arguments: &'a [String],
    from: usize,
    with_value: &[&str],
) -> Option<(usize, &'a str)> {
    let mut at = from;
    while let Some(argument) = arguments.get(at) {
        if argument == "--" {
            return arguments.get(at + 1).map(|next| (at + 1, next.as_str()));
        }
        if !argument.starts_with('-') && !argument.starts_with('+') {
            return Some((at, argument));
        }
        at += if with_value.contains(&argument.as_str()) { 2 } else { 1 };
    }
    None
}

/// A title instead of arguments: one text with blanks, as programs that rename themselves have.
fn title(details: &ProcessDetails) -> Option<&str> {
    let (first, rest) = details.arguments.split_first()?;
    let alone = rest.iter().all(String::is_empty);
    (alone && first.contains(' ')).then_some(first.as_str())
}

/// The folder a process works in, by its last part; nothing for the root.
fn working_folder(details: &ProcessDetails) -> Option<&str> {
    let folder = details.working_directory.as_deref()?;
    Some(file_name(folder)).filter(|name| !name.is_empty())
}

/// The part after `digits` that looks like a version: `shop-1.2.3-SNAPSHOT` gives `shop`.
pub(super) fn without_version(stem: &str) -> &str {
    let mut search = stem;
    while let Some(at) = search.rfind(['-', '_']) {
        search = stem.get(..at).unwrap_or_default();
        let tail = stem.get(at + 1..).unwrap_or_default();
        let tail = tail.strip_prefix('v').unwrap_or(tail);
        if tail.starts_with(|c: char| c.is_ascii_digit()) && !search.is_empty() {
            return without_version(search);
        }
        if !matches!(tail, "SNAPSHOT" | "RELEASE" | "FINAL" | "all" | "exec" | "fat" | "uber")
            && !tail.contains("-SNAPSHOT")
        {
            break;
        }
    }
    stem
}
