//! What happened.

use crate::{
    Ira,
    applications::protocol,
    processes::exit_status,
    wire::{ApiError, Event, EventKind, EventNote, EventPort, Events, EventsRequest},
};
use ira_model::LifeNote;
use ira_store::{StoredEvent, StoredEventKind};

/// Events of a span, ascending; the newest where there are more than the limit.
///
/// # Errors
/// When the limit makes no sense, or what is kept cannot be read.
#[allow(clippy::needless_pass_by_value)] // every command takes its request
pub fn events(ira: &Ira, request: EventsRequest) -> Result<Events, ApiError> {
    if request.limit == 0 || request.limit > 2000 {
        return Err(ApiError::invalid(format!("limit must be 1 to 2000, not {}", request.limit)));
    }
    let mut found = ira.past(|reader| {
        reader.events(
            request.from_ms,
            request.to_ms,
            request.application.as_deref(),
            request.limit + 1,
        )
    })?;
    let more = found.len() > request.limit as usize;
    if more {
        found.remove(0);
    }
    Ok(Events { events: found.into_iter().map(event).collect(), more })
}

/// An event for the wire.
pub(crate) fn event(event: StoredEvent) -> Event {
    let is_order = event.kind == StoredEventKind::Ordered;
    let (detail, text) = if is_order { (event.detail, None) } else { (None, event.detail) };
    let has_note = !is_order && event.kind != StoredEventKind::RecordingStarted;
    let note = has_note.then(|| {
        let note = LifeNote::from_text(&text.unwrap_or_default());
        let ports = note.ports.into_iter();
        EventNote {
            status: note.status.map(exit_status),
            out_of_memory: note.out_of_memory,
            ordered: note.ordered,
            part: note.part,
            moved: note.moved,
            pid: note.pid,
            process: note.process,
            count: note.count,
            last_ms: note.last_ms.map(|after_ms| event.at_ms.saturating_add(after_ms)),
            ports: ports.map(|(used, port)| EventPort { protocol: protocol(used), port }).collect(),
            version: note.version,
            version_before: note.version_before,
        }
    });
    let kind = kind(event.kind);
    Event {
        at_ms: event.at_ms,
        kind,
        application: event.application,
        name: event.name,
        detail,
        note,
    }
}

fn kind(kind: StoredEventKind) -> EventKind {
    use StoredEventKind as Stored;
    match kind {
        Stored::Started => EventKind::Started,
        Stored::Stopped => EventKind::Stopped,
        Stored::RecordingStarted => EventKind::RecordingStarted,
        Stored::Ordered => EventKind::Ordered,
        Stored::Crashed => EventKind::Crashed,
        Stored::OutOfMemory => EventKind::OutOfMemory,
        Stored::Restarted => EventKind::Restarted,
        Stored::CrashLoop => EventKind::CrashLoop,
        Stored::CrashLoopEnded => EventKind::CrashLoopEnded,
        Stored::PortsOpened => EventKind::PortsOpened,
        Stored::PortsClosed => EventKind::PortsClosed,
        Stored::VersionChanged => EventKind::VersionChanged,
        Stored::Many => EventKind::Many,
        Stored::GivenUp => EventKind::GivenUp,
    }
}
