//! What an application used in sum, from whichever tier has it.
//!
//! Time is cut into intervals. The coarsest tier answers for all of its points that lie within one
//! interval; what it leaves, and points that a cut goes through, are asked of the next finer one. Where
//! there is no finer one any more, a point belongs to the interval in which it begins. So every point
//! counts once, whatever tiers there are, and few chunks are read.

use super::Reader;
use crate::{
    StoreError,
    chunk::{Chunk, Subject},
    rollup::{Failure, total},
    span::Tier,
    tables::{
        boots::StoredBoot,
        series::{self, Half, Metric},
    },
};
use rusqlite::Connection;

/// A gauge over the time that it is known.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Held {
    byte_ms: f64,
    known_ms: i64,
    /// The highest, bytes.
    pub highest_bytes: f64,
}

impl Held {
    /// The mean over the time it is known, bytes; `None` when it never is.
    #[must_use]
    pub fn mean_bytes(&self) -> Option<f64> {
        (self.known_ms > 0).then(|| self.byte_ms / self.known_ms as f64)
    }

    fn add(&mut self, mean: f64, highest: f64, length_ms: i64) {
        self.byte_ms += mean * length_ms as f64;
        self.known_ms = self.known_ms.saturating_add(length_ms);
        self.highest_bytes = self.highest_bytes.max(highest);
    }

    fn add_all(&mut self, other: &Self) {
        self.byte_ms += other.byte_ms;
        self.known_ms = self.known_ms.saturating_add(other.known_ms);
        self.highest_bytes = self.highest_bytes.max(other.highest_bytes);
    }
}

/// What an application used within an interval, as far as that was recorded.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Ledger {
    /// How much of the interval was recorded, milliseconds.
    pub recorded_ms: i64,
    /// How much of that it ran, milliseconds.
    pub ran_ms: i64,
    /// Milliseconds of one core; `None` where it was never known.
    pub cpu_ms: Option<i64>,
    /// Bytes from storage.
    pub read_bytes: Option<i64>,
    /// Bytes to storage.
    pub written_bytes: Option<i64>,
    /// Bytes received over TCP.
    pub received_bytes: Option<i64>,
    /// Bytes sent over TCP.
    pub sent_bytes: Option<i64>,
    /// Resident memory.
    pub memory: Held,
    /// Memory with shared pages in shares.
    pub pss: Held,
}

fn sum(to: &mut Option<i64>, more: Option<i64>) {
    if let Some(more) = more {
        *to = Some(to.unwrap_or_default().saturating_add(more));
    }
}

impl Ledger {
    /// Adds another interval.
    pub fn add(&mut self, other: &Self) {
        self.recorded_ms = self.recorded_ms.saturating_add(other.recorded_ms);
        self.ran_ms = self.ran_ms.saturating_add(other.ran_ms);
        sum(&mut self.cpu_ms, other.cpu_ms);
        sum(&mut self.read_bytes, other.read_bytes);
        sum(&mut self.written_bytes, other.written_bytes);
        sum(&mut self.received_bytes, other.received_bytes);
        sum(&mut self.sent_bytes, other.sent_bytes);
        self.memory.add_all(&other.memory);
        self.pss.add_all(&other.pss);
    }

    /// Adds one point of the application.
    fn add_point(&mut self, tier: Tier, chunk: &Chunk, subject: &Subject, at: usize) {
        let half = Half::Applications;
        let of = |metric| total(chunk, subject, tier, (half, metric), at);
        let Some(ran_ms) = of(Metric::KnownMs) else { return };
        self.ran_ms = self.ran_ms.saturating_add(ran_ms);
        sum(&mut self.cpu_ms, of(Metric::CpuTotalMs));
        sum(&mut self.read_bytes, of(Metric::ReadTotalBytes));
        sum(&mut self.written_bytes, of(Metric::WriteTotalBytes));
        sum(&mut self.received_bytes, of(Metric::ReceivedTotalBytes));
        sum(&mut self.sent_bytes, of(Metric::SentTotalBytes));
        for (held, metric) in
            [(&mut self.memory, Metric::MemoryBytes), (&mut self.pss, Metric::PssBytes)]
        {
            let value = |i: usize| {
                let column = subject.columns.get(half.place(metric)? * tier.statistics() + i)?;
                Some(metric.value_of(column.get(at).copied().flatten()?))
            };
            if let Some(mean) = value(0) {
                let highest = if tier == Tier::Seconds { None } else { value(2) };
                held.add(mean, highest.unwrap_or(mean), ran_ms);
            }
        }
    }
}

/// An interval, by its number: from, until before, milliseconds since boot.
type Interval = (usize, i64, i64);

impl Reader {
    /// What an application used in each interval between neighbouring `cuts`, which ascend
    /// (milliseconds since 1970; a second at a cut belongs to the interval after it), and since when
    /// anything is kept.
    ///
    /// # Errors
    /// When what is kept cannot be read.
    pub fn ledger(
        &mut self,
        application: &str,
        cuts: &[i64],
    ) -> Result<(Vec<Ledger>, Option<i64>), StoreError> {
        let mut ledgers = vec![Ledger::default(); cuts.len().saturating_sub(1)];
        let mut first_ms: Option<i64> = None;
        let path = self.location.database.clone();
        let minute = self.minute()?;
        let boots = self.boots()?;
        if let Some(connection) = self.connect()? {
            for boot in &boots {
                let kept =
                    Kept::of(connection, boot).map_err(|e| StoreError::database(&path, e))?;
                let Some((start_ms, end_ms)) = kept.span() else { continue };
                let begun_ms = boot.boot_ms.saturating_add(start_ms);
                first_ms = Some(first_ms.map_or(begun_ms, |first| first.min(begun_ms)));
                let mut intervals = intervals(cuts, boot.boot_ms);
                intervals.retain(|(_, from, to)| *from <= end_ms && *to > start_ms);
                if intervals.is_empty() {
                    continue;
                }
                kept.points(Half::Host, intervals.clone(), "", |number, tier, chunk, at| {
                    record(&mut ledgers, number, tier, chunk, at);
                })
                .map_err(|failure| failure.named(&path))?;
                let half = Half::Applications;
                kept.points(half, intervals, application, |number, tier, chunk, at| {
                    if let Some((ledger, subject)) =
                        ledgers.get_mut(number).zip(chunk.subjects.first())
                    {
                        ledger.add_point(tier, chunk, subject, at);
                    }
                })
                .map_err(|failure| failure.named(&path))?;
            }
        }
        if let Some(minute) = minute {
            let digest = minute.digest()?;
            let begun_ms = minute.boot_ms.saturating_add(minute.start_ms);
            first_ms = Some(first_ms.map_or(begun_ms, |first| first.min(begun_ms)));
            let intervals = intervals(cuts, minute.boot_ms);
            let subject = digest.applications.subjects.iter().find(|one| one.id == application);
            for (at, time) in digest.host.times.iter().enumerate() {
                let within = intervals.iter().find(|(_, from, to)| (*from..*to).contains(time));
                let Some((number, ..)) = within else { continue };
                record(&mut ledgers, *number, Tier::Seconds, &digest.host, at);
                if let Some((ledger, subject)) = ledgers.get_mut(*number).zip(subject) {
                    ledger.add_point(Tier::Seconds, &digest.applications, subject, at);
                }
            }
        }
        Ok((ledgers, first_ms))
    }
}

fn intervals(cuts: &[i64], boot_ms: i64) -> Vec<Interval> {
    let since = |at_ms: &i64| at_ms.saturating_sub(boot_ms);
    let pairs = cuts.iter().zip(cuts.iter().skip(1)).enumerate();
    pairs.map(|(number, (from, to))| (number, since(from), since(to))).collect()
}

/// Adds one point of the machine.
fn record(ledgers: &mut [Ledger], number: usize, tier: Tier, chunk: &Chunk, at: usize) {
    let known = (Half::Host, Metric::KnownMs);
    let length = chunk.subjects.first().and_then(|host| total(chunk, host, tier, known, at));
    if let (Some(ledger), Some(length)) = (ledgers.get_mut(number), length) {
        ledger.recorded_ms = ledger.recorded_ms.saturating_add(length);
    }
}

/// What the tiers have of a boot.
struct Kept<'a> {
    connection: &'a Connection,
    boot: i64,
    ranges: [Option<(i64, i64)>; 3],
}

impl<'a> Kept<'a> {
    fn of(connection: &'a Connection, boot: &StoredBoot) -> rusqlite::Result<Self> {
        let mut ranges = [None; 3];
        for (range, tier) in ranges.iter_mut().zip(Tier::ALL) {
            *range = series::range(connection, tier, boot.id)?;
        }
        Ok(Self { connection, boot: boot.id, ranges })
    }

    fn span(&self) -> Option<(i64, i64)> {
        let ranges = self.ranges.iter().flatten();
        ranges.copied().reduce(|one, other| (one.0.min(other.0), one.1.max(other.1)))
    }

    /// Hands each point of the intervals, which ascend, to `each` once: number of the interval, tier,
    /// chunk, and place in it. The chunks hold nothing but the subject.
    fn points(
        &self,
        half: Half,
        intervals: Vec<Interval>,
        subject: &str,
        mut each: impl FnMut(usize, Tier, &Chunk, usize),
    ) -> Result<(), Failure> {
        let mut todo = intervals;
        let mut finer = Tier::ALL.iter().zip(&self.ranges).rev().skip(1);
        for tier in Tier::ALL.into_iter().rev() {
            // From there on points that are cut through are better asked of the finer tier.
            let finer_ms = finer.next().and_then(|(_, range)| *range).map(|(start, _)| start);
            let width = if tier == Tier::Seconds { 0 } else { tier.resolution_ms() };
            let mut left = Vec::new();
            let mut covered = i64::MIN;
            for (number, from, to) in todo {
                let mut at_ms = from.max(covered);
                if at_ms >= to {
                    continue;
                }
                let span = (at_ms, to - 1);
                series::windows(self.connection, tier, self.boot, half, span, |packed| {
                    let chunk = Chunk::decode(packed, |id| id == subject)?;
                    for (at, time) in chunk.times.iter().enumerate() {
                        let end = time.saturating_add(width);
                        let is_cut = end > to && finer_ms.is_some_and(|finer| finer <= *time);
                        if *time < at_ms || *time >= to || is_cut {
                            continue;
                        }
                        if *time > at_ms && tier != Tier::Seconds {
                            left.push((number, at_ms, *time));
                        }
                        each(number, tier, &chunk, at);
                        at_ms = end;
                        covered = end;
                    }
                    Ok::<_, Failure>(())
                })?;
                if at_ms < to && tier != Tier::Seconds {
                    left.push((number, at_ms, to));
                }
            }
            todo = left;
        }
        Ok(())
    }
}
