//! Bytes back to seconds: replays the records of a block.

use crate::{
    StoreError,
    codec::Bytes,
    correcting::Correcting,
    encoder::{MEMORY_GRAIN, mask},
    names::{Names, ORDINALS},
    streams::Streams,
    tick::Ended,
};
use ira_model::{
    Attribution, Corrections, HostLayout, HostRates, HostSample, Listener, ProcessDetails,
    ProcessKey, ProcessRates, ProcessSample, ProcessState,
};
use std::{collections::HashMap, sync::Arc};

/// More rows than this are refused: processes at one moment.
const ROWS: usize = 1 << 18;
/// More ticks of a block than this are refused.
const TICKS: u64 = 240;
/// More processors, disks or interfaces than this are refused.
const PARTS: usize = 1 << 14;
/// More texts of the processes of one second than this are refused: many may share a long one.
const FRAME_BYTES: usize = 128 << 20;

/// The machine at one past second.
#[derive(Debug, Clone)]
pub struct Frame {
    /// When, milliseconds since 1970.
    pub at_ms: i64,
    /// Start of the machine it was in, milliseconds since 1970.
    pub boot_ms: i64,
    /// Length of that second, milliseconds.
    pub elapsed_ms: u64,
    /// The machine as a whole.
    pub host: HostSample,
    /// What it did in that second.
    pub rates: HostRates,
    /// Ascending by pid.
    pub processes: Vec<FrameProcess>,
    /// Ports listened on.
    pub listeners: Vec<Listener>,
    /// Processes that ended within that second, as far as the kernel told of them.
    pub ended: Vec<Ended>,
}

/// One process at one past second.
#[derive(Debug, Clone)]
pub struct FrameProcess {
    /// Its counters.
    pub sample: ProcessSample,
    /// What it did in that second.
    pub rates: ProcessRates,
    /// Who it is.
    pub details: Arc<ProcessDetails>,
    /// Whom it counts under.
    pub attribution: Arc<Attribution>,
}

/// A row of the table: counters under an ordinal. The key is in the names.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ReplayRow {
    pub(crate) ordinal: u32,
    pub(crate) sample: ProcessSample,
    /// What it was a tick ago; `None` for a process that came in this tick.
    pub(crate) before: Option<ProcessSample>,
}

/// The streams of changed rows.
#[derive(Debug)]
struct Changes<'a> {
    ordinals: Bytes<'a>,
    masks: Bytes<'a>,
    state: Bytes<'a>,
    user: Bytes<'a>,
    system: Bytes<'a>,
    memory: Bytes<'a>,
    io: Bytes<'a>,
    other: Bytes<'a>,
}

/// Reads one column of a row.
type Setter = fn(&mut ProcessSample, &mut Bytes<'_>) -> Result<(), StoreError>;

/// A change of a number that may be missing: both sides are shifted by one, 0 is missing.
fn take_optional_change(
    bytes: &mut Bytes<'_>,
    from: Option<u64>,
) -> Result<Option<u64>, StoreError> {
    let shifted = from.map_or(0, |value| value.saturating_add(1));
    Ok(bytes.take_change(shifted)?.checked_sub(1))
}

fn take_kib_change(bytes: &mut Bytes<'_>, from: Option<u64>) -> Result<Option<u64>, StoreError> {
    let kib = take_optional_change(bytes, from.map(|bytes| bytes / MEMORY_GRAIN))?;
    Ok(kib.map(|kib| kib.saturating_mul(MEMORY_GRAIN)))
}

fn take_ordinals(bytes: &mut Bytes<'_>, count: usize) -> Result<Vec<u32>, StoreError> {
    let mut last = 0_u32;
    (0..count)
        .map(|_| {
            last = last.wrapping_add(bytes.take_u32()?);
            if last < ORDINALS { Ok(last) } else { Err(bytes.fail("an ordinal is out of range")) }
        })
        .collect()
}

/// Goes through a block tick by tick.
#[derive(Debug)]
pub(crate) struct Replay<'a> {
    head: Bytes<'a>,
    host: Bytes<'a>,
    table: Bytes<'a>,
    changes: Changes<'a>,
    layout: HostLayout,
    values: Vec<u64>,
    previous_values: Vec<u64>,
    /// The table after the last tick, ascending by ordinal.
    pub(crate) rows: Vec<ReplayRow>,
    position: HashMap<u32, usize>,
    touched: Vec<u32>,
    /// Time of the last tick, milliseconds since boot.
    pub(crate) since_boot_ms: i64,
    /// Time between it and the one before.
    pub(crate) elapsed_ms: u64,
    /// Number of the last tick, counted from 1; 0 is the base.
    pub(crate) tick: u64,
}

impl<'a> Replay<'a> {
    /// Reads the base of a block; `epoch` is the first block of its epoch where this is a later one.
    pub(crate) fn new(streams: &'a Streams, epoch: Option<&Streams>) -> Result<Self, StoreError> {
        let bytes = |stream: &'a Vec<u8>| Bytes::new(stream, "frame block");
        let mut head = bytes(&streams.head);
        let layout = take_layout(&mut head)?;
        let since_boot_ms = head.take_signed()?;
        let values = (0..layout.width()).map(|_| head.take()).collect::<Result<Vec<_>, _>>()?;
        let mut replay = Self {
            head,
            host: bytes(&streams.host),
            table: bytes(&streams.table),
            changes: Changes {
                ordinals: bytes(&streams.ordinals),
                masks: bytes(&streams.masks),
                state: bytes(&streams.state),
                user: bytes(&streams.user),
                system: bytes(&streams.system),
                memory: bytes(&streams.memory),
                io: bytes(&streams.io),
                other: bytes(&streams.other),
            },
            previous_values: values.clone(),
            layout,
            values,
            rows: Vec::new(),
            position: HashMap::new(),
            touched: Vec::new(),
            since_boot_ms,
            elapsed_ms: 0,
            tick: 0,
        };
        match epoch {
            Some(epoch) => {
                let first = Replay::new(epoch, None)?;
                (replay.rows, replay.position) = (first.rows, first.position);
                replay.take_exited()?;
                replay.take_rows()?;
                replay.take_changes()?;
            }
            None => replay.take_rows()?,
        }
        for row in &mut replay.rows {
            row.before = Some(row.sample);
        }
        replay.touched.clear();
        Ok(replay)
    }

    /// Goes on by one tick; `false` at the end.
    pub(crate) fn advance(&mut self) -> Result<bool, StoreError> {
        if self.head.is_empty() {
            return Ok(false);
        }
        for ordinal in std::mem::take(&mut self.touched) {
            if let Some(row) = self.position.get(&ordinal).and_then(|at| self.rows.get_mut(*at)) {
                row.before = Some(row.sample);
            }
        }
        self.tick += 1;
        if self.tick > TICKS {
            return Err(self.head.fail("it has too many ticks"));
        }
        self.since_boot_ms = self.since_boot_ms.wrapping_add(self.head.take_signed()?);
        self.elapsed_ms = self.head.take()?;
        self.previous_values.clone_from(&self.values);
        for value in &mut self.values {
            *value = self.host.take_change(*value)?;
        }
        self.take_exited()?;
        self.take_rows()?;
        self.take_changes()?;
        Ok(true)
    }

    fn take_exited(&mut self) -> Result<(), StoreError> {
        let count = self.table.take_few(ROWS)?;
        if count == 0 {
            return Ok(());
        }
        let gone = take_ordinals(&mut self.table, count)?;
        self.rows.retain(|row| gone.binary_search(&row.ordinal).is_err());
        self.index();
        Ok(())
    }

    fn index(&mut self) {
        self.position.clear();
        self.position.extend(self.rows.iter().enumerate().map(|(at, row)| (row.ordinal, at)));
    }

    /// Whole rows: those that are new come to the end, those that were there are replaced.
    fn take_rows(&mut self) -> Result<(), StoreError> {
        let count = self.table.take_few(ROWS)?;
        let ordinals = take_ordinals(&mut self.table, count)?;
        let unknown = ProcessSample::new(ProcessKey { pid: 0, start_ms: 0 });
        let mut samples = vec![unknown; count];
        for sample in &mut samples {
            sample.state = ProcessState::from_number(self.table.byte()?);
        }
        for sample in &mut samples {
            sample.threads = self.table.take_optional()?.and_then(|n| u32::try_from(n).ok());
        }
        for sample in &mut samples {
            sample.user_ms = self.table.take()?;
        }
        for sample in &mut samples {
            sample.system_ms = self.table.take()?;
        }
        for sample in &mut samples {
            sample.memory_bytes =
                self.table.take_optional()?.map(|kib| kib.saturating_mul(MEMORY_GRAIN));
        }
        for sample in &mut samples {
            sample.read_bytes = self.table.take_optional()?;
        }
        for sample in &mut samples {
            sample.write_bytes = self.table.take_optional()?;
        }
        for sample in &mut samples {
            sample.pss_bytes =
                self.table.take_optional()?.map(|kib| kib.saturating_mul(MEMORY_GRAIN));
        }
        for sample in &mut samples {
            sample.received_bytes = self.table.take_optional()?;
        }
        for sample in &mut samples {
            sample.sent_bytes = self.table.take_optional()?;
        }
        for (ordinal, sample) in ordinals.into_iter().zip(samples) {
            self.touched.push(ordinal);
            let known = self.rows.len();
            match self.position.get(&ordinal).and_then(|at| self.rows.get_mut(*at)) {
                Some(row) => row.sample = sample,
                None if known >= ROWS => {
                    return Err(self.table.fail("it has too many processes"));
                }
                None => {
                    self.position.insert(ordinal, self.rows.len());
                    self.rows.push(ReplayRow { ordinal, sample, before: None });
                }
            }
        }
        Ok(())
    }

    fn take_changes(&mut self) -> Result<(), StoreError> {
        let changes = &mut self.changes;
        let count = changes.ordinals.take_few(ROWS)?;
        let ordinals = take_ordinals(&mut changes.ordinals, count)?;
        let masks =
            (0..count).map(|_| changes.masks.take()).collect::<Result<Vec<_>, StoreError>>()?;
        let places = ordinals
            .iter()
            .map(|ordinal| {
                self.position
                    .get(ordinal)
                    .copied()
                    .ok_or_else(|| changes.ordinals.fail("a process changes before it came"))
            })
            .collect::<Result<Vec<_>, _>>()?;
        let rows = &mut self.rows;
        let mut column = |bytes: &mut Bytes<'_>, bit: u64, set: Setter| {
            for (place, mask) in places.iter().zip(&masks) {
                if let Some(row) = rows.get_mut(*place).filter(|_| mask & bit != 0) {
                    set(&mut row.sample, bytes)?;
                }
            }
            Ok::<(), StoreError>(())
        };
        column(&mut changes.state, mask::STATE, |s, b| {
            s.state = ProcessState::from_number(b.take_change(s.state as u64)? as u8);
            Ok(())
        })?;
        column(&mut changes.state, mask::THREADS, |s, b| {
            let threads = take_optional_change(b, s.threads.map(u64::from))?;
            s.threads = threads.and_then(|n| u32::try_from(n).ok());
            Ok(())
        })?;
        column(&mut changes.user, mask::USER, |s, b| {
            s.user_ms = b.take_change(s.user_ms)?;
            Ok(())
        })?;
        column(&mut changes.system, mask::SYSTEM, |s, b| {
            s.system_ms = b.take_change(s.system_ms)?;
            Ok(())
        })?;
        column(&mut changes.memory, mask::MEMORY, |s, b| {
            s.memory_bytes = take_kib_change(b, s.memory_bytes)?;
            Ok(())
        })?;
        column(&mut changes.io, mask::READ, |s, b| {
            s.read_bytes = take_optional_change(b, s.read_bytes)?;
            Ok(())
        })?;
        column(&mut changes.io, mask::WRITE, |s, b| {
            s.write_bytes = take_optional_change(b, s.write_bytes)?;
            Ok(())
        })?;
        column(&mut changes.other, mask::PSS, |s, b| {
            s.pss_bytes = take_kib_change(b, s.pss_bytes)?;
            Ok(())
        })?;
        column(&mut changes.other, mask::RECEIVED, |s, b| {
            s.received_bytes = take_optional_change(b, s.received_bytes)?;
            Ok(())
        })?;
        column(&mut changes.other, mask::SENT, |s, b| {
            s.sent_bytes = take_optional_change(b, s.sent_bytes)?;
            Ok(())
        })?;
        self.touched.extend(ordinals);
        Ok(())
    }

    /// The machine after the last tick.
    pub(crate) fn host(&self) -> HostSample {
        self.layout.sample(&self.values).unwrap_or_default()
    }

    /// What the machine did in the last tick.
    pub(crate) fn host_rates(&self) -> HostRates {
        let before = self.layout.sample(&self.previous_values).unwrap_or_default();
        HostRates::between(&before, &self.host(), self.elapsed_ms)
    }

    /// What a process did in the last tick.
    pub(crate) fn rates(&self, row: &ReplayRow) -> ProcessRates {
        match row.before {
            Some(before) => ProcessRates::between(&before, &row.sample, self.elapsed_ms),
            None => ProcessRates::since_start(&row.sample, self.elapsed_ms),
        }
    }

    /// The whole second, after the user's corrections.
    pub(crate) fn frame(
        &self,
        names: &Names,
        boot_ms: i64,
        corrections: &Corrections,
    ) -> Result<Frame, StoreError> {
        let mut room = FRAME_BYTES;
        for name in self.rows.iter().filter_map(|row| names.get(row.ordinal)) {
            room = room
                .checked_sub(names.weight(name))
                .ok_or_else(|| self.head.fail("its texts are too long"))?;
        }
        let mut correcting = Correcting::new(corrections);
        let mut applications = HashMap::new();
        let mut processes: Vec<FrameProcess> = self
            .rows
            .iter()
            .filter_map(|row| {
                let name = names.get(row.ordinal)?;
                let application = applications
                    .entry(name.application.id)
                    .or_insert_with(|| Arc::new(names.application(&name.application)));
                let mut sample = row.sample;
                sample.key = name.key;
                sample.parent_pid = name.parent_pid;
                let details = names.details(name);
                let found = Attribution {
                    application: Arc::clone(application),
                    evidence: names.evidence(name),
                };
                let attribution = correcting.attribution(names, &details, Arc::new(found));
                let rates = self.rates(row);
                Some(FrameProcess { sample, rates, details: Arc::new(details), attribution })
            })
            .collect();
        processes.sort_unstable_by_key(|process| process.sample.key);
        let mut ended = names.ended(self.tick).to_vec();
        ended.retain(|one| !one.given_up);
        for one in &mut ended {
            one.application = correcting.ended(names, one);
        }
        Ok(Frame {
            at_ms: boot_ms.saturating_add(self.since_boot_ms),
            boot_ms,
            elapsed_ms: self.elapsed_ms,
            host: self.host(),
            rates: self.host_rates(),
            processes,
            listeners: names.listeners().to_vec(),
            ended,
        })
    }
}

/// The time of the first tick of a block, milliseconds since boot; `None` where it has only its base.
pub(crate) fn first_tick(streams: &Streams) -> Result<Option<i64>, StoreError> {
    let mut head = Bytes::new(&streams.head, "frame block");
    let layout = take_layout(&mut head)?;
    let base_ms = head.take_signed()?;
    (0..layout.width()).try_for_each(|_| head.take().map(drop))?;
    if head.is_empty() {
        return Ok(None);
    }
    Ok(Some(base_ms.wrapping_add(head.take_signed()?)))
}

fn take_layout(bytes: &mut Bytes<'_>) -> Result<HostLayout, StoreError> {
    let cpus = bytes.take_few(PARTS)?;
    let flags = bytes.byte()?;
    let mut names = || -> Result<Vec<String>, StoreError> {
        let count = bytes.take_few(PARTS)?;
        (0..count).map(|_| Ok(bytes.take_text()?.to_owned())).collect()
    };
    Ok(HostLayout {
        cpus,
        load: flags & 1 != 0,
        pressure: flags & 2 != 0,
        running_threads: flags & 4 != 0,
        disks: names()?,
        interfaces: names()?,
    })
}
