//! The root of a project and what it is called: the nearest folder above that holds what a build
//! tool looks for.

use super::Files;
use crate::discovery::launch;

/// Folders above are looked at so far.
const DEPTH: usize = 24;
/// A description is read so far, bytes.
const MOST_BYTES: u64 = 256 * 1024;

/// A project.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Project {
    /// Its folder.
    pub root: String,
    /// What it calls itself, else what its folder is called.
    pub name: String,
    /// The file that makes it one.
    pub marker: String,
    /// The main file lies below its folder.
    pub has_main: bool,
}

/// Files that make a folder a project, the most telling first.
const MARKERS: &[&str] = &[
    "package.json",
    "deno.json",
    "deno.jsonc",
    "pyproject.toml",
    "Cargo.toml",
    "go.mod",
    "pom.xml",
    "settings.gradle",
    "settings.gradle.kts",
    "build.gradle",
    "build.gradle.kts",
    "build.sbt",
    "composer.json",
    "Gemfile",
    "mix.exs",
    "requirements.txt",
    "Pipfile",
    "setup.py",
    "setup.cfg",
    "manage.py",
    "CMakeLists.txt",
    "cpanfile",
    "project.clj",
    ".git",
];

/// Parts of paths that hold the code of others.
const FOREIGN: &[&str] = &[
    "/node_modules/",
    "/site-packages/",
    "/dist-packages/",
    "/vendor/",
    "/.venv/",
    "/venv/",
    "/.cargo/registry/",
    "/.cargo/bin/",
    "/.rustup/",
    "/.nvm/",
    "/.npm/",
    "/.npm-global/",
    "/.volta/",
    "/.fnm/",
    "/.bun/",
    "/.deno/",
    "/.pyenv/",
    "/.rbenv/",
    "/.asdf/",
    "/.local/",
    "/.cache/",
    "/.config/",
    "/.sdkman/",
    "/.m2/",
    "/.gradle/",
    "/.gem/",
    "/gems/",
    "/go/pkg/mod/",
    "/go/bin/",
    "/.vscode/",
    "/.vscode-server/",
    "/.cursor-server/",
    "/.dotnet/",
    "/.nix-profile/",
];

/// Folders that are never a project themselves.
const NEVER: &[&str] = &[
    "/", "/root", "/home", "/Users", "/tmp", "/var", "/var/tmp", "/srv", "/opt", "/etc", "/mnt",
    "/media", "/run", "/data", "/var/lib", "/var/www", "/dev", "/proc", "/sys",
];

/// Folders below which nothing is a project.
const NOTHING_BELOW: &[&str] = &[
    "/usr", "/bin", "/sbin", "/lib", "/lib64", "/etc", "/proc", "/sys", "/dev", "/boot", "/nix",
    "/snap", "/gnu",
];

/// The project of a process: above its main file where that is code of its own, else above its
/// working directory.
pub(super) fn find(
    files: &dyn Files,
    main: Option<&str>,
    working_directory: Option<&str>,
    homes: &[String],
) -> Option<Project> {
    // A tool below `node_modules` or a virtual environment works for what those lie in.
    let own = main.filter(|main| main.starts_with('/')).map(|main| {
        let at = FOREIGN.iter().filter_map(|part| main.find(part)).min();
        match at {
            Some(at) => (main.get(..at).unwrap_or(main), false),
            None => (launch::folder(main), true),
        }
    });
    let is_nothing = |folder: &str| homes.iter().any(|home| home == folder);
    if let Some((folder, is_own)) = own.filter(|(folder, _)| !is_nothing(folder))
        && let Some(project) = above(files, folder, homes)
    {
        return Some(Project { has_main: is_own, ..project });
    }
    let project = above(files, working_directory?, homes)?;
    let prefix = format!("{}/", project.root);
    let has_main = main.is_some_and(|main| main.starts_with(&prefix));
    Some(Project { has_main, ..project })
}

fn above(files: &dyn Files, folder: &str, homes: &[String]) -> Option<Project> {
    let mut folder = folder.trim_end_matches('/');
    let mut nameless: Option<Project> = None;
    for _ in 0..DEPTH {
        if may_be_root(folder, homes)
            && let Some((marker, name)) = marked(files, folder)
        {
            let found = |name: String| Project {
                root: folder.to_owned(),
                name,
                marker: marker.clone(),
                has_main: false,
            };
            match name {
                Some(name) => return Some(found(name)),
                // `dist/package.json` without a name is no project of its own, unless nothing
                // above is.
                None if marker == "package.json" => {
                    let plain = launch::file_name(folder).to_owned();
                    nameless.get_or_insert(found(plain));
                }
                None => {
                    return Some(
                        nameless.unwrap_or_else(|| found(launch::file_name(folder).to_owned())),
                    );
                }
            }
        }
        let (parent, _) = folder.rsplit_once('/')?;
        if parent.is_empty() {
            break;
        }
        folder = parent;
    }
    nameless
}

fn may_be_root(folder: &str, homes: &[String]) -> bool {
    let below = |top: &&str| {
        folder.strip_prefix(*top).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    let in_home = folder
        .strip_prefix("/home/")
        .or_else(|| folder.strip_prefix("/Users/"))
        .is_some_and(|rest| !rest.contains('/'));
    !folder.is_empty()
        && !NEVER.contains(&folder)
        && !in_home
        && !homes.iter().any(|home| home == folder)
        && !NOTHING_BELOW.iter().any(below)
}

/// The strongest marker of a folder and the name it gives.
fn marked(files: &dyn Files, folder: &str) -> Option<(String, Option<String>)> {
    let mut first = None;
    for marker in MARKERS {
        let path = format!("{folder}/{marker}");
        if !files.exists(&path) {
            continue;
        }
        let name = name_in(files, &path, marker);
        if name.is_some() {
            return Some(((*marker).to_owned(), name));
        }
        first.get_or_insert((*marker).to_owned());
    }
    // Looked for last: these take a listing.
    if first.is_none() {
        let project = files.names(folder).into_iter().find(|name| {
            [".csproj", ".fsproj", ".vbproj", ".sln", ".cabal", ".gemspec", ".Rproj"]
                .iter()
                .any(|ending| name.ends_with(ending))
        })?;
        let stem = project.rsplit_once('.').map(|(stem, _)| stem.to_owned());
        return Some((project, stem));
    }
    first.map(|marker| (marker, None))
}

fn name_in(files: &dyn Files, path: &str, marker: &str) -> Option<String> {
    let text = || {
        let bytes = files.read(path, MOST_BYTES)?;
        Some(String::from_utf8_lossy(&bytes).into_owned())
    };
    let name = match marker {
        "package.json" | "deno.json" => package_name(&text()?),
        "composer.json" => package_name(&text()?).map(|name| last_part(&name)),
        "pyproject.toml" => in_table(&text()?, &["project", "tool.poetry"]),
        "Cargo.toml" => in_table(&text()?, &["package"]),
        "go.mod" => {
            let text = text()?;
            let module = text.lines().find_map(|line| line.trim().strip_prefix("module "))?;
            let module = module.split("//").next().unwrap_or(module).trim().trim_matches('"');
            // `example.com/shop/v2`: the part that says which major version is no name.
            let parts: Vec<&str> = module.split('/').collect();
            let is_version = |part: &&&str| {
                part.strip_prefix('v').is_some_and(|n| n.bytes().all(|b| b.is_ascii_digit()))
            };
            parts.iter().rev().find(|part| !is_version(part)).map(|part| (*part).to_owned())
        }
        "pom.xml" => artifact(&text()?),
        "settings.gradle" | "settings.gradle.kts" => {
            let text = text()?;
            let line = text.lines().find(|line| line.trim().starts_with("rootProject.name"))?;
            quoted(line)
        }
        "setup.cfg" => in_table(&text()?, &["metadata"]),
        "build.sbt" => {
            let text = text()?;
            let line = text.lines().find(|line| line.trim().starts_with("name :="))?;
            quoted(line)
        }
        "mix.exs" => {
            let text = text()?;
            let line = text.lines().find_map(|line| line.trim().strip_prefix("app: :"))?;
            Some(line.trim_end_matches(',').to_owned())
        }
        _ => None,
    };
    name.map(|name| name.trim().to_owned()).filter(|name| !name.is_empty() && name.len() < 200)
}

/// `name` of a `package.json`.
pub(super) fn package_name(text: &str) -> Option<String> {
    let value: serde_json::Value =
        serde_json::from_str(text.trim_start_matches('\u{feff}')).ok()?;
    let name = value.get("name")?.as_str()?;
    (!name.is_empty()).then(|| name.to_owned())
}

fn last_part(name: &str) -> String {
    name.rsplit('/').next().unwrap_or(name).to_owned()
}

/// `name = "…"` in one of the tables of a TOML file, or of an INI file without quotes.
fn in_table(text: &str, tables: &[&str]) -> Option<String> {
    let mut inside = false;
    for line in text.lines().map(str::trim) {
        if let Some(table) = line.strip_prefix('[') {
            let table = table.split(']').next().unwrap_or_default().trim();
            inside = tables.contains(&table);
        } else if inside
            && let Some((key, value)) = line.split_once('=')
            && key.trim() == "name"
        {
            let plain = value.split('#').next().unwrap_or(value).trim();
            return quoted(value).or_else(|| Some(plain.to_owned()).filter(|p| !p.is_empty()));
        }
    }
    None
}

fn quoted(text: &str) -> Option<String> {
    let start = text.find(['"', '\''])?;
    let quote = text.get(start..)?.chars().next()?;
    let rest = text.get(start + 1..)?;
    rest.split_once(quote).map(|(inside, _)| inside.to_owned())
}

/// The artifact of a Maven project itself, not that of its parent or of what it depends on.
fn artifact(xml: &str) -> Option<String> {
    let mut text = xml.to_owned();
    for element in ["parent", "dependencies", "dependencyManagement", "build", "profiles"] {
        let (open, close) = (format!("<{element}>"), format!("</{element}>"));
        // A file of nothing but such elements is gone through once, not moved up for each.
        let (mut kept, mut rest) = (String::new(), text.as_str());
        while let Some((before, after)) = rest.split_once(&open) {
            kept.push_str(before);
            rest = after.split_once(&close).map_or("", |(_, rest)| rest);
        }
        kept.push_str(rest);
        text = kept;
    }
    let (_, rest) = text.split_once("<artifactId>")?;
    rest.split_once('<').map(|(name, _)| name.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn any_file_of_a_project_is_survived(parts in prop::collection::vec(prop::sample::select(vec![
            "<parent>", "</parent>", "<artifactId>", "<", "é", "\n", "[project]", "[package", "]", "name", " = ", "\"", "'",
            "#", "{", "}", "\"name\":", "[[", "rootProject.name", "\u{feff}", "x",
        ]), 0..40)) {
            let text = parts.concat();
            let _ = (artifact(&text), quoted(&text), package_name(&text), last_part(&text));
            let _ = in_table(&text, &["project", "package"]);
        }
    }

    #[test]
    fn what_is_a_maven_projects_own_is_found() {
        let xml = "<parent><artifactId>all</artifactId></parent><build><artifactId>x</artifactId></build><artifactId> shop </artifactId>";
        assert_eq!(artifact(xml).as_deref(), Some("shop"));
        assert_eq!(artifact("<parent><artifactId>all</artifactId>"), None, "never closed");
    }
}
