//! What a container is called, in one question.

use super::{
    EngineError,
    answers::Labels,
    client::Client,
    inventory::{checked, text},
    orders::blocking,
};
use crate::containers::ContainerLabel;
use serde::Deserialize;
use std::{path::Path, time::Duration};

/// Of `GET /containers/ID/json` what is in a name.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Named {
    id: String,
    name: String,
    #[serde(default)]
    config: Config,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Config {
    image: Option<String>,
    labels: Option<Labels>,
}

/// Asks the engine of a socket what a container is called.
///
/// # Errors
/// See [`EngineError`].
pub fn label(socket: &Path, id: &str, patience: Duration) -> Result<ContainerLabel, EngineError> {
    let id = checked(id)?;
    blocking(async {
        let client = Client::new(socket);
        // Without a version: no engine changed these fields in any, and asking for it is a question more.
        let path = format!("/containers/{id}/json");
        let told: Named = client.get(&path, patience).await?;
        if told.id != id {
            return Err(client.failed("GET", "was answered with another container"));
        }
        let name = told.name.strip_prefix('/').unwrap_or(&told.name).to_owned();
        let name = text(Some(name))
            .ok_or_else(|| client.failed("GET", "was answered with a container without a name"))?;
        let labels = told.config.labels.unwrap_or_default();
        Ok(ContainerLabel {
            name,
            image: text(told.config.image).unwrap_or_default(),
            compose_project: text(labels.project),
            compose_service: text(labels.service),
        })
    })
}
