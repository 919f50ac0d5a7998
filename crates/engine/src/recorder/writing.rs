//! The thread itself: what it holds, and what it does between two ticks.

use super::{Message, Recording, State, Work, kept_ends::KeptEnds, lock};
use ira_store::{
    Before, Boot, Location, Lock, LockOutcome, Reader, Retention, StoreError, Tick, Writer,
};
use std::{
    sync::{
        Arc, PoisonError,
        atomic::Ordering,
        mpsc::{Receiver, RecvTimeoutError, SyncSender},
    },
    time::{Duration, Instant},
};

/// How long after a failure writing is tried again.
const RETRY: Duration = Duration::from_secs(5);
/// After a window of the past was derived anew it rests so many times as long as that took.
const REST: u32 = 4;
/// How often at most it says how far it is.
const TELL: Duration = Duration::from_secs(1);

pub(super) struct Writing {
    location: Location,
    boot: Boot,
    retention: Retention,
    state: Arc<State>,
    lock: Option<Lock>,
    writer: Option<Writer>,
    retry_at: Instant,
    /// Ticks are differences: without a full one first they mean nothing.
    has_base: bool,
    kept_ends: KeptEnds,
    derive_at: Instant,
    told_at: Instant,
    /// Looks at the corrections that another program keeps.
    reader: Reader,
}

impl Writing {
    pub(super) fn new(
        location: Location,
        boot: Boot,
        retention: Retention,
        state: Arc<State>,
    ) -> Self {
        let retry_at = Instant::now();
        let reader = Reader::new(location.clone());
        let kept_ends = KeptEnds::new(location.clone());
        Self {
            location,
            boot,
            retention,
            state,
            lock: None,
            writer: None,
            retry_at,
            has_base: false,
            kept_ends,
            derive_at: retry_at,
            told_at: retry_at,
            reader,
        }
    }

    fn set(&self, recording: Recording) {
        let mut current = self.state.recording.lock().unwrap_or_else(PoisonError::into_inner);
        if *current != recording {
            match &recording {
                Recording::Failed { message } => tracing::warn!("not recording: {message}"),
                Recording::Elsewhere { pid } => tracing::info!(?pid, "another Ira records"),
                // Never set: who shows a recording has no recorder.
                Recording::Opened { .. } => {}
                Recording::Recording => {
                    tracing::info!(path = %self.location.database.display(), "recording")
                }
            }
            *current = recording;
        }
    }

    pub(super) fn open(&mut self) {
        self.retry_at = Instant::now() + RETRY;
        match self.try_open() {
            Ok(Some(writer)) => {
                if let Some(path) = writer.set_aside() {
                    tracing::warn!(path = %path.display(), "the database was damaged and set aside");
                    *self.state.set_aside.lock().unwrap_or_else(PoisonError::into_inner) =
                        Some(path.to_owned());
                }
                *self.state.boot_ms.lock().unwrap_or_else(PoisonError::into_inner) =
                    Some(writer.boot_ms());
                self.writer = Some(writer);
                self.look_at_corrections();
                self.has_base = false;
                self.state.wants_full.store(true, Ordering::Relaxed);
                self.set(Recording::Recording);
            }
            Ok(None) => self.look_at_corrections(),
            Err(error) => self.set(Recording::Failed { message: error.while_recording() }),
        }
    }

    fn try_open(&mut self) -> Result<Option<Writer>, StoreError> {
        if self.lock.is_none() {
            match Lock::take(&self.location)? {
                LockOutcome::Held(lock) => self.lock = Some(lock),
                LockOutcome::Elsewhere { pid } => {
                    self.set(Recording::Elsewhere { pid });
                    return Ok(None);
                }
            }
        }
        Writer::open(&self.location, &self.boot, self.retention).map(Some)
    }

    pub(super) fn run(&mut self, receiver: &Receiver<Message>, give_back: &SyncSender<Box<Tick>>) {
        loop {
            if self.writer.is_none() && Instant::now() >= self.retry_at {
                self.open();
            }
            match receiver.recv_timeout(self.patience()) {
                Ok(Message::Tick(mut tick)) => {
                    let began = Instant::now();
                    let stored = self.record(&mut tick);
                    let took = began.elapsed().as_micros() as u64;
                    self.state.last_record_us.store(took, Ordering::Relaxed);
                    give_back.try_send(tick).ok();
                    if stored {
                        ira_probe::give_back_free_memory();
                    }
                }
                Ok(Message::Work(Work(carry_out))) => {
                    let answer = match &mut self.writer {
                        Some(writer) => carry_out(Ok(writer)),
                        None => carry_out(Err(self.why_not())),
                    };
                    self.look_at_corrections();
                    answer();
                }
                Err(RecvTimeoutError::Timeout) => self.derive(),
                Ok(Message::Stop) | Err(RecvTimeoutError::Disconnected) => break,
            }
        }
        if let Some(mut writer) = self.writer.take()
            && let Err(error) = writer.flush()
        {
            tracing::warn!("the last minute stays in the journal: {error}");
        }
    }

    fn why_not(&self) -> String {
        match &*lock(&self.state.recording) {
            Recording::Failed { message } => message.clone(),
            _ => "another Ira records and holds the data folder; do it in that one".to_owned(),
        }
    }

    /// Takes over which corrections are in force, and what is left of the past to derive anew.
    fn look_at_corrections(&mut self) {
        let corrections = match &self.writer {
            Some(writer) => Ok(writer.corrections()),
            None => self.reader.corrections(),
        };
        if let Ok(corrections) = corrections {
            let mut current = lock(&self.state.corrections);
            if current.all() != corrections.all() {
                *current = corrections;
            }
        }
        if let Some(Ok(reattribution)) = self.writer.as_ref().map(Writer::reattribution) {
            *lock(&self.state.reattribution) = reattribution;
        }
    }

    /// How long to wait for the next message.
    fn patience(&self) -> Duration {
        if self.writer.is_some() && lock(&self.state.reattribution).goes_on() {
            self.derive_at.saturating_duration_since(Instant::now())
        } else {
            RETRY
        }
    }

    /// Derives one window of the past anew, when there is one and it is time.
    fn derive(&mut self) {
        let Some(writer) = &mut self.writer else { return };
        if !lock(&self.state.reattribution).goes_on() {
            return;
        }
        let began = Instant::now();
        let result = writer.reattribute().and_then(|_| writer.reattribution());
        match result {
            Ok(reattribution) => {
                self.derive_at = Instant::now() + began.elapsed() * REST;
                *lock(&self.state.reattribution) = reattribution;
                if !reattribution.goes_on() {
                    self.state.stored.stored();
                }
                if !reattribution.goes_on() || self.told_at.elapsed() > TELL {
                    self.told_at = Instant::now();
                    self.state.stored.derived();
                }
            }
            Err(error) => {
                tracing::warn!("the past is not derived anew for now: {error}");
                self.derive_at = Instant::now() + RETRY;
            }
        }
    }

    /// Says whether a minute went into the database.
    fn record(&mut self, tick: &mut Tick) -> bool {
        let Some(writer) = &mut self.writer else {
            return false;
        };
        self.has_base |= tick.before != Before::Tick;
        if !self.has_base {
            return false;
        }
        self.kept_ends.complete(tick);
        match writer.record(tick) {
            Ok(stored) => {
                if stored {
                    self.state.stored.stored();
                }
                stored
            }
            Err(error) => {
                self.writer = None;
                self.retry_at = Instant::now() + RETRY;
                self.set(Recording::Failed { message: error.while_recording() });
                false
            }
        }
    }
}
