//! A clock that a test moves.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

/// The wall clock at monotonic time 0, milliseconds since 1970: 2026-01-01 00:00 UTC.
const BOOT_AT_MS: i64 = 1_767_225_600_000;

/// Two clocks in step, the wall clock and the monotonic one; both stand still until they are moved.
/// Copies of it show the same time.
#[derive(Debug, Clone, Default)]
pub struct ManualClock {
    monotonic_ms: Arc<AtomicU64>,
}

impl ManualClock {
    /// A clock this long after boot, milliseconds.
    #[must_use]
    pub fn at(monotonic_ms: u64) -> Self {
        Self { monotonic_ms: Arc::new(AtomicU64::new(monotonic_ms)) }
    }

    /// Lets time pass, milliseconds.
    pub fn advance(&self, ms: u64) {
        self.monotonic_ms.fetch_add(ms, Ordering::SeqCst);
    }

    /// Milliseconds since boot.
    #[must_use]
    pub fn monotonic_ms(&self) -> u64 {
        self.monotonic_ms.load(Ordering::SeqCst)
    }

    /// Milliseconds since 1970.
    #[must_use]
    pub fn at_ms(&self) -> i64 {
        BOOT_AT_MS.saturating_add_unsigned(self.monotonic_ms())
    }
}
