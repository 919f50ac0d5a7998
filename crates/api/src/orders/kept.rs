//! Orders to applications that are kept: starting them, stopping them by their supervisor, both.

use super::{CALLS_SHOWN, Plan, action_text, processes, services};
use crate::{
    Ira,
    registrations::line,
    wire::{ApiError, ErrorCode, OrderAction, OrderNote, OrderPreview, UnitScope},
};
use ira_engine::{
    orders::{Intent, Outcome, ProcessAction, STOP_PATIENCE, carry_out},
    registry::{self, Field, Registration},
};
use ira_model::{ApplicationKind, ProcessKey};
use ira_store::OrderResult;

/// What runs of an application.
struct Running {
    keys: Vec<ProcessKey>,
    supervisor: Option<ProcessKey>,
    name: Option<String>,
    /// The port it is to listen on is another's.
    port_taken: bool,
}

/// Start, restart, and stop where Ira started it; `None` for orders that are its processes' alone.
pub(super) fn of_kept(
    ira: &Ira,
    id: &str,
    action: &OrderAction,
) -> Option<Result<(OrderPreview, Plan), ApiError>> {
    let starts = matches!(action, OrderAction::Start | OrderAction::Restart);
    if !starts && !matches!(action, OrderAction::Stop { .. }) {
        return None;
    }
    if starts && ApplicationKind::of_id(id) == Some(ApplicationKind::Systemd) {
        let unit = id.strip_prefix("systemd:").unwrap_or(id);
        return Some(match unit.strip_prefix("user/") {
            Some(unit) => services::of_unit(ira, UnitScope::User, unit, action.clone()),
            None => services::of_unit(ira, UnitScope::System, unit, action.clone()),
        });
    }
    let kept = ira.engine.registry_anew();
    let kept = kept.iter().map(|one| &one.registration).find(|one| one.application == id);
    let running = running(ira, id, kept.and_then(|one| one.port));
    if !starts && running.supervisor.is_none() {
        return None;
    }
    Some(preview(ira, id, action, kept, running))
}

fn running(ira: &Ira, id: &str, port: Option<u16>) -> Running {
    let port_taken = port.is_some_and(|port| ira.port_holder(port, id).is_some());
    ira.engine.live(|live| {
        let of = |one: &&ira_engine::LiveProcess| one.attribution.application.id == id;
        let members = || live.processes.iter().filter(of);
        let keys: Vec<ProcessKey> = members().map(|one| one.sample.key).collect();
        Running {
            supervisor: live.supervisor(id),
            name: members().next().map(|one| one.attribution.application.name.clone()),
            port_taken,
            keys,
        }
    })
}

/// What is to be started, where that makes sense now.
fn to_start(
    id: &str,
    kept: Option<&Registration>,
    is_running: bool,
    action: &OrderAction,
) -> Result<Registration, ApiError> {
    let kind = ApplicationKind::of_id(id).unwrap_or_default();
    if matches!(kind, ApplicationKind::Docker | ApplicationKind::Container) {
        return Err(ApiError::invalid("it is a container: give the order in Containers"));
    }
    let Some(one) = kept else {
        let text = format!("{id} is not kept, so nobody knows how to start it; keep it first");
        return Err(ApiError::of(Some(ErrorCode::NotFound), text));
    };
    if one.command.is_empty() {
        return Err(ApiError::invalid(format!("{} is kept without a command", one.name)));
    }
    if is_running && *action == OrderAction::Start {
        return Err(ApiError::invalid(format!("{} runs already; restart it instead", one.name)));
    }
    let keeps = |field: Field| matches!(field, Field::Command | Field::WorkingDirectory);
    match registry::check(one).into_iter().find(|one| !one.problem.is_warning() || keeps(one.field))
    {
        Some(problem) => Err(ApiError::invalid(format!("{}: {}", one.name, problem.problem))),
        None => Ok(one.clone()),
    }
}

fn preview(
    ira: &Ira,
    id: &str,
    action: &OrderAction,
    kept: Option<&Registration>,
    running: Running,
) -> Result<(OrderPreview, Plan), ApiError> {
    let starts = match action {
        OrderAction::Stop { .. } => None,
        _ => Some(to_start(id, kept, !running.keys.is_empty(), action)?),
    };
    let own = std::process::id();
    if running.keys.iter().any(|key| key.pid <= 1 || key.pid == own) {
        return Err(ApiError::invalid("Ira is among its processes; close Ira instead"));
    }
    let escalate = *action != OrderAction::Stop { escalate: false };
    // One that waits to start it again must not do so beside the new one.
    let ends = *action != OrderAction::Start || running.supervisor.is_some();
    let touched = match ends {
        true => processes::touched(ira, |process| process.attribution.application.id == id),
        false => processes::Touched::default(),
    };
    let stops = if ends { stop_calls(&running, escalate) } else { Vec::new() };
    let start = starts.as_ref().map(|one| match &one.working_directory {
        Some(folder) => format!("{}    # in {folder}", line(&one.command)),
        None => line(&one.command),
    });
    let calls: Vec<String> = stops.into_iter().chain(start.clone()).collect();
    let name = kept.map(|one| one.name.clone()).or_else(|| running.name.clone());
    let target = name.unwrap_or_else(|| id.to_owned());
    let intent = Intent {
        slot: format!("kept {id}"),
        action: action_text(action),
        target: target.clone(),
        application: Some(id.to_owned()),
        call: calls.join("\n"),
    };
    let call_count = u32::try_from(calls.len()).unwrap_or(u32::MAX);
    let mut shown = calls;
    if shown.len() > CALLS_SHOWN {
        shown.truncate(CALLS_SHOWN - 1);
        shown.extend(start);
    }
    let mut notes = Vec::new();
    if starts.is_some() {
        notes.push(OrderNote::OwnSession);
        notes.extend(running.port_taken.then_some(OrderNote::PortTaken));
    }
    let preview = OrderPreview {
        token: String::new(),
        target,
        call_count,
        calls: shown,
        processes: touched.processes,
        process_count: touched.count,
        ports: touched.ports,
        peers: touched.peers,
        dependents: Vec::new(),
        undo: match action {
            OrderAction::Start => Some(OrderAction::Stop { escalate: true }),
            OrderAction::Stop { .. } if kept.is_some_and(|one| !one.command.is_empty()) => {
                Some(OrderAction::Start)
            }
            _ => None,
        },
        notes,
        action: action.clone(),
    };
    let work = move |ira: &Ira| {
        if ends {
            let stopped = stop(ira, &running, escalate);
            if stopped.result != OrderResult::Done {
                return stopped;
            }
        }
        starts.map_or_else(Outcome::done, |one| ira.engine.start_kept(&one))
    };
    Ok((preview, Plan { intent, work: Box::new(work) }))
}

fn stop_calls(running: &Running, escalate: bool) -> Vec<String> {
    let patience = STOP_PATIENCE.as_secs();
    let first = running.supervisor.map(|key| key.pid).map(|pid| match escalate {
        true => {
            format!("kill({pid}, SIGTERM), passed on to all it started; SIGKILL after {patience} s")
        }
        false => format!("kill({pid}, SIGINT), passed on as SIGTERM to all it started"),
    });
    let each = running.keys.iter().map(|key| format!("kill({}, SIGTERM)", key.pid));
    first.into_iter().chain(each).collect()
}

fn stop(ira: &Ira, running: &Running, escalate: bool) -> Outcome {
    match running.supervisor {
        Some(supervisor) => ira.engine.stop_kept(supervisor, &running.keys, escalate),
        None => carry_out(ProcessAction::Stop { escalate }, &running.keys, STOP_PATIENCE),
    }
}
