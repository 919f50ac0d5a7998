//! Services as long as somebody looks: a thread with a connection to each manager that looks again when
//! the managers say something changed, and ends with the last that looks.

use ira_probe::services::{Again, Manager, Said, Scope, ServiceError, Unit};
use std::{
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak},
    time::{Duration, Instant},
};
use tokio::sync::watch;

/// What changes together is told together; also the most often that is looked.
const TOGETHER: Duration = Duration::from_millis(500);
/// How soon a manager that is not there is tried again; then ever more seldom.
const RETRY: Duration = Duration::from_secs(2);
const RETRY_AT_MOST: Duration = Duration::from_secs(300);
/// Units remembered to be asked again; with more, all are.
const MOST_AGAIN: usize = 1000;

/// What is known of one manager.
pub type Told = Result<Arc<Vec<Unit>>, ServiceError>;

/// Both managers at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
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
    ear: Arc<Ear>,
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
        self.ear.tell(|heard| heard.stop = true);
    }
}

/// What one manager said since it was looked at last.
#[derive(Debug, Default)]
struct News {
    something: bool,
    again: Again,
    lost: bool,
}

impl News {
    fn add(&mut self, said: Said) {
        self.something = true;
        match said {
            Said::Unit(path) if self.again.units.len() < MOST_AGAIN => {
                self.again.units.insert(path);
            }
            Said::Unit(_) | Said::Files => self.again.all = true,
            Said::List => {}
            Said::Ended => self.lost = true,
        }
    }
}

#[derive(Debug, Default)]
struct Heard {
    system: News,
    user: News,
    stop: bool,
}

impl Heard {
    fn of(&mut self, scope: Scope) -> &mut News {
        match scope {
            Scope::System => &mut self.system,
            Scope::User => &mut self.user,
        }
    }
}

/// Where signals gather. Sets, not a queue: a storm of signals takes no more room than one of each.
#[derive(Debug, Default)]
struct Ear {
    heard: Mutex<Heard>,
    something: Condvar,
}

impl Ear {
    fn lock(&self) -> MutexGuard<'_, Heard> {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn tell(&self, what: impl FnOnce(&mut Heard)) {
        what(&mut self.lock());
        self.something.notify_all();
    }

    /// Waits for the first signal or until then, and then a little for those that come with it. `None`
    /// to stop.
    fn listen(&self, until: Option<Instant>) -> Option<Heard> {
        let quiet =
            |heard: &mut Heard| !(heard.stop || heard.system.something || heard.user.something);
        let heard = self.lock();
        let heard = match until {
            None => self.something.wait_while(heard, quiet).unwrap_or_else(PoisonError::into_inner),
            Some(until) => {
                let left = until.saturating_duration_since(Instant::now());
                let waited = self.something.wait_timeout_while(heard, left, quiet);
                waited.unwrap_or_else(PoisonError::into_inner).0
            }
        };
        let going_on = |heard: &mut Heard| !heard.stop;
        let waited = self.something.wait_timeout_while(heard, TOGETHER, going_on);
        let mut heard = waited.unwrap_or_else(PoisonError::into_inner).0;
        let heard = std::mem::take(&mut *heard);
        (!heard.stop).then_some(heard)
    }
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
        let ear = Arc::new(Ear::default());
        let (publish, units) = watch::channel(None);
        let heard = ear.clone();
        std::thread::Builder::new()
            .name("ira-services".to_owned())
            .spawn(move || run(&heard, &publish))?;
        let watch = Arc::new(ServiceWatch { units, ear });
        *running = Arc::downgrade(&watch);
        Ok(watch)
    }
}

/// One manager, or when to try it again.
struct Side {
    scope: Scope,
    manager: Option<Manager>,
    told: Told,
    retry_at: Option<Instant>,
    retry_after: Duration,
}

impl Side {
    fn new(scope: Scope, ear: &Arc<Ear>) -> Self {
        let told = Err(ServiceError::Absent(String::new()));
        let mut side = Self { scope, manager: None, told, retry_at: None, retry_after: RETRY };
        side.connect(ear);
        side
    }

    fn connect(&mut self, ear: &Arc<Ear>) {
        let (scope, ear) = (self.scope, ear.clone());
        let connected = Manager::connect(scope).and_then(|manager| {
            manager.watch(move |said| ear.tell(|heard| heard.of(scope).add(said)))?;
            Ok(manager)
        });
        match connected {
            Ok(manager) => {
                self.manager = Some(manager);
                self.retry_at = None;
                self.look(&Again::default());
            }
            Err(error) => self.lose(error),
        }
    }

    fn lose(&mut self, error: ServiceError) {
        if let Some(manager) = self.manager.take() {
            manager.close();
        }
        self.told = Err(error);
        self.retry_at = Some(Instant::now() + self.retry_after);
        self.retry_after = (self.retry_after * 2).min(RETRY_AT_MOST);
    }

    fn look(&mut self, again: &Again) {
        let Some(manager) = &mut self.manager else { return };
        match manager.units(again) {
            Ok(units) => {
                self.told = Ok(Arc::new(units));
                self.retry_after = RETRY;
            }
            Err(error) => self.lose(error),
        }
    }

    /// Does what is due after something was said.
    fn go_on(&mut self, news: &News, ear: &Arc<Ear>) {
        if self.manager.is_none() {
            // One that was given up tells once more that it ended when it is closed.
            if self.retry_at.is_some_and(|at| at <= Instant::now()) {
                self.connect(ear);
            }
        } else if news.lost {
            self.lose(ServiceError::Failed("the bus went away; trying again".to_owned()));
        } else if news.something {
            self.look(&news.again);
        }
    }
}

fn run(ear: &Arc<Ear>, publish: &watch::Sender<Option<Units>>) {
    let mut system = Side::new(Scope::System, ear);
    let mut user = Side::new(Scope::User, ear);
    loop {
        let units = Units { system: system.told.clone(), user: user.told.clone() };
        publish.send_if_modified(|told| {
            let changed = told.as_ref() != Some(&units);
            *told = Some(units);
            changed
        });
        let until = [system.retry_at, user.retry_at].into_iter().flatten().min();
        let Some(heard) = ear.listen(until) else { break };
        system.go_on(&heard.system, ear);
        user.go_on(&heard.user, ear);
    }
    for side in [system, user] {
        if let Some(manager) = side.manager {
            manager.close();
        }
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
