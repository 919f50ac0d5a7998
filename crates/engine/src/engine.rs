//! The engine: what runs, and what everybody asks of it.

use crate::{
    containers::Containers,
    discovery::{Discovery, NoFacts},
    live::{Live, Snapshot},
    logs::Logs,
    orders::Orders,
    own::{Budget, OwnCost, OwnMeter},
    recorder::{Keeper, Recorder, Recording, Stored},
    registry::Registry,
    sampler::{Sampler, facts_of},
    services::Services,
};
use anyhow::Context as _;
use ira_model::{ApplicationKind, Machine, Sample};
use ira_probe::{Limit, Probe};
use ira_store::{Boot, Foreign, Location, Lock, Reader, Retention};
use std::{
    path::{Path, PathBuf},
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread::JoinHandle,
    time::Duration,
};
use tokio::sync::{broadcast, watch};

/// Which of two instances is which is remembered so long, milliseconds.
const REMEMBERED_MS: i64 = 7 * 24 * 3600 * 1000;

/// How an engine runs.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where things are kept; `None` for the user's data folder, or what the environment names.
    pub folder: Option<PathBuf>,
    /// Whether to keep what happens; without it the past of others can still be read.
    pub record: bool,
    /// Time between two samples.
    pub period: Duration,
    /// What it may cost.
    pub budget: Budget,
    /// How much is kept.
    pub retention: Retention,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            folder: None,
            record: true,
            period: Duration::from_secs(1),
            budget: Budget::RECORDER,
            retention: Retention::default(),
        }
    }
}

/// What went stale for whoever asked before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum News {
    /// A minute more is in the database.
    History,
    /// Settings were saved.
    Settings,
    /// The user's corrections changed, or more of the past was derived anew.
    Corrections,
}

/// The running system. Cheap to clone; [`Engine::stop`] ends it for all.
#[derive(Clone, Debug)]
pub struct Engine {
    pub(crate) shared: Arc<Shared>,
}

pub(crate) struct Shared {
    machine: Machine,
    location: Location,
    pub(crate) options: Options,
    pub(crate) live: Mutex<Live>,
    pub(crate) own: Mutex<OwnMeter>,
    pub(crate) limits: Mutex<Vec<Limit>>,
    pub(crate) recorder: Mutex<Option<Recorder>>,
    pub(crate) ticks: watch::Sender<u64>,
    pub(crate) news: broadcast::Sender<News>,
    pub(crate) stopping: Mutex<bool>,
    pub(crate) wake: Condvar,
    sampler: Mutex<Option<JoinHandle<()>>>,
    /// A recording is shown, not this machine.
    opened: Option<Foreign>,
    /// The processes shown are this machine's own: they can be told what to do.
    acts: bool,
    orders: Orders,
    services: Services,
    containers: Containers,
    pub(crate) logs: Logs,
    pub(crate) registry: Registry,
}

impl Shared {
    fn new(
        machine: Machine,
        location: Location,
        options: Options,
        live: Live,
        recorder: Option<Recorder>,
    ) -> Self {
        Self {
            machine,
            location,
            options,
            live: Mutex::new(live),
            own: Mutex::default(),
            limits: Mutex::default(),
            recorder: Mutex::new(recorder),
            ticks: watch::Sender::new(0),
            news: broadcast::channel(16).0,
            stopping: Mutex::new(false),
            wake: Condvar::new(),
            sampler: Mutex::new(None),
            opened: None,
            acts: false,
            orders: Orders::default(),
            services: Services::default(),
            containers: Containers::default(),
            logs: Logs::default(),
            registry: Registry::default(),
        }
    }
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shared").field("location", &self.location).finish_non_exhaustive()
    }
}

/// A lock is never poisoned for good: what it guards is replaced whole each tick.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The user's data folder of this system for Ira.
///
/// # Errors
/// When the user has none.
pub fn default_folder() -> anyhow::Result<PathBuf> {
    use etcetera::BaseStrategy as _;
    let strategy = etcetera::choose_base_strategy().map_err(|_| ira_store::StoreError::NoHome)?;
    Ok(strategy.data_dir().join("ira"))
}

/// The user Ira runs as, and the name of the machine as its network knows it.
#[must_use]
pub fn identity() -> String {
    whoami::username().unwrap_or_else(|_| "unknown".to_owned())
}

/// Where an engine with that folder keeps things.
///
/// # Errors
/// When the environment names another kind of database, or there is no folder.
pub(crate) fn location(folder: Option<&Path>) -> anyhow::Result<Location> {
    if let Some(folder) = folder {
        return Ok(Location::in_folder(folder));
    }
    let variables =
        ["IRA_DATABASE_DSN", "DATABASE_URL"].map(|name| (name, std::env::var(name).ok()));
    match default_folder() {
        Ok(folder) => Ok(Location::resolve(&variables, &folder)?),
        // A variable is enough where there is no home folder.
        Err(error) if variables.iter().all(|(_, value)| value.is_none()) => Err(error),
        Err(_) => Ok(Location::resolve(&variables, Path::new(""))?),
    }
}

impl Engine {
    /// Starts the threads over this machine.
    ///
    /// # Errors
    /// When the machine cannot be read at all, or the place to keep things cannot be told. That
    /// things cannot be kept there is no error: see [`Self::recording`].
    pub fn start(options: Options) -> anyhow::Result<Self> {
        let probe = ira_probe::local().context("this machine cannot be read")?;
        let (engine, sampler) = Self::by_hand(probe, options)?;
        let thread = std::thread::Builder::new()
            .name("ira-sampler".to_owned())
            .spawn(move || sampler.run())?;
        *lock(&engine.shared.sampler) = Some(thread);
        engine.start_enabled_soon()?;
        Ok(engine)
    }

    /// An engine whose ticks the caller makes: for one-time answers and for tests.
    ///
    /// # Errors
    /// As [`Self::start`].
    pub fn by_hand(mut probe: Box<dyn Probe>, options: Options) -> anyhow::Result<(Self, Sampler)> {
        let machine = probe.machine().clone();
        let location = location(options.folder.as_deref())?;
        let mut first = Sample::default();
        probe.sample(&mut first).context("this machine cannot be read")?;
        let boot_ms = first.at_ms.saturating_sub(first.monotonic_ms.cast_signed());
        let boot = Boot { boot_id: machine.boot_id.clone(), boot_ms };
        let discovery = Discovery::new(facts_of(&*probe));
        let acts = probe.processes_root() == Some(Path::new("/proc"));
        let (news, _) = broadcast::channel(16);
        let recorder = if options.record {
            let stored = Box::new(Tell(news.clone()));
            let retention = options.retention;
            Some(Recorder::start(location.clone(), boot.clone(), retention, stored)?)
        } else {
            None
        };
        // The same start of the machine as in what is kept, so that a process has one start time.
        let boot_ms = recorder.as_ref().and_then(Recorder::boot_ms).unwrap_or((boot_ms, i64::MIN));
        let mut live = Live::new(boot_ms, discovery);
        let week_ago_ms = first.at_ms.saturating_sub(REMEMBERED_MS);
        let mut reader = Reader::new(location.clone());
        let kept = reader.applications_since(week_ago_ms).unwrap_or_default();
        let found = kept.iter().filter(|kept| kept.kind != ApplicationKind::Custom);
        live.remember(found.map(|kept| kept.id.as_str()));
        if recorder.is_none()
            && let Ok(corrections) = reader.corrections()
        {
            live.correct_by(corrections);
        }
        let mut shared = Shared::new(machine, location, options, live, recorder);
        shared.news = news;
        shared.acts = acts;
        let engine = Self { shared: Arc::new(shared) };
        let sampler = Sampler::new(Arc::clone(&engine.shared), probe, first);
        Ok((engine, sampler))
    }

    /// Opens a recording as if its last second were now. Nothing is sampled and nothing written.
    ///
    /// # Errors
    /// When the file is no recording, damaged, or of a newer Ira.
    pub fn open(path: &Path) -> anyhow::Result<Self> {
        let discovery = Discovery::new(Box::new(NoFacts::default()));
        let mut live = Live::new((0, i64::MIN), discovery);
        let (foreign, machine) = crate::opened::open(path, &mut live)?;
        let options = Options { record: false, ..Options::default() };
        let mut shared = Shared::new(machine, foreign.location.clone(), options, live, None);
        shared.opened = Some(foreign);
        shared.ticks.send_replace(1);
        Ok(Self { shared: Arc::new(shared) })
    }

    /// Ends the threads; returns once everything is kept.
    pub fn stop(&self) {
        *lock(&self.shared.stopping) = true;
        self.shared.wake.notify_all();
        if let Some(thread) = lock(&self.shared.sampler).take() {
            thread.join().ok();
        }
        if let Some(mut recorder) = lock(&self.shared.recorder).take() {
            recorder.stop();
        }
    }

    /// The machine this is.
    #[must_use]
    pub fn machine(&self) -> &Machine {
        &self.shared.machine
    }

    /// Where things are kept.
    #[must_use]
    pub fn location(&self) -> &Location {
        &self.shared.location
    }

    /// How it runs.
    #[must_use]
    pub fn options(&self) -> &Options {
        &self.shared.options
    }

    /// Looks at the present; the sampler waits meanwhile, so be quick and do no I/O.
    pub fn live<T>(&self, look: impl FnOnce(&Live) -> T) -> T {
        look(&lock(&self.shared.live))
    }

    /// The present, copied, so that the sampler does not wait.
    #[must_use]
    pub fn snapshot(&self) -> Snapshot {
        self.live(Live::snapshot)
    }

    /// The number of the last tick, to wait for the next.
    #[must_use]
    pub fn ticks(&self) -> watch::Receiver<u64> {
        self.shared.ticks.subscribe()
    }

    /// What goes stale from now on.
    #[must_use]
    pub fn news(&self) -> broadcast::Receiver<News> {
        self.shared.news.subscribe()
    }

    /// What Ira itself costs.
    #[must_use]
    pub fn own_cost(&self) -> OwnCost {
        lock(&self.shared.own).cost
    }

    /// What cannot be read here, and why.
    #[must_use]
    pub fn limits(&self) -> Vec<Limit> {
        lock(&self.shared.limits).clone()
    }

    /// Whether what happens is kept.
    #[must_use]
    pub fn recording(&self) -> Recording {
        if let Some(opened) = &self.shared.opened {
            return Recording::Opened {
                file: opened.file.display().to_string(),
                hostname: self.shared.machine.hostname.clone(),
            };
        }
        if let Some(recorder) = lock(&self.shared.recorder).as_ref() {
            return recorder.recording();
        }
        match Lock::holder(&self.shared.location) {
            Some(pid) => Recording::Elsewhere { pid },
            None => Recording::Failed {
                message: "nothing records: the window does, and `ira serve`".to_owned(),
            },
        }
    }

    /// Where a damaged database was set aside.
    #[must_use]
    pub fn set_aside(&self) -> Option<PathBuf> {
        lock(&self.shared.recorder).as_ref().and_then(Recorder::set_aside)
    }

    pub(crate) fn keeper(&self) -> Option<Keeper> {
        lock(&self.shared.recorder).as_ref().map(Recorder::keeper)
    }

    pub(crate) fn orders(&self) -> &Orders {
        &self.shared.orders
    }

    pub(crate) fn services(&self) -> &Services {
        &self.shared.services
    }

    pub(crate) fn containers(&self) -> &Containers {
        &self.shared.containers
    }

    pub(crate) fn acts(&self) -> bool {
        self.shared.acts
    }

    /// Keeps a choice of the user.
    ///
    /// # Errors
    /// When nothing is being recorded; the message says why.
    pub fn save_setting(&self, name: &'static str, value: String) -> Result<(), String> {
        let result = self.keep(move |writer| writer.save_setting(name, &value));
        if result.is_ok() {
            self.shared.news.send(News::Settings).ok();
        }
        result
    }
}

#[derive(Debug)]
struct Tell(broadcast::Sender<News>);

impl Stored for Tell {
    fn stored(&self) {
        self.0.send(News::History).ok();
    }

    fn derived(&self) {
        self.0.send(News::Corrections).ok();
    }
}
