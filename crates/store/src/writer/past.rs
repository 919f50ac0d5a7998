//! Changes of the user's corrections, and what is derived anew from the frames after one: window by
//! window, as little at a time as the caller wants, the latest first.

use super::Writer;
use crate::{
    StoreError,
    life::{
        Fact,
        judge::{Span, judge},
    },
    reader::Unpacked,
    rollup,
    span::Tier,
    tables::{
        applications, boots,
        corrections::{self, Waiting},
        events,
        frames::{self, Block},
        series,
    },
    tick::Before,
};
use ira_model::{ApplicationKind, Correction, Corrections};
use rusqlite::Connection;
use std::sync::Arc;

/// How far the past is derived anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Reattribution {
    /// Windows that are.
    pub done: u64,
    /// Windows that were not after the last change.
    pub all: u64,
    /// The user wants the rest left as it is.
    pub stopped: bool,
    /// What is later than this is; milliseconds since 1970; `None` when all of it is.
    pub done_after_ms: Option<i64>,
}

impl Reattribution {
    /// Whether there is something left to do, and it is to be done.
    #[must_use]
    pub fn goes_on(&self) -> bool {
        self.done < self.all && !self.stopped
    }
}

impl Writer {
    /// The corrections in force.
    #[must_use]
    pub fn corrections(&self) -> Arc<Corrections> {
        Arc::clone(&self.corrections)
    }

    /// Removes corrections and keeps others, all or nothing; those without a number are given one.
    /// From here on they hold for what is kept; what was kept before waits to be derived anew.
    /// Returns what was kept, with its numbers.
    ///
    /// # Errors
    /// When the database refuses it.
    pub fn change_corrections(
        &mut self,
        removed: &[i64],
        kept: Vec<Correction>,
    ) -> Result<Vec<Correction>, StoreError> {
        let fail = |e| StoreError::database(&self.location.database, e);
        let transaction = self.connection.unchecked_transaction().map_err(fail)?;
        for id in removed {
            corrections::remove(&transaction, *id).map_err(fail)?;
        }
        let mut with_numbers = kept;
        let mut next = corrections::next_id(&transaction).map_err(fail)?;
        for one in &mut with_numbers {
            if one.id == 0 {
                one.id = next;
                next += 1;
            }
            corrections::put(&transaction, one).map_err(fail)?;
        }
        corrections::changed(&transaction, next).map_err(fail)?;
        let all = corrections::all(&transaction).map_err(fail)?;
        let is_there = |id: &str| all.iter().any(|one| one.target().as_deref() == Some(id));
        let gone = self.corrections.all().iter().filter_map(Correction::target);
        for id in gone.filter(|id| !is_there(id)) {
            // Of others it may not be known any more what they were without it.
            let is_custom = id.starts_with(&format!("{}:", ApplicationKind::Custom.as_str()));
            applications::forget(&transaction, &id, is_custom).map_err(fail)?;
        }
        transaction.commit().map_err(fail)?;
        self.corrections = Arc::new(Corrections::new(all));
        Ok(with_numbers)
    }

    /// Leaves what is not derived anew yet as it is, or goes on with it.
    ///
    /// # Errors
    /// When the database refuses it.
    pub fn stop_reattribution(&mut self, stopped: bool) -> Result<(), StoreError> {
        corrections::stop(&self.connection, stopped)
            .map_err(|e| StoreError::database(&self.location.database, e))
    }

    /// How far it is.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn reattribution(&self) -> Result<Reattribution, StoreError> {
        let fail = |e| StoreError::database(&self.location.database, e);
        let (all, left, stopped) = corrections::progress(&self.connection).map_err(fail)?;
        let all = all.max(left);
        let done_after_ms = corrections::done_after_ms(&self.connection).map_err(fail)?;
        Ok(Reattribution { done: all - left, all, stopped, done_after_ms })
    }

    /// Derives one window anew; says whether there was one. Doing one twice gives the same, so a
    /// crash in between costs nothing.
    ///
    /// # Errors
    /// When the database refuses it. A window whose bytes are damaged is left as it is.
    pub fn reattribute(&mut self) -> Result<bool, StoreError> {
        let path = self.location.database.clone();
        let fail = |e| StoreError::database(&path, e);
        let Some(waiting) = corrections::next(&self.connection).map_err(fail)? else {
            return Ok(false);
        };
        let derived = match waiting.tier {
            0 => self.seconds(waiting),
            corrections::EVENTS => self.events(waiting),
            _ => self.coarse(waiting),
        };
        match derived {
            Err(StoreError::Format { .. }) => {
                corrections::done(&self.connection, waiting).map_err(fail)?;
            }
            other => other?,
        }
        Ok(true)
    }

    /// The block of a window, if it is there still.
    fn block(&mut self, waiting: Waiting) -> Result<Option<(Block, Unpacked)>, StoreError> {
        let fail = |e| StoreError::database(&self.location.database, e);
        let boot = boots::get(&self.connection, waiting.boot).map_err(fail)?;
        let block = frames::at(&self.connection, waiting.boot, waiting.start_ms).map_err(fail)?;
        let block = block.filter(|block| block.start_ms == waiting.start_ms);
        match boot.zip(block) {
            Some((boot, block)) => Ok(self.past.block(boot, &block)?.map(|one| (block, one))),
            None => Ok(None),
        }
    }

    fn seconds(&mut self, waiting: Waiting) -> Result<(), StoreError> {
        let unpacked = self.block(waiting)?;
        let fail = |e| StoreError::database(&self.location.database, e);
        let transaction = self.connection.unchecked_transaction().map_err(fail)?;
        if let Some((_, unpacked)) = unpacked {
            let digest = unpacked.digest()?;
            let packed = digest.applications.encode()?;
            series::replace_applications(&transaction, 0, waiting.boot, waiting.start_ms, &packed)
                .map_err(fail)?;
            for seen in &digest.seen {
                applications::see_before(&transaction, waiting.boot, seen).map_err(fail)?;
            }
        }
        corrections::done(&transaction, waiting).map_err(fail)?;
        transaction.commit().map_err(fail)
    }

    /// What an event means depends on those before it: the earliest come first.
    fn events(&mut self, waiting: Waiting) -> Result<(), StoreError> {
        let unpacked = self.block(waiting)?;
        let fail = |e| StoreError::database(&self.location.database, e);
        let transaction = self.connection.unchecked_transaction().map_err(fail)?;
        if let Some((block, unpacked)) = unpacked {
            let digest = unpacked.digest()?;
            events::remove_of_block(&transaction, block.id).map_err(fail)?;
            let span = Span {
                boot: waiting.boot,
                block: block.id,
                start_ms: block.start_ms,
                end_ms: block.end_ms,
                begins_ms: (block.before == Before::NotRunning as i64).then_some(digest.since_ms),
            };
            keep_events(&transaction, span, digest.facts).map_err(fail)?;
        }
        corrections::done(&transaction, waiting).map_err(fail)?;
        transaction.commit().map_err(fail)
    }

    fn coarse(&mut self, waiting: Waiting) -> Result<(), StoreError> {
        let path = &self.location.database;
        let fail = |e| StoreError::database(path, e);
        let tier = Tier::ALL.into_iter().find(|tier| *tier as u8 == waiting.tier);
        let Waiting { tier: number, boot, start_ms } = waiting;
        let is_there = series::is_there(&self.connection, number, boot, start_ms).map_err(fail)?;
        let transaction = self.connection.unchecked_transaction().map_err(fail)?;
        if let Some(tier) = tier.filter(|_| is_there) {
            let packed = rollup::again(&transaction, path, tier, boot, start_ms)?;
            series::replace_applications(&transaction, number, boot, start_ms, &packed)
                .map_err(fail)?;
        }
        corrections::done(&transaction, waiting).map_err(fail)?;
        transaction.commit().map_err(fail)
    }
}

/// Keeps the events that follow from what a block tells, beside those of earlier ones.
pub(super) fn keep_events(
    connection: &Connection,
    span: Span,
    facts: Vec<Fact>,
) -> rusqlite::Result<()> {
    let judged = judge(connection, span, facts)?;
    for (id, detail) in &judged.amended {
        events::amend(connection, *id, Some(detail))?;
    }
    for event in &judged.new {
        events::insert(connection, span.boot, Some(span.block), event)?;
    }
    Ok(())
}
