//! Systems without systemd.

use super::{Scope, ServiceError, Unit, UnitAction, UnitDetail};
use std::collections::BTreeSet;

/// See the Linux one.
#[derive(Debug)]
pub struct Manager;

fn absent<T>() -> Result<T, ServiceError> {
    Err(ServiceError::Absent("this system has no systemd".to_owned()))
}

impl Manager {
    /// # Errors
    /// Always.
    pub fn connect(_scope: Scope) -> Result<Self, ServiceError> {
        absent()
    }

    /// # Errors
    /// Always.
    pub fn watch(
        &self,
        _told: impl FnMut(Option<String>) + Send + 'static,
    ) -> Result<(), ServiceError> {
        absent()
    }

    /// # Errors
    /// Always.
    pub fn units(&mut self, _again: &BTreeSet<String>) -> Result<Vec<Unit>, ServiceError> {
        absent()
    }

    /// Nothing is open.
    pub fn close(self) {}
}

/// # Errors
/// Always.
pub fn detail(_scope: Scope, _unit: &str) -> Result<UnitDetail, ServiceError> {
    absent()
}

/// # Errors
/// Always.
pub fn active(_scope: Scope, _units: &[String]) -> Result<Vec<String>, ServiceError> {
    absent()
}

/// # Errors
/// Always.
pub fn carry_out(_scope: Scope, _unit: &str, _action: UnitAction) -> Result<(), ServiceError> {
    absent()
}
