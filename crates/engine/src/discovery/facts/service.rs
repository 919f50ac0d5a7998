//! The thread that answers questions about files, with a bounded queue before it.
//!
//! A file of a process may lie on a file system that does not answer. Between two steps the thread
//! looks at a deadline; when one step alone takes too long, the thread is left to it, its question
//! counts as answered by nothing, and another thread goes on with the queue.

use super::{
    Answer, FactSource, Files, Investigator, Places, Question, Topic, investigator::given_up,
};
use ira_model::ProcessKey;
use ira_probe::{
    ContainerNames, ContainerPlaces, Described, DesktopEntry, DesktopFolders, ProcessFiles,
};
use std::{
    collections::VecDeque,
    path::PathBuf,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

/// Questions that wait at most.
const WAITING: usize = 1024;
/// Within this time one question is answered, as far as it can be.
const DEADLINE: Duration = Duration::from_millis(500);
/// A thread that is not back after this time is left behind.
const LOST: Duration = Duration::from_secs(3);
/// So many threads are left behind at most; after that nothing is asked any more.
const MOST_LOST: u32 = 3;
/// Desktop entries are read again after this time.
const ENTRIES_FOR: Duration = Duration::from_secs(300);

/// See the module.
#[derive(Debug)]
pub(crate) struct FactService {
    shared: Arc<Shared>,
    proc_root: PathBuf,
}

#[derive(Debug)]
struct Shared {
    state: Mutex<State>,
    wake: Condvar,
}

#[derive(Debug, Default)]
struct State {
    queue: VecDeque<Question>,
    answers: Vec<(Topic, Answer)>,
    places: Option<ContainerPlaces>,
    /// What the present thread is at, and since when.
    at: Option<(Question, Instant)>,
    /// Number of the thread that counts; others are left behind.
    thread: u32,
    is_running: bool,
    is_over: bool,
}

fn lock(shared: &Shared) -> MutexGuard<'_, State> {
    shared.state.lock().unwrap_or_else(PoisonError::into_inner)
}

impl FactService {
    /// A service about the processes of a `/proc`. Its thread starts with the first question.
    pub(crate) fn new(proc_root: PathBuf) -> Self {
        let state = State { places: Some(ContainerPlaces::of_this_machine()), ..State::default() };
        let shared = Shared { state: Mutex::new(state), wake: Condvar::new() };
        Self { shared: Arc::new(shared), proc_root }
    }

    /// Starts a thread where none is at work.
    fn ensure(&self, state: &mut State) {
        if state.is_running || state.thread > MOST_LOST {
            return;
        }
        let (shared, root) = (Arc::clone(&self.shared), self.proc_root.clone());
        let number = state.thread;
        let spawned = std::thread::Builder::new()
            .name("ira-facts".to_owned())
            .spawn(move || run(&shared, root, number));
        state.is_running = spawned.is_ok();
    }
}

impl FactSource for FactService {
    fn ask(&mut self, question: Question) -> bool {
        let mut state = lock(&self.shared);
        if state.queue.len() >= WAITING || state.thread > MOST_LOST {
            return false;
        }
        state.queue.push_back(question);
        self.ensure(&mut state);
        drop(state);
        self.shared.wake.notify_one();
        true
    }

    fn answers(&mut self) -> Vec<(Topic, Answer)> {
        let mut state = lock(&self.shared);
        if state.at.as_ref().is_some_and(|(_, since)| since.elapsed() > LOST)
            && let Some((question, _)) = state.at.take()
        {
            tracing::warn!("files of {:?} do not answer", question.topic);
            let nothing = given_up(&question);
            state.answers.push((question.topic, nothing));
            state.thread += 1;
            state.is_running = false;
            if !state.queue.is_empty() {
                self.ensure(&mut state);
            }
        }
        std::mem::take(&mut state.answers)
    }

    fn is_busy(&self) -> bool {
        let state = lock(&self.shared);
        let lost = state.thread > MOST_LOST;
        !lost && (!state.queue.is_empty() || state.at.is_some())
    }

    fn docker(&mut self, root: Option<PathBuf>, socket: Option<PathBuf>) {
        let mut state = lock(&self.shared);
        if let Some(places) = &mut state.places {
            let add = |list: &mut Vec<PathBuf>, path: Option<PathBuf>| {
                // At the end: anybody can start a program of that name, and who is here tells first.
                if let Some(path) = path.filter(|path| !list.contains(path) && list.len() < 128) {
                    list.push(path);
                }
            };
            add(&mut places.docker_roots, root);
            add(&mut places.sockets, socket);
        }
    }
}

impl Drop for FactService {
    fn drop(&mut self) {
        // Not waited for: it may be at a file that does not answer.
        lock(&self.shared).is_over = true;
        self.shared.wake.notify_all();
    }
}

fn run(shared: &Shared, proc_root: PathBuf, number: u32) {
    let mut investigator = Investigator { places: Machine::new(proc_root) };
    loop {
        let mut state = lock(shared);
        let question = loop {
            if state.is_over || state.thread != number {
                return;
            }
            if let Some(question) = state.queue.pop_front() {
                break question;
            }
            state = shared.wake.wait(state).unwrap_or_else(PoisonError::into_inner);
        };
        let now = Instant::now();
        state.at = Some((question.clone(), now));
        if let Some(places) = &state.places
            && matches!(question.topic, Topic::Container(_))
        {
            investigator.places.places.clone_from(places);
        }
        drop(state);
        let answer = investigator.answer(&question, now + DEADLINE);
        let mut state = lock(shared);
        if state.thread != number {
            return;
        }
        state.at = None;
        state.answers.push((question.topic, answer));
    }
}

/// This machine.
struct Machine {
    proc_root: PathBuf,
    entries: Vec<DesktopEntry>,
    read_at: Option<Instant>,
    places: ContainerPlaces,
    containers: ContainerNames,
    homes: Vec<String>,
}

impl Machine {
    fn new(proc_root: PathBuf) -> Self {
        Self {
            proc_root,
            entries: Vec::new(),
            read_at: None,
            places: ContainerPlaces::default(),
            containers: ContainerNames::default(),
            homes: std::env::var("HOME").into_iter().collect(),
        }
    }
}

impl Places for Machine {
    fn files(&self, key: ProcessKey) -> Option<Box<dyn Files>> {
        let files = ProcessFiles::open(&self.proc_root, key)?;
        Some(Box::new(files))
    }

    fn desktop_entries(&mut self) -> &[DesktopEntry] {
        if self.read_at.is_none_or(|at| at.elapsed() > ENTRIES_FOR) {
            self.entries = DesktopFolders::of_this_user().entries();
            self.read_at = Some(Instant::now());
        }
        &self.entries
    }

    fn container(&mut self, id: &str) -> Result<Described, String> {
        self.containers.describe(&self.places, id)
    }

    fn homes(&self) -> &[String] {
        &self.homes
    }
}
