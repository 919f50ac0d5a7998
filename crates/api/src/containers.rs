//! Containers: all of every engine, as long as somebody looks, and one in full.

use crate::{
    Ira,
    feed::Feed,
    moment::Moment,
    wire::{
        ApiError, ContainerDetail, ContainerRequest, ContainerRow, ContainerSize, ContainerSizes,
        ContainerUse, ContainerUses, Containers, EngineKind, EngineRow, ErrorCode, ImageRow,
        NetworkRow, Nothing, Problem, ProblemKind, VolumeRow,
    },
};
use ira_engine::containers::{ContainerWatch, Engines, Told, application_id, container_id};
use ira_model::Usage;
use ira_probe::containers::engine::{self as probe, Container, EngineError, Inventory};
use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    time::Duration,
};

/// How long one question waits for all engines.
const PATIENCE: Duration = Duration::from_secs(40);

/// All containers, images, volumes and networks now.
///
/// # Errors
/// [`ErrorCode::Refused`] where this is not this machine. That there is no engine is no error: the
/// answer says why.
pub fn containers(ira: &Ira, _: Nothing) -> Result<Containers, ApiError> {
    Ok(all(&now(ira)?))
}

fn now(ira: &Ira) -> Result<Engines, ApiError> {
    let silent = || ApiError::of(None, "the container engines do not answer");
    feed(ira)?.first(PATIENCE, Engines::clone).ok_or_else(silent)
}

/// The application of a container, and the names of those of its project that need it and run.
pub(crate) fn standing(ira: &Ira, socket: &Path, id: &str) -> Option<(String, Vec<String>)> {
    let engines = now(ira).ok()?.ok()?;
    let inventory = engines.into_iter().find(|(path, _)| path == socket)?.1.ok()?;
    let own = inventory.containers.iter().find(|one| one.id == id)?;
    let needs = |one: &&Container| {
        one.state == "running"
            && own.compose_project.is_some()
            && one.compose_project == own.compose_project
            && own.compose_service.as_ref().is_some_and(|service| one.needs.contains(service))
    };
    let dependents = inventory.containers.iter().filter(needs).map(|one| one.name.clone());
    Some((application_id(inventory.kind, own), dependents.collect()))
}

/// One container in full.
///
/// # Errors
/// [`ErrorCode::Invalid`] for a socket that is no engine's, otherwise what the engine said.
#[allow(clippy::needless_pass_by_value)] // every command takes its request
pub fn container(ira: &Ira, request: ContainerRequest) -> Result<ContainerDetail, ApiError> {
    here(ira)?;
    let socket = socket(&request.engine)?;
    let detail = probe::inspect(&socket, &request.id).map_err(|error| told(&error))?;
    Ok(ContainerDetail {
        command: detail.command,
        user: detail.user,
        folder: detail.folder,
        restart_policy: detail.restart_policy,
        is_removed_on_stop: detail.is_removed_on_stop,
        error: detail.error,
        mounts: detail.mounts,
        health_log: detail.health_log,
    })
}

/// What volumes and containers take on the disk.
///
/// # Errors
/// [`ErrorCode::Refused`] where this is not this machine.
pub fn container_sizes(ira: &Ira, _: Nothing) -> Result<ContainerSizes, ApiError> {
    here(ira)?;
    let mut all = ContainerSizes { sizes: Vec::new(), problems: Vec::new() };
    for socket in probe::sockets().map_err(|error| told(&error))? {
        let engine = socket.display().to_string();
        match probe::sizes(&socket) {
            Ok(sizes) => all.sizes.extend(
                sizes
                    .volumes
                    .into_iter()
                    .chain(sizes.containers)
                    .map(|(name, bytes)| ContainerSize { engine: engine.clone(), name, bytes }),
            ),
            Err(EngineError::Absent(_)) => {}
            Err(error) => all.problems.push(error.to_string()),
        }
    }
    Ok(all)
}

/// One view's look at the engines.
pub(crate) fn feed(ira: &Ira) -> Result<Feed<Engines>, ApiError> {
    here(ira)?;
    let watch = ira.engine.watch_containers().map_err(|e| ApiError::of(None, e.to_string()))?;
    Ok(Feed::new(watch, ContainerWatch::engines))
}

/// What a view is told where there is nothing to look at.
pub(crate) fn nothing(error: &ApiError) -> Containers {
    let kind = ProblemKind::of(error);
    empty(Some(Problem { kind, message: error.message.clone(), remedy: None }))
}

fn empty(problem: Option<Problem>) -> Containers {
    Containers {
        engines: Vec::new(),
        containers: Vec::new(),
        images: Vec::new(),
        volumes: Vec::new(),
        networks: Vec::new(),
        problem,
    }
}

/// Containers of a recording would be those of the machine it is looked at on.
fn here(ira: &Ira) -> Result<(), ApiError> {
    ira.engine.takes_orders().map_err(|_| {
        let text = "what is shown is a recording: containers are told of this machine only";
        ApiError::of(Some(ErrorCode::Refused), text)
    })
}

/// The socket of an engine by its name. Nothing else is ever connected to.
pub(crate) fn socket(engine: &str) -> Result<PathBuf, ApiError> {
    let sockets = probe::sockets().map_err(|error| told(&error))?;
    sockets.into_iter().find(|socket| socket == Path::new(engine)).ok_or_else(|| {
        ApiError::invalid(format!("engine: {engine:?} is no socket of a container engine"))
    })
}

/// An error of an engine as that of a command.
pub(crate) fn told(error: &EngineError) -> ApiError {
    let code = matches!(error, EngineError::NotFound(_)).then_some(ErrorCode::NotFound);
    ApiError::of(code, error.to_string())
}

/// How to permit what an engine, or its socket, denied.
pub(crate) fn remedy(error: &EngineError, socket: &Path) -> Option<String> {
    let of_podman = socket.to_string_lossy().contains("podman");
    let command = match (error, of_podman) {
        (EngineError::Denied(_), false) => "sudo usermod -aG docker \"$USER\"",
        (EngineError::Denied(_), true) => "systemctl --user enable --now podman.socket",
        (EngineError::Absent(_), _) => "sudo systemctl start docker",
        _ => return None,
    };
    Some(command.to_owned())
}

pub(crate) fn all(engines: &Engines) -> Containers {
    let default = Path::new("/var/run/docker.sock");
    let engines = match engines {
        Ok(engines) => engines,
        Err(error) => return empty(Some(problem(error, default))),
    };
    let absent = |told: &Told| matches!(told, Err(EngineError::Absent(_)));
    if engines.iter().all(|(_, told)| absent(told)) {
        let said: Vec<String> =
            engines.iter().filter_map(|(_, told)| Some(told.as_ref().err()?.to_string())).collect();
        return empty(Some(problem(&EngineError::Absent(said.join("; ")), default)));
    }
    let mut all = empty(None);
    for (socket, told) in engines.iter().filter(|(_, told)| !absent(told)) {
        let name = socket.display().to_string();
        match told {
            Ok(inventory) => add(&mut all, &name, inventory),
            Err(error) => all.engines.push(EngineRow {
                socket: name,
                kind: None,
                version: None,
                left_out: 0,
                problem: Some(problem(error, socket)),
            }),
        }
    }
    // One engine that may not be asked is all there is to say.
    if all.engines.iter().all(|engine| engine.problem.is_some()) {
        all.problem = all.engines.first().and_then(|engine| engine.problem.clone());
    }
    all
}

fn problem(error: &EngineError, socket: &Path) -> Problem {
    let kind = match error {
        EngineError::Absent(_) => ProblemKind::Absent,
        EngineError::Denied(_) => ProblemKind::Denied,
        EngineError::NotFound(_) | EngineError::Failed(_) => ProblemKind::Failed,
    };
    Problem { kind, message: error.to_string(), remedy: remedy(error, socket) }
}

fn add(all: &mut Containers, socket: &str, inventory: &Inventory) {
    let engine = || socket.to_owned();
    all.engines.push(EngineRow {
        socket: engine(),
        kind: Some(match inventory.kind {
            probe::EngineKind::Docker => EngineKind::Docker,
            probe::EngineKind::Podman => EngineKind::Podman,
        }),
        version: Some(inventory.version.clone()),
        left_out: u32::try_from(inventory.left_out).unwrap_or(u32::MAX),
        problem: None,
    });
    let mut of_image: HashMap<&str, Vec<String>> = HashMap::new();
    let mut of_volume: HashMap<&str, Vec<String>> = HashMap::new();
    let mut of_network: HashMap<&str, Vec<String>> = HashMap::new();
    for one in &inventory.containers {
        of_image.entry(&one.image_id).or_default().push(one.name.clone());
        for volume in &one.volumes {
            of_volume.entry(volume).or_default().push(one.name.clone());
        }
        for network in &one.networks {
            of_network.entry(network).or_default().push(one.name.clone());
        }
    }
    let used =
        |by: &mut HashMap<&str, Vec<String>>, name: &str| by.remove(name).unwrap_or_default();
    all.containers.extend(inventory.containers.iter().map(|one| row(one, socket, inventory.kind)));
    all.images.extend(inventory.images.iter().map(|one| ImageRow {
        engine: engine(),
        id: one.id.clone(),
        tags: one.tags.clone(),
        size_bytes: one.size_bytes,
        created_ms: one.created_ms,
        used_by: used(&mut of_image, &one.id),
    }));
    all.volumes.extend(inventory.volumes.iter().map(|one| VolumeRow {
        engine: engine(),
        name: one.name.clone(),
        driver: one.driver.clone(),
        place: one.place.clone(),
        created_ms: one.created_ms,
        project: one.compose_project.clone(),
        used_by: used(&mut of_volume, &one.name),
    }));
    all.networks.extend(inventory.networks.iter().map(|one| NetworkRow {
        engine: engine(),
        id: one.id.clone(),
        name: one.name.clone(),
        driver: one.driver.clone(),
        subnets: one.subnets.clone(),
        project: one.compose_project.clone(),
        is_built_in: matches!(one.name.as_str(), "bridge" | "host" | "none" | "podman"),
        used_by: used(&mut of_network, &one.name),
    }));
}

fn row(one: &Container, socket: &str, kind: probe::EngineKind) -> ContainerRow {
    ContainerRow {
        engine: socket.to_owned(),
        id: one.id.clone(),
        name: one.name.clone(),
        image: one.image.clone(),
        state: one.state.clone(),
        health: one.health.clone(),
        exit_code: one.exit_code,
        out_of_memory: one.out_of_memory,
        restarts: one.restarts,
        created_ms: one.created_ms,
        started_ms: one.started_ms,
        finished_ms: one.finished_ms,
        ports: one.ports.clone(),
        project: one.compose_project.clone(),
        service: one.compose_service.clone(),
        volumes: one.volumes.clone(),
        networks: one.networks.clone(),
        application: application_id(kind, one),
    }
}

impl Moment<'_> {
    /// What the processes of each container use, as their control groups tell them apart: the engine
    /// is not asked.
    pub(crate) fn container_uses(&self) -> ContainerUses {
        let mut uses: HashMap<&str, (Usage, u32)> = HashMap::new();
        for process in &self.processes {
            let group = process.details.control_group.as_deref();
            if let Some(id) = group.and_then(container_id) {
                let (usage, count) = uses.entry(id).or_default();
                usage.add(process.rates, process.sample);
                *count += 1;
            }
        }
        let containers = uses.into_iter().map(|(id, (usage, process_count))| ContainerUse {
            id: id.to_owned(),
            cpu_ratio: usage.cpu_ratio,
            memory_bytes: usage.memory_bytes,
            read_bytes_per_sec: usage.read_bytes_per_sec,
            write_bytes_per_sec: usage.write_bytes_per_sec,
            process_count,
        });
        ContainerUses {
            at_ms: self.at_ms,
            cpu_count: u32::try_from(self.host.cpus.len()).unwrap_or(u32::MAX),
            containers: containers.collect(),
        }
    }
}
