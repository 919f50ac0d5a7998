//! Transient units around processes that are there already.

use super::{Scope, ServiceError, bus};
use std::time::Duration;
use zbus::zvariant::{OwnedValue, Value};

/// A manager that does not answer within this time makes none.
const PATIENCE: Duration = Duration::from_secs(5);

/// Has a manager make a scope with a process in it, and what that starts from then on
/// (`StartTransientUnit`, org.freedesktop.systemd1(5)).
///
/// # Errors
/// See [`ServiceError`].
pub fn make_scope(
    scope: Scope,
    unit: &str,
    description: &str,
    pid: u32,
) -> Result<(), ServiceError> {
    let fault = |error: zbus::Error| bus::fault(&error, scope);
    let connection = bus::connection(scope, PATIENCE)?;
    let manager = bus::manager(&connection, scope)?;
    let properties: Vec<(&str, Value<'_>)> = vec![
        ("Description", Value::from(description)),
        ("PIDs", Value::from(vec![pid])),
        ("CollectMode", Value::from("inactive-or-failed")),
    ];
    let others: Vec<(&str, Vec<(&str, OwnedValue)>)> = Vec::new();
    manager
        .call::<_, _, zbus::zvariant::OwnedObjectPath>(
            "StartTransientUnit",
            &(unit, "fail", properties, others),
        )
        .map_err(fault)?;
    connection.close().ok();
    Ok(())
}
