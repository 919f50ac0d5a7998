//! Node.js, Bun and Deno.
//!
//! Options: `node --help`, `bun --help`, `deno run --help`. npm, pnpm and yarn are scripts for Node
//! that run what `package.json` says; npm writes `npm run dev` over its command line.

use super::{Launch, absolute, file_name, join, positional, title, working_folder};
use ira_model::ProcessDetails;

/// Options of Node.js that take a value of their own.
const WITH_VALUE: &[&str] = &[
    "-r",
    "--require",
    "--import",
    "--loader",
    "--experimental-loader",
    "-C",
    "--conditions",
    "--env-file",
    "--title",
    "--inspect-port",
    "--watch-path",
    "--icu-data-dir",
    "--openssl-config",
    "--max-http-header-size",
    "--diagnostic-dir",
    "--config",
    "-c",
    "--cwd",
    "--preload",
    "--project",
    "--tsconfig",
    "-P",
];

/// Scripts that run what a project says.
const RUNNERS: &[&str] = &["npm", "npx", "pnpm", "pnpx", "yarn", "yarnpkg", "bun", "bunx"];

/// Options of nodemon and its like that take a value.
const OF_STARTERS: &[&str] = &[
    "-w",
    "--watch",
    "-e",
    "--ext",
    "-x",
    "--exec",
    "-i",
    "--ignore",
    "-d",
    "--delay",
    "--signal",
    "-P",
    "--project",
    "-r",
    "--require",
    "--import",
    "--tsconfig",
    "--env-file",
    "-C",
];

/// Tools that run the script they are given, and words that may come before it.
const STARTERS: &[&str] =
    &["nodemon", "ts-node", "ts-node-dev", "tsx", "babel-node", "node-dev", "forever", "esno"];

pub(super) fn launch(details: &ProcessDetails) -> Option<Launch> {
    if let Some(title) = title(details) {
        return titled(details, title);
    }
    let arguments = &details.arguments;
    let own = arguments.first().map_or("", |own| file_name(own));
    if RUNNERS.contains(&own) || (own == "node" && is_runner(arguments.get(1))) {
        let from = if own == "node" { 2 } else { 1 };
        return Some(runner(details, own, from));
    }
    let inline = |a: &&String| matches!(a.as_str(), "-e" | "--eval" | "-p" | "--print" | "-pe");
    if arguments.iter().skip(1).take_while(|a| a.starts_with('-')).any(|a| inline(&a)) {
        return None;
    }
    let (mut at, mut script) = positional(arguments, 1, WITH_VALUE)?;
    if own == "deno" {
        if matches!(script, "task" | "install" | "add") {
            return Some(runner(details, own, at));
        }
        (at, script) = match script {
            "run" | "serve" | "watch" | "test" | "bench" | "compile" => {
                positional(arguments, at + 1, WITH_VALUE)?
            }
            _ => (at, script),
        };
    } else if script == "inspect" {
        (at, script) = positional(arguments, at + 1, WITH_VALUE)?;
    }
    if super::is_descriptor(script) || script == "-" {
        return None;
    }
    if script.starts_with("https://") || script.starts_with("npm:") || script.starts_with("jsr:") {
        return Some(Launch::named(script, file_name(script)));
    }
    let path = absolute(details, script);
    let name = tool(&path);
    if let Some(name) = name.filter(|name| STARTERS.contains(&file_name(name))) {
        let after =
            arguments.get(at + 1).filter(|word| *word == "watch").map_or(at + 1, |_| at + 2);
        if let Some((_, entry)) = positional(arguments, after, OF_STARTERS) {
            return Some(Launch::file(absolute(details, entry)));
        }
        return Some(Launch { is_runner: true, ..Launch::named(path.clone(), name) });
    }
    match name {
        Some(name) if RUNNERS.contains(&name) => Some(runner(details, name, at + 1)),
        // A tool of the project's: known by the project it works for.
        Some(name) => Some(of_tool(details, &path, name)),
        None if is_runner(Some(&path)) => {
            let name = file_name(&path).split('.').next().unwrap_or_default().to_owned();
            Some(runner(details, &name, at + 1))
        }
        None => Some(Launch::file(path)),
    }
}

fn is_runner(script: Option<&String>) -> bool {
    let name = script.map_or("", |script| file_name(script));
    let stem = name.split('.').next().unwrap_or(name).trim_end_matches("-cli");
    RUNNERS.contains(&stem) && stem != "bun"
}

/// The tool a script below `node_modules` belongs to.
fn tool(path: &str) -> Option<&str> {
    let (_, inside) = path.rsplit_once("/node_modules/")?;
    if let Some(name) = inside.strip_prefix(".bin/") {
        return Some(name);
    }
    let mut parts = inside.match_indices('/').map(|(at, _)| at);
    let end = if inside.starts_with('@') { parts.nth(1) } else { parts.next() };
    Some(inside.get(..end.unwrap_or(inside.len())).unwrap_or(inside))
}

/// A tool such as `vite`: below the project's own `node_modules` it is told with the project.
fn of_tool(details: &ProcessDetails, path: &str, name: &str) -> Launch {
    let root = path.rsplit_once("/node_modules/").map_or("", |(root, _)| root);
    let is_global = ["/usr/", "/opt/", "/nix/", "/snap/"].iter().any(|p| path.starts_with(p))
        || ["/.nvm/", "/.npm", "/.local/", "/.volta/", "/.fnm/", "/.asdf/", "/.bun/", "/.config/"]
            .iter()
            .any(|part| path.contains(part));
    let key = if is_global { path.to_owned() } else { join(root, &format!("node_modules/{name}")) };
    let folder = if is_global { None } else { Some(file_name(root)) };
    let folder = folder.filter(|f| !f.is_empty()).or_else(|| working_folder(details));
    let name = match folder {
        Some(folder) if !is_global => format!("{folder} / {name}"),
        _ => name.to_owned(),
    };
    Launch { main: Some(path.to_owned()), ..Launch::named(key, name) }
}

/// `npm run dev` and the like.
fn runner(details: &ProcessDetails, name: &str, from: usize) -> Launch {
    of_runner(details, name, details.arguments.get(from..).unwrap_or_default())
}

fn of_runner(details: &ProcessDetails, name: &str, arguments: &[String]) -> Launch {
    let elsewhere = super::option(arguments, &["--prefix", "-C", "--cwd", "--dir"]);
    let folder = match elsewhere {
        Some(folder) => absolute(details, folder),
        None => details.working_directory.clone().unwrap_or_default(),
    };
    let words = arguments.iter().map(String::as_str);
    let words = words.filter(|word| !word.starts_with('-') && Some(*word) != elsewhere).take(2);
    let said = std::iter::once(name).chain(words).collect::<Vec<_>>().join(" ");
    let shown = match file_name(&folder) {
        "" => said.clone(),
        folder => format!("{folder} / {said}"),
    };
    let launch = Launch::named(join(&folder, &said), shown);
    Launch { is_runner: true, folder: Some(folder), ..launch }
}

/// Programs that wrote a title over their command line.
fn titled(details: &ProcessDetails, title: &str) -> Option<Launch> {
    let mut words = title.split(' ');
    let first = words.next().unwrap_or_default();
    let folder = details.working_directory.as_deref().unwrap_or("");
    if RUNNERS.contains(&file_name(first)) {
        let words: Vec<String> = words.map(str::to_owned).collect();
        return Some(of_runner(details, file_name(first), &words));
    }
    if first == "next-server" {
        let name = working_folder(details).unwrap_or("next").to_owned();
        return Some(Launch::named(join(folder, "next"), name).with_engine("Next.js"));
    }
    // PM2 writes `node /srv/app/server.js`.
    if file_name(first) == "node" {
        let script = words.find(|word| !word.starts_with('-') && !word.is_empty())?;
        return Some(Launch::file(absolute(details, script)));
    }
    let name = first.trim_end_matches(':');
    (!name.is_empty()).then(|| Launch::named(join(folder, name), name))
}
