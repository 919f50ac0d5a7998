//! What facts mean beside what was told before: a crash or a stop, a start or a restart, the third crash
//! of a loop, one event too many of an hour.

use super::{Fact, What};
use crate::tables::{
    audit,
    audit::{OrderResult, StoredOrder},
    events,
    events::{StoredEvent, StoredEventKind as Kind},
    frames,
};
use ira_model::{
    LifeNote, Protocol,
    life::{EVENTS_AN_HOUR, LOOP_CRASHES, LOOP_WINDOW_MS, RESTART_WITHIN_MS},
};
use rusqlite::{Connection, Result};
use std::collections::BTreeMap;

const HOUR_MS: i64 = 3_600_000;
/// What is told of a block depends on nothing older than this, versions and ports apart.
const REACH_MS: i64 = HOUR_MS + LOOP_WINDOW_MS + 120_000;
/// Events of an application looked at for its version and its ports before.
const LOOKED_AT: u32 = 300;
/// An order is looked for so long before an end, milliseconds.
const ORDER_REACH_MS: i64 = 120_000;
/// An end so long after its order ended is still by it, and clocks differ by so much, milliseconds.
const ORDER_SLACK_MS: i64 = 5_000;
/// Calls of an order as long as this were cut, so that a pid may be missing.
const CUT_CALL: usize = 16_000;

/// What is to be kept of a block.
#[derive(Debug, Default)]
pub(crate) struct Judged {
    /// New events, ascending; times since boot.
    pub(crate) new: Vec<StoredEvent>,
    /// Numbers of events that are kept, and what they say from now on.
    pub(crate) amended: Vec<(i64, String)>,
}

/// One event of an application, kept or new.
struct Row {
    id: Option<i64>,
    at_ms: i64,
    kind: Kind,
    note: LifeNote,
    /// The last of those it counts, milliseconds since boot.
    last_ms: i64,
    is_amended: bool,
}

/// The events of an application within reach, ascending.
struct History {
    name: String,
    rows: Vec<Row>,
}

/// The block that is judged.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Span {
    pub(crate) boot: i64,
    /// Events of later blocks are not looked at, as they may be derived anew after this one.
    pub(crate) block: i64,
    pub(crate) start_ms: i64,
    pub(crate) end_ms: i64,
    /// The table before its first tick was then, and nothing is known of the time before that.
    pub(crate) begins_ms: Option<i64>,
}

/// See the module.
pub(crate) fn judge(connection: &Connection, span: Span, facts: Vec<Fact>) -> Result<Judged> {
    let since_ms = span.start_ms.saturating_sub(REACH_MS);
    let begun = if let Some(begins_ms) = span.begins_ms {
        begins_ms
    } else {
        let begun =
            events::of_kind(connection, span.boot, since_ms, Kind::RecordingStarted, span.block)?;
        begun.last().map_or(i64::MIN, |(_, event)| event.at_ms)
    };
    let unseen_since_ms = frames::end_before(connection, span.boot, begun)?;
    let mut judge =
        Judge { connection, span, since_ms, begun, histories: BTreeMap::new(), orders: None };
    let started_unseen =
        |start_ms: i64| start_ms < begun && unseen_since_ms.is_some_and(|end_ms| end_ms < start_ms);
    for (_, event) in events::of_kind(connection, span.boot, since_ms, Kind::CrashLoop, span.block)?
    {
        if let Some(id) = event.application {
            judge.history(&id, event.name.as_deref().unwrap_or(&id))?;
        }
    }
    for mut fact in facts {
        match fact.what {
            What::Ran if span.begins_ms.is_none() || !started_unseen(fact.at_ms) => continue,
            What::Began(start_ms) if started_unseen(start_ms) => {
                (fact.at_ms, fact.what) = (start_ms, What::Ran);
            }
            // It ran when the recording began, and is only named now.
            What::Began(start_ms) if start_ms < begun => continue,
            _ => {}
        }
        judge.take(fact)?;
    }
    Ok(judge.finish())
}

struct Judge<'a> {
    connection: &'a Connection,
    span: Span,
    since_ms: i64,
    /// Before this recording nobody knows whether a loop went on.
    begun: i64,
    histories: BTreeMap<String, History>,
    orders: Option<Vec<StoredOrder>>,
}

impl Judge<'_> {
    fn history(&mut self, id: &str, name: &str) -> Result<&mut History> {
        if !self.histories.contains_key(id) {
            let (Span { boot, block, .. }, all) = (self.span, (self.since_ms, i64::MAX));
            let kept = events::within(self.connection, boot, all, Some(id), block, LOOKED_AT)?;
            let rows = kept.into_iter().rev().filter(|(_, event)| event.kind != Kind::Ordered);
            let rows = rows
                .map(|(id, event)| {
                    let note = note_of(&event);
                    let last_ms = event.at_ms.saturating_add(note.last_ms.unwrap_or_default());
                    let (at_ms, kind) = (event.at_ms, event.kind);
                    Row { id: Some(id), at_ms, kind, note, last_ms, is_amended: false }
                })
                .collect();
            self.histories.insert(id.to_owned(), History { name: name.to_owned(), rows });
        }
        let new = || History { name: name.to_owned(), rows: Vec::new() };
        Ok(self.histories.entry(id.to_owned()).or_insert_with(new))
    }

    fn take(&mut self, fact: Fact) -> Result<()> {
        let (id, at_ms, begun) = (fact.application.as_str(), fact.at_ms, self.begun);
        self.history(id, &fact.name)?.close_loop(at_ms, begun);
        match fact.what {
            // While nobody looked: how it ended before is not known.
            What::Ran => {
                self.history(id, &fact.name)?.push(at_ms, Kind::Started, LifeNote::default());
            }
            What::Began(_) => {
                let history = self.history(id, &fact.name)?;
                if history.open_loop(begun).is_none() {
                    let kind =
                        if history.ended_before(at_ms) { Kind::Restarted } else { Kind::Started };
                    history.push(at_ms, kind, LifeNote::default());
                }
            }
            What::Ended(mut note) => {
                note.ordered = !note.moved && self.was_ordered(id, note.pid, at_ms)?;
                let history = self.history(id, &fact.name)?;
                if note.is_crash() {
                    history.crash(at_ms, note, begun);
                    return Ok(());
                }
                if note.ordered && history.open_loop(begun).is_some() {
                    history.push(at_ms, Kind::CrashLoopEnded, LifeNote::default());
                }
                history.push(at_ms, Kind::Stopped, note);
            }
            What::Part(note) => {
                if !self.was_ordered(id, note.pid, at_ms)? {
                    self.history(id, &fact.name)?.crash(at_ms, note, begun);
                }
            }
            What::PartAgain(note) => {
                if !self.was_ordered(id, note.pid, at_ms)? {
                    self.history(id, &fact.name)?.part_again(at_ms, note);
                }
            }
            What::GivenUp(note) => self.history(id, &fact.name)?.push(at_ms, Kind::GivenUp, note),
            What::PortsOpened(ports) => {
                // The same ports after a restart are no change.
                let mut new = Vec::new();
                for port in ports {
                    if !self.had_port(id, port)? {
                        new.push(port);
                    }
                }
                self.change_ports(&fact.name, id, at_ms, (Kind::PortsOpened, new))?;
            }
            What::PortsClosed(ports) => {
                self.change_ports(&fact.name, id, at_ms, (Kind::PortsClosed, ports))?;
            }
            What::Version(version, before) => {
                let before = match before {
                    Some(before) => Some(before),
                    None => self.version_before(id)?,
                };
                if before.as_ref().is_some_and(|before| *before != version) {
                    let note = LifeNote {
                        version: Some(version),
                        version_before: before,
                        ..LifeNote::default()
                    };
                    self.history(id, &fact.name)?.push(at_ms, Kind::VersionChanged, note);
                }
            }
        }
        Ok(())
    }

    fn change_ports(
        &mut self,
        name: &str,
        id: &str,
        at_ms: i64,
        (kind, ports): (Kind, Vec<(Protocol, u16)>),
    ) -> Result<()> {
        if !ports.is_empty() {
            let note = LifeNote { ports, ..LifeNote::default() };
            self.history(id, name)?.push(at_ms, kind, note);
        }
        Ok(())
    }

    /// The first answer among the events of an application, from the newest back, whenever they were.
    fn newest<T>(
        &self,
        id: &str,
        find: impl Fn(Kind, &LifeNote) -> Option<T>,
    ) -> Result<Option<T>> {
        let new = self.histories.get(id).into_iter().flat_map(|history| history.rows.iter().rev());
        let found = new.filter(|row| row.id.is_none()).find_map(|row| find(row.kind, &row.note));
        if found.is_some() {
            return Ok(found);
        }
        let kept = events::latest(self.connection, id, self.span.block, LOOKED_AT)?;
        let kept = kept.iter().filter(|(_, event)| event.kind != Kind::Ordered);
        let mut notes = kept.map(|(_, event)| (event.kind, note_of(event)));
        Ok(notes.find_map(|(kind, note)| find(kind, &note)))
    }

    fn had_port(&self, id: &str, port: (Protocol, u16)) -> Result<bool> {
        let find = |kind, note: &LifeNote| match kind {
            Kind::PortsOpened if note.ports.contains(&port) => Some(true),
            Kind::PortsClosed if note.ports.contains(&port) => Some(false),
            _ => None,
        };
        Ok(self.newest(id, find)?.unwrap_or(false))
    }

    fn version_before(&self, id: &str) -> Result<Option<String>> {
        self.newest(id, |_, note| note.version.clone())
    }

    /// Whether an order that ends processes was given to it shortly before.
    fn was_ordered(&mut self, id: &str, pid: Option<u32>, at_ms: i64) -> Result<bool> {
        if self.orders.is_none() {
            let from_ms = self.span.start_ms.saturating_sub(2 * ORDER_REACH_MS);
            let span = (from_ms, self.span.end_ms.saturating_add(ORDER_SLACK_MS));
            self.orders = Some(audit::within(self.connection, self.span.boot, span)?);
        }
        Ok(self.orders.iter().flatten().any(|order| ends(order, id, pid, at_ms)))
    }

    fn finish(mut self) -> Judged {
        let mut judged = Judged::default();
        let mut new: Vec<(String, Row, String)> = Vec::new();
        for (id, mut history) in std::mem::take(&mut self.histories) {
            history.close_loop(self.span.end_ms, self.begun);
            for mut row in history.rows {
                let after_ms = row.last_ms - row.at_ms;
                row.note.last_ms = (row.note.count > 1).then_some(after_ms);
                match row.id {
                    Some(id) if row.is_amended => judged.amended.push((id, row.note.to_text())),
                    Some(_) => {}
                    None => new.push((id.clone(), row, history.name.clone())),
                }
            }
        }
        new.sort_by_key(|(_, row, _)| row.at_ms);
        judged.new.extend(new.into_iter().map(|(id, row, name)| {
            let detail = row.note.to_text();
            StoredEvent {
                at_ms: row.at_ms,
                kind: row.kind,
                application: Some(id),
                name: Some(name),
                detail: (!detail.is_empty()).then_some(detail),
            }
        }));
        judged
    }
}

fn note_of(event: &StoredEvent) -> LifeNote {
    LifeNote::from_text(event.detail.as_deref().unwrap_or_default())
}

/// What is not started again crashes no more, and that needs no telling.
fn ends_loop(kind: Kind) -> bool {
    matches!(kind, Kind::CrashLoopEnded | Kind::GivenUp)
}

/// Whether this order ended that process at that time.
fn ends(order: &StoredOrder, id: &str, pid: Option<u32>, at_ms: i64) -> bool {
    let word = order.action.split([' ', ',']).next().unwrap_or_default();
    let kind = matches!(word, "stop" | "kill" | "restart" | "remove") || word.starts_with("SIG");
    let patience_ms = match order.took_ms {
        Some(took_ms) => took_ms.cast_signed().saturating_add(ORDER_SLACK_MS),
        None => ORDER_REACH_MS,
    };
    let in_time = (-ORDER_SLACK_MS..=patience_ms).contains(&(at_ms - order.at_ms));
    if !kind || !in_time || order.result == OrderResult::Failed {
        return false;
    }
    let to_it = order.application.as_deref() == Some(id);
    // An order to some processes of it is none to all of it.
    let mut calls = order.call.lines();
    if calls.clone().any(|call| call.starts_with("kill("))
        && let Some(pid) = pid
    {
        let is_cut = order.call.chars().count() >= CUT_CALL;
        // At its beginning only: behind it is a name that a stranger chose.
        let to_one = format!("kill({pid},");
        return calls.any(|call| call.starts_with(&to_one)) || (is_cut && to_it);
    }
    to_it
}

impl History {
    /// Keeps an event; when there are too many of an hour, the last of them counts the rest.
    fn push(&mut self, at_ms: i64, kind: Kind, note: LifeNote) {
        let is_apart =
            |kind| matches!(kind, Kind::CrashLoop | Kind::CrashLoopEnded | Kind::GivenUp);
        let counts = |row: &&Row| !is_apart(row.kind);
        let of_hour = self.rows.iter().filter(|row| row.at_ms > at_ms - HOUR_MS).filter(counts);
        if !is_apart(kind) && of_hour.count() >= EVENTS_AN_HOUR {
            let last = self.rows.iter_mut().rev().find(|row| row.kind == Kind::Many);
            if let Some(many) = last.filter(|row| row.at_ms > at_ms - HOUR_MS) {
                many.again(at_ms, note.count);
                // How it ended last is worth knowing, and whether a version is known.
                many.note.version = note.version.or(many.note.version.take());
                return;
            }
            self.add(at_ms, Kind::Many, LifeNote { ports: Vec::new(), ..note });
            return;
        }
        self.add(at_ms, kind, note);
    }

    fn add(&mut self, at_ms: i64, kind: Kind, note: LifeNote) {
        self.rows.push(Row { id: None, at_ms, kind, note, last_ms: at_ms, is_amended: false });
    }

    /// Whether it ended so shortly before that a start is a restart.
    fn ended_before(&self, at_ms: i64) -> bool {
        let ends = self.rows.iter().rev().find(|row| match row.kind {
            Kind::Stopped | Kind::Started => true,
            Kind::Crashed | Kind::OutOfMemory | Kind::Restarted | Kind::CrashLoop => !row.note.part,
            _ => false,
        });
        ends.is_some_and(|row| {
            let ended = !matches!(row.kind, Kind::Started | Kind::Restarted) && !row.note.moved;
            ended && at_ms - row.last_ms <= RESTART_WITHIN_MS
        })
    }

    /// The crash loop under way.
    fn open_loop(&mut self, begun: i64) -> Option<&mut Row> {
        let last = self
            .rows
            .iter_mut()
            .rev()
            .find(|row| row.kind == Kind::CrashLoop || ends_loop(row.kind))?;
        (last.kind == Kind::CrashLoop && last.last_ms >= begun).then_some(last)
    }

    /// Ends the crash loop under way where none came for long enough.
    fn close_loop(&mut self, now_ms: i64, begun: i64) {
        let Some(open) = self.open_loop(begun) else { return };
        let over_ms = open.last_ms.saturating_add(LOOP_WINDOW_MS);
        if over_ms <= now_ms {
            self.push(over_ms, Kind::CrashLoopEnded, LifeNote::default());
        }
    }

    /// A part was started again; the last of a few of an hour counts the rest.
    fn part_again(&mut self, at_ms: i64, note: LifeNote) {
        let mut same = self.rows.iter_mut().rev().filter(|row| {
            (row.kind, row.note.part, &row.note.process) == (Kind::Restarted, true, &note.process)
                && row.at_ms > at_ms - HOUR_MS
        });
        match same.next() {
            Some(last) if same.count() + 1 >= LOOP_CRASHES as usize => last.again(at_ms, 1),
            _ => self.push(at_ms, Kind::Restarted, note),
        }
    }

    fn crash(&mut self, at_ms: i64, note: LifeNote, begun: i64) {
        if let Some(open) = self.open_loop(begun) {
            if open.at_ms > at_ms - HOUR_MS {
                let count = open.note.count;
                let version = note.version.clone().or_else(|| open.note.version.take());
                let again = note.count;
                open.note = LifeNote { count, version, ..note };
                open.again(at_ms, again);
            } else {
                self.push(at_ms, Kind::CrashLoop, note);
            }
            return;
        }
        let kind = if note.out_of_memory { Kind::OutOfMemory } else { Kind::Crashed };
        self.push(at_ms, kind, note.clone());
        let over_ms = self.rows.iter().filter(|row| ends_loop(row.kind)).map(|row| row.at_ms);
        let since_ms = (at_ms - LOOP_WINDOW_MS).max(begun).max(over_ms.max().unwrap_or(i64::MIN));
        let crashes = self.rows.iter().filter(|row| {
            row.at_ms >= since_ms && matches!(row.kind, Kind::Crashed | Kind::OutOfMemory)
        });
        let count = crashes.fold(0_u32, |sum, row| sum.saturating_add(row.note.count));
        if count >= LOOP_CRASHES {
            self.push(at_ms, Kind::CrashLoop, LifeNote { count, ..note });
        }
    }
}

impl Row {
    /// One more of those it counts.
    fn again(&mut self, at_ms: i64, count: u32) {
        self.note.count = self.note.count.saturating_add(count);
        self.last_ms = at_ms;
        self.is_amended = true;
    }
}
