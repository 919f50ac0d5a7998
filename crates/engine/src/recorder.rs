//! The one thread that writes. It takes ticks from a bounded hand-off, and when writing fails it
//! says why, lets live go on and tries again by itself.

use ira_store::{
    Before, Boot, Location, Lock, LockOutcome, OrderResult, Retention, StoreError, StoredOrder,
    Tick, Writer,
};
use std::{
    path::PathBuf,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
        mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel},
    },
    thread::JoinHandle,
    time::{Duration, Instant},
};

/// Ticks that wait at most; the sampler never waits for the disk.
const WAITING: usize = 16;
/// How long after a failure writing is tried again.
const RETRY: Duration = Duration::from_secs(5);

/// Whether what happens is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Recording {
    /// By this program.
    Recording,
    /// By another, which holds the lock.
    Elsewhere {
        /// Its pid, where it told.
        pid: Option<u32>,
    },
    /// Not at all.
    Failed {
        /// Why, and what to do.
        message: String,
    },
}

#[derive(Debug)]
enum Message {
    Tick(Box<Tick>),
    Keep { wish: Wish, done: SyncSender<Result<i64, String>> },
    Stop,
}

/// What others want to be kept between two ticks.
#[derive(Debug)]
enum Wish {
    Setting { name: &'static str, value: String },
    Order(StoredOrder),
    OrderEnd { id: i64, took_ms: u64, result: OrderResult, detail: String },
}

impl Wish {
    /// The number of what was kept, 0 where it has none.
    fn fulfil(self, writer: &Writer) -> Result<i64, StoreError> {
        match self {
            Self::Setting { name, value } => writer.save_setting(name, &value).map(|()| 0),
            Self::Order(order) => writer.begin_order(&order),
            Self::OrderEnd { id, took_ms, result, detail } => {
                writer.end_order(id, took_ms, result, &detail).map(|()| id)
            }
        }
    }
}

/// The sampler's end of the hand-off.
#[derive(Debug)]
pub(crate) struct Recorder {
    sender: SyncSender<Message>,
    returned: Receiver<Box<Tick>>,
    state: Arc<State>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Debug)]
struct State {
    recording: Mutex<Recording>,
    set_aside: Mutex<Option<PathBuf>>,
    boot_ms: Mutex<Option<(i64, i64)>>,
    wants_full: AtomicBool,
    last_record_us: AtomicU64,
    stored: Box<dyn Stored>,
}

/// Told after each minute that is in the database.
pub(crate) trait Stored: Send + Sync + std::fmt::Debug {
    fn stored(&self);
}

impl Recorder {
    /// Starts the thread. Returns once the first attempt to open the store was made.
    pub(crate) fn start(
        location: Location,
        boot: Boot,
        retention: Retention,
        stored: Box<dyn Stored>,
    ) -> std::io::Result<Self> {
        let (sender, receiver) = sync_channel(WAITING);
        let (give_back, returned) = sync_channel(WAITING);
        let (opened, first) = sync_channel(1);
        let state = Arc::new(State {
            recording: Mutex::new(Recording::Failed { message: "not started".to_owned() }),
            set_aside: Mutex::new(None),
            boot_ms: Mutex::new(None),
            wants_full: AtomicBool::new(false),
            last_record_us: AtomicU64::new(0),
            stored,
        });
        let shared = Arc::clone(&state);
        let thread =
            std::thread::Builder::new().name("ira-recorder".to_owned()).spawn(move || {
                let mut writing = Writing::new(location, boot, retention, shared);
                writing.open();
                opened.send(()).ok();
                writing.run(&receiver, &give_back);
            })?;
        first.recv().ok();
        Ok(Self { sender, returned, state, thread: Some(thread) })
    }

    /// Whether the next tick must hold everything.
    pub(crate) fn wants_full(&self) -> bool {
        self.state.wants_full.load(Ordering::Relaxed)
    }

    /// How long the last tick took to keep.
    pub(crate) fn last_record(&self) -> Duration {
        Duration::from_micros(self.state.last_record_us.load(Ordering::Relaxed))
    }

    /// A tick to fill, one that was used before where there is one.
    pub(crate) fn empty_tick(&self) -> Box<Tick> {
        self.returned.try_recv().unwrap_or_default()
    }

    /// Hands a tick over. When too many wait it is dropped, and the next one must be full.
    pub(crate) fn hand_over(&self, tick: Box<Tick>) {
        let full = tick.before != Before::Tick;
        match self.sender.try_send(Message::Tick(tick)) {
            Ok(()) if full => self.state.wants_full.store(false, Ordering::Relaxed),
            Ok(()) => {}
            Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) => {
                self.state.wants_full.store(true, Ordering::Relaxed);
            }
        }
    }

    /// Whether what happens is kept.
    pub(crate) fn recording(&self) -> Recording {
        self.state.recording.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// When this boot was, as the store has it, and the earliest it can have been.
    pub(crate) fn boot_ms(&self) -> Option<(i64, i64)> {
        *self.state.boot_ms.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Where a damaged database was set aside.
    pub(crate) fn set_aside(&self) -> Option<PathBuf> {
        self.state.set_aside.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// A way to keep what the user chose and ordered without holding the recorder while the disk works.
    pub(crate) fn keeper(&self) -> Keeper {
        Keeper(self.sender.clone())
    }

    /// Writes what waits and ends the thread.
    pub(crate) fn stop(&mut self) {
        self.sender.send(Message::Stop).ok();
        if let Some(thread) = self.thread.take() {
            thread.join().ok();
        }
    }
}

/// See [`Recorder::keeper`]. Each call waits until the thing is kept.
#[derive(Debug)]
pub(crate) struct Keeper(SyncSender<Message>);

impl Keeper {
    /// Keeps a choice of the user.
    pub(crate) fn save(&self, name: &'static str, value: String) -> Result<(), String> {
        self.keep(Wish::Setting { name, value }).map(drop)
    }

    /// Keeps an order before it is carried out; returns its number.
    pub(crate) fn begin_order(&self, order: StoredOrder) -> Result<i64, String> {
        self.keep(Wish::Order(order))
    }

    /// Keeps what came of an order.
    pub(crate) fn end_order(
        &self,
        id: i64,
        took_ms: u64,
        result: OrderResult,
        detail: String,
    ) -> Result<(), String> {
        self.keep(Wish::OrderEnd { id, took_ms, result, detail }).map(drop)
    }

    fn keep(&self, wish: Wish) -> Result<i64, String> {
        let (done, answer) = sync_channel(1);
        let gone = |_| "the recorder has stopped".to_owned();
        self.0.send(Message::Keep { wish, done }).map_err(|e| gone(e.to_string()))?;
        answer.recv().map_err(|e| gone(e.to_string()))?
    }
}

struct Writing {
    location: Location,
    boot: Boot,
    retention: Retention,
    state: Arc<State>,
    lock: Option<Lock>,
    writer: Option<Writer>,
    retry_at: Instant,
    /// Ticks are differences: without a full one first they mean nothing.
    has_base: bool,
}

impl Writing {
    fn new(location: Location, boot: Boot, retention: Retention, state: Arc<State>) -> Self {
        let retry_at = Instant::now();
        Self {
            location,
            boot,
            retention,
            state,
            lock: None,
            writer: None,
            retry_at,
            has_base: false,
        }
    }

    fn set(&self, recording: Recording) {
        let mut current = self.state.recording.lock().unwrap_or_else(PoisonError::into_inner);
        if *current != recording {
            match &recording {
                Recording::Failed { message } => tracing::warn!("not recording: {message}"),
                Recording::Elsewhere { pid } => tracing::info!(?pid, "another Ira records"),
                Recording::Recording => {
                    tracing::info!(path = %self.location.database.display(), "recording")
                }
            }
            *current = recording;
        }
    }

    fn open(&mut self) {
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
                self.has_base = false;
                self.state.wants_full.store(true, Ordering::Relaxed);
                self.set(Recording::Recording);
            }
            Ok(None) => {}
            Err(error) => self.set(Recording::Failed { message: error.to_string() }),
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

    fn run(&mut self, receiver: &Receiver<Message>, give_back: &SyncSender<Box<Tick>>) {
        loop {
            if self.writer.is_none() && Instant::now() >= self.retry_at {
                self.open();
            }
            match receiver.recv_timeout(RETRY) {
                Ok(Message::Tick(tick)) => {
                    let began = Instant::now();
                    self.record(&tick);
                    let took = began.elapsed().as_micros() as u64;
                    self.state.last_record_us.store(took, Ordering::Relaxed);
                    give_back.try_send(tick).ok();
                }
                Ok(Message::Keep { wish, done }) => {
                    let result = match (&self.writer, self.state.recording.lock()) {
                        (Some(writer), _) => wish.fulfil(writer).map_err(|e| e.to_string()),
                        (None, Ok(recording)) => Err(match &*recording {
                            Recording::Failed { message } => message.clone(),
                            _ => "another Ira holds the data folder".to_owned(),
                        }),
                        (None, Err(_)) => Err("nothing is recorded".to_owned()),
                    };
                    done.send(result).ok();
                }
                Err(RecvTimeoutError::Timeout) => {}
                Ok(Message::Stop) | Err(RecvTimeoutError::Disconnected) => break,
            }
        }
        if let Some(mut writer) = self.writer.take()
            && let Err(error) = writer.flush()
        {
            tracing::warn!("the last minute stays in the journal: {error}");
        }
    }

    fn record(&mut self, tick: &Tick) {
        let Some(writer) = &mut self.writer else {
            return;
        };
        self.has_base |= tick.before != Before::Tick;
        if !self.has_base {
            return;
        }
        match writer.record(tick) {
            Ok(stored) => {
                if stored {
                    self.state.stored.stored();
                }
            }
            Err(error) => {
                self.writer = None;
                self.retry_at = Instant::now() + RETRY;
                self.set(Recording::Failed { message: error.to_string() });
            }
        }
    }
}
