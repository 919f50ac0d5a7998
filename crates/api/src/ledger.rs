//! What an application used in sum.

use crate::{
    Ira,
    wire::{ApiError, ApplicationLedger, LedgerRequest, LedgerRow},
};
use ira_model::{LifeNote, life::LOOP_CRASHES};
use ira_store::{Ledger, StoredEvent, StoredEventKind};

/// Spans in one question.
const SPANS: usize = 8;
/// Events looked at, the newest first.
const EVENTS: u32 = 5_000;

/// What an application used in each of some spans.
///
/// # Errors
/// When the spans make no sense, or what is kept cannot be read.
pub fn application_ledger(
    ira: &Ira,
    request: LedgerRequest,
) -> Result<ApplicationLedger, ApiError> {
    let LedgerRequest { id, at_ms, spans } = request;
    if spans.is_empty() || spans.len() > SPANS {
        return Err(ApiError::invalid(format!("spans must be 1 to {SPANS}")));
    }
    let at_ms = match at_ms {
        Some(at_ms) => at_ms,
        None => ira.at(None, |moment| moment.at_ms)?,
    };
    // The second of the moment itself counts.
    let end_ms = at_ms.saturating_add(1);
    let first_seen_ms = ira
        .past(|reader| reader.application(&id))?
        .map(|kept| kept.first_seen_ms)
        .filter(|first| *first <= at_ms);
    let asked_from_ms = spans.iter().map(|span| span.from_ms.unwrap_or(0)).min();
    let asked_from_ms = asked_from_ms.unwrap_or(0).min(at_ms);
    let events = ira.past(|reader| reader.events(asked_from_ms, at_ms, Some(&id), EVENTS))?;
    // It had started when it was seen first; within its first minute that is not known yet, and
    // whatever is kept counts.
    let started_ms = events.first().map_or(i64::MAX, |event| event.at_ms);
    let begun_ms = first_seen_ms.map(|first| first.min(started_ms));
    let spans: Vec<(Option<i64>, i64)> = spans
        .iter()
        .map(|span| (span.from_ms.or(begun_ms), span.to_ms.unwrap_or(end_ms).min(end_ms)))
        .collect();
    let mut cuts: Vec<i64> =
        spans.iter().flat_map(|(from, to)| [from.unwrap_or(0).min(*to), *to]).collect();
    cuts.sort_unstable();
    cuts.dedup();
    let (parts, kept_from_ms) = ira.past(|reader| reader.ledger(&id, &cuts))?;
    let rows = spans
        .into_iter()
        .map(|(from, to)| {
            let start = from.unwrap_or(0).min(to);
            let mut sum = Ledger::default();
            for (part, cut) in parts.iter().zip(cuts.windows(2)) {
                if let [cut_from, cut_to] = cut
                    && start <= *cut_from
                    && *cut_to <= to
                {
                    sum.add(part);
                }
            }
            let from = from.or(kept_from_ms).unwrap_or(to).min(to);
            row((from, to), &sum, &events)
        })
        .collect();
    Ok(ApplicationLedger { at_ms, first_seen_ms, kept_from_ms, rows })
}

fn row((from_ms, to_ms): (i64, i64), sum: &Ledger, events: &[StoredEvent]) -> LedgerRow {
    let was_recorded = sum.recorded_ms > 0;
    // What did not run used nothing; what was not recorded is not known.
    let used = |value: Option<i64>| value.or((was_recorded && sum.ran_ms == 0).then_some(0));
    let cut_short = events.len() >= EVENTS as usize
        && events.first().is_some_and(|oldest| oldest.at_ms >= from_ms);
    let within = events.iter().filter(|event| (from_ms..to_ms).contains(&event.at_ms));
    let lives = Lives::of(within);
    let highest = |held: &ira_store::Held| held.mean_bytes().map(|_| held.highest_bytes);
    LedgerRow {
        from_ms,
        to_ms,
        recorded_ms: sum.recorded_ms,
        ran_ms: was_recorded.then_some(sum.ran_ms),
        cpu_ms: used(sum.cpu_ms),
        memory_mean_bytes: sum.memory.mean_bytes(),
        memory_highest_bytes: highest(&sum.memory),
        pss_mean_bytes: sum.pss.mean_bytes(),
        pss_highest_bytes: highest(&sum.pss),
        read_bytes: used(sum.read_bytes),
        written_bytes: used(sum.written_bytes),
        received_bytes: used(sum.received_bytes),
        sent_bytes: used(sum.sent_bytes),
        starts: was_recorded.then_some(lives.starts),
        crashes: was_recorded.then_some(lives.crashes),
        at_least: lives.at_least || cut_short,
    }
}

/// How often something started and crashed.
#[derive(Debug, Default, PartialEq, Eq)]
struct Lives {
    starts: u32,
    crashes: u32,
    at_least: bool,
}

impl Lives {
    fn of<'a>(events: impl Iterator<Item = &'a StoredEvent>) -> Self {
        let mut lives = Self::default();
        let mut last_crash_ms = None;
        for event in events {
            let note = LifeNote::from_text(event.detail.as_deref().unwrap_or_default());
            match event.kind {
                // A part that was started again is no start of the whole.
                StoredEventKind::Started | StoredEventKind::Restarted if !note.part => {
                    lives.starts = lives.starts.saturating_add(1);
                }
                StoredEventKind::Crashed | StoredEventKind::OutOfMemory => {
                    lives.crashes = lives.crashes.saturating_add(note.count);
                    last_crash_ms = Some(event.at_ms);
                }
                StoredEventKind::CrashLoop => {
                    // Those that began it were told one by one, the last of them at the same time; the
                    // starts within it are not told.
                    let begins = last_crash_ms == Some(event.at_ms);
                    let told = if begins { LOOP_CRASHES } else { 0 };
                    lives.crashes = lives.crashes.saturating_add(note.count.saturating_sub(told));
                    lives.at_least = true;
                }
                StoredEventKind::Many => lives.at_least = true,
                _ => {}
            }
        }
        lives
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(at_ms: i64, kind: StoredEventKind, count: u32) -> StoredEvent {
        let detail = Some(LifeNote { count, ..LifeNote::default() }.to_text());
        StoredEvent { at_ms, kind, application: None, name: None, detail }
    }

    #[test]
    fn crashes_of_a_loop_are_counted_once() {
        use StoredEventKind::{CrashLoop, Crashed, Many, Restarted, Started, Stopped};
        let mut events = vec![
            event(1, Started, 1),
            event(2, Crashed, 1),
            event(3, Restarted, 1),
            event(4, Stopped, 1),
        ];
        let lives = Lives { starts: 2, crashes: 1, at_least: false };
        assert_eq!(Lives::of(events.iter()), lives);
        events.extend([
            event(5, Crashed, 1),
            event(6, Crashed, 1),
            // Three that were told, and four more.
            event(6, CrashLoop, 7),
            // It goes on in the next hour.
            event(9, CrashLoop, 5),
        ]);
        let lives = Lives { starts: 2, crashes: 12, at_least: true };
        assert_eq!(Lives::of(events.iter()), lives);
        assert!(Lives::of([event(1, Many, 9)].iter()).at_least);
        let note = LifeNote { part: true, ..LifeNote::default() };
        let part = |kind| StoredEvent { detail: Some(note.to_text()), ..event(1, kind, 1) };
        let lives = Lives { starts: 0, crashes: 1, at_least: false };
        assert_eq!(Lives::of([part(Crashed), part(Restarted)].iter()), lives);
    }

    #[test]
    fn what_was_not_recorded_is_missing_and_what_did_not_run_is_zero() {
        let nothing = row((0, 10), &Ledger::default(), &[]);
        assert_eq!((nothing.cpu_ms, nothing.ran_ms, nothing.starts), (None, None, None));
        let idle = Ledger { recorded_ms: 10, ..Ledger::default() };
        let idle = row((0, 10), &idle, &[]);
        assert_eq!((idle.cpu_ms, idle.ran_ms, idle.starts), (Some(0), Some(0), Some(0)));
        assert_eq!(idle.memory_mean_bytes, None, "what does not run has no memory");
        let told = Ledger { recorded_ms: 10, ran_ms: 10, cpu_ms: Some(3), ..Ledger::default() };
        let told = row((0, 10), &told, &[]);
        assert_eq!((told.cpu_ms, told.sent_bytes), (Some(3), None), "never told");
    }
}
