//! Services: all of both managers, as long as somebody looks, and one in full.

use crate::{
    Ira,
    feed::Feed,
    wire::{
        ApiError, ErrorCode, Nothing, Problem, ProblemKind, ServiceDetail, ServiceRequest,
        ServiceRow, Services, UnitKind, UnitScope,
    },
};
use ira_engine::services::{ServiceWatch, Told, Units};
use ira_probe::services::{self as probe, Scope, ServiceError, Unit};
use std::time::Duration;

/// How long one question waits for both managers.
const PATIENCE: Duration = Duration::from_secs(12);

/// All services, timers and sockets now.
///
/// # Errors
/// [`ErrorCode::Refused`] where this is not this machine. That a manager is not there is no error: the
/// answer says why.
pub fn services(ira: &Ira, _: Nothing) -> Result<Services, ApiError> {
    let silent = || ApiError::of(None, "the service managers do not answer");
    feed(ira)?.first(PATIENCE, all).ok_or_else(silent)
}

/// One unit in full.
///
/// # Errors
/// [`ErrorCode::Invalid`] for what cannot be a unit's name, otherwise what the manager said.
pub fn service(ira: &Ira, request: ServiceRequest) -> Result<ServiceDetail, ApiError> {
    here(ira)?;
    check(&request.unit)?;
    let detail = probe::detail(scope(request.scope), &request.unit).map_err(|e| told(&e))?;
    Ok(ServiceDetail {
        path: detail.path,
        text: detail.text,
        requires: detail.requires,
        wants: detail.wants,
        required_by: detail.required_by,
        wanted_by: detail.wanted_by,
        triggered_by: detail.triggered_by,
    })
}

/// One view's look at the managers.
pub(crate) fn feed(ira: &Ira) -> Result<Feed<Units>, ApiError> {
    here(ira)?;
    let watch = ira.engine.watch_services().map_err(|e| ApiError::of(None, e.to_string()))?;
    Ok(Feed::new(watch, ServiceWatch::units))
}

/// What a view is told where there is nothing to look at.
pub(crate) fn nothing(error: &ApiError) -> Services {
    let problem = || {
        let message = error.message.clone();
        Some(Problem { kind: ProblemKind::of(error), message, remedy: None })
    };
    Services { services: Vec::new(), system: problem(), user: problem() }
}

/// Services of a recording would be those of the machine it is looked at on.
fn here(ira: &Ira) -> Result<(), ApiError> {
    ira.engine.takes_orders().map_err(|_| {
        let text = "what is shown is a recording: services are told of this machine only";
        ApiError::of(Some(ErrorCode::Refused), text)
    })
}

pub(crate) fn check(unit: &str) -> Result<(), ApiError> {
    if probe::is_unit_name(unit) {
        return Ok(());
    }
    Err(ApiError::invalid(format!(
        "unit: {unit:?} cannot be the name of a service, timer or socket"
    )))
}

pub(crate) fn scope(scope: UnitScope) -> Scope {
    match scope {
        UnitScope::System => Scope::System,
        UnitScope::User => Scope::User,
    }
}

/// An error of a manager as that of a command.
pub(crate) fn told(error: &ServiceError) -> ApiError {
    let code = matches!(error, ServiceError::NotFound(_)).then_some(ErrorCode::NotFound);
    ApiError::of(code, error.to_string())
}

pub(crate) fn all(units: &Units) -> Services {
    let mut services = Vec::new();
    for (told, scope) in [(&units.system, UnitScope::System), (&units.user, UnitScope::User)] {
        services.extend(told.iter().flat_map(|all| all.iter()).map(|unit| row(unit, scope)));
    }
    services.sort_by(|a: &ServiceRow, b| {
        (a.active != "failed", &a.unit).cmp(&(b.active != "failed", &b.unit))
    });
    Services {
        services,
        system: problem(&units.system, UnitScope::System),
        user: problem(&units.user, UnitScope::User),
    }
}

fn row(unit: &Unit, scope: UnitScope) -> ServiceRow {
    ServiceRow {
        scope,
        unit: unit.name.clone(),
        kind: match unit.kind {
            probe::UnitKind::Service => UnitKind::Service,
            probe::UnitKind::Timer => UnitKind::Timer,
            probe::UnitKind::Socket => UnitKind::Socket,
        },
        description: unit.description.clone(),
        load: unit.load.clone(),
        active: unit.active.clone(),
        sub: unit.sub.clone(),
        enabled: unit.enabled.clone(),
        result: unit.result.clone(),
        main_pid: unit.main_pid,
        restarts: unit.restarts,
        memory_bytes: unit.memory_bytes,
        since_ms: unit.since_ms,
        next_ms: unit.next_ms,
        listens: unit.listens.clone(),
        triggers: unit.triggers.clone(),
        application: application(scope, &unit.name),
    }
}

/// The application that discovery makes of a unit: instances of one template are one.
pub(crate) fn application(scope: UnitScope, unit: &str) -> String {
    let bare = unit.rsplit_once('.').map_or(unit, |(bare, _)| bare);
    let key = match bare.split_once('@') {
        Some((template, _)) => format!("{template}@.service"),
        None => format!("{bare}.service"),
    };
    match scope {
        UnitScope::System => format!("systemd:{key}"),
        UnitScope::User => format!("systemd:user/{key}"),
    }
}

fn problem(told: &Told, scope: UnitScope) -> Option<Problem> {
    let error = told.as_ref().err()?;
    let kind = match error {
        ServiceError::Absent(_) => ProblemKind::Absent,
        ServiceError::Denied(_) | ServiceError::NoAgent(_) => ProblemKind::Denied,
        ServiceError::NotFound(_) | ServiceError::Failed(_) => ProblemKind::Failed,
    };
    let remedy = match (kind, scope) {
        (ProblemKind::Absent, UnitScope::User) => Some("loginctl enable-linger".to_owned()),
        (ProblemKind::Absent, UnitScope::System) => Some("systemctl start dbus".to_owned()),
        _ => None,
    };
    Some(Problem { kind, message: error.to_string(), remedy })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_unit_finds_its_application() {
        let of = |unit| application(UnitScope::System, unit);
        assert_eq!(of("nginx.service"), "systemd:nginx.service");
        assert_eq!(of("getty@tty1.service"), "systemd:getty@.service", "of its template");
        assert_eq!(of("backup.timer"), "systemd:backup.service", "of what it starts, mostly");
        assert_eq!(application(UnitScope::User, "a.service"), "systemd:user/a.service");
    }
}
