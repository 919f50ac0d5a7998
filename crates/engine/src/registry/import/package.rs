//! Scripts of a `package.json` (npm Docs, "scripts"), run by the manager whose lock file lies beside it.

use super::{File, Found, ImportError};
use serde::Deserialize;
use std::collections::BTreeMap;

/// Run by npm itself, around others.
const LIFECYCLE: [&str; 7] =
    ["install", "prepare", "prepublish", "prepublishOnly", "prepack", "postpack", "dependencies"];
/// What one mostly wants to run, first.
const FIRST: [&str; 5] = ["dev", "start", "serve", "preview", "watch"];

#[derive(Deserialize)]
struct Package {
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    scripts: BTreeMap<String, String>,
    #[serde(default, rename = "packageManager")]
    manager: Option<String>,
}

pub(super) fn read(file: &File<'_>) -> Result<Vec<Found>, ImportError> {
    let package: Package = serde_json::from_str(file.text)
        .map_err(|error| file.fault(error.line(), error.to_string()))?;
    let manager = manager(file, package.manager.as_deref());
    let project = package.name.unwrap_or_else(|| file.folder_name());
    let is_around = |script: &str| {
        let of = script.strip_prefix("pre").or_else(|| script.strip_prefix("post"));
        LIFECYCLE.contains(&script) || of.is_some_and(|of| package.scripts.contains_key(of))
    };
    let mut scripts: Vec<(&String, &String)> =
        package.scripts.iter().filter(|(script, _)| !is_around(script)).collect();
    let place =
        |script: &str| FIRST.iter().position(|first| *first == script).unwrap_or(FIRST.len());
    scripts.sort_by_key(|(script, _)| place(script));
    let found = scripts.into_iter().map(|(script, line)| {
        let command = [manager, "run", script].map(str::to_owned).to_vec();
        let mut found = file.found(&format!("{project} {script}"), command);
        found.registration.notes =
            format!("{script}: {}", line.chars().take(1000).collect::<String>());
        found
    });
    Ok(found.collect())
}

fn manager(file: &File<'_>, named: Option<&str>) -> &'static str {
    let known = ["npm", "pnpm", "yarn", "bun"];
    let named = named.and_then(|named| named.split('@').next());
    if let Some(named) = named.and_then(|named| known.into_iter().find(|one| *one == named)) {
        return named;
    }
    let locks = [
        ("pnpm-lock.yaml", "pnpm"),
        ("yarn.lock", "yarn"),
        ("bun.lock", "bun"),
        ("bun.lockb", "bun"),
    ];
    let beside = locks.into_iter().find(|(lock, _)| file.folder.join(lock).is_file());
    beside.map_or("npm", |(_, manager)| manager)
}
