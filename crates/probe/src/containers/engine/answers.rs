//! Answers of the Engine API, as far as they are used (docs.docker.com/reference/api/engine). Engines leave
//! out and put null where others put an empty list, so everything but an identifier may be missing.

use serde::{
    Deserialize, Deserializer,
    de::{IgnoredAny, MapAccess, SeqAccess, Visitor},
};
use std::{fmt, marker::PhantomData};

/// Rows of an answer that are kept.
pub(super) const MOST_ROWS: usize = 5000;
/// Entries of a list within a row that are kept.
const MOST_WITHIN: usize = 100;

/// A list of which so many entries are kept and the rest is counted. Within the bounds of an answer a
/// stranger could else have a hundred times its room taken.
#[derive(Debug)]
pub(super) struct Many<T, const MOST: usize = MOST_WITHIN> {
    pub(super) items: Vec<T>,
    pub(super) left_out: usize,
}

impl<T, const MOST: usize> Default for Many<T, MOST> {
    fn default() -> Self {
        Self { items: Vec::new(), left_out: 0 }
    }
}

impl<'de, T: Deserialize<'de>, const MOST: usize> Deserialize<'de> for Many<T, MOST> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct List<T, const MOST: usize>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>, const MOST: usize> Visitor<'de> for List<T, MOST> {
            type Value = Many<T, MOST>;

            fn expecting(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
                to.write_str("a list")
            }

            fn visit_unit<E>(self) -> Result<Self::Value, E> {
                Ok(Many::default())
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
                let mut many = Many::<T, MOST>::default();
                while many.items.len() < MOST {
                    match list.next_element()? {
                        Some(item) => many.items.push(item),
                        None => return Ok(many),
                    }
                }
                while list.next_element::<IgnoredAny>()?.is_some() {
                    many.left_out += 1;
                }
                Ok(many)
            }
        }
        deserializer.deserialize_any(List::<T, MOST>(PhantomData))
    }
}

/// The keys of an object, whatever it holds.
#[derive(Debug, Default)]
pub(super) struct Keys(pub(super) Vec<String>);

impl<'de> Deserialize<'de> for Keys {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object;
        impl<'de> Visitor<'de> for Object {
            type Value = Keys;

            fn expecting(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
                to.write_str("an object")
            }

            fn visit_unit<E>(self) -> Result<Self::Value, E> {
                Ok(Keys::default())
            }

            fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Self::Value, A::Error> {
                let mut keys = Vec::new();
                while let Some((key, IgnoredAny)) = object.next_entry::<String, IgnoredAny>()? {
                    if keys.len() < MOST_WITHIN {
                        keys.push(key);
                    }
                }
                Ok(Keys(keys))
            }
        }
        deserializer.deserialize_any(Object)
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Version {
    pub(super) version: String,
    pub(super) api_version: String,
    #[serde(default)]
    pub(super) components: Many<Component>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Component {
    pub(super) name: String,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct Labels {
    #[serde(rename = "com.docker.compose.project")]
    pub(super) project: Option<String>,
    #[serde(rename = "com.docker.compose.service")]
    pub(super) service: Option<String>,
    #[serde(rename = "com.docker.compose.depends_on")]
    pub(super) depends_on: Option<String>,
}

/// A row of `GET /containers/json`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Summary {
    #[serde(default)]
    pub(super) id: String,
    #[serde(default)]
    pub(super) names: Many<String>,
    pub(super) image: Option<String>,
    #[serde(rename = "ImageID")]
    pub(super) image_id: Option<String>,
    pub(super) created: Option<i64>,
    #[serde(default)]
    pub(super) ports: Many<Port>,
    pub(super) labels: Option<Labels>,
    pub(super) state: Option<String>,
    pub(super) status: Option<String>,
    #[serde(default)]
    pub(super) mounts: Many<Mount>,
    pub(super) network_settings: Option<NetworkSettings>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Port {
    #[serde(rename = "IP")]
    pub(super) address: Option<String>,
    pub(super) private_port: u16,
    pub(super) public_port: Option<u16>,
    pub(super) r#type: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Mount {
    pub(super) r#type: Option<String>,
    pub(super) name: Option<String>,
    pub(super) source: Option<String>,
    pub(super) destination: Option<String>,
    #[serde(rename = "RW")]
    pub(super) writable: Option<bool>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct NetworkSettings {
    #[serde(default)]
    pub(super) networks: Keys,
}

/// `GET /containers/ID/json`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Inspected {
    pub(super) id: String,
    pub(super) name: Option<String>,
    pub(super) path: Option<String>,
    #[serde(default)]
    pub(super) args: Many<String>,
    pub(super) restart_count: Option<u64>,
    pub(super) state: State,
    #[serde(default)]
    pub(super) host_config: HostConfig,
    #[serde(default)]
    pub(super) config: Config,
    #[serde(default)]
    pub(super) mounts: Many<Mount>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct State {
    pub(super) status: Option<String>,
    pub(super) exit_code: Option<i64>,
    #[serde(rename = "OOMKilled")]
    pub(super) out_of_memory: Option<bool>,
    pub(super) error: Option<String>,
    pub(super) started_at: Option<String>,
    pub(super) finished_at: Option<String>,
    pub(super) health: Option<Health>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Health {
    pub(super) status: Option<String>,
    #[serde(default)]
    pub(super) log: Many<HealthLog>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct HealthLog {
    pub(super) output: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct HostConfig {
    pub(super) auto_remove: Option<bool>,
    pub(super) restart_policy: Option<RestartPolicy>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct RestartPolicy {
    pub(super) name: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Config {
    pub(super) user: Option<String>,
    pub(super) working_dir: Option<String>,
}

/// A row of `GET /images/json`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ImageRow {
    #[serde(default)]
    pub(super) id: String,
    #[serde(default)]
    pub(super) repo_tags: Many<String>,
    pub(super) created: Option<i64>,
    pub(super) size: Option<i64>,
}

/// `GET /volumes`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Volumes {
    #[serde(default)]
    pub(super) volumes: Many<VolumeRow, MOST_ROWS>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct VolumeRow {
    #[serde(default)]
    pub(super) name: String,
    pub(super) driver: Option<String>,
    pub(super) mountpoint: Option<String>,
    pub(super) created_at: Option<String>,
    pub(super) labels: Option<Labels>,
    pub(super) usage_data: Option<UsageData>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct UsageData {
    pub(super) size: Option<i64>,
}

/// A row of `GET /networks`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct NetworkRow {
    #[serde(default)]
    pub(super) id: String,
    #[serde(default)]
    pub(super) name: String,
    pub(super) driver: Option<String>,
    pub(super) labels: Option<Labels>,
    #[serde(rename = "IPAM")]
    pub(super) addresses: Option<Addresses>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Addresses {
    #[serde(default)]
    pub(super) config: Many<Range>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Range {
    pub(super) subnet: Option<String>,
}

/// `GET /system/df`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Usage {
    #[serde(default)]
    pub(super) volumes: Many<VolumeRow, MOST_ROWS>,
    #[serde(default)]
    pub(super) containers: Many<UsedByContainer, MOST_ROWS>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct UsedByContainer {
    #[serde(default)]
    pub(super) id: String,
    pub(super) size_rw: Option<i64>,
}

/// A line of `GET /events`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Event {
    #[serde(default)]
    pub(super) r#type: String,
    #[serde(default)]
    pub(super) action: String,
    pub(super) actor: Option<Actor>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Actor {
    #[serde(rename = "ID", default)]
    pub(super) id: String,
}
