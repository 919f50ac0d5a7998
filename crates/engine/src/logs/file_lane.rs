//! A file, and those that had its name before.

use super::{
    open,
    page::{Direction, Item, Lane, PageRequest, Place},
    settings,
};
use ira_logs::{
    filter::Filter,
    follow::{FileId, LogFile, Refusal, plain_files},
    pages::{Allowance, Pages},
    parse::Settings,
};
use std::{collections::VecDeque, path::PathBuf};

/// Entries that are read at once.
const AT_ONCE: usize = 100;
/// How far an unfinished line is looked back for, bytes.
const LINE_BYTES: u64 = 1 << 20;

pub(super) struct FileLane {
    source: [usize; 1],
    direction: Direction,
    boot_ms: i64,
    /// Newest first; the one that is read is at `at`.
    files: Vec<PathBuf>,
    at: usize,
    file: LogFile,
    id: FileId,
    settings: Settings,
    place: u64,
    is_end: bool,
    end: Option<Place>,
    /// What was not taken yet, each with where what follows it in the file begins.
    found: VecDeque<(Item, u64)>,
}

impl FileLane {
    pub(super) fn open(
        source: usize,
        path: &std::path::Path,
        place: Option<&Place>,
        request: &PageRequest<'_>,
    ) -> Result<Self, Refusal> {
        let files = plain_files(path);
        let (at, file) = match place {
            Some(Place::File { file, .. }) => of_id(&files, *file)?,
            _ => (0, open(path)?),
        };
        let mut lane = Self {
            source: [source],
            direction: request.direction,
            boot_ms: request.boot_ms,
            at,
            id: file.id().map_err(Refusal::from)?,
            settings: settings(file.modified_ms(), request.boot_ms),
            file,
            files,
            place: 0,
            is_end: false,
            end: None,
            found: VecDeque::new(),
        };
        lane.begin(place, request.at_ms)?;
        Ok(lane)
    }

    fn begin(&mut self, place: Option<&Place>, at_ms: Option<i64>) -> Result<(), Refusal> {
        let length = self.file.length()?;
        match (place, at_ms) {
            (Some(Place::File { offset, .. }), _) => self.place = (*offset).min(length),
            (_, Some(at_ms)) => {
                self.place = self.place_at(at_ms)?;
                // It may begin in one that had the name before.
                while self.direction == Direction::Newer
                    && self.place == 0
                    && self.turn(Direction::Older)?
                {
                    self.place = self.place_at(at_ms)?;
                }
            }
            _ => {
                // A line that is not finished is told once it is.
                self.place = self.file.line_start(length, LINE_BYTES)?;
                self.end = Some(Place::File { file: self.id, offset: self.place });
            }
        }
        Ok(())
    }

    fn place_at(&self, at_ms: i64) -> Result<u64, Refusal> {
        let filter = Filter::default();
        Ok(Pages { file: &self.file, settings: &self.settings, filter: &filter }.place_at(at_ms)?)
    }

    /// Goes on with the file that had the name before or after; answers whether there is one.
    fn turn(&mut self, to: Direction) -> Result<bool, Refusal> {
        loop {
            let next = match to {
                Direction::Older => self.at.checked_add(1),
                Direction::Newer => self.at.checked_sub(1),
            };
            let Some((at, path)) = next.and_then(|at| Some((at, self.files.get(at)?))) else {
                return Ok(false);
            };
            self.at = at;
            // One that cannot be read is passed over.
            let Ok(file) = open(path) else { continue };
            self.id = file.id()?;
            self.settings = settings(file.modified_ms(), self.boot_ms);
            self.place = if to == Direction::Older { file.length()? } else { 0 };
            self.file = file;
            return Ok(true);
        }
    }
}

/// The file of a number among those of a name. Rotation may have given it another.
pub(super) fn of_id(files: &[PathBuf], id: FileId) -> Result<(usize, LogFile), Refusal> {
    let mut found = files.iter().enumerate().filter_map(|(at, path)| {
        let file = open(path).ok()?;
        (file.id().ok()? == id).then_some((at, file))
    });
    found.next().ok_or(Refusal::Missing)
}

impl Lane for FileLane {
    fn fill(&mut self, filter: &Filter, allowance: &mut Allowance) -> Result<(), Refusal> {
        loop {
            let pages = Pages { file: &self.file, settings: &self.settings, filter };
            let page = match self.direction {
                Direction::Older => pages.older(self.place, AT_ONCE, allowance)?,
                Direction::Newer => pages.newer(self.place, AT_ONCE, allowance)?,
            };
            self.place = page.place;
            let mut found = page.found;
            if self.direction == Direction::Older {
                found.reverse();
            }
            self.found.extend(found.into_iter().map(|one| {
                let place = Place::File { file: self.id, offset: one.offset };
                let (source, next) = (self.source[0], one.next);
                (Item { source, place, at_ms: one.at_ms, when: one.when, entry: one.entry }, next)
            }));
            if page.is_end && self.found.is_empty() {
                if self.turn(self.direction)? {
                    continue;
                }
                self.is_end = true;
            }
            return Ok(());
        }
    }

    fn front(&self) -> Option<&Item> {
        self.found.front().map(|(item, _)| item)
    }

    fn take(&mut self) -> Option<Item> {
        self.found.pop_front().map(|(item, _)| item)
    }

    fn is_end(&self) -> bool {
        self.is_end
    }

    fn place(&self) -> Option<Place> {
        // What is at hand was not given yet: the next page begins with it.
        let offset = match (self.found.front(), self.direction) {
            (Some((_, next)), Direction::Older) => *next,
            (Some((Item { place: Place::File { offset, .. }, .. }, _)), Direction::Newer) => {
                *offset
            }
            _ => self.place,
        };
        Some(Place::File { file: self.id, offset })
    }

    fn end(&self) -> Option<Place> {
        self.end.clone()
    }

    fn left(&self) -> Option<u64> {
        match self.direction {
            Direction::Older => Some(self.place),
            Direction::Newer => Some(self.file.length().ok()?.saturating_sub(self.place)),
        }
    }

    fn sources(&self) -> &[usize] {
        &self.source
    }
}
