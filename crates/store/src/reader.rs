//! Answers about the past, from the database and the minute under way, whoever writes them.

mod found;
mod ledger;
mod series;

pub use ledger::{Held, Ledger};

use crate::{
    Location, StoreError,
    block::{Frame, Replay, first_tick},
    codec::{ROOM, decompress},
    database,
    digest::{Digest, digest},
    journal,
    life::judge::{Judged, Span, judge},
    names::{Names, NamesCursor},
    span::Gap,
    streams::Streams,
    tables::{
        applications, applications::StoredApplication, audit, audit::StoredOrder, boots,
        boots::StoredBoot, corrections, events, events::StoredEvent, frames, registrations,
        registrations::StoredRegistration, settings,
    },
    tick::Before,
};
use ira_model::Corrections;
use rusqlite::Connection;
use std::sync::Arc;

/// See the module.
#[derive(Debug)]
pub struct Reader {
    location: Location,
    connection: Option<Connection>,
    /// With the number of their state.
    corrections: Option<(i64, Arc<Corrections>)>,
}

/// A block wherever it lies, unpacked, with the names of its epoch before it.
pub(crate) struct Unpacked {
    pub(crate) boot_ms: i64,
    pub(crate) boot: i64,
    /// Its first second, since boot.
    pub(crate) start_ms: i64,
    earlier_names: Vec<Vec<u8>>,
    /// The base of its epoch, where an earlier block has it.
    epoch: Option<Streams>,
    pub(crate) names: Vec<u8>,
    counters: Streams,
    before: i64,
    pub(crate) corrections: Arc<Corrections>,
}

impl Unpacked {
    pub(crate) fn replay(&self) -> Result<Replay<'_>, StoreError> {
        Replay::new(&self.counters, self.epoch.as_ref())
    }

    pub(crate) fn digest(&self) -> Result<Digest, StoreError> {
        let names = self.earlier()?;
        digest(names, &self.names, &self.counters, self.epoch.as_ref(), &self.corrections)
    }

    pub(crate) fn earlier(&self) -> Result<Names, StoreError> {
        let mut names = Names::default();
        for stream in &self.earlier_names {
            names.read(stream)?;
        }
        Ok(names)
    }

    /// The last second at or before a moment.
    fn frame(&self, at_ms: i64) -> Result<Option<Frame>, StoreError> {
        let since_boot_ms = at_ms.saturating_sub(self.boot_ms);
        // Two passes: the first only finds the tick, so that nothing has to be taken back.
        let mut replay = self.replay()?;
        let mut last = 0;
        while replay.advance()? {
            if replay.since_boot_ms > since_boot_ms {
                break;
            }
            last = replay.tick;
        }
        if last == 0 {
            return Ok(None);
        }
        let mut replay = self.replay()?;
        while replay.tick < last && replay.advance()? {}
        let mut names = self.earlier()?;
        NamesCursor::new(&self.names).advance(&mut names, last)?;
        replay.frame(&names, self.boot_ms, &self.corrections).map(Some)
    }
}

impl Reader {
    /// Reads there. Nothing needs to be there yet.
    #[must_use]
    pub fn new(location: Location) -> Self {
        Self { location, connection: None, corrections: None }
    }

    fn connect(&mut self) -> Result<Option<&Connection>, StoreError> {
        if self.connection.is_none() {
            self.connection = database::open_to_read(&self.location)?;
        }
        Ok(self.connection.as_ref())
    }

    pub(crate) fn ask<T: Default>(
        &mut self,
        question: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, StoreError> {
        let path = self.location.database.clone();
        match self.connect()? {
            Some(connection) => question(connection).map_err(|e| StoreError::database(&path, e)),
            None => Ok(T::default()),
        }
    }

    /// The corrections in force, in the order they were made.
    ///
    /// # Errors
    /// When what is kept cannot be read.
    pub fn corrections(&mut self) -> Result<Arc<Corrections>, StoreError> {
        let revision = self.ask(corrections::revision)?;
        match &self.corrections {
            Some((known, corrections)) if *known == revision => Ok(Arc::clone(corrections)),
            _ => {
                let all = Arc::new(Corrections::new(self.ask(corrections::all)?));
                self.corrections = Some((revision, Arc::clone(&all)));
                Ok(all)
            }
        }
    }

    /// The minute under way, as far as it got. Whoever asks the tables, too, asks for it first: it
    /// may go into them meanwhile.
    pub(crate) fn minute(&mut self) -> Result<Option<Unpacked>, StoreError> {
        let Some(left) = journal::read(&self.location.journal())? else { return Ok(None) };
        let minute = left.minute;
        let Some(start_ms) = first_tick(&left.counters)? else { return Ok(None) };
        let Some(boot) = self.ask(|c| boots::get(c, minute.boot))? else { return Ok(None) };
        let (earlier_names, epoch) = if minute.epoch == 0 {
            (Vec::new(), None)
        } else {
            let names = self.ask(|c| frames::names(c, minute.epoch, i64::MAX))?;
            (unpack_names(names)?, Some(self.epoch(minute.epoch)?))
        };
        // What is in the tables stays in the journal until the next begins; then its names came
        // with the earlier ones.
        let kept = self.ask(|c| frames::at(c, boot.id, start_ms))?;
        if kept.is_some_and(|block| block.start_ms == start_ms) {
            return Ok(None);
        }
        Ok(Some(Unpacked {
            boot_ms: boot.boot_ms,
            boot: boot.id,
            start_ms,
            earlier_names,
            epoch,
            names: left.names,
            counters: left.counters,
            before: i64::from(minute.before),
            corrections: self.corrections()?,
        }))
    }

    pub(crate) fn block(
        &mut self,
        boot: StoredBoot,
        block: &frames::Block,
    ) -> Result<Option<Unpacked>, StoreError> {
        let mut names = unpack_names(self.ask(|c| frames::names(c, block.epoch, block.id))?)?;
        let packed = self.ask(|c| frames::counters(c, block.id))?;
        let Some(own) = names.pop() else { return Ok(None) };
        let epoch = if block.epoch == block.id { None } else { Some(self.epoch(block.epoch)?) };
        Ok(Some(Unpacked {
            boot_ms: boot.boot_ms,
            boot: boot.id,
            start_ms: block.start_ms,
            earlier_names: names,
            epoch,
            names: own,
            counters: Streams::unpack(&packed)?,
            before: block.before,
            corrections: self.corrections()?,
        }))
    }

    fn epoch(&mut self, id: i64) -> Result<Streams, StoreError> {
        Streams::unpack_base(&self.ask(|c| frames::counters(c, id))?)
    }

    pub(crate) fn boots(&mut self) -> Result<Vec<StoredBoot>, StoreError> {
        self.ask(boots::latest_first)
    }

    /// The machine at the last second at or before a moment; `None` when nothing is kept then.
    ///
    /// # Errors
    /// When what is kept cannot be read.
    pub fn frame_at(&mut self, at_ms: i64) -> Result<Option<Frame>, StoreError> {
        if let Some(minute) = self.minute()?
            && let Some(frame) = minute.frame(at_ms)?
        {
            return Ok(Some(frame));
        }
        for boot in self.boots()? {
            let since_boot_ms = at_ms.saturating_sub(boot.boot_ms);
            if since_boot_ms < 0 {
                continue;
            }
            if let Some(block) = self.ask(|c| frames::at(c, boot.id, since_boot_ms))? {
                return match self.block(boot, &block)? {
                    Some(unpacked) => unpacked.frame(at_ms),
                    None => Ok(None),
                };
            }
        }
        Ok(None)
    }

    /// What is kept of an application for good.
    ///
    /// # Errors
    /// When what is kept cannot be read.
    pub fn application(&mut self, id: &str) -> Result<Option<StoredApplication>, StoreError> {
        self.ask(|c| applications::get(c, id))
    }

    /// The applications that the user keeps, at most so many.
    ///
    /// # Errors
    /// When what is kept cannot be read.
    pub fn registrations(&mut self, most: usize) -> Result<Vec<StoredRegistration>, StoreError> {
        self.ask(|c| registrations::all(c, most))
    }

    /// Applications that were seen at or after a moment, the latest first.
    ///
    /// # Errors
    /// When what is kept cannot be read.
    pub fn applications_since(&mut self, at_ms: i64) -> Result<Vec<StoredApplication>, StoreError> {
        self.ask(|c| applications::since(c, at_ms))
    }

    /// First and last second of which everything is kept.
    ///
    /// # Errors
    /// When what is kept cannot be read.
    pub fn range(&mut self) -> Result<Option<(i64, i64)>, StoreError> {
        let mut found: Option<(i64, i64)> = None;
        let mut add = |start: i64, end: i64| {
            let (from, to) = found.unwrap_or((start, end));
            found = Some((from.min(start), to.max(end)));
        };
        if let Some(minute) = self.minute()? {
            let at_ms = minute.boot_ms.saturating_add(minute.start_ms);
            add(at_ms, at_ms);
        }
        for boot in self.boots()? {
            if let Some((start, end)) = self.ask(|c| frames::range(c, boot.id))? {
                add(boot.boot_ms.saturating_add(start), boot.boot_ms.saturating_add(end));
            }
        }
        Ok(found)
    }

    /// Whiles within a span of which nothing is kept.
    ///
    /// # Errors
    /// When what is kept cannot be read.
    pub fn gaps(&mut self, from_ms: i64, to_ms: i64) -> Result<Vec<Gap>, StoreError> {
        let minute = self.minute()?.filter(|minute| minute.before != 0);
        let mut gaps: Vec<Gap> = Vec::new();
        let mut last_end = None;
        for boot in self.boots()?.into_iter().rev() {
            let span = (from_ms.saturating_sub(boot.boot_ms), to_ms.saturating_sub(boot.boot_ms));
            let wall = |since: i64| boot.boot_ms.saturating_add(since);
            for (end, start, before) in self.ask(|c| frames::gaps(c, boot.id, span))? {
                gaps.push(Gap {
                    from_ms: end.map(wall).or(last_end),
                    to_ms: wall(start),
                    before: Before::from_number(before),
                });
            }
            if let Some((_, end)) = self.ask(|c| frames::range(c, boot.id))? {
                last_end = Some(wall(end));
            }
        }
        if let Some(minute) = minute {
            let at_ms = minute.boot_ms.saturating_add(minute.start_ms);
            let kept = gaps.iter().any(|gap| gap.to_ms == at_ms);
            if !kept && (from_ms..=to_ms).contains(&at_ms) {
                let before = Before::from_number(minute.before);
                gaps.push(Gap { from_ms: last_end, to_ms: at_ms, before });
            }
        }
        Ok(gaps)
    }

    /// Events of a span, ascending, the newest `limit` of them. Those of an application are also those
    /// of what is merged into it: not all of them are derived anew.
    ///
    /// # Errors
    /// When what is kept cannot be read.
    pub fn events(
        &mut self,
        from_ms: i64,
        to_ms: i64,
        application: Option<&str>,
        limit: u32,
    ) -> Result<Vec<StoredEvent>, StoreError> {
        let corrections = self.corrections()?;
        let ids: Vec<Option<&str>> = match application {
            Some(id) => std::iter::once(id).chain(corrections.merged_into(id)).map(Some).collect(),
            None => vec![None],
        };
        let under_way = self.judged()?;
        let mut found: Vec<StoredEvent> = Vec::new();
        let mut add = |boot_ms: i64, mut event: StoredEvent| {
            event.at_ms = event.at_ms.saturating_add(boot_ms);
            found.push(event);
        };
        for boot in self.boots()? {
            let span = (from_ms.saturating_sub(boot.boot_ms), to_ms.saturating_sub(boot.boot_ms));
            for id in &ids {
                let kept = self.ask(|c| events::within(c, boot.id, span, *id, i64::MAX, limit))?;
                // The sort below keeps the order of those of one millisecond.
                for (id, mut event) in kept.into_iter().rev() {
                    let amended = under_way.iter().flat_map(|(_, judged)| &judged.amended);
                    if let Some((_, detail)) =
                        amended.into_iter().find(|(amended, _)| *amended == id)
                    {
                        event.detail = Some(detail.clone());
                    }
                    add(boot.boot_ms, event);
                }
            }
        }
        if let Some((boot_ms, judged)) = under_way {
            judged.new.into_iter().for_each(|event| add(boot_ms, event));
        }
        found.retain(|event| {
            (from_ms..=to_ms).contains(&event.at_ms)
                && (application.is_none() || ids.contains(&event.application.as_deref()))
        });
        found.sort_by_key(|event| event.at_ms);
        let surplus = found.len().saturating_sub(limit as usize);
        found.drain(..surplus);
        Ok(found)
    }

    /// What the minute under way tells beside what is kept, and when its boot was.
    fn judged(&mut self) -> Result<Option<(i64, Judged)>, StoreError> {
        let Some(minute) = self.minute()? else { return Ok(None) };
        let digest = minute.digest()?;
        let Some((start_ms, end_ms)) = digest.host.times.first().zip(digest.host.times.last())
        else {
            return Ok(None);
        };
        let begins_ms = (minute.before == Before::NotRunning as i64).then_some(digest.since_ms);
        let (boot, block) = (minute.boot, i64::MAX);
        let span = Span { boot, block, start_ms: *start_ms, end_ms: *end_ms, begins_ms };
        let judged = self.ask(|connection| judge(connection, span, digest.facts))?;
        Ok(Some((minute.boot_ms, judged)))
    }

    /// The newest orders, the newest first.
    ///
    /// # Errors
    /// When what is kept cannot be read.
    pub fn orders(&mut self, limit: u32) -> Result<Vec<StoredOrder>, StoreError> {
        self.ask(|c| audit::newest(c, limit))
    }

    /// A choice of the user.
    ///
    /// # Errors
    /// When what is kept cannot be read.
    pub fn setting(&mut self, name: &str) -> Result<Option<String>, StoreError> {
        self.ask(|c| settings::get(c, name))
    }
}

fn unpack_names(packed: Vec<(i64, Vec<u8>)>) -> Result<Vec<Vec<u8>>, StoreError> {
    let mut room = ROOM;
    packed.iter().map(|(_, bytes)| decompress(bytes, "process names", &mut room)).collect()
}
