//! .NET: `dotnet [host options] FILE.dll`, `dotnet exec FILE.dll`, and the commands of the SDK that
//! build and start a project; Mono: `mono FILE.exe`.

use super::{Launch, absolute, file_name, join, option, positional, working_folder};
use ira_model::ProcessDetails;

const WITH_VALUE: &[&str] = &[
    "--additionalprobingpath",
    "--depsfile",
    "--runtimeconfig",
    "--fx-version",
    "--roll-forward",
    "--additional-deps",
];

pub(super) fn launch(details: &ProcessDetails) -> Option<Launch> {
    let arguments = &details.arguments;
    let (at, word) = positional(arguments, 1, WITH_VALUE)?;
    let file = match word {
        "exec" => positional(arguments, at + 1, WITH_VALUE)?.1,
        word if is_assembly(word) => word,
        command => return Some(of_sdk(details, command)),
    };
    let path = absolute(details, file);
    let name = file_name(&path);
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem).to_owned();
    Some(Launch { name: stem, ..Launch::file(path) })
}

fn is_assembly(word: &str) -> bool {
    [".dll", ".exe", ".csx"].iter().any(|ending| word.ends_with(ending))
}

/// `dotnet run`, `dotnet watch`, `dotnet test`.
fn of_sdk(details: &ProcessDetails, command: &str) -> Launch {
    let project = option(&details.arguments, &["--project", "-p"]);
    let folder = match project {
        Some(project) => {
            let path = absolute(details, project);
            if path.ends_with("proj") { super::folder(&path).to_owned() } else { path }
        }
        None => details.working_directory.clone().unwrap_or_default(),
    };
    let said = format!("dotnet {command}");
    let shown = match (file_name(&folder), working_folder(details)) {
        ("", _) => said.clone(),
        (folder, _) => format!("{folder} / {said}"),
    };
    let launch = Launch::named(join(&folder, &said), shown);
    Launch { is_runner: true, folder: Some(folder), ..launch }
}
