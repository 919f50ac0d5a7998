//! The one that writes: takes ticks, keeps each second in the journal and each minute in the
//! database.

mod minute;
mod past;
mod registrations;

pub(crate) use minute::rescue;
pub use past::Reattribution;

use crate::{
    Location, StoreError, database,
    database::Identity,
    encoder::{Encoder, Record},
    journal::{self, Journal, Minute},
    reader::Reader,
    rollup,
    span::{Retention, Tier},
    tables::{
        audit,
        audit::{OrderResult, StoredOrder},
        boots,
        boots::StoredBoot,
        events,
        events::{StoredEvent, StoredEventKind},
        frames, series, settings,
    },
    tick::{Before, Boot, Tick},
};
use ira_model::Corrections;
use minute::{OpenBlock, corrections_of, store};
use rusqlite::Connection;
use std::{path::PathBuf, sync::Arc};

/// Ticks of a block.
const BLOCK_TICKS: u32 = 60;
/// Blocks of an epoch: to show a second, the names of all earlier blocks of its epoch are read.
const EPOCH_BLOCKS: u32 = 15;
/// Windows of a tier removed in one minute at most, so that the recorder is never long away.
const WINDOWS_AT_ONCE: u32 = 4;
/// Events removed in one minute at most.
const EVENTS_AT_ONCE: u32 = 256;
/// Pages given back to the file system in one minute at most (1 KiB each).
const PAGES_AT_ONCE: u32 = 4096;
/// Seconds younger than this are kept whatever the cap.
const SECONDS_KEPT_ALWAYS_MS: i64 = 15 * 60 * 1000;

/// See the module.
#[derive(Debug)]
pub struct Writer {
    location: Location,
    connection: Connection,
    journal: Journal,
    encoder: Encoder,
    retention: Retention,
    boot: StoredBoot,
    floor_ms: i64,
    record: Record,
    block: Option<OpenBlock>,
    epoch: i64,
    epoch_blocks: u32,
    before: Before,
    set_aside: Option<PathBuf>,
    identity: Option<Identity>,
    corrections: Arc<Corrections>,
    /// Reads blocks that are derived anew.
    past: Reader,
}

impl Writer {
    /// Opens the store, makes it where it is missing, and moves into the database what an earlier
    /// program left in the journal. The caller holds the [`crate::Lock`].
    ///
    /// # Errors
    /// Every [`StoreError`] about files; each message says what to do.
    pub fn open(
        location: &Location,
        boot: &Boot,
        retention: Retention,
    ) -> Result<Self, StoreError> {
        let (connection, set_aside) = database::open(location)?;
        let journal_path = location.journal();
        let mut journal = Journal::open(&journal_path)?;
        if let Some(left) = journal::read(&journal_path)? {
            journal.after(left.minute.generation);
            rescue(location, &connection, left)?;
            // Beside a database that was made anew it would soon seem to belong to another boot.
            journal.clear()?;
        }
        let corrections = corrections_of(location, &connection)?;
        let (boot, floor_ms) = boots::ensure(&connection, boot)
            .map_err(|e| StoreError::database(&location.database, e))?;
        Ok(Self {
            location: location.clone(),
            connection,
            journal,
            encoder: Encoder::default(),
            retention,
            boot,
            floor_ms,
            record: Record::default(),
            block: None,
            epoch: 0,
            epoch_blocks: 0,
            before: Before::NotRunning,
            set_aside,
            identity: Identity::of(&location.database),
            corrections: Arc::new(corrections),
            past: Reader::new(location.clone()),
        })
    }

    /// Where a damaged database was moved to when this one was opened.
    #[must_use]
    pub fn set_aside(&self) -> Option<&std::path::Path> {
        self.set_aside.as_deref()
    }

    /// When this boot was, as the store has it, and the earliest it can have been: everything that is
    /// kept of other boots was before it. Milliseconds since 1970.
    #[must_use]
    pub fn boot_ms(&self) -> (i64, i64) {
        (self.boot.boot_ms, self.floor_ms)
    }

    /// Keeps one tick: after this returns it outlives the program. Says whether a minute went into
    /// the database on the way.
    ///
    /// # Errors
    /// When it could not be kept. The writer is then of no use any more; what it kept before is
    /// found again by [`Self::open`].
    pub fn record(&mut self, tick: &Tick) -> Result<bool, StoreError> {
        // Whoever samples may not know yet what is kept, when that could not be opened before.
        let boot_ms = tick.boot_ms.max(self.floor_ms);
        if boot_ms != self.boot.boot_ms {
            self.boot.boot_ms = boot_ms;
            boots::correct(&self.connection, self.boot)
                .map_err(|e| StoreError::database(&self.location.database, e))?;
        }
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
            block.counters.extend(&self.record.counters);
            if block.ticks == 0 {
                block.start_ms = tick.since_boot_ms;
            }
            block.end_ms = tick.since_boot_ms;
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
        let minute = Minute {
            generation: 0,
            boot: self.boot.id,
            epoch: self.epoch,
            before: self.before as u8,
        };
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
        if Identity::of(&self.location.database) != self.identity {
            return Err(StoreError::Replaced { path: self.location.database.clone() });
        }
        let (_, epoch) =
            store(&self.location, &self.connection, &block, self.boot.id, &self.corrections)?;
        self.epoch = epoch;
        self.epoch_blocks += 1;
        self.tidy(block.end_ms)?;
        Ok(true)
    }

    /// Rolls up what is over and removes what is too old or too much, a little each minute.
    fn tidy(&mut self, since_boot_ms: i64) -> Result<(), StoreError> {
        let fail = |e| StoreError::database(&self.location.database, e);
        for tier in [Tier::Minutes, Tier::Quarters] {
            self.roll_up(tier, since_boot_ms)?;
        }
        let now_ms = self.boot.boot_ms.saturating_add(since_boot_ms);
        let connection = &self.connection;
        let before = |tier| now_ms.saturating_sub(self.retention.kept_ms(tier));
        let mut removed = frames::remove_before(connection, before(Tier::Seconds)).map_err(fail)?;
        for tier in Tier::ALL {
            for _ in 0..WINDOWS_AT_ONCE {
                let gone = series::remove_before(connection, tier, before(tier)).map_err(fail)?;
                removed += gone;
                if gone == 0 {
                    break;
                }
            }
        }
        removed += events::remove_before(connection, before(Tier::Quarters), EVENTS_AT_ONCE)
            .map_err(fail)?;
        removed += audit::remove_before(connection, before(Tier::Quarters), EVENTS_AT_ONCE)
            .map_err(fail)?;
        if database::used_bytes(connection).map_err(fail)? > self.retention.cap_bytes {
            removed += self.remove_oldest(now_ms).map_err(fail)?;
        }
        if removed > 0 {
            connection
                .execute_batch(&format!("PRAGMA incremental_vacuum({PAGES_AT_ONCE})"))
                .map_err(fail)?;
        }
        Ok(())
    }

    /// Rolls up one window: of an earlier boot, where its last part is left, or of this one.
    fn roll_up(&self, tier: Tier, since_boot_ms: i64) -> Result<(), StoreError> {
        let path = &self.location.database;
        let boots =
            boots::latest_first(&self.connection).map_err(|e| StoreError::database(path, e))?;
        for boot in boots {
            let now_ms = if boot.id == self.boot.id { since_boot_ms } else { i64::MAX };
            if rollup::next_window(&self.connection, path, tier, boot.id, now_ms)? {
                break;
            }
        }
        Ok(())
    }

    /// Makes room under the cap: the seconds that are oldest go first, an epoch of frames with its
    /// series; when little of them is left, the oldest minutes, then quarter hours.
    fn remove_oldest(&self, now_ms: i64) -> rusqlite::Result<usize> {
        let connection = &self.connection;
        let recent = now_ms.saturating_sub(SECONDS_KEPT_ALWAYS_MS);
        let frames = frames::remove_before(connection, recent)?;
        if frames > 0 {
            let mut removed = frames;
            for _ in 0..frames {
                removed += series::remove_before(connection, Tier::Seconds, recent)?;
            }
            return Ok(removed);
        }
        for tier in [Tier::Minutes, Tier::Quarters] {
            let removed = series::remove_before(connection, tier, recent)?;
            if removed > 0 {
                return Ok(removed);
            }
        }
        // Nothing else is left to give way.
        events::remove_before(connection, recent, EVENTS_AT_ONCE)
    }

    /// Keeps an order before it is carried out, with its mark on the lane. Returns its number.
    ///
    /// # Errors
    /// When the database refuses it.
    pub fn begin_order(&self, order: &StoredOrder) -> Result<i64, StoreError> {
        let fail = |e| StoreError::database(&self.location.database, e);
        let at_ms = order.at_ms.saturating_sub(self.boot.boot_ms);
        let mark = StoredEvent {
            at_ms,
            kind: StoredEventKind::Ordered,
            application: order.application.clone(),
            name: Some(order.target.clone()),
            detail: Some(order.action.clone()),
        };
        let order = StoredOrder { at_ms, ..order.clone() };
        let transaction = self.connection.unchecked_transaction().map_err(fail)?;
        let id = audit::insert(&transaction, self.boot.id, &order).map_err(fail)?;
        events::insert(&transaction, self.boot.id, None, &mark).map_err(fail)?;
        transaction.commit().map_err(fail)?;
        Ok(id)
    }

    /// Keeps what came of an order.
    ///
    /// # Errors
    /// When the database refuses it.
    pub fn end_order(
        &self,
        id: i64,
        took_ms: u64,
        result: OrderResult,
        detail: &str,
    ) -> Result<(), StoreError> {
        audit::end(&self.connection, id, took_ms, result, detail)
            .map_err(|e| StoreError::database(&self.location.database, e))
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
