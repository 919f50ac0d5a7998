//! Many names, one caller: what is due is looked at, and what there is to tell is told in turns.

use super::{
    Settings,
    batch::{Batch, SourceId},
    bell::{Bell, Ringing, Watch},
    identity::Checkpoint,
    opening::Allowed,
    source::{Look, Source, Start, State, Watching},
    telling::Pen,
};
use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};

/// Kept for the next poll of what a long line needed, bytes.
const MOST_SCRATCH: usize = 2 * 1024 * 1024;

/// Why a name is not followed at all.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FollowError {
    /// The bound is reached.
    #[error("{0} files are followed already; leave one of them first")]
    TooMany(usize),
    /// It would change its meaning with the working folder.
    #[error("{0} is not an absolute path; give it from the root")]
    Relative(PathBuf),
}

/// Follows a bounded set of files for a caller that polls.
pub struct Follower {
    settings: Settings,
    allowed: Allowed,
    sources: Vec<Source>,
    next_id: u32,
    /// Whose turn it is.
    turn: usize,
    scratch: Vec<u8>,
    watch: Watch,
}

impl std::fmt::Debug for Follower {
    fn fmt(&self, form: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        form.debug_struct("Follower").field("files", &self.sources.len()).finish_non_exhaustive()
    }
}

impl Follower {
    /// One that follows nothing yet, and will read only what is allowed.
    #[must_use]
    pub fn new(settings: Settings, allowed: Allowed) -> Self {
        let watch = Watch::new(settings.bell);
        let (sources, scratch) = (Vec::new(), Vec::new());
        Self { settings, allowed, sources, next_id: 0, turn: 0, scratch, watch }
    }

    /// Follows a name from the next poll on, whether it stands for a file now or not.
    ///
    /// # Errors
    /// When there are too many, or the path is relative. What is wrong with the file is told by
    /// [`Follower::state`].
    pub fn follow(
        &mut self,
        path: &Path,
        start: Start,
        now: Instant,
    ) -> Result<SourceId, FollowError> {
        if self.sources.len() >= self.settings.most_files {
            return Err(FollowError::TooMany(self.sources.len()));
        }
        if !path.is_absolute() {
            return Err(FollowError::Relative(path.to_owned()));
        }
        let id = SourceId(self.next_id);
        self.next_id = self.next_id.wrapping_add(1);
        self.sources.push(Source::new(id, path.to_owned(), start, now));
        Ok(id)
    }

    /// Follows a name no more; how far it was told.
    pub fn leave(&mut self, id: SourceId) -> Option<Checkpoint> {
        let at = self.sources.iter().position(|source| source.id == id)?;
        let source = self.sources.remove(at);
        if source.watching == Watching::Yes {
            // Nobody rings while the watch is taken away.
            self.watch.attend_to_all();
            self.watch.leave(&source.path);
        }
        Some(source.checkpoint())
    }

    fn source(&self, id: SourceId) -> Option<&Source> {
        self.sources.iter().find(|source| source.id == id)
    }

    /// How far a name was told, with everything in the last batch.
    #[must_use]
    pub fn checkpoint(&self, id: SourceId) -> Option<Checkpoint> {
        self.source(id).map(Source::checkpoint)
    }

    /// How it stands with a name.
    #[must_use]
    pub fn state(&self, id: SourceId) -> Option<&State> {
        self.source(id).map(|source| &source.state)
    }

    /// Rings when a quiet file changed; [`Bell::wait`] for [`Follower::idle`] before the next poll.
    #[must_use]
    pub fn bell(&self) -> Arc<Bell> {
        Arc::clone(&self.watch.bell)
    }

    /// Whether the kernel rings it.
    #[must_use]
    pub fn ringing(&self) -> &Ringing {
        &self.watch.ringing
    }

    /// For so long a poll would find nothing to do unless the bell rings.
    #[must_use]
    pub fn idle(&self, now: Instant) -> Duration {
        if self.sources.iter().any(|source| source.pending) {
            return Duration::ZERO;
        }
        let due = self.sources.iter().map(|source| source.due).min();
        due.map_or(self.settings.slow, |due| due.saturating_duration_since(now))
    }

    /// Looks at what is due, and fills the batch with what there is to tell.
    pub fn poll(&mut self, now: Instant, batch: &mut Batch) {
        batch.clear();
        let heard = self.watch.attend();
        let look = Look { settings: &self.settings, allowed: &self.allowed, now };
        for source in &mut self.sources {
            let rung = heard.as_ref().is_none_or(|paths| paths.contains(&source.path));
            if rung {
                source.due = now;
                source.changed_at = now;
            }
            if source.due <= now {
                source.check(&look);
                source.plan(&look);
                watch(source, &mut self.watch, &look);
            }
        }
        self.tell(now, batch);
        let look = Look { settings: &self.settings, allowed: &self.allowed, now };
        for source in self.sources.iter_mut().filter(|source| source.has_unfinished()) {
            source.plan(&look);
        }
        self.scratch.clear();
        self.scratch.shrink_to(MOST_SCRATCH);
        self.watch.hold();
    }

    fn tell(&mut self, now: Instant, batch: &mut Batch) {
        let count = self.sources.len();
        let mut left = self.settings.most_bytes;
        let (mut at, mut passed) = (self.turn.checked_rem(count).unwrap_or_default(), 0);
        while passed < count {
            let Some(source) = self.sources.get_mut(at) else { break };
            if source.pending {
                let settings = &self.settings;
                let scratch = &mut self.scratch;
                let mut pen = Pen { batch, scratch, settings, source: source.id, now };
                if left == 0 || pen.is_full() {
                    batch.more = true;
                    break;
                }
                left = left.saturating_sub(source.tell(&mut pen, settings.turn_bytes.min(left)));
                passed = 0;
            } else {
                passed += 1;
            }
            at = (at + 1) % count;
        }
        self.turn = at;
    }
}

/// Quiet files are left to the bell, others are looked at.
fn watch(source: &mut Source, watch: &mut Watch, look: &Look<'_>) {
    if !source.is_quiet(look) {
        if source.watching == Watching::Yes {
            watch.leave(&source.path);
        }
        source.watching = Watching::No;
    } else if source.watching == Watching::No {
        let watched = watch.watch(&source.path);
        source.watching = if watched { Watching::Yes } else { Watching::Failed };
        // What came between the look and the watch.
        source.due = source.due.min(look.now + look.settings.quick);
    }
}
