//! Where engines listen.

use super::EngineError;
use std::{
    collections::BTreeSet,
    env,
    path::{Path, PathBuf},
};

/// Sockets of engines that may be here: only that of `DOCKER_HOST` where it is set, as for the engine's
/// own client. Whether somebody listens is not looked at.
///
/// # Errors
/// [`EngineError::Failed`] where `DOCKER_HOST` names something else than a socket of this machine.
pub fn sockets() -> Result<Vec<PathBuf>, EngineError> {
    let variable = |name: &str| env::var(name).ok().filter(|value| !value.is_empty());
    choose(
        variable("DOCKER_HOST").as_deref(),
        variable("XDG_RUNTIME_DIR").as_deref(),
        variable("HOME").as_deref(),
    )
}

/// The sockets of every engine that may be here. That of `DOCKER_HOST` comes first; what runs under
/// the others is on this machine all the same.
#[cfg(unix)]
pub(in crate::containers) fn all_sockets() -> Vec<PathBuf> {
    let variable = |name: &str| env::var(name).ok();
    let host = variable("DOCKER_HOST").filter(|host| !host.is_empty());
    let named = host.and_then(|host| choose(Some(&host), None, None).ok()).unwrap_or_default();
    let (runtime, home) = (variable("XDG_RUNTIME_DIR"), variable("HOME"));
    let usual = choose(None, runtime.as_deref(), home.as_deref()).unwrap_or_default();
    let others: Vec<_> = usual.into_iter().filter(|path| !named.contains(path)).collect();
    named.into_iter().chain(others).collect()
}

fn choose(
    docker_host: Option<&str>,
    runtime: Option<&str>,
    home: Option<&str>,
) -> Result<Vec<PathBuf>, EngineError> {
    if let Some(host) = docker_host {
        let path = host.strip_prefix("unix://").map(Path::new).filter(|path| path.is_absolute());
        return path.map(|path| vec![path.to_owned()]).ok_or_else(|| {
            let text = format!(
                "DOCKER_HOST is {host:?}: only engines of this machine are asked, as unix:///PATH"
            );
            EngineError::Failed(text)
        });
    }
    let runtime = runtime.map(Path::new).filter(|path| path.is_absolute());
    let home = home.map(Path::new).filter(|path| path.is_absolute());
    let all = [
        Some(PathBuf::from("/var/run/docker.sock")),
        runtime.map(|path| path.join("docker.sock")),
        Some("/run/podman/podman.sock".into()),
        runtime.map(|path| path.join("podman/podman.sock")),
        // Docker Desktop.
        home.map(|path| path.join(".docker/run/docker.sock")),
    ];
    let mut seen = BTreeSet::new();
    // Podman can stand in for Docker by a link.
    let is_new = |path: &PathBuf| seen.insert(path.canonicalize().unwrap_or_else(|_| path.clone()));
    Ok(all.into_iter().flatten().filter(is_new).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn docker_host_alone_where_it_is_set() {
        let of = |host| choose(Some(host), Some("/run/user/1"), None);
        assert_eq!(of("unix:///tmp/x.sock"), Ok(vec!["/tmp/x.sock".into()]));
        for host in ["tcp://10.0.0.1:2375", "ssh://a@b", "unix://x.sock", "x", "npipe:////./pipe/x"]
        {
            let error = of(host).unwrap_err().to_string();
            assert!(error.contains("only engines of this machine"), "{host}: {error}");
        }
    }

    #[test]
    fn engines_of_the_machine_and_of_the_user() {
        let found = choose(None, Some("/run/user/77"), Some("relative")).unwrap();
        for path in [
            "/run/user/77/docker.sock",
            "/run/podman/podman.sock",
            "/run/user/77/podman/podman.sock",
        ] {
            assert!(found.contains(&path.into()), "{path}: {found:?}");
        }
        assert_eq!(found.len(), 4);
        assert_eq!(choose(None, Some(""), None).unwrap().len(), 2, "no runtime folder");
    }
}
