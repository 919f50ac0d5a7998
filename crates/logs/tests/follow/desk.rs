//! A follower on a folder of its own, whose telling is written down in words.

use ira_logs::follow::{
    Allowed, Batch, Checkpoint, Follower, Gap, LineEnd, Settings, SourceId, Start, State, Turn,
    What, below,
};
use std::{
    fs::{self, OpenOptions},
    io::Write,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

pub(crate) struct Desk {
    _folder: tempfile::TempDir,
    pub(crate) root: PathBuf,
    pub(crate) settings: Settings,
    pub(crate) follower: Follower,
    pub(crate) batch: Batch,
    pub(crate) now: Instant,
    pub(crate) id: Option<SourceId>,
}

/// Without the bell, so that the check alone has to find everything.
pub(crate) fn settings() -> Settings {
    Settings { bell: false, ..Settings::default() }
}

impl Desk {
    pub(crate) fn new() -> Self {
        Self::with(settings())
    }

    pub(crate) fn with(settings: Settings) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let root = folder.path().canonicalize().expect("its path");
        let follower = Follower::new(settings.clone(), below(vec![root.clone()]));
        let (batch, now) = (Batch::new(), Instant::now());
        Self { _folder: folder, root, settings, follower, batch, now, id: None }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    /// Follows `log` from its beginning.
    pub(crate) fn follow(&mut self) -> SourceId {
        self.follow_from("log", Start::Beginning)
    }

    pub(crate) fn follow_from(&mut self, name: &str, start: Start) -> SourceId {
        let id = self.follower.follow(&self.path(name), start, self.now).expect("room for it");
        self.id = Some(id);
        id
    }

    pub(crate) fn append(&self, name: &str, bytes: impl AsRef<[u8]>) {
        let mut file =
            OpenOptions::new().create(true).append(true).open(self.path(name)).expect(name);
        file.write_all(bytes.as_ref()).expect("room on the disk");
    }

    pub(crate) fn rename(&self, from: &str, to: &str) {
        fs::rename(self.path(from), self.path(to)).expect("renamed");
    }

    pub(crate) fn copy(&self, from: &str, to: &str) {
        fs::copy(self.path(from), self.path(to)).expect("copied");
    }

    pub(crate) fn remove(&self, name: &str) {
        fs::remove_file(self.path(name)).expect("removed");
    }

    pub(crate) fn empty(&self, name: &str) {
        let file = OpenOptions::new().write(true).open(self.path(name)).expect(name);
        file.set_len(0).expect("emptied");
    }

    pub(crate) fn link(&self, target: &str, name: &str) {
        let _ = fs::remove_file(self.path(name));
        std::os::unix::fs::symlink(target, self.path(name)).expect("linked");
    }

    pub(crate) fn pack(&self, from: &str, to: &str) {
        let bytes = fs::read(self.path(from)).expect(from);
        fs::write(self.path(to), gz(&bytes)).expect(to);
        self.remove(from);
    }

    pub(crate) fn pass(&mut self, time: Duration) {
        self.now += time;
    }

    /// Polls a second later until there is no more.
    pub(crate) fn poll(&mut self) -> Vec<String> {
        self.pass(Duration::from_secs(1));
        self.poll_now()
    }

    /// Polls without letting time pass until there is no more.
    pub(crate) fn poll_now(&mut self) -> Vec<String> {
        let mut told = Vec::new();
        loop {
            self.follower.poll(self.now, &mut self.batch);
            told.extend(words(&self.batch));
            if !self.batch.more() {
                return told;
            }
        }
    }

    pub(crate) fn state(&self) -> State {
        self.follower.state(self.id.expect("followed")).expect("still followed").clone()
    }

    pub(crate) fn checkpoint(&self) -> Checkpoint {
        self.follower.checkpoint(self.id.expect("followed")).expect("still followed")
    }

    /// As after `kill -9`: all is forgotten but what was written of the checkpoint.
    pub(crate) fn restart(&mut self, allowed: Option<Allowed>) {
        let kept = serde_json::to_string(&self.checkpoint()).expect("serialisable");
        let checkpoint = serde_json::from_str(&kept).expect("readable");
        let allowed = allowed.unwrap_or_else(|| below(vec![self.root.clone()]));
        self.follower = Follower::new(self.settings.clone(), allowed);
        self.follow_from("log", Start::At(checkpoint));
    }
}

pub(crate) fn gz(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes).expect("memory");
    encoder.finish().expect("memory")
}

/// `line`, `unfinished~`, `~continued`, `cut!`, `[what else]`.
pub(crate) fn words(batch: &Batch) -> Vec<String> {
    batch.entries().iter().map(|entry| word(batch, entry.what)).collect()
}

fn word(batch: &Batch, what: What) -> String {
    match what {
        What::Line(line) => {
            let text = String::from_utf8_lossy(batch.text(line)).into_owned();
            let before = if line.continues { "~" } else { "" };
            let behind = match line.end {
                LineEnd::Newline => "",
                LineEnd::Unfinished => "~",
                LineEnd::Cut => "!",
            };
            format!("{before}{text}{behind}")
        }
        What::LeftOut(bytes) => format!("[left out {bytes}]"),
        What::Turned(turned) => {
            let turn = match turned.turn {
                Turn::Rotated => "rotated",
                Turn::Truncated => "truncated",
                Turn::Removed => "removed",
                Turn::Moved => "moved",
            };
            let whole = if turned.whole { " whole" } else { "" };
            let lost = turned.lost_bytes;
            let lost = if lost > 0 { format!(" lost {lost}") } else { String::new() };
            format!("[{turn}{whole}{lost}]")
        }
        What::Gap(Gap::Hole(bytes)) => format!("[hole {bytes}]"),
        What::Gap(gap) => format!("[{gap:?}]"),
    }
}

/// A second of processor time is not waited for: whatever the machine does, it comes.
pub(crate) fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    let until = Instant::now() + Duration::from_secs(60);
    while !holds() {
        assert!(Instant::now() < until, "{what} within a minute");
        std::thread::sleep(Duration::from_millis(2));
    }
}

pub(crate) fn is_refused(path: &Path, allowed: &Allowed) -> bool {
    ira_logs::follow::LogFile::open(path, allowed).is_err()
}
