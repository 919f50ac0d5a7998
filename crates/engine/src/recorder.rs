//! The one thread that writes. It takes ticks from a bounded hand-off, and when writing fails it
//! says why, lets live go on and tries again by itself. Between ticks it carries out orders, and
//! derives the past anew after the user corrected something, with long rests in between.

mod kept_ends;
mod writing;

use ira_model::Corrections;
use ira_store::{
    Before, Boot, Location, OrderResult, Reattribution, Retention, StoreError, StoredOrder, Tick,
    Writer,
};
use std::{
    path::PathBuf,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
        mpsc::{Receiver, SyncSender, TrySendError, sync_channel},
    },
    thread::JoinHandle,
    time::Duration,
};
use writing::Writing;

/// Ticks that wait at most; the sampler never waits for the disk.
const WAITING: usize = 16;

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
    /// Not at all, as what is shown is no machine but a recording of one.
    Opened {
        /// Its file.
        file: String,
        /// The machine it is of.
        hostname: String,
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
    Work(Work),
    Stop,
}

/// Something for the thread to do with its writer, or with why it has none; and then the answer,
/// which waits until what was done is in force.
struct Work(Box<CarryOut>);

type CarryOut = dyn FnOnce(Result<&mut Writer, String>) -> Answer + Send;
type Answer = Box<dyn FnOnce()>;

impl std::fmt::Debug for Work {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Work")
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
    corrections: Mutex<Arc<Corrections>>,
    reattribution: Mutex<Reattribution>,
    stored: Box<dyn Stored>,
}

/// Told of what changed in the database.
pub(crate) trait Stored: Send + Sync + std::fmt::Debug {
    /// A minute more is in it, or all of the past was derived anew.
    fn stored(&self);

    /// Some of the past was derived anew.
    fn derived(&self);
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
            corrections: Mutex::default(),
            reattribution: Mutex::default(),
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

    /// A way to have things kept without holding the recorder while the disk works.
    pub(crate) fn keeper(&self) -> Keeper {
        Keeper(self.sender.clone())
    }

    /// The corrections in force.
    pub(crate) fn corrections(&self) -> Arc<Corrections> {
        Arc::clone(&lock(&self.state.corrections))
    }

    /// How far the past is derived anew.
    pub(crate) fn reattribution(&self) -> Reattribution {
        *lock(&self.state.reattribution)
    }

    /// Writes what waits and ends the thread.
    pub(crate) fn stop(&mut self) {
        self.sender.send(Message::Stop).ok();
        if let Some(thread) = self.thread.take() {
            thread.join().ok();
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// See [`Recorder::keeper`]. Each call waits until the thing is kept.
#[derive(Debug)]
pub(crate) struct Keeper(SyncSender<Message>);

impl Keeper {
    /// Has something done with the writer. When nothing is recorded the error says why.
    pub(crate) fn with<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Writer) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, String> {
        let (done, answer) = sync_channel(1);
        let carry_out = move |writer: Result<&mut Writer, String>| {
            let result = writer.and_then(|writer| work(writer).map_err(|e| e.to_string()));
            Box::new(move || drop(done.send(result))) as Answer
        };
        let gone = "the recorder has stopped";
        self.0.send(Message::Work(Work(Box::new(carry_out)))).map_err(|_| gone.to_owned())?;
        answer.recv().map_err(|_| gone.to_owned())?
    }

    /// Keeps an order before it is carried out; returns its number.
    pub(crate) fn begin_order(&self, order: StoredOrder) -> Result<i64, String> {
        self.with(move |writer| writer.begin_order(&order))
    }

    /// Keeps what came of an order.
    pub(crate) fn end_order(
        &self,
        id: i64,
        took_ms: u64,
        result: OrderResult,
        detail: String,
    ) -> Result<(), String> {
        self.with(move |writer| writer.end_order(id, took_ms, result, &detail))
    }
}
