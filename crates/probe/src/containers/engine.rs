//! Container engines that speak Docker's Engine API on a Unix socket: Docker, also without root, and Podman.
//!
//! Everything an engine says is taken as if a stranger said it: a question ends in time, an answer is
//! bounded, a list is cut, and what does not fit is an [`EngineError`] that names socket and question.
//! Leaves out when to look and who looks, and what containers use: that is read from their processes.

#[cfg(unix)]
mod answers;
#[cfg(unix)]
mod client;
#[cfg(unix)]
mod events;
#[cfg(unix)]
mod inventory;
#[cfg(unix)]
mod naming;
#[cfg(unix)]
mod orders;
#[cfg(not(unix))]
mod portable;
mod sockets;

#[cfg(unix)]
pub use events::Events;
#[cfg(unix)]
pub use inventory::{Engine, inspect, sizes};
#[cfg(unix)]
pub use naming::label;
#[cfg(unix)]
pub use orders::carry_out;
#[cfg(not(unix))]
pub use portable::{Engine, Events, carry_out, inspect, sizes};
#[cfg(unix)]
pub(super) use sockets::all_sockets;
pub use sockets::sockets;

use std::collections::BTreeSet;
use thiserror::Error;

/// Why nothing is known, or an order did not work.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum EngineError {
    /// There is no such socket, or nobody listens on it.
    #[error("{0}")]
    Absent(String),
    /// It may not be used.
    #[error("{0}")]
    Denied(String),
    /// It knows no such thing.
    #[error("{0}")]
    NotFound(String),
    /// It did not answer, or not as an engine does, or it refused.
    #[error("{0}")]
    Failed(String),
}

/// Which engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EngineKind {
    /// Docker.
    Docker,
    /// Podman through its compatible socket.
    Podman,
}

/// One container. States are the engine's own words.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Container {
    /// 64 hexadecimal digits.
    pub id: String,
    /// Name without the slash.
    pub name: String,
    /// Image as it was asked for.
    pub image: String,
    /// Identifier of that image.
    pub image_id: String,
    /// `created`, `running`, `paused`, `restarting`, `exited`, `dead`.
    pub state: String,
    /// `starting`, `healthy`, `unhealthy`; `None` without a health check.
    pub health: Option<String>,
    /// How it ended last; `None` while it runs and before it ever did.
    pub exit_code: Option<i64>,
    /// Whether the kernel ended it last, for want of memory.
    pub out_of_memory: bool,
    /// How often the engine started it again by itself.
    pub restarts: Option<u64>,
    /// When it was made, milliseconds since 1970.
    pub created_ms: Option<i64>,
    /// When it started last.
    pub started_ms: Option<i64>,
    /// When it ended last.
    pub finished_ms: Option<i64>,
    /// Ports as `127.0.0.1:8080→80/tcp`, those that are not published as `80/tcp`.
    pub ports: Vec<String>,
    /// Label `com.docker.compose.project`.
    pub compose_project: Option<String>,
    /// Label `com.docker.compose.service`.
    pub compose_service: Option<String>,
    /// Services of its project that it needs (label `com.docker.compose.depends_on`).
    pub needs: Vec<String>,
    /// Names of the volumes it uses.
    pub volumes: Vec<String>,
    /// Names of the networks it is in.
    pub networks: Vec<String>,
}

/// One image.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Image {
    /// `sha256:…`
    pub id: String,
    /// Names; none for one that a newer build replaced.
    pub tags: Vec<String>,
    /// With all its layers, bytes.
    pub size_bytes: Option<u64>,
    /// When it was made, milliseconds since 1970.
    pub created_ms: Option<i64>,
}

/// One volume.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Volume {
    /// Name.
    pub name: String,
    /// Driver.
    pub driver: String,
    /// Where it lies.
    pub place: String,
    /// When it was made, milliseconds since 1970.
    pub created_ms: Option<i64>,
    /// Label `com.docker.compose.project`.
    pub compose_project: Option<String>,
}

/// One network.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Network {
    /// Identifier.
    pub id: String,
    /// Name.
    pub name: String,
    /// Driver.
    pub driver: String,
    /// Address ranges.
    pub subnets: Vec<String>,
    /// Label `com.docker.compose.project`.
    pub compose_project: Option<String>,
}

/// All an engine has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inventory {
    /// Which engine.
    pub kind: EngineKind,
    /// Its version.
    pub version: String,
    /// Running or not.
    pub containers: Vec<Container>,
    /// Images.
    pub images: Vec<Image>,
    /// Volumes.
    pub volumes: Vec<Volume>,
    /// Networks.
    pub networks: Vec<Network>,
    /// What was told and left out: too much, or without an identifier.
    pub left_out: usize,
}

/// One container in full.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ContainerDetail {
    /// 64 hexadecimal digits.
    pub id: String,
    /// Name without the slash.
    pub name: String,
    /// The engine's word.
    pub state: String,
    /// When it started last, in the engine's own words: with the identifier that is its identity.
    pub started: String,
    /// What it runs.
    pub command: Vec<String>,
    /// User it runs as; empty for the image's.
    pub user: String,
    /// Folder it runs in.
    pub folder: String,
    /// `no`, `on-failure`, `always`, `unless-stopped`.
    pub restart_policy: String,
    /// Whether it is removed when it stops.
    pub is_removed_on_stop: bool,
    /// What was said when it could not start.
    pub error: String,
    /// What it mounts, as `source → destination (ro)`.
    pub mounts: Vec<String>,
    /// Last lines of the health check.
    pub health_log: Option<String>,
}

/// What takes room, as far as the engine measured it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Sizes {
    /// Bytes by name of volume.
    pub volumes: Vec<(String, u64)>,
    /// Bytes written by identifier of container.
    pub containers: Vec<(String, u64)>,
}

/// What an engine said by an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// This container is other than it was.
    Container(String),
    /// Images came or went.
    Images,
    /// Volumes came or went.
    Volumes,
    /// Networks came or went.
    Networks,
}

/// Containers remembered to be asked again; with more, all are.
const MOST_AGAIN: usize = 500;

/// What is asked again. However many events come, it holds a container once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Again {
    containers: BTreeSet<String>,
    all: bool,
    images: bool,
    volumes: bool,
    networks: bool,
}

impl Again {
    /// Everything.
    #[must_use]
    pub fn everything() -> Self {
        Self { containers: BTreeSet::new(), all: true, images: true, volumes: true, networks: true }
    }

    /// What one change asks for.
    #[must_use]
    pub fn of(change: Change) -> Self {
        let mut again = Self {
            all: false,
            images: false,
            volumes: false,
            networks: false,
            ..Self::everything()
        };
        again.add(change);
        again
    }

    /// Adds a change.
    pub fn add(&mut self, change: Change) {
        match change {
            Change::Container(id) if self.containers.len() < MOST_AGAIN => {
                self.containers.insert(id);
            }
            Change::Container(_) => self.all = true,
            Change::Images => self.images = true,
            Change::Volumes => self.volumes = true,
            Change::Networks => self.networks = true,
        }
    }
}

/// What can be ordered of a container.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ContainerAction {
    /// Starts.
    Start,
    /// Asks to end, and kills after ten seconds.
    Stop,
    /// Both.
    Restart,
    /// Suspends its processes.
    Pause,
    /// Lets them go on.
    Unpause,
    /// Removes it, with what it wrote outside of volumes.
    Remove,
}

impl ContainerAction {
    /// Method and path below the version.
    #[must_use]
    pub fn request(self, id: &str) -> (&'static str, String) {
        let post = |verb: &str| ("POST", format!("/containers/{id}/{verb}"));
        match self {
            Self::Start => post("start"),
            Self::Stop => post("stop?t=10"),
            Self::Restart => post("restart?t=10"),
            Self::Pause => post("pause"),
            Self::Unpause => post("unpause"),
            Self::Remove => ("DELETE", format!("/containers/{id}")),
        }
    }
}

/// Whether a text is the identifier of a container. Anything else never gets into a path.
#[must_use]
pub fn is_container_id(text: &str) -> bool {
    super::is_id(text)
}
