//! Figures over time: from the tiers that answer for a span, and from the minute under way.

use super::{Reader, Unpacked};
use crate::{
    StoreError,
    chunk::{Chunk, Column},
    rollup::Failure,
    span::{Bucket, Grid, SeriesPoints, Tier},
    tables::{
        frames,
        series::{self, APPLICATION_METRICS, Half, Metric},
    },
};
use ira_model::ProcessKey;
use std::collections::BTreeMap;

impl Reader {
    /// Figures of the machine (`None`) or of one application over a span.
    ///
    /// # Errors
    /// When what is kept cannot be read.
    pub fn series(
        &mut self,
        application: Option<&str>,
        metrics: &[Metric],
        from_ms: i64,
        to_ms: i64,
        points: u32,
    ) -> Result<SeriesPoints, StoreError> {
        let grid = Grid::new(from_ms, to_ms, points);
        let mut rows = vec![grid.empty(); metrics.len()];
        let half = if application.is_some() { Half::Applications } else { Half::Host };
        let id = application.unwrap_or_default();
        let resolution_ms = self.chunks(
            &grid,
            half,
            |subject| subject == id,
            |tier, span, chunk| {
                for subject in &chunk.subjects {
                    for (row, metric) in rows.iter_mut().zip(metrics) {
                        add_column(
                            &grid,
                            tier,
                            span,
                            chunk,
                            (half, &subject.columns),
                            *metric,
                            row,
                        );
                    }
                }
            },
        )?;
        Ok(SeriesPoints {
            from_ms: grid.from_ms,
            step_ms: grid.step_ms,
            resolution_ms,
            buckets: rows,
        })
    }

    /// One figure of every application over a span, by identifier.
    ///
    /// # Errors
    /// When what is kept cannot be read.
    pub fn every_application(
        &mut self,
        metric: Metric,
        from_ms: i64,
        to_ms: i64,
        points: u32,
    ) -> Result<(SeriesPoints, Vec<String>), StoreError> {
        let grid = Grid::new(from_ms, to_ms, points);
        let mut rows: BTreeMap<String, Vec<Option<Bucket>>> = BTreeMap::new();
        let half = Half::Applications;
        let resolution_ms = self.chunks(
            &grid,
            half,
            |_| true,
            |tier, span, chunk| {
                for subject in &chunk.subjects {
                    let row = rows.entry(subject.id.clone()).or_insert_with(|| grid.empty());
                    add_column(&grid, tier, span, chunk, (half, &subject.columns), metric, row);
                }
            },
        )?;
        rows.retain(|_, row| row.iter().any(Option::is_some));
        let (ids, buckets) = rows.into_iter().unzip();
        let points =
            SeriesPoints { from_ms: grid.from_ms, step_ms: grid.step_ms, resolution_ms, buckets };
        Ok((points, ids))
    }

    /// Hands every chunk of a span to `each`, from the tiers that answer for it and from the
    /// minute under way. Returns the width of the coarsest point.
    fn chunks(
        &mut self,
        grid: &Grid,
        half: Half,
        wanted: impl Fn(&str) -> bool,
        mut each: impl FnMut(Tier, (i64, i64), &Chunk),
    ) -> Result<i64, StoreError> {
        let mut resolution_ms = Tier::Seconds.resolution_ms();
        let path = self.location.database.clone();
        let minute = self.minute()?;
        let boots = self.boots()?;
        if let Some(connection) = self.connect()? {
            let named = |e| StoreError::database(&path, e);
            let mut has: [Option<(i64, i64)>; 3] = [None; 3];
            for (has, tier) in has.iter_mut().zip(Tier::ALL) {
                for boot in &boots {
                    let range = series::range(connection, tier, boot.id).map_err(named)?;
                    if let Some((start, end)) = range {
                        let (start, end) = (boot.boot_ms + start, boot.boot_ms + end);
                        let (from, to) = has.unwrap_or((start, end));
                        *has = Some((from.min(start), to.max(end)));
                    }
                }
            }
            for (tier, from, to) in grid.parts(has) {
                for boot in &boots {
                    let span = (from.saturating_sub(boot.boot_ms), to.saturating_sub(boot.boot_ms));
                    series::windows(connection, tier, boot.id, half, span, |packed| {
                        let mut chunk = Chunk::decode(packed, &wanted)?;
                        chunk.times.iter_mut().for_each(|time| *time += boot.boot_ms);
                        if chunk.times.iter().any(|time| (from..=to).contains(time)) {
                            resolution_ms = resolution_ms.max(tier.resolution_ms());
                            each(tier, (from, to), &chunk);
                        }
                        Ok::<_, Failure>(())
                    })
                    .map_err(|failure| failure.named(&path))?;
                }
            }
        }
        if let Some(minute) = minute {
            let digest = minute.digest()?;
            let mut chunk = if half == Half::Host { digest.host } else { digest.applications };
            chunk.times.iter_mut().for_each(|time| *time += minute.boot_ms);
            chunk.subjects.retain(|subject| wanted(&subject.id));
            each(Tier::Seconds, (grid.from_ms, grid.to_ms), &chunk);
        }
        Ok(resolution_ms)
    }

    /// [`APPLICATION_METRICS`] of one process, from the frames themselves.
    ///
    /// # Errors
    /// When what is kept cannot be read.
    pub fn process_series(
        &mut self,
        pid: u32,
        start_time_ms: i64,
        from_ms: i64,
        to_ms: i64,
        points: u32,
    ) -> Result<SeriesPoints, StoreError> {
        let grid = Grid::new(from_ms, to_ms, points);
        let mut rows = vec![grid.empty(); APPLICATION_METRICS.len()];
        let mut add = |unpacked: &Unpacked| -> Result<(), StoreError> {
            let start_ms = start_time_ms.saturating_sub(unpacked.boot_ms).max(0).cast_unsigned();
            let key = ProcessKey { pid, start_ms };
            let mut names = unpacked.earlier()?;
            names.read(&unpacked.names)?;
            let Some(ordinal) = names.ordinal(key) else {
                return Ok(());
            };
            let mut replay = unpacked.replay()?;
            while replay.advance()? {
                let Some(row) = replay.rows.iter().find(|row| row.ordinal == ordinal) else {
                    continue;
                };
                let at_ms = unpacked.boot_ms.saturating_add(replay.since_boot_ms);
                let rates = replay.rates(row);
                let values = [
                    rates.cpu_ratio,
                    row.sample.memory_bytes.map(|bytes| bytes as f64),
                    rates.read_bytes_per_sec,
                    rates.write_bytes_per_sec,
                    rates.received_bytes_per_sec,
                    rates.sent_bytes_per_sec,
                    row.sample.pss_bytes.map(|bytes| bytes as f64),
                ];
                for (row, value) in rows.iter_mut().zip(values) {
                    if let Some(value) = value {
                        grid.add(row, at_ms, value, value, value);
                    }
                }
            }
            Ok(())
        };
        let minute = self.minute()?;
        for boot in self.boots()? {
            let span = (from_ms.saturating_sub(boot.boot_ms), to_ms.saturating_sub(boot.boot_ms));
            for block in self.ask(|c| frames::within(c, boot.id, span))? {
                if let Some(unpacked) = self.block(boot, &block)? {
                    add(&unpacked)?;
                }
            }
        }
        if let Some(minute) = minute {
            add(&minute)?;
        }
        Ok(SeriesPoints {
            from_ms: grid.from_ms,
            step_ms: grid.step_ms,
            resolution_ms: Tier::Seconds.resolution_ms(),
            buckets: rows,
        })
    }
}

/// Adds the points of a chunk that lie within a span to their buckets.
fn add_column(
    grid: &Grid,
    tier: Tier,
    span: (i64, i64),
    chunk: &Chunk,
    (half, columns): (Half, &[Column]),
    metric: Metric,
    row: &mut [Option<Bucket>],
) {
    let statistics = tier.statistics();
    let Some(place) = half.place(metric) else {
        return;
    };
    let column = |i: usize| columns.get(place * statistics + i);
    let Some(means) = column(0) else { return };
    let (mins, maxs) =
        if statistics == 1 { (Some(means), Some(means)) } else { (column(1), column(2)) };
    for (at, time) in chunk.times.iter().enumerate() {
        if *time < span.0 || *time > span.1 {
            continue;
        }
        if let Some(mean) = means.get(at).copied().flatten() {
            let of = |column: Option<&Column>| {
                let stored = column.and_then(|c| c.get(at)).copied().flatten();
                chunk.value(metric, at, stored.unwrap_or(mean))
            };
            grid.add(row, *time, chunk.value(metric, at, mean), of(mins), of(maxs));
        }
    }
}
