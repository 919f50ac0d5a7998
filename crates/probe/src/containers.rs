//! Containers: their names, as the engines wrote them down, and all the rest, as the engines tell it.
//!
//! [`engine`] asks an engine. For names alone that is spared: Docker keeps
//! `containers/ID/config.v2.json` in its data folder, which only root may read.

pub mod engine;
#[cfg(unix)]
mod places;

#[cfg(unix)]
pub use places::ContainerPlaces;

use serde::Deserialize;
use std::{collections::HashMap, fs::File, io::Read, path::Path};

/// Docker's data folder, unless its `data-root` says otherwise.
pub const DOCKER_ROOT: &str = "/var/lib/docker";
/// A file is not read beyond this, bytes.
const MOST_BYTES: u64 = 1024 * 1024;

/// How people know a container.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ContainerLabel {
    /// Name, without the slash that Docker puts before it.
    pub name: String,
    /// Image it was made from, as it was asked for.
    pub image: String,
    /// Label `com.docker.compose.project`.
    pub compose_project: Option<String>,
    /// Label `com.docker.compose.service`.
    pub compose_service: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Container {
    #[serde(default)]
    name: String,
    config: Config,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Config {
    #[serde(default)]
    image: String,
    #[serde(default)]
    labels: Option<HashMap<String, String>>,
}

/// Reads what Docker, whose data is in `docker_root`, knows of a container by its full identifier.
/// `None` when there is no such container or it may not be read.
#[must_use]
pub fn container_label(docker_root: &Path, id: &str) -> Option<ContainerLabel> {
    // It comes from a control group's path and becomes a part of this one.
    if !is_id(id) {
        return None;
    }
    let path = docker_root.join("containers").join(id).join("config.v2.json");
    let mut bytes = Vec::new();
    File::open(path).ok()?.take(MOST_BYTES).read_to_end(&mut bytes).ok()?;
    parse(&bytes)
}

fn is_id(id: &str) -> bool {
    id.len() == 64 && id.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn parse(bytes: &[u8]) -> Option<ContainerLabel> {
    let Container { name, config } = serde_json::from_slice(bytes).ok()?;
    let mut labels = config.labels.unwrap_or_default();
    let mut label = |name| labels.remove(name).filter(|value| !value.is_empty());
    Some(ContainerLabel {
        name: name.strip_prefix('/').unwrap_or(&name).to_owned(),
        image: config.image,
        compose_project: label("com.docker.compose.project"),
        compose_service: label("com.docker.compose.service"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ID: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    fn docker(text: &str) -> tempfile::TempDir {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("containers").join(ID);
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("config.v2.json"), text).unwrap();
        root
    }

    #[test]
    fn a_compose_service_is_known() {
        let root = docker(
            r#"{"ID":"0123","Name":"/shop-web-1","State":{"Running":true},"Config":{"Image":
            "nginx:1.27","Labels":{"com.docker.compose.project":"shop",
            "com.docker.compose.service":"web","x":""}}}"#,
        );
        let expected = ContainerLabel {
            name: "shop-web-1".into(),
            image: "nginx:1.27".into(),
            compose_project: Some("shop".into()),
            compose_service: Some("web".into()),
        };
        assert_eq!(container_label(root.path(), ID), Some(expected), "from its labels");
    }

    #[test]
    fn a_plain_container_has_no_project() {
        let root = docker(r#"{"Name":"/redis","Config":{"Image":"redis","Labels":null}}"#);
        let label = container_label(root.path(), ID).unwrap();
        assert_eq!((label.name.as_str(), label.compose_project), ("redis", None), "name only");
    }

    #[test]
    fn what_cannot_be_read_is_none() {
        let huge = format!(r#"{{"Name":"/x","Config":{{}},"Pad":"{}"}}"#, "x".repeat(1 << 20));
        for text in ["", "{", "[]", r#"{"Name":"/x"}"#, huge.as_str()] {
            assert_eq!(container_label(docker(text).path(), ID), None, "of a damaged file");
        }
        let root = docker("{}");
        for id in ["", "../../etc", &ID[..63], "g".repeat(64).as_str()] {
            assert_eq!(container_label(root.path(), id), None, "{id:?} is no identifier");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_survived(bytes: Vec<u8>) {
            let _ = parse(&bytes);
        }
    }
}
