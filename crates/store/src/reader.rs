//! Answers about the past, from the database and the minute under way, whoever writes them.

use crate::{
    Location, StoreError,
    block::{Frame, Replay},
    chunk::{Chunk, Column},
    codec::decompress,
    database,
    digest::{Digest, digest},
    journal,
    names::{Names, NamesCursor},
    rollup::Failure,
    span::{Bucket, Gap, Grid, SeriesPoints, Tier},
    streams::Streams,
    tables::{
        boots,
        boots::StoredBoot,
        events,
        events::StoredEvent,
        frames,
        series::{self, APPLICATION_METRICS, Half, Metric},
        settings,
    },
    tick::Before,
};
use ira_model::ProcessKey;
use rusqlite::Connection;
use std::collections::BTreeMap;

/// See the module.
#[derive(Debug)]
pub struct Reader {
    location: Location,
    connection: Option<Connection>,
}

/// A block wherever it lies, unpacked, with the names of its epoch before it.
struct Unpacked {
    boot_ms: i64,
    earlier_names: Vec<Vec<u8>>,
    /// The base of its epoch, where an earlier block has it.
    epoch: Option<Streams>,
    names: Vec<u8>,
    counters: Streams,
    before: i64,
}

impl Unpacked {
    fn replay(&self) -> Result<Replay<'_>, StoreError> {
        Replay::new(&self.counters, self.epoch.as_ref())
    }

    fn digest(&self) -> Result<Digest, StoreError> {
        digest(self.earlier()?, &self.names, &self.counters, self.epoch.as_ref())
    }

    fn earlier(&self) -> Result<Names, StoreError> {
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
        Ok(Some(replay.frame(&names, self.boot_ms)))
    }
}

impl Reader {
    /// Reads there. Nothing needs to be there yet.
    #[must_use]
    pub fn new(location: Location) -> Self {
        Self { location, connection: None }
    }

    fn connect(&mut self) -> Result<Option<&Connection>, StoreError> {
        if self.connection.is_none() {
            self.connection = database::open_to_read(&self.location)?;
        }
        Ok(self.connection.as_ref())
    }

    fn ask<T: Default>(
        &mut self,
        question: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, StoreError> {
        let path = self.location.database.clone();
        match self.connect()? {
            Some(connection) => question(connection).map_err(|e| StoreError::database(&path, e)),
            None => Ok(T::default()),
        }
    }

    /// The minute under way, as far as it got.
    fn minute(&mut self) -> Result<Option<Unpacked>, StoreError> {
        let Some(left) = journal::read(&self.location.journal())? else { return Ok(None) };
        let minute = left.minute;
        let Some(boot) = self.ask(|c| boots::get(c, minute.boot))? else { return Ok(None) };
        let (earlier_names, epoch) = if minute.epoch == 0 {
            (Vec::new(), None)
        } else {
            let names = self.ask(|c| frames::names(c, minute.epoch, i64::MAX))?;
            (unpack_names(names)?, Some(self.epoch(minute.epoch)?))
        };
        Ok(Some(Unpacked {
            boot_ms: boot.boot_ms,
            earlier_names,
            epoch,
            names: left.names,
            counters: left.counters,
            before: i64::from(minute.before),
        }))
    }

    fn block(
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
            earlier_names: names,
            epoch,
            names: own,
            counters: Streams::unpack(&packed)?,
            before: block.before,
        }))
    }

    fn epoch(&mut self, id: i64) -> Result<Streams, StoreError> {
        Streams::unpack_base(&self.ask(|c| frames::counters(c, id))?)
    }

    fn boots(&mut self) -> Result<Vec<StoredBoot>, StoreError> {
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
        for boot in self.boots()? {
            if let Some((start, end)) = self.ask(|c| frames::range(c, boot.id))? {
                add(boot.boot_ms.saturating_add(start), boot.boot_ms.saturating_add(end));
            }
        }
        if let Some(minute) = self.minute()? {
            let mut replay = minute.replay()?;
            if replay.advance()? {
                let at_ms = minute.boot_ms.saturating_add(replay.since_boot_ms);
                add(at_ms, at_ms);
            }
        }
        Ok(found)
    }

    /// Whiles within a span of which nothing is kept.
    ///
    /// # Errors
    /// When what is kept cannot be read.
    pub fn gaps(&mut self, from_ms: i64, to_ms: i64) -> Result<Vec<Gap>, StoreError> {
        let mut gaps = Vec::new();
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
        if let Some(minute) = self.minute()?.filter(|minute| minute.before != 0) {
            let mut replay = minute.replay()?;
            if replay.advance()? {
                let at_ms = minute.boot_ms.saturating_add(replay.since_boot_ms);
                if (from_ms..=to_ms).contains(&at_ms) {
                    let before = Before::from_number(minute.before);
                    gaps.push(Gap { from_ms: last_end, to_ms: at_ms, before });
                }
            }
        }
        Ok(gaps)
    }

    /// Events of a span, ascending, the newest `limit` of them.
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
        let mut found: Vec<StoredEvent> = Vec::new();
        let mut add = |boot_ms: i64, events: Vec<StoredEvent>| {
            found.extend(events.into_iter().map(|mut event| {
                event.at_ms = event.at_ms.saturating_add(boot_ms);
                event
            }));
        };
        for boot in self.boots()? {
            let span = (from_ms.saturating_sub(boot.boot_ms), to_ms.saturating_sub(boot.boot_ms));
            let kept = self.ask(|c| events::within(c, boot.id, span, application, limit))?;
            add(boot.boot_ms, kept);
        }
        if let Some(minute) = self.minute()? {
            let digest = minute.digest()?;
            add(minute.boot_ms, digest.events);
        }
        found.retain(|event| {
            (from_ms..=to_ms).contains(&event.at_ms)
                && application.is_none_or(|id| event.application.as_deref() == Some(id))
        });
        found.sort_by_key(|event| event.at_ms);
        let surplus = found.len().saturating_sub(limit as usize);
        found.drain(..surplus);
        Ok(found)
    }

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
        if let Some(minute) = self.minute()? {
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
        for boot in self.boots()? {
            let span = (from_ms.saturating_sub(boot.boot_ms), to_ms.saturating_sub(boot.boot_ms));
            for block in self.ask(|c| frames::within(c, boot.id, span))? {
                if let Some(unpacked) = self.block(boot, &block)? {
                    add(&unpacked)?;
                }
            }
        }
        if let Some(minute) = self.minute()? {
            add(&minute)?;
        }
        Ok(SeriesPoints {
            from_ms: grid.from_ms,
            step_ms: grid.step_ms,
            resolution_ms: Tier::Seconds.resolution_ms(),
            buckets: rows,
        })
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
    packed.iter().map(|(_, bytes)| decompress(bytes, "process names")).collect()
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
    let Some(place) = half.metrics().iter().position(|m| *m == metric) else {
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
