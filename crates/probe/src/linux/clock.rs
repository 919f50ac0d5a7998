//! The time of a sample.

use rustix::time::{ClockId, Timespec, clock_gettime};

/// One moment by two clocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// Wall clock, milliseconds since 1970.
    pub at_ms: i64,
    /// Milliseconds since boot, suspend included (`CLOCK_BOOTTIME`, clock_gettime(2)).
    pub monotonic_ms: u64,
}

impl Moment {
    /// Now.
    #[must_use]
    pub fn now() -> Self {
        let ms = |time: Timespec| time.tv_sec.saturating_mul(1000) + time.tv_nsec / 1_000_000;
        Self {
            at_ms: ms(clock_gettime(ClockId::Realtime)),
            monotonic_ms: u64::try_from(ms(clock_gettime(ClockId::Boottime))).unwrap_or(0),
        }
    }
}
