//! Systems without systemd.

use super::{Again, Said, Scope, ServiceError, Unit, UnitAction, UnitDetail};

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
    pub fn watch(&self, _told: impl FnMut(Said) + Send + 'static) -> Result<(), ServiceError> {
        absent()
    }

    /// # Errors
    /// Always.
    pub fn units(&mut self, _again: &Again) -> Result<Vec<Unit>, ServiceError> {
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
