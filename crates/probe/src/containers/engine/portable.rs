//! Systems without Unix sockets.

use super::{Again, Change, ContainerAction, ContainerDetail, EngineError, Inventory, Sizes};
use std::path::Path;

fn absent<T>() -> Result<T, EngineError> {
    Err(EngineError::Absent("container engines are asked on Unix sockets only".to_owned()))
}

/// See the Unix one.
#[derive(Debug)]
pub struct Engine;

/// See the Unix one.
#[derive(Debug)]
pub struct Events;

#[allow(clippy::unused_async)] // as the Unix ones
impl Engine {
    /// # Errors
    /// Always.
    pub async fn connect(_socket: &Path) -> Result<Self, EngineError> {
        absent()
    }

    /// # Errors
    /// Always.
    pub async fn events(&self) -> Result<Events, EngineError> {
        absent()
    }

    /// # Errors
    /// Always.
    pub async fn inventory(&mut self, _again: &Again) -> Result<Inventory, EngineError> {
        absent()
    }
}

#[allow(clippy::unused_async)] // as the Unix one
impl Events {
    /// # Errors
    /// Always.
    pub async fn next(&mut self) -> Result<Change, EngineError> {
        absent()
    }
}

/// # Errors
/// Always.
pub fn inspect(_socket: &Path, _id: &str) -> Result<ContainerDetail, EngineError> {
    absent()
}

/// # Errors
/// Always.
pub fn sizes(_socket: &Path) -> Result<Sizes, EngineError> {
    absent()
}

/// # Errors
/// Always.
pub fn carry_out(
    _socket: &Path,
    _id: &str,
    _started: &str,
    _action: ContainerAction,
) -> Result<(), EngineError> {
    absent()
}
