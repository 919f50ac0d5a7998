//! Series: figures over time, many at once in a chunk of one window.

use crate::span::Tier;
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
    /// Coarse tiers, in sum: milliseconds of CPU of an application.
    CpuTotalMs,
    /// Coarse tiers, in sum: bytes an application read from storage.
    ReadTotalBytes,
    /// Coarse tiers, in sum: bytes an application wrote to storage.
    WriteTotalBytes,
    /// Coarse tiers, in sum: bytes an application received over TCP.
    ReceivedTotalBytes,
    /// Coarse tiers, in sum: bytes an application sent over TCP.
    SentTotalBytes,
    /// Coarse tiers, in sum: milliseconds that were recorded (host), and of which it ran.
    KnownMs,
}

/// Columns of the machine, in their stored order; new ones go to the end.
pub const HOST_METRICS: [Metric; 11] = [
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
    Metric::KnownMs,
];

/// Columns of an application, in their stored order; new ones go to the end.
pub const APPLICATION_METRICS: [Metric; 13] = [
    Metric::CpuRatio,
    Metric::MemoryBytes,
    Metric::ReadBytesPerSec,
    Metric::WriteBytesPerSec,
    Metric::ReceivedBytesPerSec,
    Metric::SentBytesPerSec,
    Metric::PssBytes,
    Metric::CpuTotalMs,
    Metric::ReadTotalBytes,
    Metric::WriteTotalBytes,
    Metric::ReceivedTotalBytes,
    Metric::SentTotalBytes,
    Metric::KnownMs,
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
            | Self::SentBytesPerSec
            | Self::CpuTotalMs
            | Self::ReadTotalBytes
            | Self::WriteTotalBytes
            | Self::ReceivedTotalBytes
            | Self::SentTotalBytes
            | Self::KnownMs => 1.0,
        }
    }

    /// Whether it is a sum over the points below it. Seconds keep what accumulated and need none.
    pub(crate) fn is_total(self) -> bool {
        self == Self::KnownMs || self.summed().is_some()
    }

    /// What seconds keep of that which is summed up.
    pub(crate) fn summed(self) -> Option<Self> {
        Some(match self {
            Self::CpuTotalMs => Self::CpuRatio,
            Self::ReadTotalBytes => Self::ReadBytesPerSec,
            Self::WriteTotalBytes => Self::WriteBytesPerSec,
            Self::ReceivedTotalBytes => Self::ReceivedBytesPerSec,
            Self::SentTotalBytes => Self::SentBytesPerSec,
            _ => return None,
        })
    }

    /// Whether seconds keep what accumulated in a tick instead of a rate.
    pub(crate) fn accumulates(self) -> bool {
        matches!(
            self,
            Self::CpuRatio
                | Self::ReadBytesPerSec
                | Self::WriteBytesPerSec
                | Self::ReceivedBytesPerSec
                | Self::SentBytesPerSec
        )
    }

    /// The stored number of a value.
    pub(crate) fn to_stored(self, value: f64) -> i64 {
        (value / self.grain()).round() as i64
    }

    /// The value of a stored number.
    pub(crate) fn value_of(self, stored: i64) -> f64 {
        stored as f64 * self.grain()
    }

    /// What accumulated in a tick at that rate: milliseconds of CPU, or bytes.
    pub(crate) fn to_accumulated(self, rate: f64, length_ms: i64) -> i64 {
        let each = if self == Self::CpuRatio { 1.0 } else { 0.001 };
        (rate * length_ms as f64 * each).round() as i64
    }

    /// The reverse of [`Self::to_accumulated`].
    pub(crate) fn rate_of(self, accumulated: i64, length_ms: i64) -> f64 {
        let each = if self == Self::CpuRatio { 1.0 } else { 1000.0 };
        accumulated as f64 * each / length_ms.max(1) as f64
    }
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

/// Replaces the figures of applications in a window that is there.
pub(crate) fn replace_applications(
    connection: &Connection,
    tier: u8,
    boot: i64,
    start_ms: i64,
    applications: &[u8],
) -> Result<()> {
    connection
        .prepare_cached(
            "UPDATE series SET applications = ?4 WHERE tier = ?1 AND boot = ?2 AND start_ms = ?3",
        )?
        .execute((tier, boot, start_ms, applications))?;
    Ok(())
}

/// Every window: tier, boot, start.
pub(crate) fn all_windows(connection: &Connection) -> Result<Vec<(u8, i64, i64)>> {
    connection
        .prepare("SELECT tier, boot, start_ms FROM series")?
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?
        .collect()
}

/// The chunk of applications of a window.
pub(crate) fn applications_of(connection: &Connection, window: (u8, i64, i64)) -> Result<Vec<u8>> {
    connection
        .prepare_cached(
            "SELECT applications FROM series WHERE tier = ?1 AND boot = ?2 AND start_ms = ?3",
        )?
        .query_row(window, |row| row.get(0))
}

/// Whether a window is there.
pub(crate) fn is_there(
    connection: &Connection,
    tier: u8,
    boot: i64,
    start_ms: i64,
) -> Result<bool> {
    connection
        .prepare_cached("SELECT 1 FROM series WHERE tier = ?1 AND boot = ?2 AND start_ms = ?3")?
        .exists((tier, boot, start_ms))
}

/// Which of the two chunks of a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Half {
    Host,
    Applications,
}

impl Half {
    /// Its columns.
    pub(crate) fn metrics(self) -> &'static [Metric] {
        match self {
            Self::Host => &HOST_METRICS,
            Self::Applications => &APPLICATION_METRICS,
        }
    }

    /// Place of a metric among its columns.
    pub(crate) fn place(self, metric: Metric) -> Option<usize> {
        self.metrics().iter().position(|one| *one == metric)
    }
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
