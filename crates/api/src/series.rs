//! Figures over time, and the time bar's area.

use crate::{
    Ira,
    wire::{
        ApiError, Gap, GapReason, Metric, ProcessSeriesRequest, Series, SeriesAnswer,
        SeriesRequest, Sparkline, Sparklines, SparklinesRequest, Timeline, TimelineRequest,
    },
};
use ira_store::{Before, Bucket, SeriesPoints};

/// A process is looked up in the frames themselves, so its span is short.
const PROCESS_SPAN_MS: i64 = 3_600_000;
/// Longest span anyone may ask for: two years.
const SPAN_MS: i64 = 2 * 366 * 86_400_000;

fn check(from_ms: i64, to_ms: i64, points: u32, most: u32, span_ms: i64) -> Result<(), ApiError> {
    if to_ms <= from_ms {
        return Err(ApiError::invalid("to_ms must be after from_ms"));
    }
    if to_ms.checked_sub(from_ms).is_none_or(|span| span > span_ms) {
        let hours = span_ms / 3_600_000;
        return Err(ApiError::invalid(format!("the span is longer than {hours} hours")));
    }
    if points == 0 || points > most {
        return Err(ApiError::invalid(format!("points must be 1 to {most}, not {points}")));
    }
    Ok(())
}

/// Series of the machine or of one application.
///
/// # Errors
/// When the span or the number of points makes no sense, or what is kept cannot be read.
#[allow(clippy::needless_pass_by_value)] // every command takes its request
pub fn series(ira: &Ira, request: SeriesRequest) -> Result<SeriesAnswer, ApiError> {
    check(request.from_ms, request.to_ms, request.points, 4096, SPAN_MS)?;
    if request.metrics.is_empty() || request.metrics.len() > 16 {
        return Err(ApiError::invalid("metrics must name 1 to 16 figures"));
    }
    let metrics: Vec<_> = request.metrics.iter().copied().map(stored).collect();
    let points = ira.past(|reader| {
        reader.series(
            request.application.as_deref(),
            &metrics,
            request.from_ms,
            request.to_ms,
            request.points,
        )
    })?;
    Ok(answer(points, &request.metrics))
}

/// One figure of every application.
///
/// # Errors
/// As [`series`].
#[allow(clippy::needless_pass_by_value)] // every command takes its request
pub fn sparklines(ira: &Ira, request: SparklinesRequest) -> Result<Sparklines, ApiError> {
    check(request.from_ms, request.to_ms, request.points, 512, SPAN_MS)?;
    let (points, ids) = ira.past(|reader| {
        reader.every_application(
            stored(request.metric),
            request.from_ms,
            request.to_ms,
            request.points,
        )
    })?;
    let sparklines = ids
        .into_iter()
        .zip(points.buckets)
        .map(|(application, buckets)| Sparkline { application, mean: means(&buckets) })
        .collect();
    Ok(Sparklines { from_ms: points.from_ms, step_ms: points.step_ms, sparklines })
}

/// Every figure of one process.
///
/// # Errors
/// As [`series`]; the span is an hour at most.
#[allow(clippy::needless_pass_by_value)] // every command takes its request
pub fn process_series(ira: &Ira, request: ProcessSeriesRequest) -> Result<SeriesAnswer, ApiError> {
    check(request.from_ms, request.to_ms, request.points, 4096, PROCESS_SPAN_MS)?;
    let points = ira.past(|reader| {
        reader.process_series(
            request.pid,
            request.start_time_ms,
            request.from_ms,
            request.to_ms,
            request.points,
        )
    })?;
    let metrics = [
        Metric::CpuRatio,
        Metric::MemoryBytes,
        Metric::ReadBytesPerSec,
        Metric::WriteBytesPerSec,
        Metric::ReceivedBytesPerSec,
        Metric::SentBytesPerSec,
        Metric::PssBytes,
    ];
    Ok(answer(points, &metrics))
}

/// The time bar's area with its gaps.
///
/// # Errors
/// As [`series`].
#[allow(clippy::needless_pass_by_value)] // every command takes its request
pub fn timeline(ira: &Ira, request: TimelineRequest) -> Result<Timeline, ApiError> {
    let TimelineRequest { from_ms, to_ms, points } = request;
    check(from_ms, to_ms, points, 4096, SPAN_MS)?;
    let (points, gaps, range) = ira.past(|reader| {
        let load = [ira_store::Metric::LoadRatio];
        let points = reader.series(None, &load, from_ms, to_ms, points)?;
        Ok((points, reader.gaps(from_ms, to_ms)?, reader.range()?))
    })?;
    let gaps = gaps
        .into_iter()
        .map(|gap| Gap {
            from_ms: gap.from_ms.unwrap_or(from_ms).max(from_ms),
            to_ms: gap.to_ms,
            reason: match (gap.from_ms, gap.before) {
                (None, _) => GapReason::BeforeFirst,
                (_, Before::Asleep) => GapReason::Asleep,
                _ => GapReason::NotRunning,
            },
        })
        .collect();
    let row = points.buckets.first().map(Vec::as_slice).unwrap_or_default();
    Ok(Timeline {
        from_ms: points.from_ms,
        step_ms: points.step_ms,
        resolution_ms: points.resolution_ms,
        mean: means(row),
        max: if points.step_ms > 1000 { maxima(row) } else { Vec::new() },
        gaps,
        recorded_from_ms: range.map(|(from, _)| from),
    })
}

fn answer(points: SeriesPoints, metrics: &[Metric]) -> SeriesAnswer {
    let band = points.step_ms > 1000;
    let series = metrics
        .iter()
        .zip(&points.buckets)
        .map(|(metric, row)| Series {
            metric: *metric,
            mean: means(row),
            min: if band { minima(row) } else { Vec::new() },
            max: if band { maxima(row) } else { Vec::new() },
        })
        .collect();
    SeriesAnswer {
        from_ms: points.from_ms,
        step_ms: points.step_ms,
        resolution_ms: points.resolution_ms,
        series,
    }
}

fn means(row: &[Option<Bucket>]) -> Vec<Option<f64>> {
    row.iter().map(|bucket| bucket.as_ref().map(Bucket::mean)).collect()
}

fn minima(row: &[Option<Bucket>]) -> Vec<Option<f64>> {
    row.iter().map(|bucket| bucket.map(|bucket| bucket.min)).collect()
}

fn maxima(row: &[Option<Bucket>]) -> Vec<Option<f64>> {
    row.iter().map(|bucket| bucket.map(|bucket| bucket.max)).collect()
}

fn stored(metric: Metric) -> ira_store::Metric {
    use ira_store::Metric as Stored;
    match metric {
        Metric::LoadRatio => Stored::LoadRatio,
        Metric::CpuRatio => Stored::CpuRatio,
        Metric::MemoryBytes => Stored::MemoryBytes,
        Metric::SwapBytes => Stored::SwapBytes,
        Metric::ReadBytesPerSec => Stored::ReadBytesPerSec,
        Metric::WriteBytesPerSec => Stored::WriteBytesPerSec,
        Metric::DiskBusyRatio => Stored::DiskBusyRatio,
        Metric::ReceivedBytesPerSec => Stored::ReceivedBytesPerSec,
        Metric::SentBytesPerSec => Stored::SentBytesPerSec,
        Metric::MemoryPressureRatio => Stored::MemoryPressureRatio,
        Metric::PssBytes => Stored::PssBytes,
    }
}
