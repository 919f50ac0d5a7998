//! The kernel's word that a quiet file changed. It only makes things faster: without it, and whatever
//! it says or forgets, the slow check finds the same.
//!
//! Only quiet files are watched; one that was heard of is unwatched, and looked at at every poll,
//! until it is quiet again. Between polls the first ring holds the thread of `notify`, so that a
//! thousand writes a second, or nobody polling, cost one wake.

use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher};
use std::{
    collections::HashSet,
    path::{Path, PathBuf},
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

/// Heard of between two polls; beyond it every file is looked at.
const MOST_HEARD: usize = 1024;

/// Wakes who waits for the follower; may be shared, to wake it for other reasons, too.
#[derive(Debug, Default)]
pub struct Bell {
    heard: Mutex<Heard>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct Heard {
    rung: bool,
    /// Something was heard that names no file.
    all: bool,
    paths: HashSet<PathBuf>,
    /// Nobody attends; who rings next waits.
    holding: bool,
    closed: bool,
}

/// Whether the kernel's bell is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ringing {
    /// Quiet files are watched.
    On,
    /// Not wanted.
    Off,
    /// Not to be had, or not for every file; the slow check alone finds changes.
    Failing(String),
}

impl Bell {
    fn lock(&self) -> MutexGuard<'_, Heard> {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until it rings or the time is over; whether it rang.
    pub fn wait(&self, at_most: Duration) -> bool {
        let until = Instant::now().checked_add(at_most);
        let mut heard = self.lock();
        while !heard.rung && !heard.closed {
            let left =
                until.map_or(at_most, |until| until.saturating_duration_since(Instant::now()));
            if left.is_zero() {
                break;
            }
            let waited = self.changed.wait_timeout(heard, left);
            heard = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        std::mem::take(&mut heard.rung)
    }

    /// Wakes who waits.
    pub fn ring(&self) {
        self.lock().rung = true;
        self.changed.notify_all();
    }

    /// Called by the thread of `notify`.
    fn hear(&self, event: notify::Result<Event>) {
        let mut heard = self.lock();
        match event {
            // Reading changes nothing.
            Ok(event) if matches!(event.kind, EventKind::Access(_)) => return,
            Ok(event) if heard.paths.len() < MOST_HEARD && !event.paths.is_empty() => {
                heard.paths.extend(event.paths);
            }
            _ => heard.all = true,
        }
        heard.rung = true;
        self.changed.notify_all();
        while heard.holding && !heard.closed {
            heard = self.changed.wait(heard).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// From here on nobody who rings waits.
    fn attend(&self) -> (bool, HashSet<PathBuf>) {
        let mut heard = self.lock();
        heard.holding = false;
        self.changed.notify_all();
        (std::mem::take(&mut heard.all), std::mem::take(&mut heard.paths))
    }

    fn hold(&self) {
        self.lock().holding = true;
    }

    fn close(&self) {
        self.lock().closed = true;
        self.changed.notify_all();
    }
}

/// What the follower does with its bell.
#[derive(Debug)]
pub(super) struct Watch {
    pub(super) bell: Arc<Bell>,
    watcher: Option<RecommendedWatcher>,
    pub(super) ringing: Ringing,
}

impl Watch {
    pub(super) fn new(wanted: bool) -> Self {
        let bell = Arc::new(Bell::default());
        if !wanted {
            return Self { bell, watcher: None, ringing: Ringing::Off };
        }
        let ear = Arc::clone(&bell);
        match notify::recommended_watcher(move |event| ear.hear(event)) {
            Ok(watcher) => Self { bell, watcher: Some(watcher), ringing: Ringing::On },
            Err(error) => {
                Self { bell, watcher: None, ringing: Ringing::Failing(error.to_string()) }
            }
        }
    }

    /// What was heard of since the last poll; `None` stands for every file.
    pub(super) fn attend(&self) -> Option<HashSet<PathBuf>> {
        let (all, paths) = self.bell.attend();
        (!all).then_some(paths)
    }

    /// As if everything was heard of, so that nothing heard is lost.
    pub(super) fn attend_to_all(&self) {
        let mut heard = self.bell.lock();
        heard.holding = false;
        heard.all |= !heard.paths.is_empty();
        self.bell.changed.notify_all();
    }

    /// The poll is over.
    pub(super) fn hold(&self) {
        self.bell.hold();
    }

    /// Watches a file that became quiet; whether it does.
    pub(super) fn watch(&mut self, path: &Path) -> bool {
        let Some(watcher) = &mut self.watcher else { return false };
        match watcher.watch(path, RecursiveMode::NonRecursive) {
            Ok(()) => true,
            Err(error) => {
                self.ringing = Ringing::Failing(error.to_string());
                false
            }
        }
    }

    /// Watches it no more.
    pub(super) fn leave(&mut self, path: &Path) {
        if let Some(watcher) = &mut self.watcher {
            // It is gone by itself when the file is.
            let _ = watcher.unwatch(path);
        }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.bell.close();
    }
}
