//! Spans of time: which tier answers for them, and how points become buckets.

/// How finely something is kept, and how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Tier {
    /// Every second.
    Seconds = 0,
    /// A minute together.
    Minutes = 1,
    /// A quarter of an hour together.
    Quarters = 2,
}

impl Tier {
    pub(crate) const ALL: [Self; 3] = [Self::Seconds, Self::Minutes, Self::Quarters];

    /// Width of a point, milliseconds.
    #[must_use]
    pub fn resolution_ms(self) -> i64 {
        match self {
            Self::Seconds => 1000,
            Self::Minutes => 60_000,
            Self::Quarters => 900_000,
        }
    }

    /// Width of a stored chunk, milliseconds. A chunk of seconds is a block and may be shorter.
    #[must_use]
    pub fn window_ms(self) -> i64 {
        match self {
            Self::Seconds => 120_000,
            Self::Minutes => 3_600_000,
            Self::Quarters => 86_400_000,
        }
    }

    /// Columns for each metric: the value itself, or mean, smallest, largest and last.
    pub(crate) fn statistics(self) -> usize {
        if self == Self::Seconds { 1 } else { 4 }
    }
}

/// How much is kept. Whichever limit is met first holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retention {
    /// Frames, and series of every second, milliseconds.
    pub seconds_ms: i64,
    /// Series of minutes, milliseconds.
    pub minutes_ms: i64,
    /// Series of quarter hours, and events, milliseconds.
    pub quarters_ms: i64,
    /// Bytes of the database.
    pub cap_bytes: u64,
}

impl Default for Retention {
    fn default() -> Self {
        const HOUR: i64 = 3_600_000;
        Self {
            seconds_ms: 48 * HOUR,
            minutes_ms: 30 * 24 * HOUR,
            quarters_ms: 366 * 24 * HOUR,
            cap_bytes: 1 << 30,
        }
    }
}

impl Retention {
    pub(crate) fn kept_ms(&self, tier: Tier) -> i64 {
        match tier {
            Tier::Seconds => self.seconds_ms,
            Tier::Minutes => self.minutes_ms,
            Tier::Quarters => self.quarters_ms,
        }
    }
}

/// What is known of one step of a span.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bucket {
    sum: f64,
    count: f64,
    /// Smallest value.
    pub min: f64,
    /// Largest value.
    pub max: f64,
}

impl Bucket {
    const EMPTY: Self = Self { sum: 0.0, count: 0.0, min: f64::INFINITY, max: f64::NEG_INFINITY };

    fn add(&mut self, mean: f64, min: f64, max: f64) {
        self.sum += mean;
        self.count += 1.0;
        self.min = self.min.min(min);
        self.max = self.max.max(max);
    }

    /// The mean.
    #[must_use]
    pub fn mean(&self) -> f64 {
        self.sum / self.count
    }
}

/// One figure over a span; `None` where nothing is known.
#[derive(Debug, Clone, PartialEq)]
pub struct SeriesPoints {
    /// Start of the first bucket.
    pub from_ms: i64,
    /// Width of a bucket.
    pub step_ms: i64,
    /// Width of the coarsest point that went in.
    pub resolution_ms: i64,
    /// A row of buckets for each figure asked for.
    pub buckets: Vec<Vec<Option<Bucket>>>,
}

/// A while of which nothing is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gap {
    /// Last tick before it; `None` when nothing is before.
    pub from_ms: Option<i64>,
    /// First tick after it.
    pub to_ms: i64,
    /// What it was.
    pub before: crate::tick::Before,
}

/// The buckets of a span.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Grid {
    pub(crate) from_ms: i64,
    pub(crate) to_ms: i64,
    pub(crate) step_ms: i64,
    pub(crate) tier: Tier,
}

/// More buckets than this are not made.
const BUCKETS: i64 = 5000;

impl Grid {
    /// Buckets of equal width, at most so many, that begin at whole multiples of that width, so
    /// that they do not shift while time goes on.
    pub(crate) fn new(from_ms: i64, to_ms: i64, points: u32) -> Self {
        let span = to_ms.saturating_sub(from_ms).max(1000);
        let points = i64::from(points).clamp(1, BUCKETS - 2);
        let wished = (span + points - 1) / points;
        let tier = Tier::ALL
            .into_iter()
            .rev()
            .find(|tier| tier.resolution_ms() <= wished)
            .unwrap_or(Tier::Seconds);
        let grain = tier.resolution_ms();
        let step_ms = ((wished + grain - 1) / grain).max(1) * grain;
        Self { from_ms: from_ms.div_euclid(step_ms) * step_ms, to_ms, step_ms, tier }
    }

    pub(crate) fn len(&self) -> usize {
        let buckets = (self.to_ms - self.from_ms) / self.step_ms + 1;
        buckets.clamp(0, BUCKETS) as usize
    }

    pub(crate) fn empty(&self) -> Vec<Option<Bucket>> {
        vec![None; self.len()]
    }

    /// Adds one point to its bucket.
    pub(crate) fn add(
        &self,
        row: &mut [Option<Bucket>],
        at_ms: i64,
        mean: f64,
        min: f64,
        max: f64,
    ) {
        let place = (at_ms - self.from_ms).div_euclid(self.step_ms);
        if let Some(bucket) = usize::try_from(place).ok().and_then(|place| row.get_mut(place)) {
            bucket.get_or_insert(Bucket::EMPTY).add(mean, min, max);
        }
    }

    /// Which tier answers for which part of the span, given what each has. Where the wished tier
    /// has nothing yet, finer ones answer; where it has nothing any more, coarser ones do.
    pub(crate) fn parts(&self, has: [Option<(i64, i64)>; 3]) -> Vec<(Tier, i64, i64)> {
        let range = |tier: Tier| has.get(tier as usize).copied().flatten();
        let mut parts = Vec::new();
        let (mut low, mut high) = (i64::MAX, i64::MIN);
        let wished = self.tier;
        let coarser = Tier::ALL.into_iter().filter(|tier| *tier > wished);
        let finer = Tier::ALL.into_iter().rev().filter(|tier| *tier < wished);
        if let Some((start, end)) = range(wished) {
            (low, high) = (start, end);
            parts.push((wished, start, end));
        }
        for tier in finer {
            if let Some((start, end)) = range(tier).filter(|(_, end)| *end > high) {
                let from = if high == i64::MIN { start } else { high + 1 };
                parts.push((tier, from, end));
                (low, high) = (low.min(from), end);
            }
        }
        for tier in coarser {
            if let Some((start, _)) = range(tier).filter(|(start, _)| *start < low) {
                let end = if low == i64::MAX { i64::MAX } else { low - 1 };
                parts.push((tier, start, end));
                low = start;
            }
        }
        parts
            .into_iter()
            .map(|(tier, from, to)| (tier, from.max(self.from_ms), to.min(self.to_ms)))
            .filter(|(_, from, to)| from <= to)
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_grid_holds_still_and_stays_within_its_points() {
        for (span, points, step) in [
            (900_000, 900, 1000),
            (900_000, 450, 2000),
            (6 * 3_600_000, 600, 36_000),
            (24 * 3_600_000, 600, 180_000),
            (30 * 86_400_000, 600, 4_500_000),
        ] {
            let grid = Grid::new(1_700_000_000_123, 1_700_000_000_123 + span, points);
            assert_eq!(grid.step_ms, step, "{span} ms in {points} points");
            assert!(grid.len() <= points as usize + 2, "{} buckets", grid.len());
            assert_eq!(grid.from_ms % step, 0, "it begins at a whole step");
        }
    }

    #[test]
    fn tiers_share_a_span_without_overlap() {
        let grid = Grid { from_ms: 0, to_ms: 1000, step_ms: 60_000, tier: Tier::Minutes };
        let has = [Some((600, 990)), Some((300, 800)), Some((10, 700))];
        assert_eq!(
            grid.parts(has),
            [(Tier::Minutes, 300, 800), (Tier::Seconds, 801, 990), (Tier::Quarters, 10, 299)],
            "the wished tier where it has something, finer after it, coarser before it"
        );
        let fine = Grid { tier: Tier::Seconds, ..grid };
        assert_eq!(
            fine.parts(has),
            [(Tier::Seconds, 600, 990), (Tier::Minutes, 300, 599), (Tier::Quarters, 10, 299)],
        );
        assert_eq!(fine.parts([None; 3]), [], "nothing kept, nothing answers");
    }
}
