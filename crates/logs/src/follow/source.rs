//! One followed name: its files, and when to look at it again.

use super::{
    Settings,
    backward::LogFile,
    batch::{Gap, SourceId, What},
    content::Content,
    generation::Generation,
    identity::{Checkpoint, MOST_OPEN, Within},
    opening::{Allowed, Refusal, Stamp, open},
    rotated::Reach,
    telling::{Pen, Told},
};
use std::{
    collections::VecDeque,
    io,
    path::PathBuf,
    time::{Duration, Instant},
};

/// Where to begin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Start {
    /// With the first line.
    Beginning,
    /// With the line that is unfinished now, or the next.
    End,
    /// Behind what was told.
    At(Checkpoint),
}

/// How it stands with a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// It was not looked at yet.
    New,
    /// It is followed.
    Followed,
    /// It is not followed now, for this reason; it is tried again.
    Refused(Refusal),
}

/// Whether the bell would tell of a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Watching {
    No,
    Yes,
    /// It could not; it is tried again after the next change.
    Failed,
}

/// A name and the files it stood for, oldest first. The last is the one it stands for, or stood for
/// when there last was one.
pub(super) struct Source {
    pub(super) id: SourceId,
    pub(super) path: PathBuf,
    pub(super) generations: VecDeque<Generation>,
    pub(super) state: State,
    /// Until the first look.
    pub(super) start: Option<Start>,
    pub(super) next_file: u32,
    pub(super) due: Instant,
    /// There is something to tell.
    pub(super) pending: bool,
    pub(super) changed_at: Instant,
    pub(super) watching: Watching,
}

/// What a look needs.
pub(super) struct Look<'a> {
    pub(super) settings: &'a Settings,
    pub(super) allowed: &'a Allowed,
    pub(super) now: Instant,
}

impl Look<'_> {
    pub(super) fn reach(&self) -> Reach<'_> {
        Reach { allowed: self.allowed, most_unpacked: self.settings.most_unpacked }
    }
}

impl Source {
    pub(super) fn new(id: SourceId, path: PathBuf, start: Start, now: Instant) -> Self {
        Self {
            id,
            path,
            generations: VecDeque::new(),
            state: State::New,
            start: Some(start),
            next_file: 0,
            due: now,
            pending: false,
            changed_at: now,
            watching: Watching::No,
        }
    }

    /// How far it was told.
    pub(super) fn checkpoint(&self) -> Checkpoint {
        if let Some(Start::At(checkpoint)) = &self.start {
            return checkpoint.clone();
        }
        Checkpoint { marks: self.generations.iter().map(|one| one.mark.clone()).collect() }
    }

    /// Whether there is no room for another file before older ones are told.
    pub(super) fn is_full(&self) -> bool {
        self.generations.iter().filter(|one| one.is_open()).count() > MOST_OPEN - 1
    }

    /// Looks at what the name stands for now.
    pub(super) fn check(&mut self, look: &Look<'_>) {
        self.pending = true;
        self.check_left(look);
        self.hasten();
        if self.is_full() {
            return;
        }
        let result = match self.start.take() {
            Some(start) => {
                let result = self.begin(&start, look);
                if result.as_ref().is_err_and(|refusal| *refusal != Refusal::Missing) {
                    self.start = Some(start);
                }
                result
            }
            None => self.check_name(look),
        };
        self.state = match result {
            Ok(()) => State::Followed,
            Err(refusal) => {
                if refusal == Refusal::Missing {
                    self.check_nameless(look);
                }
                State::Refused(refusal)
            }
        };
    }

    fn begin(&mut self, start: &Start, look: &Look<'_>) -> Result<(), Refusal> {
        if let Start::At(checkpoint) = start
            && !checkpoint.marks.is_empty()
        {
            return self.restore(checkpoint, look);
        }
        let (file, stamp) = open(&self.path, look.allowed)?;
        let end =
            if *start == Start::End { Some(LogFile::of(file.try_clone()?)?.end()?) } else { None };
        let mut first = Generation::fresh(Content::Plain(file), stamp, self.number(), look.now);
        if let Some((offset, whole)) = end {
            first.mark.offset = offset;
            first.mark.within = match (offset, whole) {
                (0, _) => Within::Start,
                (_, true) => Within::Line,
                (_, false) => Within::Cut(0),
            };
            first.scanned = offset;
        }
        first.verify(stamp.length)?;
        self.changed_at = look.now;
        self.generations.push_back(first);
        Ok(())
    }

    fn check_name(&mut self, look: &Look<'_>) -> Result<(), Refusal> {
        let stamp = Stamp::at(&self.path)?;
        let same =
            self.generations.back().is_some_and(|one| one.is_open() && one.stamp.id == stamp.id);
        if same { self.check_same(stamp, look) } else { self.turn(look) }
    }

    fn check_same(&mut self, stamp: Stamp, look: &Look<'_>) -> Result<(), Refusal> {
        let Some(last) = self.generations.back_mut() else { return Ok(()) };
        if !last.note(stamp, look) {
            return Ok(());
        }
        self.changed_at = last.changed_at;
        if last.verify(stamp.length)? { Ok(()) } else { self.begun_anew(stamp, look) }
    }

    /// The last file has no name now, or not this one; it is read on by those who have it open.
    fn check_nameless(&mut self, look: &Look<'_>) {
        let Some(last) = self.generations.back_mut() else { return };
        if last.grow(look).is_err() {
            return;
        }
        self.changed_at = self.changed_at.max(last.changed_at);
        // A removed file takes its room on the disk as long as it is open.
        if last.stamp.links == 0 && last.is_over(look) {
            last.close();
            // Of one that never held anything nothing can be found again.
            if last.mark.head.length() == 0 {
                self.generations.pop_back();
            }
        }
    }

    /// Files that the name left: late lines, and the end of it.
    fn check_left(&mut self, look: &Look<'_>) {
        let count = self.generations.len().saturating_sub(1);
        for one in self.generations.iter_mut().take(count).filter(|one| one.is_open()) {
            let packed = one.content.as_ref().is_some_and(Content::is_packed);
            if packed || one.mark.before.is_some() {
                continue;
            }
            if !one.grow(look).unwrap_or(false) || one.is_over(look) {
                one.close();
            }
        }
    }

    /// Late writers are waited for only as long as there is room.
    fn hasten(&mut self) {
        while self.is_full() {
            let count = self.generations.len().saturating_sub(1);
            let mut left = self.generations.iter_mut().take(count);
            let Some(one) = left.find(|one| one.is_open() && one.is_told()) else { return };
            one.close();
        }
    }

    /// Tells about so many bytes of what is there; how many that took.
    pub(super) fn tell(&mut self, pen: &mut Pen<'_>, quota: usize) -> usize {
        let count = self.generations.len();
        let before = pen.batch.text.len();
        for (at, one) in self.generations.iter_mut().enumerate() {
            let read = pen.batch.text.len() - before;
            if read >= quota {
                return read;
            }
            let last = at + 1 < count;
            if !one.is_open() {
                // Closed before it was begun: what was to be said before it is not lost.
                let _ = one.tell(pen, 0, last);
                continue;
            }
            let packed = one.content.as_ref().is_some_and(Content::is_packed);
            match one.tell(pen, quota - read, last || packed) {
                // What was passed over is work, too.
                Ok(Told::More) => return quota.max(pen.batch.text.len() - before),
                Ok(Told::All) if !packed => {}
                Ok(Told::All) => one.finish(pen, None),
                Ok(Told::NotIt) => one.finish(pen, Some(Gap::Unreadable)),
                // The newest is tried again at the next look.
                Err(_) if !last => {}
                Err(_) => one.finish(pen, Some(Gap::Unreadable)),
            }
        }
        self.pending = false;
        pen.batch.text.len() - before
    }

    pub(super) fn has_unfinished(&self) -> bool {
        self.generations.iter().any(|one| one.unfinished_since.is_some())
    }

    /// When to look again, whatever the bell does.
    pub(super) fn plan(&mut self, look: &Look<'_>) {
        let Settings { quick, slow, settle, patience, .. } = look.settings;
        let since = look.now.saturating_duration_since(self.changed_at);
        let pace = if since < *settle { *quick } else { *slow };
        let unfinished = self.generations.iter().filter_map(|one| one.unfinished_since).min();
        let patience = unfinished.map(|since| {
            let stood = look.now.saturating_duration_since(since);
            patience.saturating_sub(stood).max(Duration::from_millis(1))
        });
        self.due = look.now + pace.min(patience.unwrap_or(pace));
    }

    /// Whether it was quiet for so long that the bell is enough.
    pub(super) fn is_quiet(&self, look: &Look<'_>) -> bool {
        look.now.saturating_duration_since(self.changed_at) >= look.settings.settle
            && self.state == State::Followed
    }

    pub(super) fn number(&mut self) -> u32 {
        let number = self.next_file;
        self.next_file = number.wrapping_add(1);
        number
    }
}

impl Generation {
    /// Takes a new stamp; whether the file must be looked into.
    fn note(&mut self, stamp: Stamp, look: &Look<'_>) -> bool {
        if stamp != self.stamp {
            self.changed_at = look.now;
            self.stamp = stamp;
            return true;
        }
        look.now.saturating_duration_since(self.changed_at) < look.settings.settle
    }

    /// Looks at an open file without its name; whether it still is what it was.
    pub(super) fn grow(&mut self, look: &Look<'_>) -> io::Result<bool> {
        let Some(Content::Plain(file)) = &self.content else { return Ok(true) };
        let stamp = Stamp::of(&file.metadata()?);
        if self.note(stamp, look) { self.verify(stamp.length) } else { Ok(true) }
    }

    /// Whether all was told, and nobody writes any more.
    fn is_over(&self, look: &Look<'_>) -> bool {
        let quiet = look.now.saturating_duration_since(self.changed_at) >= look.settings.linger;
        quiet && self.is_told()
    }

    fn is_told(&self) -> bool {
        let packed = self.content.as_ref().is_some_and(Content::is_packed);
        // A `\r` or half a character may be held back for good.
        !packed && self.mark.before.is_none() && self.mark.unread() < 4
    }

    /// Told to its end; it grows no more.
    fn finish(&mut self, pen: &mut Pen<'_>, gap: Option<Gap>) {
        if let Within::Cut(passed) = self.mark.within
            && passed > 0
        {
            pen.say(self.mark.file, self.mark.offset, What::LeftOut(passed));
        }
        let failure = self.content.as_ref().and_then(Content::failure).map(|kind| match kind {
            io::ErrorKind::FileTooLarge => Gap::TooLong,
            _ => Gap::Damaged,
        });
        if let Some(gap) = failure.or(gap) {
            pen.say(self.mark.file, self.mark.offset, What::Gap(gap));
        }
        self.close();
    }
}
