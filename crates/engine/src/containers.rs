//! Containers as long as somebody looks: a thread that follows the events of each engine and asks for
//! what they name, and ends with the last that looks.

use ira_model::{Application, ApplicationKind};
use ira_probe::containers::engine::{
    self, Again, Container, EngineError, EngineKind, Events, Inventory,
};
use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError, Weak},
    time::Duration,
};
use tokio::{
    sync::watch,
    task::JoinSet,
    time::{Instant, sleep, timeout_at},
};

pub use crate::discovery::container_id;

/// What changes together is told together; also the most often that is looked.
const TOGETHER: Duration = Duration::from_millis(500);
/// How soon an engine that is not there is tried again; then ever more seldom.
const RETRY: Duration = Duration::from_secs(2);
const RETRY_AT_MOST: Duration = Duration::from_secs(300);

/// What is known of one engine.
pub type Told = Result<Arc<Inventory>, EngineError>;

/// All engines at one moment: by socket, what each told; or why none can be asked.
pub type Engines = Result<Vec<(PathBuf, Told)>, EngineError>;

/// Somebody who looks; the thread ends with the last and with what it was given.
#[derive(Debug)]
pub struct ContainerWatch(watch::Receiver<Option<Engines>>);

impl ContainerWatch {
    /// What is told; `None` until each engine has answered once.
    #[must_use]
    pub fn engines(&self) -> watch::Receiver<Option<Engines>> {
        self.0.clone()
    }
}

/// The watch that runs, where one does.
#[derive(Debug, Default)]
pub(crate) struct Containers(Mutex<Weak<ContainerWatch>>);

impl Containers {
    /// `heard` takes each inventory first.
    pub(crate) fn watch(
        &self,
        heard: impl Fn(&Inventory) + Send + Sync + 'static,
    ) -> std::io::Result<Arc<ContainerWatch>> {
        let mut running = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(watch) = running.upgrade() {
            return Ok(watch);
        }
        let (publish, engines) = watch::channel(None);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        std::thread::Builder::new()
            .name("ira-containers".to_owned())
            .spawn(move || runtime.block_on(run(publish, heard)))?;
        let watch = Arc::new(ContainerWatch(engines));
        *running = Arc::downgrade(&watch);
        Ok(watch)
    }
}

async fn run(
    publish: watch::Sender<Option<Engines>>,
    heard: impl Fn(&Inventory) + Send + Sync + 'static,
) {
    let heard = Arc::new(heard);
    let sockets = match engine::sockets() {
        Ok(sockets) => sockets,
        Err(error) => {
            publish.send_replace(Some(Err(error)));
            return publish.closed().await;
        }
    };
    let board = Arc::new(Board::new(sockets.clone(), publish));
    let mut following = JoinSet::new();
    for (place, socket) in sockets.into_iter().enumerate() {
        let (board, heard) = (board.clone(), heard.clone());
        let tell = move |told: Told| {
            if let Ok(inventory) = &told {
                heard(inventory);
            }
            board.tell(place, told);
        };
        following.spawn(async move { follow(&socket, tell).await });
    }
    board.publish.closed().await;
}

/// What each engine told last; published once all have.
struct Board {
    told: Mutex<Vec<(PathBuf, Option<Told>)>>,
    publish: watch::Sender<Option<Engines>>,
}

impl Board {
    fn new(sockets: Vec<PathBuf>, publish: watch::Sender<Option<Engines>>) -> Self {
        let told = sockets.into_iter().map(|socket| (socket, None)).collect();
        Self { told: Mutex::new(told), publish }
    }

    fn tell(&self, place: usize, told: Told) {
        let mut all = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, before)) = all.get_mut(place) {
            *before = Some(told);
        }
        let known: Option<Vec<_>> =
            all.iter().map(|(socket, told)| Some((socket.clone(), told.clone()?))).collect();
        drop(all);
        let Some(known) = known.map(Ok) else { return };
        self.publish.send_if_modified(|published| {
            let changed = published.as_ref() != Some(&known);
            *published = Some(known);
            changed
        });
    }
}

/// Follows one engine for ever, also through its restarts.
async fn follow(socket: &Path, tell: impl Fn(Told)) {
    let mut after = RETRY;
    loop {
        let error = match attend(socket, &tell, &mut after).await {
            Ok(never) => match never {},
            Err(error) => error,
        };
        tell(Err(error));
        sleep(after).await;
        after = (after * 2).min(RETRY_AT_MOST);
    }
}

async fn attend(
    socket: &Path,
    tell: &impl Fn(Told),
    after: &mut Duration,
) -> Result<std::convert::Infallible, EngineError> {
    let mut engine = engine::Engine::connect(socket).await?;
    // Before the first look: what happens meanwhile is told.
    let mut events = engine.events().await?;
    let mut again = Again::everything();
    loop {
        tell(Ok(Arc::new(engine.inventory(&again).await?)));
        *after = RETRY;
        again = gather(&mut events).await?;
    }
}

/// Waits for a change and then a little for those that come with it.
async fn gather(events: &mut Events) -> Result<Again, EngineError> {
    let mut again = Again::of(events.next().await?);
    let until = Instant::now() + TOGETHER;
    while Instant::now() < until {
        match timeout_at(until, events.next()).await {
            Ok(change) => again.add(change?),
            Err(_) => break,
        }
    }
    Ok(again)
}

/// Identifier of the application that discovery makes of a container.
#[must_use]
pub fn application_id(kind: EngineKind, container: &Container) -> String {
    let (kind, key) = match kind {
        EngineKind::Podman => (ApplicationKind::Container, format!("podman/{}", container.name)),
        EngineKind::Docker => {
            let service =
                container.compose_project.as_ref().zip(container.compose_service.as_ref());
            let of_service = service.map(|(project, service)| format!("{project}/{service}"));
            (ApplicationKind::Docker, of_service.unwrap_or_else(|| container.name.clone()))
        }
    };
    Application::new(kind, &key, "").id
}

impl crate::Engine {
    /// Has containers looked at until what is returned, and what it gave, is dropped.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn watch_containers(&self) -> std::io::Result<Arc<ContainerWatch>> {
        let shared = Arc::downgrade(&self.shared);
        self.containers().watch(move |inventory| {
            // What was renamed is learnt anew by discovery, which looks by itself once a minute at most.
            if let Some(shared) = shared.upgrade() {
                let all = inventory.containers.iter();
                let names = all.map(|one| (one.id.as_str(), one.name.as_str()));
                let mut live = shared.live.lock().unwrap_or_else(PoisonError::into_inner);
                live.containers_are_called(names);
            }
        })
    }
}
