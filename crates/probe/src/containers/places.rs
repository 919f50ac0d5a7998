//! Where each engine keeps what it knows of its containers, and how to read it.
//!
//! Docker answers on its socket (`GET /containers/ID/json`, Engine API) to root and to the group
//! `docker`, and keeps the same in `containers/ID/config.v2.json`. Podman and CRI-O keep a list in
//! `STORAGE/DRIVER-containers/containers.json` (containers/storage). containerd leaves the OCI
//! runtime configuration, whose annotations hold the names Kubernetes gave.

use super::{ContainerLabel, container_label, is_id, parse};
use serde::Deserialize;
use std::{
    collections::HashMap,
    fs::File,
    io::{Read, Write},
    os::unix::net::UnixStream,
    path::{Path, PathBuf},
    time::Duration,
};

/// An answer must come within this time.
const PATIENCE: Duration = Duration::from_millis(500);
/// Nothing is read beyond this, bytes.
const MOST_BYTES: u64 = 4 * 1024 * 1024;

/// See the module.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ContainerPlaces {
    /// Data folders of Docker.
    pub docker_roots: Vec<PathBuf>,
    /// Sockets of Docker.
    pub docker_sockets: Vec<PathBuf>,
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
        let mut sockets = vec![PathBuf::from("/run/docker.sock"), "/var/run/docker.sock".into()];
        if let Some(runtime) = std::env::var_os("XDG_RUNTIME_DIR") {
            sockets.push(Path::new(&runtime).join("docker.sock"));
        }
        let mut docker_roots = vec![PathBuf::from(super::DOCKER_ROOT)];
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
            docker_sockets: sockets,
            storages,
            tasks: vec![
                "/run/containerd/io.containerd.runtime.v2.task".into(),
                "/run/k3s/containerd/io.containerd.runtime.v2.task".into(),
            ],
        }
    }

    /// What the engine knows of a container by its full identifier. It is looked for everywhere: a
    /// path in the control groups does not always tell the engine.
    #[must_use]
    pub fn describe(&self, id: &str) -> Option<ContainerLabel> {
        if !is_id(id) {
            return None;
        }
        let of_files = || self.docker_roots.iter().find_map(|root| container_label(root, id));
        let of_storage = || self.storages.iter().find_map(|root| stored(root, id));
        let of_tasks = || self.tasks.iter().find_map(|root| of_task(root, id));
        let of_sockets = || self.docker_sockets.iter().find_map(|path| asked(path, id));
        of_files().or_else(of_storage).or_else(of_tasks).or_else(of_sockets)
    }
}

/// Asks Docker. In HTTP 1.0 the answer ends with the connection.
fn asked(socket: &Path, id: &str) -> Option<ContainerLabel> {
    let mut stream = UnixStream::connect(socket).ok()?;
    stream.set_read_timeout(Some(PATIENCE)).ok()?;
    stream.set_write_timeout(Some(PATIENCE)).ok()?;
    let request = format!("GET /containers/{id}/json HTTP/1.0\r\nHost: docker\r\n\r\n");
    stream.write_all(request.as_bytes()).ok()?;
    let mut answer = Vec::new();
    stream.take(MOST_BYTES).read_to_end(&mut answer).ok()?;
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n")?;
    let head = answer.get(..end)?;
    let is_ok = head.split(|byte| *byte == b' ').nth(1) == Some(b"200");
    parse(answer.get(end + 4..)?).filter(|_| is_ok)
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

fn stored(root: &Path, id: &str) -> Option<ContainerLabel> {
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

fn listed(path: &Path, id: &str) -> Option<ContainerLabel> {
    let list: Vec<Stored> = serde_json::from_slice(&bytes_of(path)?).ok()?;
    let one = list.into_iter().find(|one| one.id == id)?;
    let metadata: Metadata = serde_json::from_str(&one.metadata).unwrap_or_default();
    if !metadata.pod.is_empty() {
        let names = (String::new(), metadata.pod, metadata.container);
        return of_pod(names, metadata.image);
    }
    let name = Some(metadata.name).filter(|name| !name.is_empty());
    let name = name.or_else(|| one.names.into_iter().next())?;
    Some(ContainerLabel { name, image: metadata.image, ..ContainerLabel::default() })
}

fn of_task(root: &Path, id: &str) -> Option<ContainerLabel> {
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
fn annotated(path: &Path) -> Option<ContainerLabel> {
    let mut runtime: Runtime = serde_json::from_slice(&bytes_of(path)?).ok()?;
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

fn bytes_of(path: &Path) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path).ok()?.take(MOST_BYTES).read_to_end(&mut bytes).ok()?;
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::net::UnixListener;

    const ID: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    #[test]
    fn a_socket_is_asked() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("docker.sock");
        let listener = UnixListener::bind(&path).unwrap();
        let server = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut request = [0; 512];
            let got = stream.read(&mut request).unwrap();
            let body = r#"{"Name":"/web","Config":{"Image":"nginx:1.27","Labels":{}}}"#;
            write!(stream, "HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n\r\n{body}")
                .unwrap();
            String::from_utf8_lossy(&request[..got]).into_owned()
        });
        let places = ContainerPlaces { docker_sockets: vec![path], ..ContainerPlaces::default() };
        let label = places.describe(ID).unwrap();
        assert_eq!((label.name.as_str(), label.image.as_str()), ("web", "nginx:1.27"));
        let request = server.join().unwrap();
        assert!(request.starts_with(&format!("GET /containers/{ID}/json HTTP/1.0\r\n")));
    }

    #[test]
    fn podman_and_crio_keep_a_list() {
        let folder = tempfile::tempdir().unwrap();
        let list = folder.path().join("overlay-containers");
        std::fs::create_dir(&list).unwrap();
        let metadata = r#"{\"image-name\":\"docker.io/library/redis:7\",\"name\":\"cache\"}"#;
        let text = format!(r#"[{{"id":"{ID}","names":["cache"],"metadata":"{metadata}"}}]"#);
        std::fs::write(list.join("containers.json"), text).unwrap();
        let places =
            ContainerPlaces { storages: vec![folder.path().into()], ..ContainerPlaces::default() };
        let label = places.describe(ID).unwrap();
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
        let label = places.describe(ID).unwrap();
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
}
