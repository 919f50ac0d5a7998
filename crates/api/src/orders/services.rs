//! Orders to units of systemd: which processes that touches, who cannot be without it, and the call.

use super::{Plan, action_text, processes};
use crate::{
    Ira, services,
    wire::{ApiError, ErrorCode, OrderAction, OrderNote, OrderPreview, UnitScope},
};
use ira_engine::orders::{Intent, Outcome};
use ira_probe::services::{self as probe, ServiceError, UnitAction, UnitKind};

/// Dependents named in a preview.
const DEPENDENTS_SHOWN: usize = 50;

pub(super) fn of_unit(
    ira: &Ira,
    scope: UnitScope,
    unit: &str,
    action: OrderAction,
) -> Result<(OrderPreview, Plan), ApiError> {
    services::check(unit)?;
    let order = match action {
        OrderAction::Start => UnitAction::Start,
        OrderAction::Stop { escalate: false } => UnitAction::Stop,
        OrderAction::Restart => UnitAction::Restart,
        OrderAction::Enable => UnitAction::Enable,
        OrderAction::Disable => UnitAction::Disable,
        _ => {
            let text = "a unit can be started, stopped, restarted, enabled and disabled";
            return Err(ApiError::invalid(text));
        }
    };
    let ends = matches!(order, UnitAction::Stop | UnitAction::Restart);
    let manager = services::scope(scope);
    let detail = probe::detail(manager, unit).map_err(|error| services::told(&error))?;
    let mut asked = detail.required_by.clone();
    asked.truncate(DEPENDENTS_SHOWN);
    asked.push(unit.to_owned());
    let active = probe::active(manager, &asked).map_err(|error| services::told(&error))?;
    let was_active = active.iter().any(|name| name == unit);
    if !was_active && detail.path.is_none() {
        let message = format!("there is no unit {unit}");
        return Err(ApiError::of(Some(ErrorCode::NotFound), message));
    }
    let application = services::application(scope, unit);
    let touched = if ends && UnitKind::of(unit) == Some(UnitKind::Service) {
        processes::touched(ira, |process| process.attribution.application.id == application)
    } else {
        processes::Touched::default()
    };
    let calls = order.calls(unit);
    let intent = Intent {
        slot: format!("unit {manager:?} {unit}"),
        action: action_text(&action),
        target: unit.to_owned(),
        application: Some(application),
        call: calls.join("\n"),
    };
    let dependents = active.into_iter().filter(|name| ends && name != unit).collect();
    let preview = OrderPreview {
        token: String::new(),
        target: unit.to_owned(),
        call_count: u32::try_from(calls.len()).unwrap_or(u32::MAX),
        calls,
        processes: touched.processes,
        process_count: touched.count,
        ports: touched.ports,
        peers: touched.peers,
        dependents,
        undo: match order {
            UnitAction::Start if !was_active => Some(OrderAction::Stop { escalate: false }),
            UnitAction::Stop if was_active => Some(OrderAction::Start),
            UnitAction::Enable => Some(OrderAction::Disable),
            UnitAction::Disable => Some(OrderAction::Enable),
            _ => None,
        },
        notes: if scope == UnitScope::System && !ira_probe::is_root() {
            vec![OrderNote::Password]
        } else {
            Vec::new()
        },
        action,
    };
    let unit = unit.to_owned();
    let looked_at = (detail.path, detail.text);
    let work = move |_: &Ira| {
        let ordered =
            same(manager, &unit, looked_at).and_then(|()| probe::carry_out(manager, &unit, order));
        match ordered {
            Ok(()) => Outcome::done(),
            Err(error) => Outcome::failed(error.to_string(), remedy(&error, order)),
        }
    };
    Ok((preview, Plan { intent, work: Box::new(work) }))
}

/// Whether a name still stands for the files that were looked at.
fn same(
    manager: probe::Scope,
    unit: &str,
    looked_at: (Option<String>, String),
) -> Result<(), ServiceError> {
    let now = probe::detail(manager, unit)?;
    if (now.path, now.text) == looked_at {
        return Ok(());
    }
    let text = format!("{unit} has another file than when it was looked at; look again");
    Err(ServiceError::Failed(text))
}

/// The command that permits it: an agent that asks for the password, or the one that tells who may.
fn remedy(error: &ServiceError, order: UnitAction) -> Option<String> {
    match error {
        ServiceError::NoAgent(_) => Some(format!("pkttyagent --process {}", std::process::id())),
        ServiceError::Denied(_) => {
            let action = match order {
                UnitAction::Enable | UnitAction::Disable => "manage-unit-files",
                UnitAction::Start | UnitAction::Stop | UnitAction::Restart => "manage-units",
            };
            Some(format!("pkaction --verbose --action-id org.freedesktop.systemd1.{action}"))
        }
        _ => None,
    }
}
