//! Versions that a path or a file name tells.

use super::launch;
use ira_model::ProcessDetails;

/// The version of a program called `name`: after the name in its file (`python3.11`), in a folder
/// of its path (`/usr/lib/postgresql/16/bin`, `jvm/java-17-openjdk`, `versions/node/v20.1.0`).
pub(super) fn of(details: &ProcessDetails, name: &str) -> Option<String> {
    let program = launch::program(details);
    let after = program.strip_prefix(name).unwrap_or_default().trim_start_matches('-');
    let of_file = leading(after);
    let of_path = launch::executable(details).and_then(in_path);
    let said = || {
        // The path a user typed may say more than the one links lead to.
        details
            .arguments
            .first()
            .filter(|said| said.starts_with('/'))
            .and_then(|said| in_path(said))
    };
    // `python3` says less than `python3.11` in the path.
    match (of_file, of_path) {
        (Some(file), Some(path)) if path.starts_with(&file) => Some(path),
        (Some(file), _) if file.len() > 1 || name != "python" => Some(file),
        (file, path) => path.or_else(said).or(file),
    }
}

/// The version in the path of the archives Java was given: `/opt/kafka_2.13-3.6.1/libs/…`.
pub(super) fn of_archive(details: &ProcessDetails) -> Option<String> {
    let home =
        ["-Des.path.home=", "-Dopensearch.path.home=", "-Dkafka.logs.dir=", "-Dcatalina.home="];
    let values = details
        .arguments
        .iter()
        .flat_map(|argument| home.iter().filter_map(|start| argument.strip_prefix(start)));
    values.chain(details.arguments.iter().skip(1).map(String::as_str)).find_map(|path| {
        let path = path.split(':').next().unwrap_or(path);
        path.starts_with('/').then(|| in_path(path)).flatten()
    })
}

/// The innermost folder that is or ends with a version.
fn in_path(path: &str) -> Option<String> {
    path.split('/').rev().skip(1).find_map(|folder| {
        let plain = leading(folder.strip_prefix('v').unwrap_or(folder));
        let whole = plain.filter(|v| v.len() == folder.trim_start_matches('v').len());
        whole.filter(|v| v.len() < 3 || v.contains('.')).or_else(|| {
            folder.match_indices(['-', '_', '@']).find_map(|(at, _)| {
                let tail = folder.get(at + 1..)?;
                let version = leading(tail.strip_prefix('v').unwrap_or(tail))?;
                // `kafka_2.13-3.6.1`: the language it was built with comes first.
                let last = folder.rsplit_once('-').and_then(|(_, tail)| leading(tail));
                let last = last.filter(|last| last.contains('.') && folder.contains('_'));
                Some(last.unwrap_or(version))
            })
        })
    })
}

/// Digits and dots at the beginning.
fn leading(text: &str) -> Option<String> {
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let version = text.get(..end)?.trim_end_matches('.');
    version.starts_with(|c: char| c.is_ascii_digit()).then(|| version.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_of_paths() {
        for (path, name, expected) in [
            ("/usr/lib/postgresql/16/bin/postgres", "postgres", Some("16")),
            ("/usr/bin/python3.11", "python", Some("3.11")),
            ("/usr/bin/python3", "python", Some("3")),
            ("/root/.pyenv/versions/3.12.1/bin/python3", "python", Some("3.12.1")),
            ("/home/a/.nvm/versions/node/v20.11.0/bin/node", "node", Some("20.11.0")),
            ("/usr/lib/jvm/java-17-openjdk-amd64/bin/java", "java", Some("17")),
            ("/usr/bin/php8.2", "php", Some("8.2")),
            ("/usr/sbin/nginx", "nginx", None),
            ("/opt/redis-7.2.4/bin/redis-server", "redis-server", Some("7.2.4")),
        ] {
            let details =
                ProcessDetails { executable: Some(path.to_owned()), ..ProcessDetails::default() };
            assert_eq!(of(&details, name).as_deref(), expected, "{path}");
        }
    }

    #[test]
    fn versions_of_archives() {
        let details = ProcessDetails {
            arguments: ["java", "-Dkafka.logs.dir=/opt/kafka_2.13-3.6.1/logs", "-cp"]
                .map(str::to_owned)
                .to_vec(),
            ..ProcessDetails::default()
        };
        assert_eq!(of_archive(&details).as_deref(), Some("3.6.1"));
    }
}
