//! Ruby: scripts, Rails, and the servers that write a title over their command line:
//! `puma 6.4.0 (tcp://0.0.0.0:3000) [shop]`, `sidekiq 7.2.0 shop [0 of 5 busy]`, `unicorn master …`.

use super::{Launch, absolute, file_name, folder, join, positional, title, working_folder};
use ira_model::ProcessDetails;

const WITH_VALUE: &[&str] = &["-I", "-r", "-C", "-E", "-F", "-K", "-W", "-T"];

pub(super) fn launch(details: &ProcessDetails) -> Option<Launch> {
    if let Some(title) = title(details) {
        return titled(details, title);
    }
    let arguments = &details.arguments;
    let options = || arguments.iter().skip(1).take_while(|a| a.starts_with('-'));
    // `ruby -run -e httpd . -p 8080` is the library `un`: one command.
    if options().any(|a| a == "-run") {
        let name = super::option(arguments, &["-e"]).unwrap_or("httpd");
        let folder = details.working_directory.as_deref().unwrap_or("");
        let engine = if name == "httpd" { "WEBrick" } else { "Ruby" };
        return Some(Launch::named(join(folder, name), name).with_engine(engine));
    }
    if options().any(|a| a.starts_with("-e")) {
        return None;
    }
    let (at, script) = positional(arguments, 1, WITH_VALUE)?;
    if super::is_descriptor(script) {
        return None;
    }
    let path = absolute(details, script);
    Some(script_of(details, path, at + 1))
}

fn script_of(details: &ProcessDetails, path: String, from: usize) -> Launch {
    let working = details.working_directory.clone().unwrap_or_default();
    let shown = working_folder(details);
    let app = |engine: &'static str| {
        let name = shown.unwrap_or(engine).to_owned();
        Launch::named(working.clone(), name).with_engine(engine)
    };
    match file_name(&path) {
        "rails" => {
            // `bin/rails` of a project; else the command of the gem, run within one.
            let own = folder(&path);
            let root =
                if own.ends_with("/bin") && !own.starts_with("/usr") && !own.contains("/gems") {
                    folder(own).to_owned()
                } else {
                    working.clone()
                };
            let name = file_name(&root).to_owned();
            let name = if name.is_empty() { "rails".to_owned() } else { name };
            Launch { main: Some(path), ..Launch::named(root, name).with_engine("Rails") }
        }
        "puma" | "pumactl" => app("Puma"),
        "unicorn" | "unicorn_rails" => app("Unicorn"),
        "rackup" | "thin" | "falcon" | "passenger" => app("Rack"),
        "jekyll" => app("Jekyll"),
        name @ ("sidekiq" | "resque" | "delayed_job" | "good_job" | "karafka" | "clockwork") => {
            let shown = shown.map_or_else(|| name.to_owned(), |app| format!("{app} {name}"));
            let engine = if name == "sidekiq" { "Sidekiq" } else { "Ruby" };
            Launch::named(join(&working, name), shown).with_engine(engine)
        }
        name @ ("bundle" | "bundler" | "rake" | "foreman" | "guard" | "overmind") => {
            let words: Vec<&str> =
                details.arguments.iter().skip(from).map(String::as_str).take(2).collect();
            let said = [&[name], words.as_slice()].concat().join(" ");
            let shown = shown.map_or_else(|| said.clone(), |folder| format!("{folder} / {said}"));
            Launch { is_runner: true, ..Launch::named(join(&working, &said), shown) }
        }
        _ => Launch::file(path),
    }
}

fn titled(details: &ProcessDetails, title: &str) -> Option<Launch> {
    let working = details.working_directory.as_deref().unwrap_or("");
    let in_brackets = || {
        let (_, inside) = title.rsplit_once('[')?;
        inside.strip_suffix(']').filter(|inside| !inside.is_empty())
    };
    let mut words = title.split(' ');
    match words.next()?.trim_end_matches(':') {
        "puma" => {
            let name = in_brackets().or_else(|| working_folder(details)).unwrap_or("puma");
            Some(Launch::named(working, name).with_engine("Puma"))
        }
        "sidekiq" => {
            let app = words.nth(1).filter(|word| !word.starts_with('['));
            let app = app.or_else(|| working_folder(details)).unwrap_or("ruby");
            Some(
                Launch::named(join(working, "sidekiq"), format!("{app} sidekiq"))
                    .with_engine("Sidekiq"),
            )
        }
        unicorn @ ("unicorn" | "unicorn_rails") => {
            let name = working_folder(details).unwrap_or(unicorn);
            Some(Launch::named(working, name).with_engine("Unicorn"))
        }
        "Passenger" => {
            let name = working_folder(details).unwrap_or("passenger");
            Some(Launch::named(working, name).with_engine("Passenger"))
        }
        name if name.starts_with("resque") => {
            let app = working_folder(details).unwrap_or("ruby");
            Some(Launch::named(join(working, "resque"), format!("{app} resque")))
        }
        name => (!name.is_empty()).then(|| Launch::named(join(working, name), name)),
    }
}
