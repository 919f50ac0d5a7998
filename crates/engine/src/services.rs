//! Services as long as somebody looks: a thread with a connection to each manager that looks again when
//! the managers say something changed, and ends with the last that looks.

use ira_probe::services::{Manager, Scope, ServiceError, Unit};
use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, PoisonError, Weak, mpsc},
    time::{Duration, Instant},
};
use tokio::sync::watch;

/// What changes together is told together; also the most often that is looked.
const TOGETHER: Duration = Duration::from_millis(500);
/// How soon a manager that went away is tried again.
const RETRY: Duration = Duration::from_secs(5);

/// What is known of one manager.
pub type Told = Result<Arc<Vec<Unit>>, ServiceError>;

/// Both managers at one moment.
#[derive(Debug, Clone)]
pub struct Units {
    /// Of the machine.
    pub system: Told,
    /// Of the user Ira runs as.
    pub user: Told,
}

/// Somebody who looks; dropping the last one ends the thread.
#[derive(Debug)]
pub struct ServiceWatch {
    units: watch::Receiver<Option<Units>>,
    sender: mpsc::Sender<Signal>,
}

impl ServiceWatch {
    /// What is told; `None` until the managers have answered once.
    #[must_use]
    pub fn units(&self) -> watch::Receiver<Option<Units>> {
        self.units.clone()
    }
}

impl Drop for ServiceWatch {
    fn drop(&mut self) {
        self.sender.send(Signal::Stop).ok();
    }
}

#[derive(Debug)]
enum Signal {
    /// A unit's object, or the manager's own.
    Changed(Scope, String),
    /// The connection has ended.
    Lost(Scope),
    Stop,
}

/// The watch that runs, where one does.
#[derive(Debug, Default)]
pub(crate) struct Services(Mutex<Weak<ServiceWatch>>);

impl Services {
    pub(crate) fn watch(&self) -> std::io::Result<Arc<ServiceWatch>> {
        let mut running = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(watch) = running.upgrade() {
            return Ok(watch);
        }
        let (sender, signals) = mpsc::channel();
        let (publish, units) = watch::channel(None);
        let told = sender.clone();
        std::thread::Builder::new()
            .name("ira-services".to_owned())
            .spawn(move || run(&told, &signals, &publish))?;
        let watch = Arc::new(ServiceWatch { units, sender });
        *running = Arc::downgrade(&watch);
        Ok(watch)
    }
}

/// One manager, or when to try it again.
struct Side {
    scope: Scope,
    manager: Option<Manager>,
    again: BTreeSet<String>,
    told: Told,
    retry_at: Option<Instant>,
}

impl Side {
    fn new(scope: Scope, sender: &mpsc::Sender<Signal>) -> Self {
        let told = Err(ServiceError::Absent(String::new()));
        let mut side = Self { scope, manager: None, again: BTreeSet::new(), told, retry_at: None };
        side.connect(sender);
        side
    }

    fn connect(&mut self, sender: &mpsc::Sender<Signal>) {
        let (scope, sender) = (self.scope, sender.clone());
        let connected = Manager::connect(scope).and_then(|manager| {
            manager.watch(move |path| {
                let signal = match path {
                    Some(path) => Signal::Changed(scope, path),
                    None => Signal::Lost(scope),
                };
                sender.send(signal).ok();
            })?;
            Ok(manager)
        });
        match connected {
            Ok(manager) => {
                self.manager = Some(manager);
                self.retry_at = None;
                self.look();
            }
            Err(error) => self.lose(error),
        }
    }

    fn lose(&mut self, error: ServiceError) {
        if let Some(manager) = self.manager.take() {
            manager.close();
        }
        self.told = Err(error);
        self.retry_at = Some(Instant::now() + RETRY);
    }

    fn look(&mut self) {
        let Some(manager) = &mut self.manager else { return };
        match manager.units(&std::mem::take(&mut self.again)) {
            Ok(units) => self.told = Ok(Arc::new(units)),
            Err(error) => self.lose(error),
        }
    }
}

fn run(
    sender: &mpsc::Sender<Signal>,
    signals: &mpsc::Receiver<Signal>,
    publish: &watch::Sender<Option<Units>>,
) {
    let mut sides = [Scope::System, Scope::User].map(|scope| Side::new(scope, sender));
    loop {
        let [system, user] = &sides;
        let units = Units { system: system.told.clone(), user: user.told.clone() };
        publish.send_replace(Some(units));
        let Some(changed) = wait(signals, &mut sides) else { break };
        for side in &mut sides {
            let due = side.retry_at.is_some_and(|at| at <= Instant::now());
            if side.manager.is_none() && due {
                side.connect(sender);
            } else if changed.contains(&side.scope) {
                side.look();
            }
        }
    }
    for side in sides {
        if let Some(manager) = side.manager {
            manager.close();
        }
    }
}

/// Waits for the first signal, or until a manager is to be tried again, and then a little for those
/// that come with it. `None` to stop.
fn wait(signals: &mpsc::Receiver<Signal>, sides: &mut [Side; 2]) -> Option<BTreeSet<Scope>> {
    let mut changed = BTreeSet::new();
    let retry_at = sides.iter().filter_map(|side| side.retry_at).min();
    let mut until = retry_at;
    loop {
        let next = match until {
            None => signals.recv().map_err(|_| mpsc::RecvTimeoutError::Disconnected),
            Some(until) => signals.recv_timeout(until.saturating_duration_since(Instant::now())),
        };
        let (scope, path) = match next {
            Ok(Signal::Changed(scope, path)) => (scope, Some(path)),
            Ok(Signal::Lost(scope)) => (scope, None),
            Ok(Signal::Stop) | Err(mpsc::RecvTimeoutError::Disconnected) => return None,
            Err(mpsc::RecvTimeoutError::Timeout) => return Some(changed),
        };
        for side in sides.iter_mut().filter(|side| side.scope == scope) {
            match &path {
                Some(path) => drop(side.again.insert(path.clone())),
                // One that was given up already tells so once more when it is closed.
                None if side.manager.is_none() => {}
                None => {
                    let gone = "the bus went away; trying again";
                    side.lose(ServiceError::Failed(gone.to_owned()));
                }
            }
        }
        if changed.is_empty() {
            until = Some(Instant::now() + TOGETHER);
        }
        changed.insert(scope);
    }
}

impl crate::Engine {
    /// Has services looked at until what is returned is dropped.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn watch_services(&self) -> std::io::Result<Arc<ServiceWatch>> {
        self.services().watch()
    }
}
