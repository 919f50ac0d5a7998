//! The user's corrections while the engine runs: who changes them, and how far the past follows.

use crate::engine::{Engine, News, lock};
use ira_model::{Correction, Corrections};
use ira_store::{Reattribution, StoreError, Writer};
use std::sync::Arc;

impl Engine {
    /// Has the recorder do something with what is kept.
    pub(crate) fn keep<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Writer) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, String> {
        // The recorder is not held meanwhile: the sampler needs it.
        match self.keeper() {
            Some(keeper) => keeper.with(work),
            None => Err("this program was not asked to record".to_owned()),
        }
    }

    /// The corrections that are kept; the next tick applies them.
    #[must_use]
    pub fn corrections(&self) -> Arc<Corrections> {
        let kept = lock(&self.shared.recorder).as_ref().map(|recorder| recorder.corrections());
        kept.unwrap_or_else(|| Arc::clone(lock(&self.shared.live).corrections()))
    }

    /// Removes corrections and keeps others, all or nothing, and begins to derive the past anew.
    /// Whether they make sense is for the caller to ask, see `ira_model::check`.
    ///
    /// # Errors
    /// When nothing is being recorded; the message says why.
    pub fn change_corrections(
        &self,
        removed: Vec<i64>,
        kept: Vec<Correction>,
    ) -> Result<Vec<Correction>, String> {
        let kept = self.keep(move |writer| writer.change_corrections(&removed, kept))?;
        self.shared.news.send(News::Corrections).ok();
        Ok(kept)
    }

    /// Leaves the past that is not derived anew yet as it is, or goes on with it.
    ///
    /// # Errors
    /// As [`Self::change_corrections`].
    pub fn stop_reattribution(&self, stopped: bool) -> Result<(), String> {
        self.keep(move |writer| writer.stop_reattribution(stopped))?;
        self.shared.news.send(News::Corrections).ok();
        Ok(())
    }

    /// How far the past is derived anew.
    #[must_use]
    pub fn reattribution(&self) -> Reattribution {
        let recorder = lock(&self.shared.recorder);
        recorder.as_ref().map(|recorder| recorder.reattribution()).unwrap_or_default()
    }
}
