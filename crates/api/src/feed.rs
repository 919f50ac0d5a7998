//! One view's look at what is told as it happens, and not tick by tick: services and containers.

use std::{
    fmt::Debug,
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::sync::watch;

/// What tells, as long as it is held.
pub(crate) trait Watch: Debug + Send + Sync {}
impl<W: Debug + Send + Sync> Watch for W {}

/// Looks as long as it lives: the last that is dropped ends the watch.
#[derive(Debug)]
pub(crate) struct Feed<T> {
    told: watch::Receiver<Option<T>>,
    _watch: Arc<dyn Watch>,
}

impl<T> Feed<T> {
    pub(crate) fn new<W: Watch + 'static>(
        watch: Arc<W>,
        told: impl FnOnce(&W) -> watch::Receiver<Option<T>>,
    ) -> Self {
        let mut told = told(&watch);
        told.mark_changed();
        Self { told, _watch: watch }
    }

    /// What `read` makes of it, once now and then whenever it changed.
    pub(crate) async fn next<R>(&mut self, read: impl Fn(&T) -> R) -> Option<R> {
        loop {
            self.told.changed().await.ok()?;
            if let Some(told) = self.told.borrow_and_update().as_ref() {
                return Some(read(told));
            }
        }
    }

    /// What `read` makes of the first that is told, for a command, which waits that long for it.
    pub(crate) fn first<R>(&self, patience: Duration, read: impl Fn(&T) -> R) -> Option<R> {
        let until = Instant::now() + patience;
        while Instant::now() < until {
            if let Some(told) = self.told.borrow().as_ref() {
                return Some(read(told));
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        None
    }
}
