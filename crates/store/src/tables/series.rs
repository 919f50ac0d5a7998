//! Series: figures over time, many at once in a chunk of one window.
//!
//! A chunk holds the same times for every subject; a subject (the machine, or an application by
//! its identifier) has a column for each metric and statistic. Values are whole numbers in the
//! metric's grain, as differences, packed with zstd.

use crate::{
    StoreError,
    codec::{Bytes, compress, decompress, put, put_signed, put_text},
    span::Tier,
};
use rusqlite::{Connection, Result};

pub(crate) const CREATE: &str = "
CREATE TABLE series (
    tier INTEGER NOT NULL,      -- 0 seconds, 1 minutes, 2 quarter hours
    boot INTEGER NOT NULL REFERENCES boots (id),
    start_ms INTEGER NOT NULL,  -- since boot
    end_ms INTEGER NOT NULL,    -- since boot
    host BLOB NOT NULL,
    applications BLOB NOT NULL,
    PRIMARY KEY (tier, boot, start_ms)
) STRICT;";

/// A figure kept over time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Metric {
    /// Host: the largest of CPU, memory pressure and disk busy, 0 to 1.
    LoadRatio,
    /// CPU as a share of one core.
    CpuRatio,
    /// Host: memory not available; applications: resident memory.
    MemoryBytes,
    /// Host: swap in use.
    SwapBytes,
    /// From storage.
    ReadBytesPerSec,
    /// To storage.
    WriteBytesPerSec,
    /// Host: busy share of the busiest disk.
    DiskBusyRatio,
    /// Host: received by all interfaces; applications: over TCP.
    ReceivedBytesPerSec,
    /// Host: sent by all interfaces; applications: over TCP.
    SentBytesPerSec,
    /// Host: share of time some task waited for memory.
    MemoryPressureRatio,
    /// Applications: memory with shared pages in shares.
    PssBytes,
}

/// Columns of the machine, in their stored order; new ones go to the end.
pub const HOST_METRICS: [Metric; 10] = [
    Metric::LoadRatio,
    Metric::CpuRatio,
    Metric::MemoryBytes,
    Metric::SwapBytes,
    Metric::ReadBytesPerSec,
    Metric::WriteBytesPerSec,
    Metric::DiskBusyRatio,
    Metric::ReceivedBytesPerSec,
    Metric::SentBytesPerSec,
    Metric::MemoryPressureRatio,
];

/// Columns of an application, in their stored order; new ones go to the end.
pub const APPLICATION_METRICS: [Metric; 7] = [
    Metric::CpuRatio,
    Metric::MemoryBytes,
    Metric::ReadBytesPerSec,
    Metric::WriteBytesPerSec,
    Metric::ReceivedBytesPerSec,
    Metric::SentBytesPerSec,
    Metric::PssBytes,
];

impl Metric {
    /// Size of one stored step: a ten-thousandth for shares, a KiB for memory, a byte a second.
    fn grain(self) -> f64 {
        match self {
            Self::LoadRatio | Self::CpuRatio | Self::DiskBusyRatio | Self::MemoryPressureRatio => {
                0.0001
            }
            Self::MemoryBytes | Self::SwapBytes | Self::PssBytes => 1024.0,
            Self::ReadBytesPerSec
            | Self::WriteBytesPerSec
            | Self::ReceivedBytesPerSec
            | Self::SentBytesPerSec => 1.0,
        }
    }

    /// The stored number of a value.
    pub(crate) fn to_stored(self, value: f64) -> i64 {
        (value / self.grain()).round() as i64
    }

    /// The value of a stored number.
    pub(crate) fn value_of(self, stored: i64) -> f64 {
        stored as f64 * self.grain()
    }
}

/// One column: a value for each time of the chunk.
pub(crate) type Column = Vec<Option<i64>>;

/// Columns of one subject; the machine's identifier is empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Subject {
    pub(crate) id: String,
    /// Metric by metric, its statistics beside each other (see [`Tier::statistics`]).
    pub(crate) columns: Vec<Column>,
}

/// See the module.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Chunk {
    pub(crate) times: Vec<i64>,
    pub(crate) subjects: Vec<Subject>,
}

const NONE: u8 = 0;
const ALL: u8 = 1;
const SOME: u8 = 2;

impl Chunk {
    /// Packs the chunk.
    pub(crate) fn encode(&self) -> std::result::Result<Vec<u8>, StoreError> {
        let mut out = Vec::new();
        put(&mut out, self.times.len() as u64);
        let mut last = 0;
        for time in &self.times {
            put_signed(&mut out, time.wrapping_sub(last));
            last = *time;
        }
        put(&mut out, self.subjects.len() as u64);
        for subject in &self.subjects {
            put_text(&mut out, &subject.id);
            put(&mut out, subject.columns.len() as u64);
            subject.columns.iter().for_each(|column| put_column(&mut out, column));
        }
        compress(&out, "series chunk")
    }

    /// Unpacks those subjects of a chunk that are wanted.
    pub(crate) fn decode(
        packed: &[u8],
        wanted: impl Fn(&str) -> bool,
    ) -> std::result::Result<Self, StoreError> {
        let bytes = decompress(packed, "series chunk")?;
        let mut bytes = Bytes::new(&bytes, "series chunk");
        let count = bytes.take_count()?;
        let mut times = Vec::with_capacity(count);
        let mut last = 0_i64;
        for _ in 0..count {
            last = last.wrapping_add(bytes.take_signed()?);
            times.push(last);
        }
        let mut subjects = Vec::new();
        for _ in 0..bytes.take_count()? {
            let id = bytes.take_text()?;
            let keep = wanted(id);
            let mut columns = Vec::new();
            for _ in 0..bytes.take_count()? {
                let column = take_column(&mut bytes, count)?;
                if keep {
                    columns.push(column);
                }
            }
            if keep {
                subjects.push(Subject { id: id.to_owned(), columns });
            }
        }
        Ok(Self { times, subjects })
    }
}

fn put_column(out: &mut Vec<u8>, column: &Column) {
    let present = column.iter().flatten().count();
    out.push(match present {
        0 => NONE,
        _ if present == column.len() => ALL,
        _ => SOME,
    });
    if present != 0 && present != column.len() {
        for eight in column.chunks(8) {
            out.push(
                eight.iter().enumerate().fold(0, |bits, (i, v)| bits | u8::from(v.is_some()) << i),
            );
        }
    }
    let mut last = 0_i64;
    for value in column.iter().flatten() {
        put_signed(out, value.wrapping_sub(last));
        last = *value;
    }
}

fn take_column(bytes: &mut Bytes<'_>, count: usize) -> std::result::Result<Column, StoreError> {
    let form = bytes.byte()?;
    let bits = if form == SOME { bytes.take_slice(count.div_ceil(8))? } else { &[] };
    let mut last = 0_i64;
    (0..count)
        .map(|i| {
            let present = match form {
                NONE => false,
                ALL => true,
                _ => bits.get(i / 8).is_some_and(|byte| byte & (1 << (i % 8)) != 0),
            };
            if !present {
                return Ok(None);
            }
            last = last.wrapping_add(bytes.take_signed()?);
            Ok(Some(last))
        })
        .collect()
}

/// Keeps the chunks of a window; one that is there already is replaced.
pub(crate) fn put_window(
    connection: &Connection,
    tier: Tier,
    boot: i64,
    window: (i64, i64),
    host: &[u8],
    applications: &[u8],
) -> Result<()> {
    connection.execute(
        "INSERT OR REPLACE INTO series (tier, boot, start_ms, end_ms, host, applications)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        (tier as u8, boot, window.0, window.1, host, applications),
    )?;
    Ok(())
}

/// Which of the two chunks of a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Half {
    Host,
    Applications,
}

/// Hands each window of a boot that touches a span of it to `each`, ascending.
pub(crate) fn windows<E: From<rusqlite::Error>>(
    connection: &Connection,
    tier: Tier,
    boot: i64,
    half: Half,
    span: (i64, i64),
    mut each: impl FnMut(&[u8]) -> std::result::Result<(), E>,
) -> std::result::Result<(), E> {
    let column = match half {
        Half::Host => "host",
        Half::Applications => "applications",
    };
    let mut statement = connection.prepare_cached(&format!(
        "SELECT {column} FROM series WHERE tier = ?1 AND boot = ?2
         AND start_ms BETWEEN ?3 AND ?4 AND end_ms >= ?5 ORDER BY start_ms"
    ))?;
    // No window is wider, so none that begins earlier can reach into the span.
    let earliest = span.0.saturating_sub(tier.window_ms());
    let mut rows = statement.query((tier as u8, boot, earliest, span.1, span.0))?;
    while let Some(row) = rows.next()? {
        each(row.get_ref(0)?.as_blob().map_err(rusqlite::Error::from)?)?;
    }
    Ok(())
}

/// First start and last end of a tier in a boot.
pub(crate) fn range(connection: &Connection, tier: Tier, boot: i64) -> Result<Option<(i64, i64)>> {
    connection
        .prepare_cached(
            "SELECT min(start_ms), max(end_ms) FROM series WHERE tier = ?1 AND boot = ?2",
        )?
        .query_row((tier as u8, boot), |row| {
            Ok(row.get::<_, Option<i64>>(0)?.zip(row.get::<_, Option<i64>>(1)?))
        })
}

/// First start in a boot at or after a moment of it.
pub(crate) fn next_start(
    connection: &Connection,
    tier: Tier,
    boot: i64,
    from_ms: i64,
) -> Result<Option<i64>> {
    connection
        .prepare_cached(
            "SELECT min(start_ms) FROM series WHERE tier = ?1 AND boot = ?2 AND start_ms >= ?3",
        )?
        .query_row((tier as u8, boot, from_ms), |row| row.get(0))
}

/// Removes the oldest window of a tier when it ended before a moment.
pub(crate) fn remove_before(connection: &Connection, tier: Tier, before_ms: i64) -> Result<usize> {
    connection.execute(
        "DELETE FROM series WHERE (tier, boot, start_ms) IN (
            SELECT tier, boot, start_ms FROM (
                SELECT tier, boot, start_ms, end_ms FROM series WHERE tier = ?1
                ORDER BY boot, start_ms LIMIT 1) AS oldest
            JOIN boots ON boots.id = oldest.boot WHERE boots.boot_ms + oldest.end_ms < ?2)",
        (tier as u8, before_ms),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn chunks_come_back(columns in proptest::collection::vec(
            proptest::collection::vec(proptest::option::of(any::<i64>()), 13), 0..5)
        ) {
            let chunk = Chunk {
                times: (0..13).map(|i| 1_700_000_000_000 + i * 1000).collect(),
                subjects: vec![
                    Subject { id: "process:/a".into(), columns: columns.clone() },
                    Subject { id: String::new(), columns },
                ],
            };
            let packed = chunk.encode().unwrap();
            prop_assert_eq!(&Chunk::decode(&packed, |_| true).unwrap(), &chunk);
            let one = Chunk::decode(&packed, str::is_empty).unwrap();
            prop_assert_eq!(&one.subjects[0], &chunk.subjects[1]);
        }
    }
}
