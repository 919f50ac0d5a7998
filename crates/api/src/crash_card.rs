//! The card of an end: how it ended, the minute before, its last lines, what changed in the hour before.

use crate::{
    Ira,
    applications::{oldest, ports_of},
    events::event,
    logs::entry as told,
    moment::Moment,
    wire::{
        ApiError, AuditRequest, AuditRow, CardLog, CardLogLine, CardLogSource, CrashCard,
        CrashCardRequest, ErrorCode, Event, EventKind, Metric, Port, SeriesRequest, UnknownEnd,
    },
};
use ira_engine::logs::{self, Direction, Filter, PageRequest};
use ira_probe::LimitKind;

const MINUTE_MS: i64 = 60_000;
const HOUR_MS: i64 = 3_600_000;
/// A clock that was set moves what is told of the past by a little.
const NEAR_MS: i64 = 2_000;
/// A second that is further away says nothing of the end.
const BEFORE_MS: i64 = 15_000;
const CHANGES: usize = 50;
/// Events of the hour before that are looked at.
const LOOKED_AT: u32 = 2_000;
const LOG_LINES: u32 = 20;
const LOG_SPAN_MS: i64 = 10 * MINUTE_MS;

/// The card of the end of an application nearest to a moment.
///
/// # Errors
/// [`ErrorCode::NotFound`] where nothing ended then, and when what is kept cannot be read.
#[allow(clippy::needless_pass_by_value)] // every command takes its request
pub fn crash_card(ira: &Ira, request: CrashCardRequest) -> Result<CrashCard, ApiError> {
    let CrashCardRequest { application: id, at_ms } = request;
    let (from_ms, to_ms) = (at_ms.saturating_sub(NEAR_MS), at_ms.saturating_add(NEAR_MS));
    let near = ira.past(|reader| reader.events(from_ms, to_ms, Some(&id), LOOKED_AT))?;
    let near: Vec<Event> = near.into_iter().map(event).collect();
    let given_up = near.iter().any(|one| one.kind == EventKind::GivenUp);
    // Of a crash, the loop it began and that it was the last, the crash.
    let follows = |kind| matches!(kind, EventKind::CrashLoop | EventKind::GivenUp);
    let ended = near
        .into_iter()
        .filter(is_end)
        .min_by_key(|one| (one.at_ms.abs_diff(at_ms), follows(one.kind)))
        .ok_or_else(|| {
            let message = format!("no end of {id} is recorded at that moment");
            ApiError::of(Some(ErrorCode::NotFound), message)
        })?;
    // In a loop the card is of its last crash.
    let end_ms = ended.note.as_ref().and_then(|note| note.last_ms).unwrap_or(ended.at_ms);
    let before = before(ira, &id, end_ms);
    let changes = ira.past(|reader| reader.events(end_ms - HOUR_MS, end_ms, None, LOOKED_AT))?;
    let mut changes: Vec<Event> = changes
        .into_iter()
        .map(event)
        .filter(|one| matters(one, &id) && (one.at_ms, one.kind) != (ended.at_ms, ended.kind))
        .collect();
    changes.drain(..changes.len().saturating_sub(CHANGES));
    Ok(CrashCard {
        unknown: unknown(ira, &ended),
        minute: crate::series(
            ira,
            SeriesRequest {
                application: Some(id.clone()),
                metrics: vec![
                    Metric::CpuRatio,
                    Metric::MemoryBytes,
                    Metric::ReadBytesPerSec,
                    Metric::WriteBytesPerSec,
                    Metric::ReceivedBytesPerSec,
                    Metric::SentBytesPerSec,
                ],
                from_ms: end_ms - MINUTE_MS,
                to_ms: end_ms,
                points: 60,
            },
        )?,
        orders: orders(ira, &id, end_ms)?,
        log: log(ira, &id, before.as_ref(), end_ms),
        since_ms: before.as_ref().map(|before| before.since_ms),
        command: before.as_ref().map(|before| before.command.clone()),
        ports: before.map(|before| before.ports),
        given_up,
        event: ended,
        changes,
    })
}

fn is_end(event: &Event) -> bool {
    use EventKind::{CrashLoop, Crashed, GivenUp, Many, OutOfMemory, Stopped};
    matches!(event.kind, Stopped | Crashed | OutOfMemory | CrashLoop | GivenUp | Many)
        || event.note.as_ref().is_some_and(|note| note.part)
}

/// All of its own, and of others what the machine as a whole feels.
fn matters(event: &Event, id: &str) -> bool {
    // Orders are told from the audit.
    event.kind != EventKind::Ordered
        && (event.application.as_deref().is_none_or(|one| one == id)
            || matches!(event.kind, EventKind::OutOfMemory))
}

/// What was true in the last second before the end.
struct Before {
    since_ms: i64,
    command: String,
    control_group: Option<String>,
    ports: Vec<Port>,
}

fn before(ira: &Ira, id: &str, end_ms: i64) -> Option<Before> {
    let look = |moment: &Moment<'_>| {
        if end_ms.saturating_sub(moment.at_ms) > BEFORE_MS {
            return None;
        }
        let members = moment.processes.iter().filter(|p| p.attribution.application.id == id);
        let members: Vec<_> = members.collect();
        let oldest = oldest(&members)?;
        Some(Before {
            since_ms: moment.start_time_ms(oldest.sample.key),
            command: oldest.details.command(),
            control_group: oldest.details.control_group.clone(),
            ports: ports_of(&members, &moment.ports()),
        })
    };
    ira.at(Some(end_ms - 1), look).ok().flatten()
}

/// Why it is not known how it ended, where it is not.
fn unknown(ira: &Ira, ended: &Event) -> Option<UnknownEnd> {
    let note = ended.note.as_ref()?;
    if note.status.is_some() || note.out_of_memory || note.moved {
        return None;
    }
    let limits = ira.engine.limits();
    let limit = limits.iter().find(|limit| limit.what == ira_probe::ENDS_UNTOLD);
    Some(match limit.map(|limit| limit.kind) {
        Some(LimitKind::Denied) => UnknownEnd::Denied,
        Some(LimitKind::Unsupported) => UnknownEnd::Unsupported,
        None => UnknownEnd::NotTold,
    })
}

fn orders(ira: &Ira, id: &str, end_ms: i64) -> Result<Vec<AuditRow>, ApiError> {
    let mut orders = crate::audit(ira, AuditRequest { limit: 1000 })?.orders;
    orders.retain(|order| {
        (end_ms - HOUR_MS..=end_ms).contains(&order.at_ms)
            && order.application.as_deref().is_none_or(|one| one == id)
    });
    orders.truncate(CHANGES);
    orders.reverse();
    Ok(orders)
}

/// The journal of its unit, where it is one of systemd's.
fn log(ira: &Ira, id: &str, before: Option<&Before>, end_ms: i64) -> CardLog {
    let none = |source, unit, detail| CardLog { source, unit, lines: Vec::new(), detail };
    let written = ira.engine.output_before_end(id, end_ms, LOG_LINES as usize);
    if let Some(written) = written.filter(|written| !written.is_empty()) {
        let lines = written.into_iter().map(|text| CardLogLine { at_ms: None, text }).collect();
        return CardLog { source: CardLogSource::Output, unit: None, lines, detail: None };
    }
    let group = before.and_then(|before| before.control_group.as_deref());
    let Some((unit, of_user)) = unit(id, group) else {
        let lines = files(ira, id, end_ms);
        let source =
            if lines.is_empty() { CardLogSource::NotFollowed } else { CardLogSource::Files };
        return CardLog { source, unit: None, lines, detail: None };
    };
    if ira.engine.takes_orders().is_err() {
        // A recording of another machine: this one's journal knows nothing of it.
        return none(CardLogSource::NotFollowed, Some(unit), None);
    }
    let span = (end_ms - LOG_SPAN_MS, end_ms.saturating_add(NEAR_MS));
    match ira_probe::unit_journal(&unit, of_user, span, LOG_LINES) {
        Ok(tail) if tail.denied && tail.lines.is_empty() => {
            none(CardLogSource::Denied, Some(unit), None)
        }
        Ok(tail) => {
            let line =
                |line: ira_probe::JournalLine| CardLogLine { at_ms: line.at_ms, text: line.text };
            let lines = tail.lines.into_iter().map(line).collect();
            CardLog { source: CardLogSource::Journal, unit: Some(unit), lines, detail: None }
        }
        Err(error) => none(CardLogSource::Failed, Some(unit), Some(error.to_string())),
    }
}

/// The last lines of the files that it logged to.
fn files(ira: &Ira, id: &str, end_ms: i64) -> Vec<CardLogLine> {
    if ira.engine.takes_orders().is_err() {
        return Vec::new();
    }
    let sources: Vec<_> =
        ira.engine.log_sources_of(id).into_iter().map(|one| (one, None)).collect();
    let answer = logs::page(&PageRequest {
        sources: &sources,
        at_ms: Some(end_ms.saturating_add(NEAR_MS)),
        direction: Direction::Older,
        filter: &Filter::default(),
        limit: LOG_LINES as usize,
        boot_ms: ira.engine.live(|live| live.boot_ms),
    });
    let recent = answer.entries.into_iter().filter(|item| item.at_ms >= end_ms - LOG_SPAN_MS);
    let lines = recent.flat_map(|item| {
        let entry = told(item);
        let further = entry.lines.into_iter().map(|text| CardLogLine { at_ms: None, text });
        std::iter::once(CardLogLine { at_ms: Some(entry.at_ms), text: entry.message })
            .chain(further)
    });
    let mut lines: Vec<_> = lines.collect();
    lines.drain(..lines.len().saturating_sub(LOG_LINES as usize));
    lines
}

/// The unit of an application of systemd, and whether it is of a user's manager. The identifier of
/// one from a template does not say which instance it was; the control group does.
fn unit(id: &str, control_group: Option<&str>) -> Option<(String, bool)> {
    let key = id.strip_prefix("systemd:")?;
    let (key, of_user) = match key.strip_prefix("user/") {
        Some(key) => (key, true),
        None => (key, false),
    };
    let of_group = control_group.and_then(|group| {
        let ends = |part: &&str| part.ends_with(".service") && !part.starts_with("user@");
        group.split('/').rfind(ends)
    });
    let unit = of_group.unwrap_or(key);
    (unit.ends_with(".service") && !unit.ends_with("@.service")).then(|| (unit.to_owned(), of_user))
}

#[cfg(test)]
mod tests {
    use super::unit;

    #[test]
    fn the_unit_is_that_of_the_control_group() {
        let of = |id, group| unit(id, group).map(|(unit, of_user)| (unit.clone(), of_user));
        let unit_of = |unit: &str, of_user| Some((unit.to_owned(), of_user));
        let group = Some("/system.slice/system-postgresql.slice/postgresql@16-main.service");
        assert_eq!(
            of("systemd:postgresql@.service", group),
            unit_of("postgresql@16-main.service", false)
        );
        assert_eq!(of("systemd:nginx.service", None), unit_of("nginx.service", false));
        assert_eq!(of("systemd:getty@.service", None), None, "which one is not known");
        let group = Some("/user.slice/user-1.slice/user@1.service/app.slice/syncthing.service");
        assert_eq!(of("systemd:user/syncthing.service", group), unit_of("syncthing.service", true));
        assert_eq!(of("docker:shop/api", None), None);
    }
}
