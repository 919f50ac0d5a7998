//! Ticks to bytes. Holds the state of the machine as the reader will have it, so that only what
//! differs is written.
//!
//! A block begins with a base, the table before its first tick: whole in the first block of an
//! epoch, else as what differs from that one. Then comes a record a tick.
//! Columns, not rows: equal things stand beside each other, which is what makes zstd pack them.
//! Processes are named by ordinals, numbers that are given once within an epoch of blocks.

use crate::{
    codec::{put, put_change, put_optional, put_signed, put_text},
    names::{Introduced, NamesWriter, ORDINALS},
    streams::Streams,
    tick::Tick,
};
use ira_model::{Attribution, HostLayout, Listener, ProcessDetails, ProcessKey, ProcessSample};
use std::{collections::HashMap, sync::Arc};

/// What one tick adds to the two streams of a block.
#[derive(Debug, Clone, Default)]
pub(crate) struct Record {
    /// To the stream of names; empty for most ticks.
    pub(crate) names: Vec<u8>,
    /// To the streams of counters.
    pub(crate) counters: Streams,
}

impl Record {
    pub(crate) fn clear(&mut self) {
        self.names.clear();
        self.counters.clear();
    }
}

/// Bits of a changed row that say which columns follow. The frequent ones are the low seven, which
/// fit one byte as a variable-length number.
pub(crate) mod mask {
    pub(crate) const STATE: u64 = 1;
    pub(crate) const THREADS: u64 = 2;
    pub(crate) const USER: u64 = 4;
    pub(crate) const SYSTEM: u64 = 8;
    pub(crate) const MEMORY: u64 = 16;
    pub(crate) const READ: u64 = 32;
    pub(crate) const WRITE: u64 = 64;
    pub(crate) const PSS: u64 = 128;
    pub(crate) const RECEIVED: u64 = 256;
    pub(crate) const SENT: u64 = 512;
}

/// Memory is kept in KiB, the kernel's own grain in `/proc`.
pub(crate) const MEMORY_GRAIN: u64 = 1024;

#[derive(Debug)]
struct Row {
    ordinal: u32,
    sample: ProcessSample,
    /// What it was in the base of the epoch, for processes that were in it.
    base: Option<ProcessSample>,
    details: Arc<ProcessDetails>,
    attribution: Arc<Attribution>,
}

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct Encoder {
    rows: HashMap<u32, Row>,
    next_ordinal: u32,
    names: NamesWriter,
    layout: HostLayout,
    values: Vec<u64>,
    next_values: Vec<u64>,
    listeners: Vec<Listener>,
    since_boot_ms: i64,
    ticks: u64,
    /// Ordinals of the epoch's base that ended since.
    gone: Vec<u32>,
    order: Vec<(u32, ProcessSample)>,
    before: Vec<(u32, ProcessSample, ProcessSample)>,
}

impl Encoder {
    /// Takes a tick as the state before a block, without a record of it.
    pub(crate) fn absorb(&mut self, tick: &Tick) {
        self.layout = tick.host.layout();
        self.values.clear();
        tick.host.append_values(&mut self.values);
        self.since_boot_ms = tick.since_boot_ms;
        self.apply(tick);
    }

    /// Whether a tick can go into the block under way.
    pub(crate) fn fits(&self, tick: &Tick) -> bool {
        tick.since_boot_ms > self.since_boot_ms
            && tick.host.fits(&self.layout)
            && self.next_ordinal as usize + tick.introduced.len() < ORDINALS as usize
    }

    /// Makes room for a tick that does not fit the block under way: disks or
    /// interfaces came or went. What both layouts have goes on; what is new starts level.
    pub(crate) fn refit(&mut self, tick: &Tick) {
        let mut before = tick.host.clone();
        if let Some(old) = self.layout.sample(&self.values) {
            if old.cpus.len() == before.cpus.len() {
                before.cpus = old.cpus;
            }
            before.pressure = before.pressure.and(old.pressure.or(before.pressure));
            for disk in &mut before.disks {
                if let Some(known) = old.disks.iter().find(|d| d.name == disk.name) {
                    disk.clone_from(known);
                }
            }
            for interface in &mut before.interfaces {
                if let Some(known) = old.interfaces.iter().find(|i| i.name == interface.name) {
                    interface.clone_from(known);
                }
            }
        }
        self.layout = before.layout();
        self.values.clear();
        before.append_values(&mut self.values);
        self.since_boot_ms = tick.since_boot_ms.saturating_sub(tick.elapsed_ms.cast_signed());
    }

    /// Whether the epoch has become too large to go on.
    pub(crate) fn wants_epoch(&self) -> bool {
        self.names.is_full() || self.next_ordinal > ORDINALS / 2
    }

    /// Begins a block: writes the base, and in a new epoch introduces everything again.
    pub(crate) fn begin(&mut self, new_epoch: bool, record: &mut Record) {
        record.clear();
        self.ticks = 0;
        let mut pids: Vec<u32> = self.rows.keys().copied().collect();
        if new_epoch {
            self.names.clear();
            pids.sort_unstable();
            for (ordinal, pid) in (0_u32..).zip(&pids) {
                if let Some(row) = self.rows.get_mut(pid) {
                    row.ordinal = ordinal;
                    row.base = Some(row.sample);
                }
            }
            self.gone.clear();
            self.next_ordinal = pids.len() as u32;
            let introduced: Vec<_> =
                pids.iter().filter_map(|pid| self.rows.get(pid).map(introduce)).collect();
            let listeners = Some(self.listeners.as_slice());
            self.names.group(&mut record.names, 0, listeners, &[], introduced.into_iter());
        }
        let out = &mut record.counters;
        put_layout(&mut out.head, &self.layout);
        put_signed(&mut out.head, self.since_boot_ms);
        for value in &self.values {
            put(&mut out.head, *value);
        }
        self.order.clear();
        let rows = self.rows.values();
        if new_epoch {
            self.order.extend(rows.map(|row| (row.ordinal, row.sample)));
            self.order.sort_unstable_by_key(|(ordinal, _)| *ordinal);
            put_rows(&mut out.table, &self.order);
            return;
        }
        self.before.clear();
        for row in rows {
            match row.base {
                Some(base) if base == row.sample => {}
                Some(base) => self.before.push((row.ordinal, base, row.sample)),
                None => self.order.push((row.ordinal, row.sample)),
            }
        }
        self.order.sort_unstable_by_key(|(ordinal, _)| *ordinal);
        self.before.sort_unstable_by_key(|(ordinal, ..)| *ordinal);
        self.gone.sort_unstable();
        put(&mut out.table, self.gone.len() as u64);
        put_ordinals(&mut out.table, self.gone.iter().copied());
        put_rows(&mut out.table, &self.order);
        put_changes(out, &self.before);
    }

    /// Writes one tick and takes it as the new state.
    pub(crate) fn encode(&mut self, tick: &Tick, record: &mut Record) {
        record.clear();
        self.ticks += 1;
        let out = &mut record.counters;
        put_signed(&mut out.head, tick.since_boot_ms.wrapping_sub(self.since_boot_ms));
        self.since_boot_ms = tick.since_boot_ms;
        put(&mut out.head, tick.elapsed_ms);
        self.next_values.clear();
        tick.host.append_values(&mut self.next_values);
        for (from, to) in self.values.iter().zip(&self.next_values) {
            put_change(&mut out.host, *from, *to);
        }
        std::mem::swap(&mut self.values, &mut self.next_values);

        self.put_exited(&mut out.table, &tick.exited);
        self.before.clear();
        for sample in &tick.changed {
            if let Some(row) =
                self.rows.get_mut(&sample.key.pid).filter(|r| r.sample.key == sample.key)
            {
                self.before.push((row.ordinal, row.sample, *sample));
                row.sample = *sample;
            }
        }
        self.before.sort_unstable_by_key(|(ordinal, ..)| *ordinal);
        self.apply(tick);
        self.order.clear();
        self.order.extend(tick.introduced.iter().filter_map(|one| {
            self.rows.get(&one.sample.key.pid).map(|row| (row.ordinal, row.sample))
        }));
        self.order.sort_unstable_by_key(|(ordinal, _)| *ordinal);
        put_rows(&mut out.table, &self.order);
        put_changes(out, &self.before);

        if !tick.introduced.is_empty() || tick.listeners.is_some() || !tick.ended.is_empty() {
            let introduced: Vec<_> = tick
                .introduced
                .iter()
                .filter_map(|one| self.rows.get(&one.sample.key.pid).map(introduce))
                .collect();
            self.names.group(
                &mut record.names,
                self.ticks,
                tick.listeners.as_deref(),
                &tick.ended,
                introduced.into_iter(),
            );
        }
    }

    fn put_exited(&mut self, out: &mut Vec<u8>, exited: &[ProcessKey]) {
        let mut ordinals: Vec<u32> = exited
            .iter()
            .filter_map(|key| {
                self.rows.get(&key.pid).filter(|row| row.sample.key == *key).map(|row| row.ordinal)
            })
            .collect();
        ordinals.sort_unstable();
        put(out, ordinals.len() as u64);
        put_ordinals(out, ordinals.into_iter());
    }

    /// Exits, introductions and changes of a tick become the state.
    fn apply(&mut self, tick: &Tick) {
        for key in &tick.exited {
            if self.rows.get(&key.pid).is_some_and(|row| row.sample.key == *key)
                && let Some(row) = self.rows.remove(&key.pid)
                && row.base.is_some()
            {
                self.gone.push(row.ordinal);
            }
        }
        for one in &tick.introduced {
            let known = self.rows.get(&one.sample.key.pid);
            let (ordinal, base) = match known.filter(|row| row.sample.key == one.sample.key) {
                Some(row) => (row.ordinal, row.base),
                None => {
                    self.next_ordinal += 1;
                    (self.next_ordinal - 1, None)
                }
            };
            let row = Row {
                ordinal,
                base,
                sample: one.sample,
                details: Arc::clone(&one.details),
                attribution: Arc::clone(&one.attribution),
            };
            self.rows.insert(one.sample.key.pid, row);
        }
        for sample in &tick.changed {
            if let Some(row) =
                self.rows.get_mut(&sample.key.pid).filter(|r| r.sample.key == sample.key)
            {
                row.sample = *sample;
            }
        }
        if let Some(listeners) = &tick.listeners {
            self.listeners.clone_from(listeners);
        }
    }
}

fn introduce(row: &Row) -> Introduced<'_> {
    Introduced {
        ordinal: row.ordinal,
        key: row.sample.key,
        parent_pid: row.sample.parent_pid,
        details: &row.details,
        attribution: &row.attribution,
    }
}

fn put_layout(out: &mut Vec<u8>, layout: &HostLayout) {
    put(out, layout.cpus as u64);
    out.push(
        u8::from(layout.load)
            | u8::from(layout.pressure) << 1
            | u8::from(layout.running_threads) << 2,
    );
    for names in [&layout.disks, &layout.interfaces] {
        put(out, names.len() as u64);
        for name in names {
            put_text(out, name);
        }
    }
}

/// Ascending ordinals as the distance to the one before.
fn put_ordinals(out: &mut Vec<u8>, ordinals: impl Iterator<Item = u32>) {
    let mut last = 0;
    for ordinal in ordinals {
        put(out, u64::from(ordinal.wrapping_sub(last)));
        last = ordinal;
    }
}

fn kib(bytes: Option<u64>) -> Option<u64> {
    bytes.map(|bytes| bytes / MEMORY_GRAIN)
}

/// Whole rows, column by column.
fn put_rows(out: &mut Vec<u8>, rows: &[(u32, ProcessSample)]) {
    put(out, rows.len() as u64);
    put_ordinals(out, rows.iter().map(|(ordinal, _)| *ordinal));
    out.extend(rows.iter().map(|(_, sample)| sample.state as u8));
    rows.iter().for_each(|(_, s)| put_optional(out, s.threads.map(u64::from)));
    rows.iter().for_each(|(_, s)| put(out, s.user_ms));
    rows.iter().for_each(|(_, s)| put(out, s.system_ms));
    rows.iter().for_each(|(_, s)| put_optional(out, kib(s.memory_bytes)));
    rows.iter().for_each(|(_, s)| put_optional(out, s.read_bytes));
    rows.iter().for_each(|(_, s)| put_optional(out, s.write_bytes));
    rows.iter().for_each(|(_, s)| put_optional(out, kib(s.pss_bytes)));
    rows.iter().for_each(|(_, s)| put_optional(out, s.received_bytes));
    rows.iter().for_each(|(_, s)| put_optional(out, s.sent_bytes));
}

/// Changed rows: which columns changed, then those columns.
fn put_changes(out: &mut Streams, changes: &[(u32, ProcessSample, ProcessSample)]) {
    put(&mut out.ordinals, changes.len() as u64);
    put_ordinals(&mut out.ordinals, changes.iter().map(|(ordinal, ..)| *ordinal));
    let bits = |a: &ProcessSample, b: &ProcessSample| {
        let bit = |differs: bool, bit: u64| if differs { bit } else { 0 };
        bit(a.state != b.state, mask::STATE)
            | bit(a.threads != b.threads, mask::THREADS)
            | bit(a.user_ms != b.user_ms, mask::USER)
            | bit(a.system_ms != b.system_ms, mask::SYSTEM)
            | bit(kib(a.memory_bytes) != kib(b.memory_bytes), mask::MEMORY)
            | bit(a.read_bytes != b.read_bytes, mask::READ)
            | bit(a.write_bytes != b.write_bytes, mask::WRITE)
            | bit(kib(a.pss_bytes) != kib(b.pss_bytes), mask::PSS)
            | bit(a.received_bytes != b.received_bytes, mask::RECEIVED)
            | bit(a.sent_bytes != b.sent_bytes, mask::SENT)
    };
    changes.iter().for_each(|(_, a, b)| put(&mut out.masks, bits(a, b)));
    // Missing and present are told apart by the shift of one, as in `put_optional`.
    let shifted = |value: Option<u64>| value.map_or(0, |value| value.saturating_add(1));
    let column = |out: &mut Vec<u8>, bit: u64, of: &dyn Fn(&ProcessSample) -> u64| {
        for (_, a, b) in changes {
            if bits(a, b) & bit != 0 {
                put_change(out, of(a), of(b));
            }
        }
    };
    column(&mut out.state, mask::STATE, &|s| s.state as u64);
    column(&mut out.state, mask::THREADS, &|s| shifted(s.threads.map(u64::from)));
    column(&mut out.user, mask::USER, &|s| s.user_ms);
    column(&mut out.system, mask::SYSTEM, &|s| s.system_ms);
    column(&mut out.memory, mask::MEMORY, &|s| shifted(kib(s.memory_bytes)));
    column(&mut out.io, mask::READ, &|s| shifted(s.read_bytes));
    column(&mut out.io, mask::WRITE, &|s| shifted(s.write_bytes));
    column(&mut out.other, mask::PSS, &|s| shifted(kib(s.pss_bytes)));
    column(&mut out.other, mask::RECEIVED, &|s| shifted(s.received_bytes));
    column(&mut out.other, mask::SENT, &|s| shifted(s.sent_bytes));
}
