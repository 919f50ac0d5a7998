//! All an engine has, asked for once and then only for what its events named.

use super::{
    Again, Container, ContainerDetail, EngineError, EngineKind, Events, Image, Inventory, Network,
    Sizes, Volume,
    answers::{
        ImageRow, Inspected, Labels, MOST_ROWS, Many, Mount, NetworkRow, Port, Summary, Usage,
        Version, VolumeRow, Volumes,
    },
    client::{Client, PATIENCE},
    is_container_id,
};
use hyper::Method;
use std::{
    collections::{BTreeSet, HashMap, HashSet},
    path::Path,
    time::Duration,
};
use tokio::time::timeout;

/// One look at everything takes at most so long.
const LOOK: Duration = Duration::from_secs(30);
/// Containers whose state is asked for one by one, those that run first.
const MOST_INSPECTED: usize = 500;
/// The engine walks through folders to measure them.
const MEASURING: Duration = Duration::from_secs(60);
/// Characters of a text, entries of a list within one entry.
const MOST_TEXT: usize = 300;
const MOST_ENTRIES: usize = 50;

/// What is kept of a container that was asked for.
#[derive(Debug)]
struct Known {
    state: String,
    health: Option<String>,
    exit_code: Option<i64>,
    out_of_memory: bool,
    restarts: Option<u64>,
    started_ms: Option<i64>,
    finished_ms: Option<i64>,
}

impl From<Inspected> for Known {
    fn from(one: Inspected) -> Self {
        let state = one.state;
        Self {
            health: text(state.health.and_then(|health| health.status)),
            exit_code: state.exit_code,
            out_of_memory: state.out_of_memory == Some(true),
            restarts: one.restart_count,
            started_ms: moment(state.started_at.as_deref()),
            finished_ms: moment(state.finished_at.as_deref()),
            state: short(&state.status.unwrap_or_default()),
        }
    }
}

/// One engine that answered.
#[derive(Debug)]
pub struct Engine {
    client: Client,
    kind: EngineKind,
    version: String,
    /// `/v1.41`
    prefix: String,
    known: HashMap<String, Known>,
    images: Vec<Image>,
    volumes: Vec<Volume>,
    networks: Vec<Network>,
    left_out: usize,
}

impl Engine {
    /// Asks who listens on a socket.
    ///
    /// # Errors
    /// See [`EngineError`].
    pub async fn connect(socket: &Path) -> Result<Self, EngineError> {
        let client = Client::new(socket);
        let told: Version = client.get("/version", PATIENCE).await?;
        let is_version = |byte: u8| byte.is_ascii_digit() || byte == b'.';
        if told.api_version.is_empty() || !told.api_version.bytes().all(is_version) {
            let what = format!("was answered with the version {:?}", told.api_version);
            return Err(client.failed("GET /version", &what));
        }
        let is_podman = told.components.items.iter().any(|one| one.name.contains("Podman"));
        Ok(Self {
            client,
            kind: if is_podman { EngineKind::Podman } else { EngineKind::Docker },
            version: short(&told.version),
            prefix: format!("/v{}", told.api_version),
            known: HashMap::new(),
            images: Vec::new(),
            volumes: Vec::new(),
            networks: Vec::new(),
            left_out: 0,
        })
    }

    /// Has it tell what happens from now on.
    ///
    /// # Errors
    /// See [`EngineError`].
    pub async fn events(&self) -> Result<Events, EngineError> {
        let answer = self.client.stream(&format!("{}/events", self.prefix)).await?;
        Ok(Events::new(self.client.clone(), answer))
    }

    /// All it has. Asks only for what is to be asked `again`, and for the list of containers.
    ///
    /// # Errors
    /// See [`EngineError`].
    pub async fn inventory(&mut self, again: &Again) -> Result<Inventory, EngineError> {
        let client = self.client.clone();
        timeout(LOOK, self.look(again)).await.unwrap_or_else(|_| {
            let what = format!("took more than {} s", LOOK.as_secs());
            Err(client.failed("looking at everything", &what))
        })
    }

    async fn look(&mut self, again: &Again) -> Result<Inventory, EngineError> {
        let get = |path: &str| format!("{}{path}", self.prefix);
        if again.images {
            let told: Many<ImageRow, MOST_ROWS> =
                self.client.get(&get("/images/json"), PATIENCE).await?;
            let mut seen = HashSet::new();
            let rows = told.items.into_iter().filter(|row| seen.insert(row.id.clone()));
            self.images = rows.map(image).collect();
            self.left_out += told.left_out;
        }
        if again.volumes {
            let told: Volumes = self.client.get(&get("/volumes"), PATIENCE).await?;
            let mut seen = HashSet::new();
            let rows = told.volumes.items.into_iter().filter(|row| seen.insert(row.name.clone()));
            self.volumes = rows.map(volume).collect();
        }
        if again.networks {
            let told: Many<NetworkRow, MOST_ROWS> =
                self.client.get(&get("/networks"), PATIENCE).await?;
            let mut seen = HashSet::new();
            let rows = told.items.into_iter().filter(|row| seen.insert(row.id.clone()));
            self.networks = rows.map(network).collect();
        }
        let path = get("/containers/json?all=true");
        let told: Many<Summary, MOST_ROWS> = self.client.get(&path, PATIENCE).await?;
        let mut seen = HashSet::new();
        let all = told.items.len();
        let mut rows: Vec<Summary> = told
            .items
            .into_iter()
            .filter(|row| is_container_id(&row.id) && seen.insert(row.id.clone()))
            .collect();
        self.left_out = told.left_out + all - rows.len();
        rows.sort_by_key(|row| row.state.as_deref() != Some("running"));
        let anew = |id: &String| again.all || again.containers.contains(id);
        self.known.retain(|id, _| seen.contains(id) && !anew(id));
        for row in rows.iter().take(MOST_INSPECTED) {
            let is_fresh = |one: &Known| Some(one.state.as_str()) == row.state.as_deref();
            if self.known.get(&row.id).is_some_and(is_fresh) {
                continue;
            }
            let path = get(&format!("/containers/{}/json", row.id));
            match self.client.get::<Inspected>(&path, PATIENCE).await {
                Ok(one) => drop(self.known.insert(row.id.clone(), one.into())),
                // Removed meanwhile, as an event will say.
                Err(EngineError::NotFound(_)) => {}
                Err(error) => return Err(error),
            }
        }
        let mut containers: Vec<Container> =
            rows.into_iter().map(|row| container(self.known.get(&row.id), row)).collect();
        containers.sort_by(|a, b| (&a.name, &a.id).cmp(&(&b.name, &b.id)));
        Ok(Inventory {
            kind: self.kind,
            version: self.version.clone(),
            containers,
            images: self.images.clone(),
            volumes: self.volumes.clone(),
            networks: self.networks.clone(),
            left_out: self.left_out,
        })
    }

    /// One container in full.
    pub(super) async fn inspect(&self, id: &str) -> Result<ContainerDetail, EngineError> {
        let path = format!("{}/containers/{id}/json", self.prefix);
        let one: Inspected = self.client.get(&path, PATIENCE).await?;
        if one.id != id {
            return Err(self.client.failed("GET", "was answered with another container"));
        }
        Ok(detail(one))
    }

    pub(super) async fn order(
        &self,
        method: Method,
        path: &str,
        patience: Duration,
    ) -> Result<(), EngineError> {
        self.client.order(method, &format!("{}{path}", self.prefix), patience).await
    }
}

/// Asks the engine of a socket about one container.
///
/// # Errors
/// See [`EngineError`].
pub fn inspect(socket: &Path, id: &str) -> Result<ContainerDetail, EngineError> {
    let id = checked(id)?;
    super::orders::blocking(async { Engine::connect(socket).await?.inspect(id).await })
}

/// Has the engine of a socket measure what takes room. That may take a minute.
///
/// # Errors
/// See [`EngineError`].
pub fn sizes(socket: &Path) -> Result<Sizes, EngineError> {
    super::orders::blocking(async {
        let engine = Engine::connect(socket).await?;
        let path = format!("{}/system/df?type=volume&type=container", engine.prefix);
        let told: Usage = engine.client.get(&path, MEASURING).await?;
        let bytes = |size: Option<i64>| size.and_then(|size| u64::try_from(size).ok());
        let volumes = told.volumes.items.into_iter();
        let containers = told.containers.items.into_iter();
        Ok(Sizes {
            volumes: volumes
                .filter_map(|one| Some((short(&one.name), bytes(one.usage_data?.size)?)))
                .collect(),
            containers: containers
                .filter_map(|one| Some((short(&one.id), bytes(one.size_rw)?)))
                .collect(),
        })
    })
}

pub(super) fn checked(id: &str) -> Result<&str, EngineError> {
    if is_container_id(id) {
        return Ok(id);
    }
    Err(EngineError::NotFound(format!("{id:?} is no container's identifier")))
}

fn container(known: Option<&Known>, row: Summary) -> Container {
    let labels = row.labels.unwrap_or_default();
    let told = short(&row.state.unwrap_or_default());
    let state = known.map_or(told, |known| known.state.clone());
    let has_ended = matches!(state.as_str(), "exited" | "dead" | "stopped");
    let runs = matches!(state.as_str(), "running" | "paused");
    let status = row.status.unwrap_or_default();
    let by_status = || ["unhealthy", "healthy"].into_iter().find(|word| status.contains(word));
    let name = row.names.items.first().map_or("", |name| name.trim_start_matches('/'));
    let networks = row.network_settings.unwrap_or_default().networks.0;
    Container {
        name: short(name),
        image: short(&row.image.unwrap_or_default()),
        image_id: short(&row.image_id.unwrap_or_default()),
        health: known
            .map_or_else(|| by_status().map(str::to_owned), |known| known.health.clone())
            .filter(|word| runs && word != "none"),
        exit_code: known.and_then(|known| known.exit_code).filter(|_| has_ended),
        out_of_memory: known.is_some_and(|known| known.out_of_memory),
        restarts: known.and_then(|known| known.restarts),
        created_ms: row.created.map(|seconds| seconds.saturating_mul(1000)),
        started_ms: known.and_then(|known| known.started_ms),
        finished_ms: known.and_then(|known| known.finished_ms).filter(|_| has_ended),
        ports: unique(row.ports.items.iter().map(port)),
        needs: needs(labels.depends_on.as_deref().unwrap_or_default()),
        compose_project: text(labels.project),
        compose_service: text(labels.service),
        volumes: unique(row.mounts.items.iter().filter_map(of_volume)),
        networks: unique(networks.iter().map(|name| short(name))),
        state,
        id: row.id,
    }
}

fn detail(one: Inspected) -> ContainerDetail {
    let state = one.state;
    let log = state.health.and_then(|health| health.log.items.into_iter().last()?.output);
    let mut command = Vec::new();
    command.extend(one.path);
    command.extend(one.args.items);
    command.truncate(MOST_ENTRIES);
    ContainerDetail {
        name: short(one.name.as_deref().unwrap_or_default().trim_start_matches('/')),
        state: short(&state.status.unwrap_or_default()),
        started: short(&state.started_at.unwrap_or_default()),
        command: command.iter().map(|word| short(word)).collect(),
        user: short(&one.config.user.unwrap_or_default()),
        folder: short(&one.config.working_dir.unwrap_or_default()),
        restart_policy: short(
            &one.host_config.restart_policy.and_then(|policy| policy.name).unwrap_or_default(),
        ),
        is_removed_on_stop: one.host_config.auto_remove == Some(true),
        error: short(&state.error.unwrap_or_default()),
        mounts: unique(one.mounts.items.iter().map(mount)),
        health_log: log.map(|text| short(&text)),
        id: one.id,
    }
}

fn image(row: ImageRow) -> Image {
    let tags = row.repo_tags.items.iter().filter(|tag| *tag != "<none>:<none>");
    Image {
        id: short(&row.id),
        tags: unique(tags.map(|tag| short(tag))),
        size_bytes: row.size.and_then(|size| u64::try_from(size).ok()),
        created_ms: row.created.map(|seconds| seconds.saturating_mul(1000)),
    }
}

fn volume(row: VolumeRow) -> Volume {
    Volume {
        name: short(&row.name),
        driver: short(&row.driver.unwrap_or_default()),
        place: short(&row.mountpoint.unwrap_or_default()),
        created_ms: moment(row.created_at.as_deref()),
        compose_project: project(row.labels),
    }
}

fn network(row: NetworkRow) -> Network {
    let ranges = row.addresses.map(|addresses| addresses.config.items).unwrap_or_default();
    Network {
        id: short(&row.id),
        name: short(&row.name),
        driver: short(&row.driver.unwrap_or_default()),
        subnets: unique(ranges.into_iter().filter_map(|range| text(range.subnet))),
        compose_project: project(row.labels),
    }
}

fn project(labels: Option<Labels>) -> Option<String> {
    text(labels?.project)
}

fn port(port: &Port) -> String {
    let kind = port.r#type.as_deref().unwrap_or("tcp");
    let inner = format!("{}/{}", port.private_port, short(kind));
    match (&port.address, port.public_port) {
        (Some(address), Some(outer)) if address.contains(':') => {
            format!("[{}]:{outer}→{inner}", short(address))
        }
        (Some(address), Some(outer)) => format!("{}:{outer}→{inner}", short(address)),
        (None, Some(outer)) => format!("{outer}→{inner}"),
        (_, None) => inner,
    }
}

fn of_volume(mount: &Mount) -> Option<String> {
    text(mount.name.clone()).filter(|_| mount.r#type.as_deref() == Some("volume"))
}

fn mount(mount: &Mount) -> String {
    let source = mount.name.as_deref().or(mount.source.as_deref()).unwrap_or("tmpfs");
    let end = if mount.writable == Some(false) { " (ro)" } else { "" };
    format!("{} → {}{end}", short(source), short(mount.destination.as_deref().unwrap_or_default()))
}

/// `db:service_started:false,cache:service_healthy:true`
fn needs(depends_on: &str) -> Vec<String> {
    unique(depends_on.split(',').filter_map(|one| text(Some(one.split(':').next()?.to_owned()))))
}

/// An engine says "never" by the year 1.
fn moment(text: Option<&str>) -> Option<i64> {
    let moment: jiff::Timestamp = text?.parse().ok()?;
    Some(moment.as_millisecond()).filter(|at_ms| *at_ms > 0)
}

pub(super) fn text(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.is_empty()).map(|text| short(&text))
}

fn short(text: &str) -> String {
    text.chars().take(MOST_TEXT).collect()
}

fn unique(texts: impl Iterator<Item = String>) -> Vec<String> {
    let all: BTreeSet<String> = texts.collect();
    all.into_iter().take(MOST_ENTRIES).collect()
}

#[cfg(test)]
mod tests;
