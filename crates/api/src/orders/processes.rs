//! Orders to processes: who they are, who is connected to them, and what the kernel is asked.

use super::{CALLS_SHOWN, Plan, action_text};
use crate::{
    Ira,
    moment::{Moment, ProcessView},
    wire::{
        AffectedPeer, AffectedProcess, ApiError, ErrorCode, IoClass, OrderAction, OrderNote,
        OrderPreview, ProcessRef,
    },
};
use ira_engine::orders::{Intent, ProcessAction, STOP_PATIENCE, carry_out};
use ira_model::{ApplicationKind, ProcessKey};
use ira_probe::ProcessHandle;
use std::collections::{BTreeSet, HashSet};

/// Processes of one order.
const MOST: usize = 2000;
const PROCESSES_SHOWN: usize = 100;
const PEERS_SHOWN: usize = 50;
/// Connections looked at.
const PEERS_READ: usize = 2000;

/// What is known of the processes of an order, taken out of a moment.
struct Chosen {
    keys: Vec<ProcessKey>,
    /// Name and beginning of each.
    who: Vec<String>,
    shown: Vec<AffectedProcess>,
    ports: BTreeSet<u16>,
    users: BTreeSet<u32>,
    kinds: Vec<ApplicationKind>,
    /// Identifier and name of the application, where it is one.
    application: Option<(String, String)>,
    /// Bare name of the first.
    name: String,
}

pub(super) fn of_processes(
    ira: &Ira,
    wanted: &[ProcessRef],
    action: OrderAction,
) -> Result<(OrderPreview, Plan), ApiError> {
    if wanted.is_empty() || wanted.len() > MOST {
        return Err(ApiError::invalid(format!("processes: 1 to {MOST}, not {}", wanted.len())));
    }
    let chosen = ira.at(None, |moment| {
        let found: Option<Vec<_>> =
            wanted.iter().map(|one| moment.process(one.pid, one.start_time_ms)).collect();
        found.map(|found| choose(ira, moment, &found)).ok_or_else(|| {
            let gone = wanted
                .iter()
                .find(|one| moment.process(one.pid, one.start_time_ms).is_none())
                .map_or(0, |one| one.pid);
            ApiError::of(Some(ErrorCode::NotFound), format!("the process {gone} has ended"))
        })
    })???;
    let target = match wanted {
        [one] => format!("{} ({})", chosen.name, one.pid),
        more => format!("{} and {} more", chosen.name, more.len() - 1),
    };
    preview(ira, target, action, chosen)
}

pub(super) fn of_application(
    ira: &Ira,
    id: &str,
    action: OrderAction,
) -> Result<(OrderPreview, Plan), ApiError> {
    let chosen = ira.at(None, |moment| {
        let found: Vec<&ProcessView<'_>> =
            moment.processes.iter().filter(|p| p.attribution.application.id == id).collect();
        if found.is_empty() {
            let message = format!("no process of {id} runs");
            return Err(ApiError::of(Some(ErrorCode::NotFound), message));
        }
        choose(ira, moment, &found)
    })??;
    let target = chosen.application.as_ref().map_or(id, |(_, name)| name).to_owned();
    preview(ira, target, action, chosen)
}

/// Takes what is needed out of a moment; refuses what no order is for.
fn choose(ira: &Ira, moment: &Moment<'_>, found: &[&ProcessView<'_>]) -> Result<Chosen, ApiError> {
    let own = std::process::id();
    for process in found {
        let pid = process.sample.key.pid;
        let why = if pid <= 1 {
            "it runs all others; shut the machine down instead"
        } else if process.details.is_kernel_thread {
            "it is a thread of the kernel, which takes no orders"
        } else if pid == own {
            "it is Ira itself; close it instead"
        } else {
            continue;
        };
        return Err(ApiError::invalid(format!("process {pid}: {why}")));
    }
    let pids: HashSet<u32> = found.iter().map(|process| process.sample.key.pid).collect();
    let listeners = moment.listeners.iter();
    let ids: BTreeSet<&str> =
        found.iter().map(|process| process.attribution.application.id.as_str()).collect();
    let first = found.first().map(|process| &process.attribution.application);
    Ok(Chosen {
        keys: found.iter().map(|process| process.sample.key).collect(),
        who: found.iter().map(|process| who(moment, process)).collect(),
        shown: found
            .iter()
            .take(PROCESSES_SHOWN)
            .map(|process| AffectedProcess {
                pid: process.sample.key.pid,
                start_time_ms: moment.start_time_ms(process.sample.key),
                name: process.details.name.clone(),
                user: process.details.user_id.map(|id| ira.user(id)),
            })
            .collect(),
        ports: listeners
            // Who is connected is known of this network only.
            .filter(|one| one.namespace.is_none())
            .filter(|one| one.pid.is_some_and(|pid| pids.contains(&pid)))
            .map(|one| one.port)
            .collect(),
        users: found.iter().filter_map(|process| process.details.user_id).collect(),
        kinds: found.iter().map(|process| process.attribution.application.kind).collect(),
        application: first
            .filter(|one| ids.len() == 1 && !one.is_none())
            .map(|one| (one.id.clone(), one.name.clone())),
        name: found.first().map(|process| process.details.name.clone()).unwrap_or_default(),
    })
}

/// A process as one tells it from others of its pid.
fn who(moment: &Moment<'_>, process: &ProcessView<'_>) -> String {
    let name: String =
        process.details.name.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let start = jiff::Timestamp::from_millisecond(moment.start_time_ms(process.sample.key));
    match start {
        Ok(start) => format!("{name}, since {start:.3}"),
        Err(_) => name,
    }
}

fn preview(
    ira: &Ira,
    target: String,
    action: OrderAction,
    chosen: Chosen,
) -> Result<(OrderPreview, Plan), ApiError> {
    let work = in_kernel(&action)?;
    let mut calls: Vec<String> = Vec::new();
    let mut kept: Vec<String> = Vec::new();
    for (key, who) in chosen.keys.iter().zip(&chosen.who) {
        let own = calls_of(&action, key.pid);
        // A pid may be another's by the time the audit is read.
        kept.extend(own.first().map(|call| format!("{call}    # {who}")));
        kept.extend(own.iter().skip(1).cloned());
        calls.extend(own);
    }
    let mut keys = chosen.keys.clone();
    keys.sort_unstable();
    let intent = Intent {
        slot: slot(&keys),
        action: action_text(&action),
        target: target.clone(),
        application: chosen.application.as_ref().map(|(id, _)| id.clone()),
        call: kept.join("\n"),
    };
    let call_count = count(calls.len());
    calls.truncate(CALLS_SHOWN);
    let ends = matches!(action, OrderAction::Stop { .. } | OrderAction::Signal { .. })
        || action == OrderAction::Suspend;
    let preview = OrderPreview {
        token: String::new(),
        target,
        calls,
        call_count,
        process_count: count(chosen.keys.len()),
        peers: if ends { peers(ira, &chosen) } else { Vec::new() },
        ports: if ends { chosen.ports.iter().copied().collect() } else { Vec::new() },
        dependents: Vec::new(),
        undo: undo(&action, &chosen.keys),
        notes: notes(&action, &chosen),
        processes: chosen.shown,
        action,
    };
    let work = move |_: &Ira| carry_out(work, &keys, STOP_PATIENCE);
    Ok((preview, Plan { intent, work: Box::new(work) }))
}

/// What only one order at a time may touch: the whole set, by its first and its size. Two orders that
/// overlap otherwise do no harm, each process is checked again on its own.
fn slot(keys: &[ProcessKey]) -> String {
    let first = keys.first().map(|key| (key.pid, key.start_ms)).unwrap_or_default();
    format!("processes {} {} {}", first.0, first.1, keys.len())
}

fn count(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

fn in_kernel(action: &OrderAction) -> Result<ProcessAction, ApiError> {
    Ok(match action {
        OrderAction::Stop { escalate } => ProcessAction::Stop { escalate: *escalate },
        OrderAction::Signal { signal } if ira_probe::signal_name(*signal).is_some() => {
            ProcessAction::Signal(*signal)
        }
        OrderAction::Signal { signal } => {
            let known: Vec<&str> = ira_probe::signals().iter().map(|(_, name)| *name).collect();
            let known = known.join(", ");
            return Err(ApiError::invalid(format!("signal: {signal} is none of {known}")));
        }
        OrderAction::Suspend => ProcessAction::Suspend,
        OrderAction::Resume => ProcessAction::Resume,
        OrderAction::Priority { nice } if (-20..=19).contains(nice) => ProcessAction::Nice(*nice),
        OrderAction::Priority { nice } => {
            return Err(ApiError::invalid(format!("nice: -20 to 19, not {nice}")));
        }
        OrderAction::Start
        | OrderAction::Restart
        | OrderAction::Enable
        | OrderAction::Disable
        | OrderAction::Remove => {
            let text = "processes can be stopped and told; only units and containers are started";
            return Err(ApiError::invalid(text));
        }
        OrderAction::Io { class } => ProcessAction::Io(match class {
            IoClass::Normal => ira_probe::IoClass::Normal,
            IoClass::Idle => ira_probe::IoClass::Idle,
            IoClass::High => ira_probe::IoClass::High,
        }),
    })
}

fn calls_of(action: &OrderAction, pid: u32) -> Vec<String> {
    let kill = |name: &str| format!("kill({pid}, {name})");
    match action {
        OrderAction::Stop { escalate: false } => vec![kill("SIGTERM")],
        OrderAction::Stop { escalate: true } => {
            let patience = STOP_PATIENCE.as_secs();
            vec![kill("SIGTERM"), format!("{} after {patience} s", kill("SIGKILL"))]
        }
        OrderAction::Signal { signal } => {
            vec![kill(ira_probe::signal_name(*signal).unwrap_or("?"))]
        }
        OrderAction::Suspend => vec![kill("SIGSTOP")],
        OrderAction::Resume => vec![kill("SIGCONT")],
        OrderAction::Priority { nice } => vec![format!("setpriority({pid}, {nice})")],
        OrderAction::Start
        | OrderAction::Restart
        | OrderAction::Enable
        | OrderAction::Disable
        | OrderAction::Remove => Vec::new(),
        OrderAction::Io { class } => {
            vec![format!("ioprio_set({pid}, {})", format!("{class:?}").to_lowercase())]
        }
    }
}

/// The order that takes it back: what was the same for all of them before.
fn undo(action: &OrderAction, keys: &[ProcessKey]) -> Option<OrderAction> {
    match action {
        OrderAction::Suspend => return Some(OrderAction::Resume),
        OrderAction::Resume => return Some(OrderAction::Suspend),
        OrderAction::Priority { .. } | OrderAction::Io { .. } => {}
        _ => return None,
    }
    let mut before = keys.iter().map(|key| ProcessHandle::open(*key).ok()?.standing().ok());
    let first = before.next()??;
    if before.any(|one| one != Some(first)) {
        return None;
    }
    match action {
        OrderAction::Priority { .. } => Some(OrderAction::Priority { nice: first.nice }),
        _ => first.io_class.map(|class| OrderAction::Io {
            class: match class {
                ira_probe::IoClass::Normal => IoClass::Normal,
                ira_probe::IoClass::Idle => IoClass::Idle,
                ira_probe::IoClass::High => IoClass::High,
            },
        }),
    }
}

fn notes(action: &OrderAction, chosen: &Chosen) -> Vec<OrderNote> {
    let mut notes = Vec::new();
    let ends = matches!(action, OrderAction::Stop { .. } | OrderAction::Signal { .. });
    let any = |wanted: &[ApplicationKind]| chosen.kinds.iter().any(|kind| wanted.contains(kind));
    if ends && any(&[ApplicationKind::Systemd]) {
        notes.push(OrderNote::Managed);
    }
    if ends && any(&[ApplicationKind::Docker, ApplicationKind::Container]) {
        notes.push(OrderNote::InContainer);
    }
    if ira_probe::other_users(&chosen.users) {
        notes.push(OrderNote::OtherUsers);
    }
    if matches!(action, OrderAction::Stop { escalate: true } | OrderAction::Signal { signal: 9 }) {
        notes.push(OrderNote::Abrupt);
    }
    notes
}

/// What an order to something else than processes touches of them.
#[derive(Default)]
pub(super) struct Touched {
    pub(super) processes: Vec<AffectedProcess>,
    pub(super) count: u32,
    pub(super) ports: Vec<u16>,
    pub(super) peers: Vec<AffectedPeer>,
}

/// The processes that are meant and who is connected to them; nothing where none runs.
pub(super) fn touched(ira: &Ira, is_meant: impl Fn(&ProcessView<'_>) -> bool) -> Touched {
    let chosen = ira.at(None, |moment| {
        let found: Vec<&ProcessView<'_>> =
            moment.processes.iter().filter(|process| is_meant(process)).collect();
        choose(ira, moment, &found)
    });
    let Ok(Ok(chosen)) = chosen else { return Touched::default() };
    Touched {
        count: count(chosen.keys.len()),
        peers: peers(ira, &chosen),
        ports: chosen.ports.into_iter().collect(),
        processes: chosen.shown,
    }
}

/// Who is connected from outside of what is touched.
fn peers(ira: &Ira, chosen: &Chosen) -> Vec<AffectedPeer> {
    let mut found = ira_probe::peers(&chosen.ports, PEERS_READ);
    let own: HashSet<u32> = chosen.keys.iter().map(|key| key.pid).collect();
    found.retain(|peer| peer.pid.is_none_or(|pid| !own.contains(&pid)));
    found.truncate(PEERS_SHOWN);
    let named = ira.at(None, |moment| {
        let who = |pid: u32| moment.processes.iter().find(|p| p.sample.key.pid == pid);
        found
            .iter()
            .map(|peer| {
                let process = peer.pid.and_then(who);
                let application = process.map(|one| &one.attribution.application);
                AffectedPeer {
                    port: peer.port,
                    address: peer.address.to_string(),
                    pid: peer.pid,
                    name: process.map(|one| one.details.name.clone()),
                    application: application
                        .filter(|one| !one.is_none())
                        .map(|one| one.name.clone()),
                }
            })
            .collect()
    });
    named.unwrap_or_default()
}
