//! What happened.

use crate::{
    Ira,
    wire::{ApiError, Event, EventKind, Events, EventsRequest},
};
use ira_store::StoredEventKind;

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
    let events = found
        .into_iter()
        .map(|event| Event {
            at_ms: event.at_ms,
            kind: match event.kind {
                StoredEventKind::Started => EventKind::Started,
                StoredEventKind::Stopped => EventKind::Stopped,
                StoredEventKind::RecordingStarted => EventKind::RecordingStarted,
                StoredEventKind::Ordered => EventKind::Ordered,
            },
            application: event.application,
            name: event.name,
            detail: event.detail,
        })
        .collect();
    Ok(Events { events, more })
}
