//! Applications that the user keeps: what it takes to run them, whether or not they run now.
//!
//! Owns: what a registration is and when it makes sense, starting one, what its supervisor tells.
//! Leaves out: who belongs to it (discovery), stopping it (orders), the wire.

mod check;
pub mod import;
mod running;

pub use check::{Field, FieldProblem, Problem, check, cut};
pub use ira_probe::supervisor::asked as supervise;
pub use running::{Supervised, folder_of};

use crate::engine::{Engine, lock};
use ira_store::Reader;
use serde::{Deserialize, Serialize};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

/// Registrations at most.
pub const MOST: usize = 500;

/// When the supervisor starts it again by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RestartPolicy {
    /// Not at all.
    #[default]
    Never,
    /// When it ended with an exit code other than 0, or by a signal.
    OnFailure,
    /// Whenever it ended and was not told to.
    Always,
}

/// An application that is kept. As JSON it is what the database holds; a field that an older Ira did
/// not know has its default.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Registration {
    /// Identifier of the application; `custom:…` for one that was registered before it ever ran.
    pub application: String,
    /// The name people use.
    pub name: String,
    /// Program and arguments; empty for one that is only kept.
    pub command: Vec<String>,
    /// Where it is run.
    pub working_directory: Option<String>,
    /// Set beside what Ira itself was given.
    pub environment: BTreeMap<String, String>,
    /// The port it is expected to listen on.
    pub port: Option<u16>,
    /// Files it writes its logs to, beside its output; may hold `*`.
    pub log_paths: Vec<String>,
    /// When it is started again.
    pub restart: RestartPolicy,
    /// Whether Ira starts it the first time it runs after the machine was started.
    pub enabled: bool,
    /// What else should be known.
    pub notes: String,
    /// Words to find it by.
    pub tags: Vec<String>,
}

/// A registration as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// What is kept.
    pub registration: Registration,
    /// Since when, milliseconds since 1970.
    pub created_ms: i64,
}

/// What is kept, as it was read last.
#[derive(Debug, Default)]
pub(crate) struct Registry(Mutex<Option<Arc<[Kept]>>>);

impl Engine {
    /// The applications that are kept, by name. Those that another Ira kept since the last call of
    /// [`Self::registry_anew`] are not among them.
    #[must_use]
    pub fn registry(&self) -> Arc<[Kept]> {
        let known = lock(&self.shared.registry.0).clone();
        known.unwrap_or_else(|| self.registry_anew())
    }

    /// Reads what is kept; nothing where that cannot be read.
    #[must_use]
    pub fn registry_anew(&self) -> Arc<[Kept]> {
        let stored = Reader::new(self.location().clone()).registrations(MOST);
        let stored = stored.inspect_err(|error| tracing::warn!("no registrations: {error}"));
        let mut all: Vec<Kept> = stored
            .unwrap_or_default()
            .into_iter()
            .filter_map(|one| {
                let registration: Registration = serde_json::from_str(&one.definition)
                    .inspect_err(|error| tracing::warn!(one.application, "not read: {error}"))
                    .ok()?;
                let registration = Registration { application: one.application, ..registration };
                Some(Kept { registration, created_ms: one.created_ms })
            })
            .collect();
        all.sort_by_cached_key(|one| one.registration.name.to_lowercase());
        let all: Arc<[Kept]> = all.into();
        *lock(&self.shared.registry.0) = Some(Arc::clone(&all));
        all
    }

    /// Keeps applications, all or nothing; one that is kept already is replaced. Whether they make
    /// sense is for the caller to ask, see [`check`].
    ///
    /// # Errors
    /// When nothing is being recorded, or there are too many; the message says why.
    pub fn register(&self, each: &[Registration]) -> Result<(), String> {
        let known = self.registry_anew();
        let is_new = |one: &&Registration| {
            known.iter().all(|kept| kept.registration.application != one.application)
        };
        if known.len() + each.iter().filter(is_new).count() > MOST {
            return Err(format!("{MOST} applications are kept at most"));
        }
        let rows: Result<Vec<_>, _> = each
            .iter()
            .map(|one| Ok((one.application.clone(), serde_json::to_string(one)?)))
            .collect();
        let rows = rows.map_err(|error: serde_json::Error| error.to_string())?;
        let now_ms = self.live(|live| live.at_ms);
        self.keep(move |writer| writer.register(&rows, now_ms))?;
        drop(self.registry_anew());
        Ok(())
    }

    /// Keeps an application no more, and drops what is kept of its past where that is wanted; says
    /// whether it was kept.
    ///
    /// # Errors
    /// When nothing is being recorded; the message says why.
    pub fn unregister(&self, application: &str, drop_history: bool) -> Result<bool, String> {
        let id = application.to_owned();
        let was_kept = self.keep(move |writer| {
            if drop_history {
                writer.drop_history(&id)?;
            }
            writer.unregister(&id)
        })?;
        drop(self.registry_anew());
        Ok(was_kept)
    }
}
