//! The one that writes: takes ticks, keeps each second in the journal and each minute in the
//! database.

use crate::{
    Location, StoreError,
    codec::{compress, decompress},
    database,
    digest::digest,
    encoder::{Encoder, Record},
    journal::{self, Journal, Minute},
    names::Names,
    rollup,
    span::Tier,
    tables::{
        boots, events,
        events::{StoredEvent, StoredEventKind},
        frames, series, settings,
    },
    tick::{Before, Boot, Tick},
};
use rusqlite::Connection;
use std::path::PathBuf;

/// Ticks of a block.
const BLOCK_TICKS: u32 = 60;
/// Blocks of an epoch: to show a second, the names of all earlier blocks of its epoch are read.
const EPOCH_BLOCKS: u32 = 15;
/// Rows removed in one minute at most, so that no tick waits for it.
const REMOVED_AT_ONCE: u32 = 8;
/// Pages given back to the file system in one minute at most (4 KiB each).
const PAGES_AT_ONCE: u32 = 256;

/// See the module.
#[derive(Debug)]
pub struct Writer {
    location: Location,
    connection: Connection,
    journal: Journal,
    encoder: Encoder,
    boot: i64,
    boot_ms: i64,
    record: Record,
    block: Option<OpenBlock>,
    epoch: i64,
    epoch_blocks: u32,
    before: Before,
    set_aside: Option<PathBuf>,
}

#[derive(Debug, Default)]
struct OpenBlock {
    names: Vec<u8>,
    counters: Vec<u8>,
    ticks: u32,
    start_ms: i64,
    end_ms: i64,
    epoch: i64,
    before: u8,
}

impl Writer {
    /// Opens the store, makes it where it is missing, and moves into the database what an earlier
    /// program left in the journal. The caller holds the [`crate::Lock`].
    ///
    /// # Errors
    /// Every [`StoreError`] about files; each message says what to do.
    pub fn open(location: &Location, boot: &Boot) -> Result<Self, StoreError> {
        let (connection, set_aside) = database::open(location)?;
        let fail = |e| StoreError::database(&location.database, e);
        let (row, boot_ms) = boots::ensure(&connection, boot).map_err(fail)?;
        let journal_path = location.journal();
        let left = journal::read(&journal_path)?;
        let mut writer = Self {
            location: location.clone(),
            connection,
            journal: Journal::open(&journal_path)?,
            encoder: Encoder::default(),
            boot: row,
            boot_ms,
            record: Record::default(),
            block: None,
            epoch: 0,
            epoch_blocks: 0,
            before: Before::NotRunning,
            set_aside,
        };
        if let Some(left) = left {
            writer.journal.after(left.minute.generation);
            writer.rescue(left)?;
        }
        Ok(writer)
    }

    /// Where a damaged database was moved to when this one was opened.
    #[must_use]
    pub fn set_aside(&self) -> Option<&std::path::Path> {
        self.set_aside.as_deref()
    }

    /// When this boot was first seen to be; start times of its processes count from here.
    #[must_use]
    pub fn boot_ms(&self) -> i64 {
        self.boot_ms
    }

    fn rescue(&mut self, left: journal::Recovered) -> Result<(), StoreError> {
        let fail = |e| StoreError::database(&self.location.database, e);
        let Some(boot_ms) = boots::boot_ms(&self.connection, left.minute.boot).map_err(fail)?
        else {
            return Ok(());
        };
        let Some((start_ms, end_ms, ticks)) = tick_range(&left.counters) else {
            return Ok(());
        };
        let there = frames::at(&self.connection, start_ms).map_err(fail)?;
        if there.is_some_and(|block| block.start_ms == start_ms && block.boot == left.minute.boot) {
            return Ok(());
        }
        let block = OpenBlock {
            names: left.names,
            counters: left.counters,
            ticks,
            start_ms,
            end_ms,
            epoch: left.minute.epoch,
            before: left.minute.before,
        };
        self.store(&block, left.minute.boot, boot_ms).map(drop)
    }

    /// Keeps one tick: after this returns it outlives the program. Says whether a minute went into
    /// the database on the way.
    ///
    /// # Errors
    /// When it could not be kept. The writer is then of no use any more; what it kept before is
    /// found again by [`Self::open`].
    pub fn record(&mut self, tick: &Tick) -> Result<bool, StoreError> {
        if tick.before != Before::Tick {
            let stored = self.flush()?;
            self.encoder.absorb(tick);
            self.before = tick.before;
            return Ok(stored);
        }
        let mut stored = false;
        if !self.encoder.fits(tick) {
            stored = self.flush()?;
            self.encoder.refit(tick);
        }
        if self.block.as_ref().is_some_and(|block| block.ticks >= BLOCK_TICKS) {
            stored = self.flush()?;
        }
        if self.block.is_none() {
            self.begin()?;
        }
        self.encoder.encode(tick, &mut self.record);
        self.journal.append(&self.record)?;
        if let Some(block) = &mut self.block {
            block.names.extend_from_slice(&self.record.names);
            block.counters.extend_from_slice(&self.record.counters);
            if block.ticks == 0 {
                block.start_ms = tick.at_ms;
            }
            block.end_ms = tick.at_ms;
            block.ticks += 1;
        }
        Ok(stored)
    }

    fn begin(&mut self) -> Result<(), StoreError> {
        let new_epoch = self.epoch == 0
            || self.epoch_blocks >= EPOCH_BLOCKS
            || self.before != Before::Tick
            || self.encoder.wants_epoch();
        if new_epoch {
            self.epoch = 0;
            self.epoch_blocks = 0;
        }
        self.encoder.begin(new_epoch, &mut self.record);
        let minute =
            Minute { generation: 0, boot: self.boot, epoch: self.epoch, before: self.before as u8 };
        self.journal.begin(minute)?;
        self.journal.append(&self.record)?;
        self.block = Some(OpenBlock {
            names: self.record.names.clone(),
            counters: self.record.counters.clone(),
            epoch: self.epoch,
            before: self.before as u8,
            ..OpenBlock::default()
        });
        self.before = Before::Tick;
        Ok(())
    }

    /// Moves the minute under way into the database; says whether there was one.
    ///
    /// # Errors
    /// As [`Self::record`].
    pub fn flush(&mut self) -> Result<bool, StoreError> {
        let Some(block) = self.block.take().filter(|block| block.ticks > 0) else {
            return Ok(false);
        };
        let (_, epoch) = self.store(&block, self.boot, self.boot_ms)?;
        self.epoch = epoch;
        self.epoch_blocks += 1;
        self.tidy(block.end_ms)?;
        Ok(true)
    }

    fn store(&self, block: &OpenBlock, boot: i64, boot_ms: i64) -> Result<(i64, i64), StoreError> {
        let fail = |e| StoreError::database(&self.location.database, e);
        let mut names = Names::default();
        if block.epoch != 0 {
            let earlier = frames::names(&self.connection, block.epoch, i64::MAX).map_err(fail)?;
            for (_, packed) in earlier {
                names.read(&decompress(&packed, "process names")?)?;
            }
        }
        let digest = digest(names, &block.names, &block.counters, boot_ms)?;
        let row = frames::Block {
            id: 0,
            boot,
            epoch: block.epoch,
            start_ms: block.start_ms,
            end_ms: block.end_ms,
            before: i64::from(block.before),
        };
        let packed_names = compress(&block.names, "process names")?;
        let packed_counters = compress(&block.counters, "frame block")?;
        let (host, applications) = (digest.host.encode()?, digest.applications.encode()?);
        let transaction = self.connection.unchecked_transaction().map_err(fail)?;
        let ids =
            frames::insert(&transaction, &row, &packed_names, &packed_counters).map_err(fail)?;
        let window = (block.start_ms, block.end_ms);
        series::put_window(&transaction, Tier::Seconds, window, &host, &applications)
            .map_err(fail)?;
        if block.before == Before::NotRunning as u8 {
            let began = StoredEvent {
                at_ms: block.start_ms,
                kind: StoredEventKind::RecordingStarted,
                application: None,
                name: None,
            };
            events::insert(&transaction, &began).map_err(fail)?;
        }
        for event in &digest.events {
            events::insert(&transaction, event).map_err(fail)?;
        }
        transaction.commit().map_err(fail)?;
        Ok(ids)
    }

    /// Rolls up what is over and removes what is too old, a little each minute.
    fn tidy(&mut self, now_ms: i64) -> Result<(), StoreError> {
        let fail = |e| StoreError::database(&self.location.database, e);
        for tier in [Tier::Minutes, Tier::Quarters] {
            rollup::next_window(&self.connection, &self.location.database, tier, now_ms)?;
        }
        let mut removed = frames::remove_before(&self.connection, now_ms - Tier::Seconds.kept_ms())
            .map_err(fail)?;
        for tier in Tier::ALL {
            let before = now_ms - tier.kept_ms();
            removed += series::remove_before(&self.connection, tier, before, REMOVED_AT_ONCE)
                .map_err(fail)?;
        }
        let before = now_ms - Tier::Quarters.kept_ms();
        removed +=
            events::remove_before(&self.connection, before, REMOVED_AT_ONCE * 32).map_err(fail)?;
        if removed > 0 {
            self.connection
                .execute_batch(&format!("PRAGMA incremental_vacuum({PAGES_AT_ONCE})"))
                .map_err(fail)?;
        }
        Ok(())
    }

    /// Keeps a choice of the user.
    ///
    /// # Errors
    /// When the database refuses it.
    pub fn save_setting(&self, name: &str, value: &str) -> Result<(), StoreError> {
        settings::put(&self.connection, name, value)
            .map_err(|e| StoreError::database(&self.location.database, e))
    }
}

/// First and last tick of a stream and their number, as far as it can be read.
fn tick_range(counters: &[u8]) -> Option<(i64, i64, u32)> {
    let mut replay = crate::block::Replay::new(counters).ok()?;
    let mut range = None;
    while replay.advance().ok()? {
        let (start, _, ticks) = range.unwrap_or((replay.at_ms, 0, 0));
        range = Some((start, replay.at_ms, ticks + 1));
    }
    range
}
