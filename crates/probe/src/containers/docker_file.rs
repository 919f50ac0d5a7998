//! What Docker wrote down of a container: `containers/ID/config.v2.json` in its data folder, which only
//! root may read.

use super::{ContainerLabel, is_id};
use serde::Deserialize;
use std::{
    collections::HashMap,
    io::{self, ErrorKind, Read},
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
};

/// A file is not read beyond this, bytes.
const MOST_BYTES: u64 = 1024 * 1024;

/// By what a file is known to be as it was: engines put a new one in the place of the old.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FileStamp {
    inode: u64,
    length: u64,
    changed: (i64, i64),
}

impl FileStamp {
    /// That of what is at a path now.
    pub(super) fn at(path: &Path) -> Option<Self> {
        std::fs::metadata(path).ok().map(|found| Self::of(&found))
    }

    fn of(found: &std::fs::Metadata) -> Self {
        let changed = (found.mtime(), found.mtime_nsec());
        Self { inode: found.ino(), length: found.len(), changed }
    }
}

/// A plain file, cut at so many bytes.
pub(super) fn plain(path: &Path, most_bytes: u64) -> io::Result<(Vec<u8>, FileStamp)> {
    let (file, found) = crate::open_plain(path)?;
    let mut bytes = Vec::new();
    file.take(most_bytes).read_to_end(&mut bytes)?;
    Ok((bytes, FileStamp::of(&found)))
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

/// Where Docker, whose data is in `root`, keeps what it knows of a container.
pub(super) fn path(root: &Path, id: &str) -> PathBuf {
    root.join("containers").join(id).join("config.v2.json")
}

/// Reads it.
pub(super) fn read(root: &Path, id: &str) -> io::Result<(ContainerLabel, FileStamp)> {
    // It comes from a control group's path and becomes a part of this one.
    if !is_id(id) {
        return Err(ErrorKind::InvalidInput.into());
    }
    let (bytes, stamp) = plain(&path(root, id), MOST_BYTES)?;
    parse(&bytes).map(|label| (label, stamp)).ok_or_else(|| ErrorKind::InvalidData.into())
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

    fn label_of(root: &Path, id: &str) -> Option<ContainerLabel> {
        read(root, id).ok().map(|(label, _)| label)
    }

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
        assert_eq!(label_of(root.path(), ID), Some(expected), "from its labels");
    }

    #[test]
    fn a_plain_container_has_no_project() {
        let root = docker(r#"{"Name":"/redis","Config":{"Image":"redis","Labels":null}}"#);
        let label = label_of(root.path(), ID).unwrap();
        assert_eq!((label.name.as_str(), label.compose_project), ("redis", None), "name only");
    }

    #[test]
    fn what_cannot_be_read_is_none() {
        let huge = format!(r#"{{"Name":"/x","Config":{{}},"Pad":"{}"}}"#, "x".repeat(1 << 20));
        for text in ["", "{", "[]", r#"{"Name":"/x"}"#, huge.as_str()] {
            assert_eq!(label_of(docker(text).path(), ID), None, "of a damaged file");
        }
        let root = docker("{}");
        for id in ["", "../../etc", &ID[..63], "g".repeat(64).as_str()] {
            assert_eq!(label_of(root.path(), id), None, "{id:?} is no identifier");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_survived(bytes: Vec<u8>) {
            let _ = parse(&bytes);
        }
    }
}
