//! A minute on its way into the database, with what follows from it, all or nothing.

use super::past;
use crate::{
    Location, StoreError,
    codec::{ROOM, compress, decompress},
    digest::digest,
    journal,
    life::judge::Span,
    names::Names,
    span::Tier,
    streams::Streams,
    tables::{
        applications, boots, corrections, events,
        events::{StoredEvent, StoredEventKind},
        frames, series,
    },
    tick::Before,
};
use ira_model::Corrections;
use rusqlite::Connection;

/// The minute that is being recorded.
#[derive(Debug, Default)]
pub(super) struct OpenBlock {
    pub(super) names: Vec<u8>,
    pub(super) counters: Streams,
    pub(super) ticks: u32,
    pub(super) start_ms: i64,
    pub(super) end_ms: i64,
    pub(super) epoch: i64,
    pub(super) before: u8,
}

/// Moves into the database what an earlier program left in the journal, unless it is there already.
pub(crate) fn rescue(
    location: &Location,
    connection: &Connection,
    left: journal::Recovered,
) -> Result<(), StoreError> {
    let fail = |e| StoreError::database(&location.database, e);
    let Some(boot) = boots::get(connection, left.minute.boot).map_err(fail)? else {
        return Ok(());
    };
    let epoch = match left.minute.epoch {
        0 => None,
        epoch => {
            let first = frames::counters(connection, epoch).map_err(fail)?;
            Some(Streams::unpack_base(&first)?)
        }
    };
    let Some((start_ms, end_ms, ticks)) = tick_range(&left.counters, epoch.as_ref()) else {
        return Ok(());
    };
    let there = frames::at(connection, boot.id, start_ms).map_err(fail)?;
    if there.is_some_and(|block| block.start_ms == start_ms) {
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
    let corrections = corrections_of(location, connection)?;
    store(location, connection, &block, boot.id, &corrections).map(drop)
}

pub(super) fn corrections_of(
    location: &Location,
    connection: &Connection,
) -> Result<Corrections, StoreError> {
    let all = corrections::all(connection);
    all.map(Corrections::new).map_err(|e| StoreError::database(&location.database, e))
}

/// Keeps a block with what follows from it, all or nothing. Returns its id and epoch.
pub(super) fn store(
    location: &Location,
    connection: &Connection,
    block: &OpenBlock,
    boot: i64,
    corrections: &Corrections,
) -> Result<(i64, i64), StoreError> {
    let fail = |e| StoreError::database(&location.database, e);
    let (mut names, mut epoch) = (Names::default(), None);
    if block.epoch != 0 {
        let first = frames::counters(connection, block.epoch).map_err(fail)?;
        epoch = Some(Streams::unpack_base(&first)?);
        let earlier = frames::names(connection, block.epoch, i64::MAX).map_err(fail)?;
        let mut room = ROOM;
        for (_, packed) in earlier {
            names.read(&decompress(&packed, "process names", &mut room)?)?;
        }
    }
    let digest = digest(names, &block.names, &block.counters, epoch.as_ref(), corrections)?;
    let row = frames::Block {
        id: 0,
        boot,
        epoch: block.epoch,
        start_ms: block.start_ms,
        end_ms: block.end_ms,
        before: i64::from(block.before),
    };
    let packed_names = compress(&block.names, "process names")?;
    let packed_counters = block.counters.pack()?;
    let (host, applications) = (digest.host.encode()?, digest.applications.encode()?);
    let transaction = connection.unchecked_transaction().map_err(fail)?;
    let ids = frames::insert(&transaction, &row, &packed_names, &packed_counters).map_err(fail)?;
    let window = (block.start_ms, block.end_ms);
    series::put_window(&transaction, Tier::Seconds, boot, window, &host, &applications)
        .map_err(fail)?;
    if block.before == Before::NotRunning as u8 {
        let began = StoredEvent {
            at_ms: block.start_ms,
            kind: StoredEventKind::RecordingStarted,
            application: None,
            name: None,
            detail: None,
        };
        events::insert(&transaction, boot, None, &began).map_err(fail)?;
    }
    let span = Span {
        boot,
        block: ids.0,
        start_ms: block.start_ms,
        end_ms: block.end_ms,
        begins_ms: (block.before == Before::NotRunning as u8).then_some(digest.since_ms),
    };
    past::keep_events(&transaction, span, digest.facts).map_err(fail)?;
    for seen in &digest.seen {
        applications::see(&transaction, boot, seen).map_err(fail)?;
    }
    transaction.commit().map_err(fail)?;
    Ok(ids)
}

/// First and last tick of a stream and their number, as far as it can be read.
fn tick_range(counters: &Streams, epoch: Option<&Streams>) -> Option<(i64, i64, u32)> {
    let mut replay = crate::block::Replay::new(counters, epoch).ok()?;
    let mut range = None;
    while replay.advance().ok()? {
        let (start, _, ticks) = range.unwrap_or((replay.since_boot_ms, 0, 0));
        range = Some((start, replay.since_boot_ms, ticks + 1));
    }
    range
}
