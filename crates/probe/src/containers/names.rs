//! How a container is called: by the files of its engine where they may be read, else by the engine itself.
//!
//! Files come first because they cost a hundredth and hold up nobody. An engine is asked over its
//! socket, which is open to the group `docker`, too; one that did not answer is left in peace for a while.

use super::{
    ContainerLabel, ContainerPlaces,
    docker_file::FileStamp,
    engine::{self, EngineError},
};
use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

/// One engine answers within this time,
const PATIENCE: Duration = Duration::from_millis(1200);
/// and all together within this.
const PATIENCE_WITH_ALL: Duration = Duration::from_millis(2400);
/// An engine that refused or did not answer is not asked again before.
const LEFT_IN_PEACE: Duration = Duration::from_secs(50);
/// Containers whose files are remembered.
const REMEMBERED: usize = 4096;

/// How a container is called, and who says so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Described {
    /// What people call it.
    pub label: ContainerLabel,
    /// The file or the socket.
    pub from: PathBuf,
    /// Of a file: as it was read. Looking whether it changed costs next to nothing.
    pub read: Option<FileStamp>,
}

/// See the module. Remembers what it read and who did not answer.
#[derive(Debug, Default)]
pub struct ContainerNames {
    read: HashMap<String, Described>,
    refused: HashMap<PathBuf, (Instant, EngineError)>,
}

impl ContainerNames {
    /// What is known of a container by its full identifier. A file that is as it was is not read again.
    ///
    /// # Errors
    /// Why nothing is known, for people.
    pub fn describe(&mut self, places: &ContainerPlaces, id: &str) -> Result<Described, String> {
        let known = self.read.get(id);
        if let Some(known) = known.filter(|known| FileStamp::at(&known.from) == known.read) {
            return Ok(known.clone());
        }
        self.read.remove(id);
        let denied = match places.read(id) {
            Ok(described) => {
                if self.read.len() >= REMEMBERED {
                    self.read.clear();
                }
                self.read.insert(id.to_owned(), described.clone());
                return Ok(described);
            }
            Err(denied) => denied,
        };
        let mut why: Vec<String> =
            denied.iter().map(|root| format!("{} may not be read", root.display())).collect();
        let until = Instant::now() + PATIENCE_WITH_ALL;
        for socket in &places.sockets {
            match self.ask(socket, id, until) {
                Ok(label) => return Ok(Described { label, from: socket.clone(), read: None }),
                Err(EngineError::Absent(_) | EngineError::NotFound(_)) => {}
                Err(EngineError::Denied(what) | EngineError::Failed(what)) => why.push(what),
            }
        }
        if why.is_empty() {
            why.push("no engine here knows it".to_owned());
        }
        Err(why.join("; "))
    }

    fn ask(
        &mut self,
        socket: &Path,
        id: &str,
        until: Instant,
    ) -> Result<ContainerLabel, EngineError> {
        let now = Instant::now();
        let refused = self.refused.get(socket);
        if let Some((_, error)) = refused.filter(|(at, _)| now - *at < LEFT_IN_PEACE) {
            return Err(error.clone());
        }
        let patience = PATIENCE.min(until.saturating_duration_since(now));
        if patience.is_zero() {
            let what = format!("{} was not asked: others took too long", socket.display());
            return Err(EngineError::Failed(what));
        }
        // Where nobody can listen no thread need be started to ask.
        if std::fs::symlink_metadata(socket).is_err() {
            return Err(EngineError::Absent(format!("there is no {}", socket.display())));
        }
        let answer = engine::label(socket, id, patience);
        match &answer {
            Err(error @ (EngineError::Denied(_) | EngineError::Failed(_))) => {
                self.refused.insert(socket.to_owned(), (Instant::now(), error.clone()));
            }
            _ => drop(self.refused.remove(socket)),
        }
        answer
    }
}
