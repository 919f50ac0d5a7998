//! Programs of their own, Perl, Lua and R scripts, and what runs in Erlang's virtual machine.

use super::{
    Launch, absolute, executable, file_name, folder, join, option, positional, program, title,
    working_folder,
};
use ira_model::ProcessDetails;

/// Programs that build or start what a project says.
const RUNNERS: &[&str] = &[
    "make",
    "gmake",
    "ninja",
    "just",
    "task",
    "go-task",
    "cargo",
    "go",
    "mage",
    "uv",
    "uvx",
    "rye",
    "pixi",
    "hatch",
    "nx",
    "turbo",
    "overmind",
    "hivemind",
    "foreman",
    "goreman",
    "process-compose",
    "air",
    "watchexec",
    "entr",
    "cargo-watch",
    "bacon",
    "trunk",
    "dx",
    "mix",
    "rebar3",
    "stack",
    "cabal",
    "dune",
    "zig",
    "bazel",
    "bazelisk",
    "buck2",
    "meson",
    "cmake",
    "symfony",
    "gradle",
    "mvn",
    "sbt",
    "lein",
    "clj",
    "nix",
    "nix-shell",
    "devbox",
    "direnv",
    "mise",
    "hugo",
    "tilt",
    "skaffold",
    "reflex",
    "modd",
    "dotenv",
    "flutter",
    "dart",
    "swift",
    "npm",
    "pnpm",
    "yarn",
    "npx",
];

/// A script of an interpreter whose options end where the script begins.
pub(super) fn script(details: &ProcessDetails) -> Option<Launch> {
    if let Some(title) = title(details) {
        let name = title.split([' ', ':']).next().filter(|name| !name.is_empty())?;
        // `starman master --port 5000`: known by what it works for.
        let working = details.working_directory.as_deref().unwrap_or("");
        return Some(Launch::named(join(working, name), name));
    }
    let arguments = &details.arguments;
    let inline = |a: &String| matches!(a.as_str(), "-e" | "-E" | "-ne" | "-pe" | "-le" | "-lne");
    if arguments.iter().skip(1).take_while(|a| a.starts_with('-')).any(inline) {
        return None;
    }
    let with_value = ["-l", "-f", "--file"];
    if let Some(file) = arguments.iter().find_map(|a| a.strip_prefix("--file=")) {
        return Some(Launch::file(absolute(details, file)));
    }
    let (at, file) = positional(arguments, 1, with_value.get(..1).unwrap_or_default())?;
    if super::is_descriptor(file) {
        return None;
    }
    let path = absolute(details, file);
    // Servers of Perl that are given an application.
    if matches!(file_name(&path), "plackup" | "starman" | "morbo" | "hypnotoad" | "twiggy") {
        let app = positional(arguments, at + 1, &["-p", "--port", "-l", "--listen", "-s", "-E"]);
        let app = app.map_or("app.psgi", |(_, app)| app);
        return Some(Launch::file(absolute(details, app)));
    }
    Some(Launch::file(path))
}

/// Erlang and Elixir: `beam.smp … -s rabbit boot`, `… -s elixir start_cli … -extra bin/mix phx.server`.
pub(super) fn beam(details: &ProcessDetails) -> Option<Launch> {
    let arguments = &details.arguments;
    let says = |word: &str| arguments.iter().any(|argument| argument == word);
    let contains = |part: &str| arguments.iter().any(|argument| argument.contains(part));
    for (found, name, engine) in [
        (says("rabbit") || contains("rabbitmq"), "rabbitmq", "RabbitMQ"),
        (contains("couchdb") || contains("couch_ini"), "couchdb", "CouchDB"),
        (contains("ejabberd"), "ejabberd", "ejabberd"),
        (contains("emqx"), "emqx", "EMQX"),
        (contains("vernemq"), "vernemq", "VerneMQ"),
        (contains("riak"), "riak", "Riak"),
    ] {
        if found {
            return Some(Launch::named(name, name).with_engine(engine));
        }
    }
    let working = details.working_directory.as_deref().unwrap_or("");
    let named = option(arguments, &["-sname", "-name"]).and_then(|name| name.split('@').next());
    // A release lies in a folder of its own: `/srv/shop/erts-14.2/bin/beam.smp`.
    let release = executable(details)
        .and_then(|path| path.split_once("/erts-"))
        .map(|(root, _)| root)
        .filter(|root| !root.starts_with("/usr/lib/erlang"));
    let mix = arguments.iter().position(|a| a.ends_with("/mix") || a == "mix");
    if let Some(at) = mix {
        let task = arguments.get(at + 1).map_or("", String::as_str);
        let said = format!("mix {task}");
        let shown = working_folder(details)
            .map_or_else(|| said.trim().to_owned(), |folder| format!("{folder} / {}", said.trim()));
        return Some(Launch {
            is_runner: true,
            ..Launch::named(join(working, said.trim()), shown)
        });
    }
    let root = release.unwrap_or(working);
    let name = named.or_else(|| Some(file_name(root)).filter(|name| !name.is_empty()))?;
    Some(Launch::named(join(root, name), name))
}

/// A program by itself.
pub(super) fn launch(details: &ProcessDetails) -> Launch {
    let name = program(details);
    let working = details.working_directory.as_deref().unwrap_or("");
    if RUNNERS.contains(&name) && super::runtime(details).is_none() {
        return runner(details, name);
    }
    let Some(path) = executable(details) else {
        let key = if name.is_empty() { details.name.as_str() } else { name };
        return Launch { key: key.to_owned(), name: key.to_owned(), ..Launch::default() };
    };
    // `go run` builds into a new folder each time.
    if path.contains("/go-build") && folder(path).ends_with("/exe") {
        let shown = working_folder(details).filter(|_| name == "main").unwrap_or(name);
        return Launch { main: None, ..Launch::named(join(working, name), shown) };
    }
    // Several applets of one file.
    if super::MANY_IN_ONE.contains(&file_name(path)) {
        let key = join(path, name);
        return Launch { key, name: name.to_owned(), ..Launch::default() };
    }
    if name.starts_with("qemu-system") {
        let guest = option(&details.arguments, &["-name"]).map(|value| {
            let first = value.split(',').next().unwrap_or(value);
            first.strip_prefix("guest=").unwrap_or(first)
        });
        if let Some(guest) = guest {
            return Launch::named(format!("qemu/{guest}"), guest).with_engine("QEMU");
        }
    }
    let path = match file_name(path) == name {
        true => lasting(path),
        false => join(folder(path), name),
    };
    Launch { name: name.to_owned(), main: Some(path.clone()), key: path, ..Launch::default() }
}

/// A path without the parts that every update changes: of the Nix store its hash.
fn lasting(path: &str) -> String {
    let inside = path.strip_prefix("/nix/store/").and_then(|rest| rest.split_once('/'));
    match inside {
        Some((_, rest)) => format!("/nix/store/*/{rest}"),
        None => path.to_owned(),
    }
}

fn runner(details: &ProcessDetails, name: &str) -> Launch {
    let arguments = &details.arguments;
    let working = details.working_directory.as_deref().unwrap_or("");
    let folder = option(arguments, &["-C", "--directory", "--manifest-path"]);
    let root = match folder {
        Some(path) if path.ends_with("Cargo.toml") => absolute(details, super::folder(path)),
        Some(path) => absolute(details, path),
        None => working.to_owned(),
    };
    let words: Vec<&str> = arguments
        .iter()
        .skip(1)
        .map(String::as_str)
        .filter(|word| !word.starts_with('-') && Some(*word) != folder)
        .take(2)
        .collect();
    let said = [&[name], words.as_slice()].concat().join(" ");
    let shown = match file_name(&root) {
        "" => said.clone(),
        folder => format!("{folder} / {said}"),
    };
    let launch = Launch::named(join(&root, &said.replace('/', ":")), shown);
    Launch { is_runner: true, folder: Some(root), ..launch }
}
