//! Coarser tiers from finer ones. A window is rolled up once it is over, from what the finer tier
//! has of it; doing it twice gives the same, so a crash in between costs nothing.

use crate::{
    StoreError,
    chunk::{Chunk, Column, Subject},
    span::Tier,
    tables::{
        corrections::{self, Waiting},
        series::{self, Half, Metric},
    },
};
use rusqlite::Connection;
use std::{collections::BTreeMap, path::Path};

/// Rolls up the next window of a tier in a boot that is over at `now_ms` of it, if there is one.
/// Windows begin at whole multiples of their width since boot.
pub(crate) fn next_window(
    connection: &Connection,
    path: &Path,
    tier: Tier,
    boot: i64,
    now_ms: i64,
) -> Result<bool, StoreError> {
    let Some(finer) = finer(tier) else { return Ok(false) };
    let fail = |e| StoreError::database(path, e);
    let done = series::range(connection, tier, boot).map_err(fail)?.map_or(-1, |(_, end)| end);
    // A chunk of seconds may begin before the window it reaches into.
    let next = series::next_start(connection, finer, boot, done.saturating_add(1)).map_err(fail)?;
    let Some(first) = next else { return Ok(false) };
    let width = tier.window_ms();
    let start = first.div_euclid(width) * width;
    let end = start + width - 1;
    if end >= now_ms {
        return Ok(false);
    }
    let (host, applications) = (
        window(connection, path, tier, boot, Half::Host, start)?,
        window(connection, path, tier, boot, Half::Applications, start)?,
    );
    series::put_window(connection, tier, boot, (start, end), &host, &applications).map_err(fail)?;
    let made = Waiting { tier: tier as u8, boot, start_ms: start };
    corrections::wait_behind(connection, made).map_err(fail)?;
    Ok(true)
}

/// One half of a window of a tier, from what the finer one has of it.
pub(crate) fn window(
    connection: &Connection,
    path: &Path,
    tier: Tier,
    boot: i64,
    half: Half,
    start: i64,
) -> Result<Vec<u8>, StoreError> {
    let Some(finer) = finer(tier) else { return Ok(Vec::new()) };
    let end = start + tier.window_ms() - 1;
    let mut rollup = Rollup::new(tier, finer, half, (start, end));
    series::windows(connection, finer, boot, half, (start, end), |packed| {
        rollup.add(&Chunk::decode(packed, |_| true)?);
        Ok::<_, Failure>(())
    })
    .map_err(|failure| failure.named(path))?;
    rollup.finish().encode()
}

/// The applications of a window that is there, made again. What the finer tier does not have any
/// more stays as it was.
pub(crate) fn again(
    connection: &Connection,
    path: &Path,
    tier: Tier,
    boot: i64,
    start: i64,
) -> Result<Vec<u8>, StoreError> {
    let fail = |e| StoreError::database(path, e);
    let half = Half::Applications;
    let packed = window(connection, path, tier, boot, half, start)?;
    let Some(finer) = finer(tier) else { return Ok(packed) };
    let has = series::range(connection, finer, boot).map_err(fail)?;
    let first = has.map_or(i64::MAX, |(first, _)| first);
    let kept = first.saturating_sub(start).div_euclid(tier.resolution_ms()).max(0);
    let kept = usize::try_from(kept).unwrap_or(usize::MAX);
    if kept == 0 {
        return Ok(packed);
    }
    let mut chunk = Chunk::decode(&packed, |_| true)?;
    let mut earlier = Chunk::default();
    series::windows(connection, tier, boot, half, (start, start), |packed| {
        earlier = Chunk::decode(packed, |_| true)?;
        Ok::<_, Failure>(())
    })
    .map_err(|failure| failure.named(path))?;
    let mut by_id: BTreeMap<String, Vec<Column>> = BTreeMap::new();
    for (subject, is_kept) in earlier
        .subjects
        .into_iter()
        .map(|subject| (subject, true))
        .chain(chunk.subjects.drain(..).map(|subject| (subject, false)))
    {
        let points = chunk.times.len();
        let columns = by_id.entry(subject.id).or_default();
        let count = columns.len().max(subject.columns.len());
        columns.resize_with(count, Column::new);
        for (to, from) in columns.iter_mut().zip(subject.columns) {
            to.resize(points, None);
            for (at, (to, from)) in to.iter_mut().zip(from).enumerate() {
                if (at < kept) == is_kept {
                    *to = from;
                }
            }
        }
    }
    by_id.retain(|_, columns| columns.iter().flatten().any(Option::is_some));
    chunk.subjects = by_id.into_iter().map(|(id, columns)| Subject { id, columns }).collect();
    chunk.encode()
}

fn finer(tier: Tier) -> Option<Tier> {
    match tier {
        Tier::Seconds => None,
        Tier::Minutes => Some(Tier::Seconds),
        Tier::Quarters => Some(Tier::Minutes),
    }
}

/// Either half of what can fail while chunks are read.
#[derive(Debug)]
pub(crate) enum Failure {
    Store(StoreError),
    Database(rusqlite::Error),
}

impl Failure {
    pub(crate) fn named(self, path: &Path) -> StoreError {
        match self {
            Self::Store(error) => error,
            Self::Database(error) => StoreError::database(path, error),
        }
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<rusqlite::Error> for Failure {
    fn from(error: rusqlite::Error) -> Self {
        Self::Database(error)
    }
}

#[derive(Clone, Copy, Default)]
struct Cell {
    sum: i128,
    count: i64,
    min: i64,
    max: i64,
    last: i64,
}

impl Cell {
    fn add(&mut self, mean: i64, min: i64, max: i64, last: i64) {
        if self.count == 0 {
            (self.min, self.max) = (min, max);
        }
        self.sum += i128::from(mean);
        self.count += 1;
        self.min = self.min.min(min);
        self.max = self.max.max(max);
        self.last = last;
    }

    fn statistics(&self, is_total: bool) -> [Option<i64>; 4] {
        if self.count == 0 {
            return [None; 4];
        }
        if is_total {
            let sum = i64::try_from(self.sum).unwrap_or(i64::MAX);
            return [Some(sum), None, None, None];
        }
        let mean = i64::try_from(self.sum / i128::from(self.count)).unwrap_or(i64::MAX);
        [mean, self.min, self.max, self.last].map(Some)
    }
}

/// What a point of a tier adds to a total: nothing where an older program did not keep it.
pub(crate) fn total(
    chunk: &Chunk,
    subject: &Subject,
    tier: Tier,
    (half, metric): (Half, Metric),
    at: usize,
) -> Option<i64> {
    let of = |metric: Metric| {
        let column = subject.columns.get(half.place(metric)? * tier.statistics())?;
        column.get(at).copied().flatten()
    };
    if tier != Tier::Seconds {
        return of(metric);
    }
    match metric.summed() {
        Some(source) => of(source),
        // It is known then when anything of it is.
        None => half
            .metrics()
            .iter()
            .any(|metric| of(*metric).is_some())
            .then(|| chunk.lengths.get(at).copied())
            .flatten(),
    }
}

struct Rollup {
    tier: Tier,
    finer: Tier,
    half: Half,
    metrics: &'static [Metric],
    window: (i64, i64),
    points: usize,
    subjects: BTreeMap<String, Vec<Vec<Cell>>>,
}

impl Rollup {
    fn new(tier: Tier, finer: Tier, half: Half, window: (i64, i64)) -> Self {
        let points = (tier.window_ms() / tier.resolution_ms()) as usize;
        let (metrics, subjects) = (half.metrics(), BTreeMap::new());
        Self { tier, finer, half, metrics, window, points, subjects }
    }

    fn add(&mut self, chunk: &Chunk) {
        let statistics = self.finer.statistics();
        for subject in &chunk.subjects {
            let rows = self.subjects.entry(subject.id.clone()).or_default();
            if rows.is_empty() {
                rows.resize(self.metrics.len(), vec![Cell::default(); self.points]);
            }
            for (place, (row, metric)) in rows.iter_mut().zip(self.metrics).enumerate() {
                for (at, time) in chunk.times.iter().enumerate() {
                    let cell = (time - self.window.0).div_euclid(self.tier.resolution_ms());
                    let cell = usize::try_from(cell).ok().and_then(|cell| row.get_mut(cell));
                    let Some(cell) = cell else { continue };
                    if metric.is_total() {
                        let total = total(chunk, subject, self.finer, (self.half, *metric), at);
                        if let Some(total) = total {
                            cell.add(total, total, total, total);
                        }
                        continue;
                    }
                    let value = |i: usize| {
                        let column = subject.columns.get(place * statistics + i)?;
                        let stored = column.get(at).copied().flatten()?;
                        Some(metric.to_stored(chunk.value(*metric, at, stored)))
                    };
                    if let Some(mean) = value(0) {
                        let or_mean = |i| value(i).unwrap_or(mean);
                        cell.add(mean, or_mean(1), or_mean(2), or_mean(3));
                    }
                }
            }
        }
    }

    fn finish(self) -> Chunk {
        let times = (0..self.points as i64)
            .map(|i| self.window.0 + i * self.tier.resolution_ms())
            .collect();
        let subjects = self
            .subjects
            .into_iter()
            .map(|(id, rows)| {
                let columns = rows
                    .iter()
                    .zip(self.metrics)
                    .flat_map(|(cells, metric)| {
                        let is_total = metric.is_total();
                        let statistics: Vec<_> =
                            cells.iter().map(|cell| cell.statistics(is_total)).collect();
                        (0..4).map(move |i| {
                            statistics
                                .iter()
                                .map(|s| s.get(i).copied().flatten())
                                .collect::<Column>()
                        })
                    })
                    .collect();
                Subject { id, columns }
            })
            .collect();
        Chunk { times, lengths: Vec::new(), subjects }
    }
}
