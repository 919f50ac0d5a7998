//! Where each engine keeps what it knows of its containers, and how to read it.
//!
//! Docker keeps `containers/ID/config.v2.json` in its data folder. Podman and CRI-O keep a list in
//! `STORAGE/DRIVER-containers/containers.json` (containers/storage). containerd leaves the OCI
//! runtime configuration, whose annotations hold the names Kubernetes gave.

use super::{
    ContainerLabel,
    docker_file::{self, FileStamp, plain},
    engine, is_id,
    names::Described,
};
use serde::Deserialize;
use std::{
    collections::HashMap,
    io::ErrorKind,
    path::{Path, PathBuf},
};

/// Nothing is read beyond this, bytes.
const MOST_BYTES: u64 = 4 * 1024 * 1024;

/// Docker's data folder, unless its `data-root` says otherwise.
const DOCKER_ROOT: &str = "/var/lib/docker";

/// See the module.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ContainerPlaces {
    /// Data folders of Docker.
    pub docker_roots: Vec<PathBuf>,
    /// Sockets of engines that speak Docker's Engine API.
    pub sockets: Vec<PathBuf>,
    /// Storage folders of Podman and CRI-O.
    pub storages: Vec<PathBuf>,
    /// Folders of containerd's tasks: below are namespaces, below those containers.
    pub tasks: Vec<PathBuf>,
}

impl ContainerPlaces {
    /// Where the engines of this machine keep things unless they were told otherwise.
    #[must_use]
    pub fn of_this_machine() -> Self {
        let home = std::env::var_os("HOME").map(PathBuf::from).filter(|home| home.is_absolute());
        let mut docker_roots = vec![PathBuf::from(DOCKER_ROOT)];
        let mut storages =
            vec![PathBuf::from("/var/lib/containers/storage"), "/run/containers/storage".into()];
        // Root sees the containers of users who run them without rights.
        let homes = std::fs::read_dir("/home").into_iter().flatten().filter_map(Result::ok);
        for home in homes.map(|entry| entry.path()).take(64).chain(home) {
            storages.push(home.join(".local/share/containers/storage"));
            docker_roots.push(home.join(".local/share/docker"));
        }
        Self {
            docker_roots,
            sockets: engine::all_sockets(),
            storages,
            tasks: vec![
                "/run/containerd/io.containerd.runtime.v2.task".into(),
                "/run/k3s/containerd/io.containerd.runtime.v2.task".into(),
            ],
        }
    }

    /// What files tell of a container by its full identifier; else the folders that may not be read.
    /// It is looked for everywhere: a path in the control groups does not always tell the engine.
    pub(super) fn read(&self, id: &str) -> Result<Described, Vec<&Path>> {
        let mut denied = Vec::new();
        if !is_id(id) {
            return Err(denied);
        }
        for root in &self.docker_roots {
            match docker_file::read(root, id) {
                Ok((label, stamp)) => {
                    let from = docker_file::path(root, id);
                    return Ok(Described { label, from, read: Some(stamp) });
                }
                Err(error) if error.kind() == ErrorKind::PermissionDenied => denied.push(&**root),
                Err(_) => {}
            }
        }
        let of_storage = || self.storages.iter().find_map(|root| stored(root, id));
        let of_tasks = || self.tasks.iter().find_map(|root| of_task(root, id));
        of_storage().or_else(of_tasks).ok_or(denied)
    }
}

#[derive(Deserialize)]
struct Stored {
    id: String,
    #[serde(default)]
    names: Vec<String>,
    #[serde(default)]
    metadata: String,
}

#[derive(Deserialize, Default)]
struct Metadata {
    #[serde(default, rename = "image-name")]
    image: String,
    #[serde(default)]
    name: String,
    #[serde(default, rename = "container-name")]
    container: String,
    #[serde(default, rename = "pod-name")]
    pod: String,
}

fn stored(root: &Path, id: &str) -> Option<Described> {
    for driver in ["overlay", "vfs", "btrfs", "zfs"] {
        let folder = root.join(format!("{driver}-containers"));
        if let Some(found) = listed(&folder.join("containers.json"), id) {
            return Some(found);
        }
        if let Some(found) = annotated(&folder.join(id).join("userdata/config.json")) {
            return Some(found);
        }
    }
    None
}

fn listed(path: &Path, id: &str) -> Option<Described> {
    let (bytes, stamp) = plain(path, MOST_BYTES).ok()?;
    let list: Vec<Stored> = serde_json::from_slice(&bytes).ok()?;
    let one = list.into_iter().find(|one| one.id == id)?;
    Some(described(name_of(one)?, path, stamp))
}

fn described(label: ContainerLabel, path: &Path, stamp: FileStamp) -> Described {
    Described { label, from: path.to_owned(), read: Some(stamp) }
}

fn name_of(one: Stored) -> Option<ContainerLabel> {
    let metadata: Metadata = serde_json::from_str(&one.metadata).unwrap_or_default();
    if !metadata.pod.is_empty() {
        let names = (String::new(), metadata.pod, metadata.container);
        return of_pod(names, metadata.image);
    }
    // A rename changes the list of names and leaves the metadata as they were.
    let name = one.names.into_iter().next();
    let name = name.or(Some(metadata.name)).filter(|name| !name.is_empty())?;
    Some(ContainerLabel { name, image: metadata.image, ..ContainerLabel::default() })
}

fn of_task(root: &Path, id: &str) -> Option<Described> {
    let spaces = std::fs::read_dir(root).ok()?.filter_map(Result::ok).take(64);
    spaces.map(|space| space.path().join(id).join("config.json")).find_map(|path| annotated(&path))
}

#[derive(Deserialize)]
struct Runtime {
    #[serde(default)]
    annotations: HashMap<String, String>,
}

/// Names in the annotations of an OCI configuration: of Kubernetes through containerd or CRI-O, or
/// of nerdctl.
fn annotated(path: &Path) -> Option<Described> {
    let (bytes, stamp) = plain(path, MOST_BYTES).ok()?;
    Some(described(names_in(&bytes)?, path, stamp))
}

fn names_in(configuration: &[u8]) -> Option<ContainerLabel> {
    let mut runtime: Runtime = serde_json::from_slice(configuration).ok()?;
    let mut take = |names: &[&str]| names.iter().find_map(|name| runtime.annotations.remove(*name));
    let image = take(&["io.kubernetes.cri.image-name", "io.kubernetes.cri-o.ImageName"]);
    let image = image.unwrap_or_default();
    if let Some(name) = take(&["nerdctl/name"]) {
        return Some(ContainerLabel {
            name,
            image,
            compose_project: take(&["com.docker.compose.project"]),
            compose_service: take(&["com.docker.compose.service"]),
        });
    }
    let space = take(&["io.kubernetes.cri.sandbox-namespace", "io.kubernetes.pod.namespace"]);
    let pod = take(&["io.kubernetes.cri.sandbox-name", "io.kubernetes.pod.name"])?;
    let container = take(&["io.kubernetes.cri.container-name", "io.kubernetes.container.name"]);
    of_pod((space.unwrap_or_default(), pod, container.unwrap_or_else(|| "pause".to_owned())), image)
}

/// A container of a pod: what is deployed is the project, the container its service.
fn of_pod(
    (space, pod, container): (String, String, String),
    image: String,
) -> Option<ContainerLabel> {
    let deployed = workload(&pod);
    let project =
        if space.is_empty() { deployed.to_owned() } else { format!("{space}/{deployed}") };
    Some(ContainerLabel {
        name: container.clone(),
        image,
        compose_project: Some(project),
        compose_service: Some(container),
    })
}

/// What a pod belongs to: of `shop-7d9f8b6c5d-x2x1z` the deployment `shop`. Kubernetes makes such
/// endings of letters and digits that spell no words (apimachinery, `rand.SafeEncodeString`).
fn workload(pod: &str) -> &str {
    let is_made_up = |part: &str, lengths: std::ops::RangeInclusive<usize>| {
        lengths.contains(&part.len())
            && part.bytes().all(|b| b"bcdfghjklmnpqrstvwxz0123456789".contains(&b))
    };
    let Some((front, last)) = pod.rsplit_once('-').filter(|(_, last)| is_made_up(last, 5..=5))
    else {
        return pod;
    };
    match front.rsplit_once('-') {
        Some((name, hash))
            if is_made_up(hash, 6..=10) && hash.bytes().any(|b| b.is_ascii_digit()) =>
        {
            name
        }
        _ if last.bytes().any(|b| b.is_ascii_digit()) => front,
        _ => pod,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    #[test]
    fn podman_and_crio_keep_a_list() {
        let folder = tempfile::tempdir().unwrap();
        let list = folder.path().join("overlay-containers");
        std::fs::create_dir(&list).unwrap();
        let metadata =
            r#"{\"image-name\":\"docker.io/library/redis:7\",\"name\":\"cache-before\"}"#;
        let text = format!(r#"[{{"id":"{ID}","names":["cache"],"metadata":"{metadata}"}}]"#);
        std::fs::write(list.join("containers.json"), text).unwrap();
        let places =
            ContainerPlaces { storages: vec![folder.path().into()], ..ContainerPlaces::default() };
        let label = places.read(ID).unwrap().label;
        assert_eq!((label.name.as_str(), label.compose_project), ("cache", None));
        assert_eq!(label.image, "docker.io/library/redis:7");
    }

    #[test]
    fn kubernetes_names_through_containerd() {
        let folder = tempfile::tempdir().unwrap();
        let task = folder.path().join("k8s.io").join(ID);
        std::fs::create_dir_all(&task).unwrap();
        std::fs::write(
            task.join("config.json"),
            r#"{"ociVersion":"1.1.0","annotations":{"io.kubernetes.cri.container-name":"api",
            "io.kubernetes.cri.sandbox-name":"shop-7d9f8b6c5d-x2x4z",
            "io.kubernetes.cri.sandbox-namespace":"prod"}}"#,
        )
        .unwrap();
        let places =
            ContainerPlaces { tasks: vec![folder.path().into()], ..ContainerPlaces::default() };
        let label = places.read(ID).unwrap().label;
        assert_eq!(label.compose_project.as_deref(), Some("prod/shop"));
        assert_eq!(label.compose_service.as_deref(), Some("api"));
    }

    #[test]
    fn what_a_pod_belongs_to() {
        for (pod, expected) in [
            ("shop-7d9f8b6c5d-x2x4z", "shop"),
            ("node-exporter-x7k2p", "node-exporter"),
            ("postgres-0", "postgres-0"),
            ("my-local-store", "my-local-store"),
            ("coredns", "coredns"),
        ] {
            assert_eq!(workload(pod), expected, "{pod}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_configuration_is_survived(bytes: Vec<u8>, pod in ".{0,40}", hash in "(-[a-z0-9]{0,11}){0,3}") {
            let _ = names_in(&bytes);
            let name = format!("{pod}{hash}");
            proptest::prop_assert!(name.starts_with(workload(&name)));
            let names = serde_json::json!({"annotations": {
                "io.kubernetes.cri.sandbox-name": name, "io.kubernetes.cri.container-name": pod,
            }});
            let _ = names_in(names.to_string().as_bytes());
        }
    }
}
