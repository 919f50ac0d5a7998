//! What to tell when a name turned to another file, or its file was emptied: first what is left of
//! the old one, wherever it is now, then what had the name in between, then the new one.

use super::{
    batch::{Turn, Turned},
    content::Content,
    generation::{Generation, fits, is_telling},
    identity::{Checkpoint, FileId, MOST_MARKS, Mark},
    opening::{Refusal, Stamp, open},
    rotated::{Found, Trail},
    source::{Look, Source},
};
use std::fs::File;

impl Source {
    /// Files that are told from; the number of one that was left may be another's by now.
    fn taken(&self) -> Vec<FileId> {
        let open = self.generations.iter().filter(|one| one.is_open());
        open.map(|one| one.stamp.id).collect()
    }

    /// Makes room among what is remembered. Only what was told to its end is forgotten.
    fn make_room(&mut self) {
        while self.generations.len() >= MOST_MARKS {
            let Some(oldest) = self.generations.iter().position(|one| !one.is_open()) else {
                return;
            };
            self.generations.remove(oldest);
        }
    }

    fn push(&mut self, one: Generation) {
        self.make_room();
        self.generations.push_back(one);
    }

    /// Adds what had the name in between; whether all of it had room.
    fn push_between(&mut self, between: Vec<Found>, look: &Look<'_>) -> bool {
        for found in between {
            if self.is_full() {
                return false;
            }
            let number = self.number();
            let mut one = self.unless_told(found, number, look);
            one.mark.before = Some(Turned { turn: Turn::Rotated, whole: true, lost_bytes: 0 });
            self.push(one);
        }
        !self.is_full()
    }

    /// An old file from its beginning, or behind what was told of it: it may be the copy of one that
    /// had the name before.
    fn unless_told(&self, mut found: Found, file: u32, look: &Look<'_>) -> Generation {
        let told = self.generations.iter().map(|one| &one.mark).rev().find(|mark| {
            let long = found.content.is_packed() || found.stamp.length >= mark.offset;
            long && is_telling(mark) && fits(mark, &found.head, &mut found.content).unwrap_or(false)
        });
        let fresh = Mark::of(found.stamp.id, file);
        let mark = told.map_or(fresh, |told| Mark { file, before: None, ..told.clone() });
        let mut one = Generation::resumed(None, found.stamp, mark, look.now);
        one.reopen(found);
        one
    }

    /// The name stands for another file.
    pub(super) fn turn(&mut self, look: &Look<'_>) -> Result<(), Refusal> {
        let (file, stamp) = open(&self.path, look.allowed)?;
        let mut content = Content::Plain(file);
        let emptied = self.was_emptied(look);
        let back = self.known(&mut content, stamp)?;
        let Some(last) = self.generations.back().filter(|last| Some(last.mark.file) != back) else {
            let one = self.go_on(back, content, stamp, look);
            return self.follow_new(one, stamp, look);
        };
        let mut taken = self.taken();
        taken.retain(|id| *id != last.stamp.id);
        taken.push(stamp.id);
        let trail = look.reach().trace(&self.path, &last.mark, &taken);
        let links = match &last.content {
            Some(Content::Plain(file)) => {
                file.metadata().map_or(0, |found| Stamp::of(&found).links)
            }
            _ => 0,
        };
        // Renames go on while they are looked at: take what was seen only if nothing moved.
        if Stamp::at(&self.path)?.id != stamp.id {
            return Err(Refusal::Changing);
        }
        let turn = match &trail.found {
            Some(_) => Turn::Rotated,
            None if links == 0 => Turn::Removed,
            None => Turn::Moved,
        };
        let turn = if back.is_some() { Turn::Moved } else { turn };
        let whole = trail.whole && back.is_none();
        let mut lost_bytes = 0;
        if let Some(last) = self.generations.back_mut().filter(|last| !last.is_open()) {
            match trail.found {
                Some(found) if emptied || found.is_longer_than(last.mark.offset) => {
                    last.reopen(found)
                }
                None if emptied => lost_bytes = last.mark.unread(),
                _ => {}
            }
        }
        if !self.push_between(trail.between, look) {
            return Ok(());
        }
        let mut one = self.go_on(back, content, stamp, look);
        let lost_bytes = lost_bytes + one.mark.before.map_or(0, |before| before.lost_bytes);
        one.mark.before = Some(Turned { turn, whole, lost_bytes });
        self.follow_new(one, stamp, look)
    }

    /// A remembered file from where it was left, or a new one.
    fn go_on(
        &mut self,
        back: Option<u32>,
        content: Content,
        stamp: Stamp,
        look: &Look<'_>,
    ) -> Generation {
        let at = self.generations.iter().position(|one| Some(one.mark.file) == back);
        match at.and_then(|at| self.generations.remove(at)) {
            Some(one) => {
                let mark = Mark { open: true, ..one.mark };
                Generation::resumed(Some(content), stamp, mark, look.now)
            }
            None => Generation::fresh(content, stamp, self.number(), look.now),
        }
    }

    /// Sees what was written to the last file before its name left it; whether it was emptied, too.
    fn was_emptied(&mut self, look: &Look<'_>) -> bool {
        let Some(last) = self.generations.back_mut().filter(|last| last.is_open()) else {
            return false;
        };
        let emptied = !last.grow(look).unwrap_or(true);
        if emptied {
            last.close();
        }
        emptied
    }

    fn follow_new(
        &mut self,
        mut one: Generation,
        stamp: Stamp,
        look: &Look<'_>,
    ) -> Result<(), Refusal> {
        one.verify(stamp.length)?;
        self.changed_at = look.now;
        self.push(one);
        Ok(())
    }

    /// Which of those that are remembered it is.
    fn known(&self, content: &mut Content, stamp: Stamp) -> Result<Option<u32>, Refusal> {
        let head = content.head()?;
        for one in &self.generations {
            // The number alone tells nothing once the file is not open.
            let alike = one.mark.id == stamp.id && stamp.length >= one.mark.seen;
            if alike
                && (one.is_open() || one.mark.head.length() > 0)
                && fits(&one.mark, &head, content)?
            {
                return Ok(Some(one.mark.file));
            }
        }
        Ok(None)
    }

    /// The file is the same and its content another: it was emptied. A copy may hold what was there.
    pub(super) fn begun_anew(&mut self, stamp: Stamp, look: &Look<'_>) -> Result<(), Refusal> {
        let Some(last) = self.generations.back_mut() else { return Ok(()) };
        let Some(Content::Plain(file)) = last.content.take() else { return Ok(()) };
        let stamp = file.metadata().map_or(stamp, |found| Stamp::of(&found));
        let mark = last.mark.clone();
        let trail = look.reach().trace(&self.path, &mark, &self.taken());
        self.replace(mark, file, stamp, trail, look)
    }

    /// Goes on in the copy of an emptied file, then in the file.
    fn replace(
        &mut self,
        mark: Mark,
        file: File,
        stamp: Stamp,
        trail: Trail,
        look: &Look<'_>,
    ) -> Result<(), Refusal> {
        self.generations.pop_back();
        let found = trail.found.is_some();
        if let Some(found) = trail.found {
            let mut one = Generation::resumed(None, found.stamp, mark.clone(), look.now);
            one.reopen(found);
            self.push(one);
        }
        self.push_between(trail.between, look);
        let lost_bytes = if found { 0 } else { mark.unread() };
        let number = self.number();
        let mut one = Generation::fresh(Content::Plain(file), stamp, number, look.now);
        // What came between the copy and the cut is in neither.
        one.mark.before = Some(Turned { turn: Turn::Truncated, whole: false, lost_bytes });
        self.follow_new(one, stamp, look)
    }

    /// Goes on from a checkpoint of an earlier run.
    pub(super) fn restore(
        &mut self,
        checkpoint: &Checkpoint,
        look: &Look<'_>,
    ) -> Result<(), Refusal> {
        let skip = checkpoint.marks.len().saturating_sub(MOST_MARKS);
        let marks = checkpoint.marks.get(skip..).unwrap_or_default();
        self.generations.clear();
        self.next_file =
            marks.iter().map(|mark| mark.file).max().map_or(0, |most| most.wrapping_add(1));
        let mut now_there = match open(&self.path, look.allowed) {
            Ok((file, stamp)) => Some((Content::Plain(file), stamp)),
            Err(Refusal::Missing) => None,
            Err(other) => return Err(other),
        };
        let back = match &mut now_there {
            Some((content, stamp)) => same_as(marks, content, *stamp)?,
            None => None,
        };
        let taken_now: Vec<FileId> = now_there.iter().map(|(_, stamp)| stamp.id).collect();
        let mut marks = marks;
        while back.is_none()
            && let Some((last, before)) = marks.split_last()
            && last.head.length() == 0
            && look.reach().trace(&self.path, last, &taken_now).found.is_none()
        {
            // Of one that never held anything nothing can be found again: look for the one before.
            marks = before;
        }
        let mut taken = taken_now;
        let mut preface = Turned { turn: Turn::Moved, whole: false, lost_bytes: 0 };
        for (at, mark) in marks.iter().enumerate().filter(|(at, _)| Some(*at) != back) {
            let is_last = at + 1 == marks.len();
            // An empty file is known by its number alone, which another may have by now.
            let was_empty = mark.head.length() == 0;
            let trail = if is_last || (mark.open && !was_empty) {
                look.reach().trace(&self.path, mark, &taken)
            } else {
                Trail::default()
            };
            if is_last {
                let emptied = now_there.as_ref().is_some_and(|(_, stamp)| stamp.id == mark.id);
                preface.whole = back.is_none() && trail.whole && !emptied && !was_empty;
                preface.turn = match (&trail.found, emptied) {
                    _ if back.is_some() => Turn::Moved,
                    (_, true) => Turn::Truncated,
                    (Some(_), _) => Turn::Rotated,
                    (None, _) => Turn::Removed,
                };
            }
            match trail.found {
                Some(found) => {
                    taken.push(found.stamp.id);
                    let mut one = Generation::resumed(None, found.stamp, mark.clone(), look.now);
                    one.reopen(found);
                    if was_empty || preface.lost_bytes > 0 {
                        one.mark.before =
                            Some(Turned { turn: Turn::Removed, whole: false, ..preface });
                        preface.lost_bytes = 0;
                    }
                    self.push(one);
                }
                None => {
                    preface.lost_bytes += if mark.open { mark.unread() } else { 0 };
                    let mut one =
                        Generation::resumed(None, Stamp::unknown(mark.id), mark.clone(), look.now);
                    one.close();
                    self.push(one);
                }
            }
            if is_last && back.is_none() && !self.push_between(trail.between, look) {
                return Ok(());
            }
        }
        let Some((content, stamp)) = now_there else { return Err(Refusal::Missing) };
        let mut one = match back.and_then(|at| marks.get(at)) {
            Some(mark) => {
                let mut mark = mark.clone();
                mark.id = stamp.id;
                mark.open = true;
                Generation::resumed(Some(content), stamp, mark, look.now)
            }
            None => Generation::fresh(content, stamp, self.number(), look.now),
        };
        // A file that was empty and is not may be another with its number.
        let same = one.mark.head.length() > 0 || stamp.length == 0;
        let goes_on = same && back.is_some_and(|at| at + 1 == marks.len());
        if !goes_on || preface.lost_bytes > 0 {
            one.mark.before = Some(preface);
        }
        self.follow_new(one, stamp, look)
    }
}

/// Which mark a file is of: by number and bytes, or by bytes alone, for numbers change when a file
/// system is mounted anew.
fn same_as(marks: &[Mark], content: &mut Content, stamp: Stamp) -> Result<Option<usize>, Refusal> {
    let head = content.head()?;
    let mut by_bytes = None;
    for (at, mark) in marks.iter().enumerate().rev() {
        if stamp.length < mark.seen || !fits(mark, &head, content)? {
            continue;
        }
        // The number of an empty file may be another's by now; only of the newest it is believed.
        if mark.id == stamp.id && (mark.head.length() > 0 || at + 1 == marks.len()) {
            return Ok(Some(at));
        }
        if by_bytes.is_none() && is_telling(mark) {
            by_bytes = Some(at);
        }
    }
    Ok(by_bytes)
}

impl Generation {
    /// Goes on in a file that was found.
    fn reopen(&mut self, found: Found) {
        self.mark.open = true;
        self.stamp = found.stamp;
        let packed = found.content.is_packed();
        self.unproven = packed && self.mark.offset > 0;
        if !packed {
            self.mark.id = found.stamp.id;
            self.mark.seen = found.stamp.length;
        }
        self.content = Some(found.content);
        self.take_head(&found.head);
        self.scanned = self.mark.offset;
    }
}
