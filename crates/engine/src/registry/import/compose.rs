//! Services of a compose file (the Compose Specification): each is run by `docker compose up`, which reads
//! the rest of the file itself.

use super::{File, Found, ImportError, is_deep};
use crate::registry::RestartPolicy;
use serde::Deserialize;
use std::collections::BTreeMap;

#[derive(Deserialize)]
struct Compose {
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    services: BTreeMap<String, Option<Service>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Service {
    ports: Vec<Port>,
    restart: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Port {
    Short(String),
    Long {
        published: Option<Published>,
    },
    /// A number: only the container's; the machine's is chosen at the start.
    Other(serde::de::IgnoredAny),
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Published {
    Number(u16),
    Text(String),
}

impl Port {
    /// The port of this machine, where it is fixed: `[IP:]HOST:CONTAINER[/PROTOCOL]`.
    fn published(&self) -> Option<u16> {
        match self {
            Self::Short(text) => {
                let (front, _) = text.rsplit_once(':')?;
                front.rsplit(':').next()?.parse().ok()
            }
            Self::Long { published } => match published.as_ref()? {
                Published::Number(number) => Some(*number),
                Published::Text(text) => text.parse().ok(),
            },
            Self::Other(_) => None,
        }
    }
}

pub(super) fn read(file: &File<'_>) -> Result<Vec<Found>, ImportError> {
    if is_deep(file.text) {
        return Err(file.fault(1, "its brackets go too deep"));
    }
    // Aliases within aliases are counted by the parser, which gives up.
    let limits = serde_saphyr::options! {
        budget: serde_saphyr::budget! { max_aliases: 1000, max_recorded_anchor_bytes: 1 << 20 },
    };
    let read = serde_saphyr::from_str_with_options(file.text, limits);
    let compose: Compose = read.map_err(|error| {
        let line = error.location().map_or(1, |at| usize::try_from(at.line()).unwrap_or(1));
        let text = error.without_snippet().to_string();
        file.fault(line, text.lines().next().unwrap_or_default())
    })?;
    let project = compose.name.unwrap_or_else(|| file.folder_name());
    let path = file.path.display().to_string();
    // One that begins with a dash would be an option of the command.
    let services = compose.services.into_iter().filter(|(name, _)| !name.starts_with('-'));
    let found = services.map(|(name, service)| {
        let service = service.unwrap_or_default();
        let command = ["docker", "compose", "-f", &path, "up", "--no-log-prefix", &name];
        let mut found =
            file.found(&format!("{project} {name}"), command.map(str::to_owned).to_vec());
        found.registration.port = service.ports.iter().find_map(Port::published);
        if service.restart.as_deref().is_some_and(|restart| restart != "no") {
            found.registration.restart = RestartPolicy::Never;
            found
                .notes
                .push("Docker starts the container again itself, as the file says.".to_owned());
        }
        found
    });
    Ok(found.collect())
}
