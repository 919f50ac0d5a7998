//! Containers: their names, as the engines wrote them down or tell them, and all the rest, as the engines tell it.
//!
//! [`engine`] asks an engine. For names alone that is spared where its files may be read:
//! [`ContainerNames`] looks into those first.

#[cfg(unix)]
mod docker_file;
pub mod engine;
#[cfg(unix)]
mod names;
#[cfg(unix)]
mod places;

#[cfg(unix)]
pub use docker_file::FileStamp;
#[cfg(unix)]
pub use names::{ContainerNames, Described};
#[cfg(unix)]
pub use places::ContainerPlaces;

/// How people know a container.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ContainerLabel {
    /// Name, without the slash that Docker puts before it.
    pub name: String,
    /// Image it was made from, as it was asked for.
    pub image: String,
    /// Label `com.docker.compose.project`.
    pub compose_project: Option<String>,
    /// Label `com.docker.compose.service`.
    pub compose_service: Option<String>,
}

fn is_id(id: &str) -> bool {
    id.len() == 64 && id.bytes().all(|byte| byte.is_ascii_hexdigit())
}
