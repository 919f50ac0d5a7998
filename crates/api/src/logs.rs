//! What applications say: where, page by page, counted, and as it comes.

mod told;

pub(crate) use told::entry;

use crate::{
    Ira,
    wire::{
        ApiError, ErrorCode, LogCounts, LogDirection, LogFilter, LogHistogram, LogHistogramRequest,
        LogLevel, LogPage, LogPageRequest, LogPlace, LogProblem, LogSources, LogsFrame, LogsWanted,
        Nothing, Problem, ProblemKind,
    },
};
use ira_engine::logs::{
    self, Counts, Direction, Filter, Frame, Level, MOST_SOURCES, PageRequest, Place, Search,
    Source, SourceAt, Span, Tail,
};
use std::sync::Arc;

/// The most entries of a page.
const MOST_ENTRIES: u32 = 500;
/// The most parts of a histogram.
const MOST_BUCKETS: u32 = 500;

/// Where this machine logs to.
///
/// # Errors
/// [`ErrorCode::Refused`] where what is shown is a recording.
pub fn log_sources(ira: &Ira, _: Nothing) -> Result<LogSources, ApiError> {
    here(ira)?;
    let found = ira.engine.log_sources();
    Ok(LogSources {
        sources: found.all.iter().map(|source| told::source(source)).collect(),
        more: found.more,
        timed_out: found.timed_out,
        denied_count: u32::try_from(found.denied).unwrap_or(u32::MAX),
        journal: found.journal.as_ref().map(|message| Problem {
            kind: ProblemKind::Absent,
            message: message.clone(),
            remedy: None,
        }),
    })
}

/// Entries of some sources, merged by time.
///
/// # Errors
/// [`ErrorCode::Invalid`] for what makes no sense, [`ErrorCode::NotFound`] for a source that is not there
/// any more, [`ErrorCode::Refused`] where what is shown is a recording.
pub fn log_page(ira: &Ira, request: LogPageRequest) -> Result<LogPage, ApiError> {
    here(ira)?;
    if !(1..=MOST_ENTRIES).contains(&request.limit) {
        return Err(ApiError::invalid(format!("limit: 1 to {MOST_ENTRIES} entries")));
    }
    let filter = filter(request.filter)?;
    let sources = places(ira, &request.sources)?;
    let from_the_end = request.at_ms.is_none() && sources.iter().all(|(_, place)| place.is_none());
    let answer = logs::page(&PageRequest {
        sources: &sources,
        at_ms: request.at_ms,
        direction: match request.direction {
            LogDirection::Older => Direction::Older,
            LogDirection::Newer => Direction::Newer,
        },
        filter: &filter,
        limit: request.limit as usize,
        boot_ms: ira.engine.live(|live| live.boot_ms),
    });
    let placed = |places: &[Option<Place>]| -> Vec<LogPlace> {
        let named = sources.iter().zip(places);
        named
            .map(|((source, _), place)| LogPlace {
                source: source.id.clone(),
                cursor: place.as_ref().map(Place::to_string),
            })
            .collect()
    };
    Ok(LogPage {
        places: placed(&answer.places),
        ends: if from_the_end { placed(&answer.ends) } else { Vec::new() },
        is_end: answer.is_end,
        read_bytes: answer.read_bytes,
        left_bytes: answer.left_bytes,
        problems: problems(answer.problems),
        entries: answer.entries.into_iter().map(told::entry).collect(),
    })
}

/// How many entries there are over time.
///
/// # Errors
/// As [`log_page`].
pub fn log_histogram(ira: &Ira, request: LogHistogramRequest) -> Result<LogHistogram, ApiError> {
    here(ira)?;
    if !(1..=MOST_BUCKETS).contains(&request.buckets) {
        return Err(ApiError::invalid(format!("buckets: 1 to {MOST_BUCKETS}")));
    }
    if request.to_ms <= request.from_ms {
        return Err(ApiError::invalid("to_ms: it is not after from_ms"));
    }
    let filter = filter(request.filter)?;
    let sources: Result<Vec<_>, _> =
        within(&request.sources)?.iter().map(|id| source(ira, id)).collect();
    let span =
        Span { from_ms: request.from_ms, to_ms: request.to_ms, parts: request.buckets as usize };
    let boot_ms = ira.engine.live(|live| live.boot_ms);
    let count = logs::count(&sources?, span, &filter, boot_ms);
    Ok(LogHistogram {
        buckets: count.parts.into_iter().map(counts).collect(),
        sources: count.sources.into_iter().map(counts).collect(),
        is_partial: count.counted_from_ms > request.from_ms,
        counted_from_ms: count.counted_from_ms,
    })
}

/// One view's look at what is logged.
pub(crate) fn tail(ira: &Ira, wanted: LogsWanted) -> Result<Tail, ApiError> {
    here(ira)?;
    let filter = filter(wanted.filter)?;
    let sources = places(ira, &wanted.sources)?;
    let boot_ms = ira.engine.live(|live| live.boot_ms);
    Tail::start(&sources, filter, boot_ms).map_err(|error| ApiError::of(None, error.to_string()))
}

/// What came, for the wire.
pub(crate) fn frame(frame: Frame) -> LogsFrame {
    LogsFrame {
        entries: frame.entries.into_iter().map(told::entry).collect(),
        notices: frame.notices.into_iter().map(told::notice).collect(),
        left_out: frame.left_out,
        problems: problems(frame.problems),
    }
}

/// What a view is told that asked for what cannot be followed: why, for each of its sources.
pub(crate) fn nothing(wanted: &LogsWanted, error: &ApiError) -> LogsFrame {
    let problem = |source| LogProblem {
        source,
        problem: Problem {
            kind: ProblemKind::Failed,
            message: error.message.clone(),
            remedy: None,
        },
    };
    let count = u32::try_from(wanted.sources.len().min(MOST_SOURCES)).unwrap_or_default();
    LogsFrame { problems: (0..count).map(problem).collect(), ..LogsFrame::default() }
}

/// Logs of a recording would be those of the machine it is looked at on.
fn here(ira: &Ira) -> Result<(), ApiError> {
    ira.engine.takes_orders().map_err(|_| {
        let text = "what is shown is a recording: logs are told of this machine only";
        ApiError::of(Some(ErrorCode::Refused), text)
    })
}

fn within<T>(sources: &[T]) -> Result<&[T], ApiError> {
    if sources.is_empty() || sources.len() > MOST_SOURCES {
        return Err(ApiError::invalid(format!(
            "sources: {} are asked for; 1 to {MOST_SOURCES} at once",
            sources.len()
        )));
    }
    Ok(sources)
}

fn source(ira: &Ira, id: &str) -> Result<Arc<Source>, ApiError> {
    ira.engine.log_source(id).ok_or_else(|| {
        let message =
            format!("nothing is logged to {id:?} any more, or never was: list the sources");
        ApiError::of(Some(ErrorCode::NotFound), message)
    })
}

fn places(ira: &Ira, wanted: &[LogPlace]) -> Result<Vec<SourceAt>, ApiError> {
    let place = |one: &LogPlace| {
        let Some(cursor) = &one.cursor else { return Ok(None) };
        let place = cursor.parse().map_err(|()| {
            ApiError::invalid(format!("cursor: {cursor:?} is none; give back what was answered"))
        })?;
        Ok(Some(place))
    };
    within(wanted)?.iter().map(|one| Ok((source(ira, &one.source)?, place(one)?))).collect()
}

fn filter(wanted: LogFilter) -> Result<Filter, ApiError> {
    let search =
        Search { text: wanted.text, is_regex: wanted.is_regex, match_case: wanted.match_case };
    let hidden = wanted.hidden_levels.into_iter().map(level).collect();
    let fields = wanted.fields.into_iter().map(|one| (one.name, one.value)).collect();
    Filter::new(&search, hidden, wanted.hide_unlevelled, fields)
        .map_err(|error| ApiError::invalid(format!("filter: {error}")))
}

fn level(level: LogLevel) -> Level {
    match level {
        LogLevel::Trace => Level::Trace,
        LogLevel::Debug => Level::Debug,
        LogLevel::Info => Level::Info,
        LogLevel::Warn => Level::Warn,
        LogLevel::Error => Level::Error,
        LogLevel::Fatal => Level::Fatal,
    }
}

fn counts(counts: Counts) -> LogCounts {
    let Counts { error, warn, info, debug, unlevelled } = counts;
    LogCounts { error, warn, info, debug, unlevelled }
}

fn problems(problems: Vec<(usize, logs::Refusal)>) -> Vec<LogProblem> {
    let told = problems.into_iter().map(|(source, refusal)| LogProblem {
        source: u32::try_from(source).unwrap_or(u32::MAX),
        problem: told::problem(&refusal),
    });
    told.collect()
}
