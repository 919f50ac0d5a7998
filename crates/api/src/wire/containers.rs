use super::Problem;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Which engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum EngineKind {
    /// Docker.
    Docker,
    /// Podman.
    Podman,
}

/// One engine that was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct EngineRow {
    /// Path of its socket, by which everything of it is named.
    pub socket: String,
    /// Which; `null` for one that did not answer.
    pub kind: Option<EngineKind>,
    /// Its version.
    pub version: Option<String>,
    /// What it told and is not shown: too much, or without an identifier.
    pub left_out: u32,
    /// Why nothing is known of it.
    pub problem: Option<Problem>,
}

/// One container. States are the engine's own words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ContainerRow {
    /// Socket of its engine.
    pub engine: String,
    /// 64 hexadecimal digits.
    pub id: String,
    /// Name.
    pub name: String,
    /// Image as it was asked for.
    pub image: String,
    /// `created`, `running`, `paused`, `restarting`, `exited`, `dead`.
    pub state: String,
    /// `starting`, `healthy`, `unhealthy`; `null` without a health check.
    pub health: Option<String>,
    /// How it ended last.
    pub exit_code: Option<i64>,
    /// Whether the kernel ended it last, for want of memory.
    pub out_of_memory: bool,
    /// How often the engine started it again by itself.
    pub restarts: Option<u64>,
    /// When it was made.
    pub created_ms: Option<i64>,
    /// When it started last.
    pub started_ms: Option<i64>,
    /// When it ended last.
    pub finished_ms: Option<i64>,
    /// Ports as `127.0.0.1:8080→80/tcp`.
    pub ports: Vec<String>,
    /// Compose project.
    pub project: Option<String>,
    /// Service within it.
    pub service: Option<String>,
    /// Names of its volumes.
    pub volumes: Vec<String>,
    /// Names of its networks.
    pub networks: Vec<String>,
    /// Identifier of the application its processes count under.
    pub application: String,
}

/// One image.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ImageRow {
    /// Socket of its engine.
    pub engine: String,
    /// `sha256:…`
    pub id: String,
    /// Names; none for one that a newer build replaced.
    pub tags: Vec<String>,
    /// With all its layers, which it may share.
    pub size_bytes: Option<u64>,
    /// When it was made.
    pub created_ms: Option<i64>,
    /// Names of the containers made from it; none for an orphan.
    pub used_by: Vec<String>,
}

/// One volume.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct VolumeRow {
    /// Socket of its engine.
    pub engine: String,
    /// Name.
    pub name: String,
    /// Driver.
    pub driver: String,
    /// Where it lies.
    pub place: String,
    /// When it was made.
    pub created_ms: Option<i64>,
    /// Compose project.
    pub project: Option<String>,
    /// Names of the containers that mount it; none for an orphan.
    pub used_by: Vec<String>,
}

/// One network.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct NetworkRow {
    /// Socket of its engine.
    pub engine: String,
    /// Identifier.
    pub id: String,
    /// Name.
    pub name: String,
    /// Driver.
    pub driver: String,
    /// Address ranges.
    pub subnets: Vec<String>,
    /// Compose project.
    pub project: Option<String>,
    /// Comes with the engine and cannot be removed.
    pub is_built_in: bool,
    /// Names of the containers in it; none for an orphan, unless it is built in.
    pub used_by: Vec<String>,
}

/// All that the engines of this machine have.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct Containers {
    /// Engines that were found.
    pub engines: Vec<EngineRow>,
    /// Running or not, by name.
    pub containers: Vec<ContainerRow>,
    /// Images.
    pub images: Vec<ImageRow>,
    /// Volumes.
    pub volumes: Vec<VolumeRow>,
    /// Networks.
    pub networks: Vec<NetworkRow>,
    /// Why nothing is known at all.
    pub problem: Option<Problem>,
}

/// What the processes of a container use.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct ContainerUse {
    /// Its identifier.
    pub id: String,
    /// CPU as a share of one core.
    pub cpu_ratio: Option<f64>,
    /// Resident memory.
    pub memory_bytes: Option<u64>,
    /// Bytes a second from storage.
    pub read_bytes_per_sec: Option<f64>,
    /// Bytes a second to storage.
    pub write_bytes_per_sec: Option<f64>,
    /// Processes.
    pub process_count: u32,
}

/// What containers that run use, each second.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct ContainerUses {
    /// When.
    pub at_ms: i64,
    /// Cores of the machine.
    pub cpu_count: u32,
    /// Those that have processes.
    pub containers: Vec<ContainerUse>,
}

/// Which container.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct ContainerRequest {
    /// Socket of its engine.
    pub engine: String,
    /// Its identifier.
    pub id: String,
}

/// One container in full.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct ContainerDetail {
    /// What it runs, word by word.
    pub command: Vec<String>,
    /// User it runs as; empty for the image's.
    pub user: String,
    /// Folder it runs in.
    pub folder: String,
    /// `no`, `on-failure`, `always`, `unless-stopped`.
    pub restart_policy: String,
    /// Whether it is removed when it stops.
    pub is_removed_on_stop: bool,
    /// What the engine said when it could not start.
    pub error: String,
    /// What it mounts, as `source → destination (ro)`.
    pub mounts: Vec<String>,
    /// What its health check said last.
    pub health_log: Option<String>,
}

/// What something takes, bytes.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct ContainerSize {
    /// Socket of its engine.
    pub engine: String,
    /// Name of a volume, or identifier of a container, which is what it wrote outside of volumes.
    pub name: String,
    /// How much.
    pub bytes: u64,
}

/// What volumes and containers take. Engines measure it when they are asked, which takes its time.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct ContainerSizes {
    /// Those that the engine could measure.
    pub sizes: Vec<ContainerSize>,
    /// What was said by engines that could not.
    pub problems: Vec<String>,
}
