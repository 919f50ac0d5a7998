//! Units as `ListUnits` tells of them, and their properties one by one: all of a service's at once
//! would have systemd read its control group a dozen times.

use super::{Unit, UnitKind, bus::DESTINATION};
use serde::Deserialize;
use std::collections::HashSet;
use zbus::{
    blocking::{Connection, Proxy, proxy},
    proxy::CacheProperties,
    zvariant::{OwnedObjectPath, OwnedValue, Type},
};

/// A row of `ListUnits`, `(ssssssouso)`.
#[derive(Debug, Deserialize, Type)]
pub(super) struct Listed {
    pub(super) name: String,
    pub(super) description: String,
    pub(super) load: String,
    pub(super) active: String,
    pub(super) sub: String,
    _following: String,
    pub(super) path: OwnedObjectPath,
    _job: u32,
    _job_kind: String,
    _job_path: OwnedObjectPath,
}

/// What was asked of a unit, and in which state it was then.
#[derive(Debug, Default)]
pub(super) struct Known {
    state: (String, String),
    enabled: Option<String>,
    result: Option<String>,
    main_pid: Option<u32>,
    restarts: Option<u32>,
    memory_bytes: Option<u64>,
    since_ms: Option<i64>,
    next_ms: Option<i64>,
    listens: Vec<String>,
    triggers: Vec<String>,
}

impl Known {
    /// Whether the unit is in the state in which it was asked.
    pub(super) fn is_of(&self, listed: &Listed) -> bool {
        self.state.0 == listed.active && self.state.1 == listed.sub
    }

    /// Asks for what the list does not tell. What is refused or does not exist is left out.
    ///
    /// # Errors
    /// When the bus does not answer: the next question would wait as long.
    pub(super) fn ask(
        connection: &Connection,
        listed: &Listed,
        kind: UnitKind,
    ) -> zbus::Result<Self> {
        let of = |interface: &'static str| properties(connection, listed, interface);
        let unit = of("org.freedesktop.systemd1.Unit")?;
        let mut known = Self {
            state: (listed.active.clone(), listed.sub.clone()),
            enabled: get(&unit, "UnitFileState")?.filter(|text: &String| !text.is_empty()),
            since_ms: get(&unit, "StateChangeTimestamp")?.and_then(microseconds),
            ..Self::default()
        };
        if kind != UnitKind::Service {
            known.triggers = get(&unit, "Triggers")?.unwrap_or_default();
        }
        match kind {
            UnitKind::Service => known.ask_service(&of("org.freedesktop.systemd1.Service")?)?,
            UnitKind::Timer => {
                let timer = of("org.freedesktop.systemd1.Timer")?;
                known.next_ms = get(&timer, "NextElapseUSecRealtime")?.and_then(microseconds);
            }
            UnitKind::Socket => {
                let socket = of("org.freedesktop.systemd1.Socket")?;
                let listens: Option<Vec<(String, String)>> = get(&socket, "Listen")?;
                let addresses = listens.into_iter().flatten().map(|(_, address)| address);
                known.listens = addresses.collect();
            }
        }
        Ok(known)
    }

    fn ask_service(&mut self, service: &Proxy<'_>) -> zbus::Result<()> {
        self.result = get(service, "Result")?.filter(|text: &String| text != "success");
        self.restarts = get(service, "NRestarts")?;
        if self.state.0 != "inactive" {
            self.main_pid = get(service, "MainPID")?.filter(|pid| *pid != 0);
            // What is not accounted for is told as the largest number.
            self.memory_bytes = get(service, "MemoryCurrent")?.filter(|bytes| *bytes < 1 << 60);
        }
        Ok(())
    }

    pub(super) fn unit(&self, listed: &Listed, kind: UnitKind) -> Unit {
        Unit {
            name: listed.name.clone(),
            kind,
            description: listed.description.clone(),
            load: listed.load.clone(),
            active: listed.active.clone(),
            sub: listed.sub.clone(),
            enabled: self.enabled.clone(),
            result: self.result.clone(),
            main_pid: self.main_pid,
            restarts: self.restarts,
            memory_bytes: self.memory_bytes,
            since_ms: self.since_ms,
            next_ms: self.next_ms,
            listens: self.listens.clone(),
            triggers: self.triggers.clone(),
        }
    }
}

/// Files of units and whether they are enabled: units that nobody needs now are not loaded.
#[derive(Debug)]
pub(super) struct Files(Vec<(String, UnitKind, String)>);

impl Files {
    pub(super) fn ask(manager: &Proxy<'_>) -> zbus::Result<Self> {
        let told: Vec<(String, String)> = manager.call("ListUnitFiles", &())?;
        let files = told.into_iter().filter_map(|(path, state)| {
            let name = path.rsplit('/').next().unwrap_or_default();
            let is_template = name.contains("@.");
            let kind = UnitKind::of(name).filter(|_| !is_template && state != "alias")?;
            Some((name.to_owned(), kind, state))
        });
        Ok(Self(files.collect()))
    }

    /// Adds what is not among the units, so that there are at most so many.
    pub(super) fn add_unloaded(&self, units: &mut Vec<Unit>, most: usize) {
        let loaded: HashSet<&str> = units.iter().map(|unit| unit.name.as_str()).collect();
        let unloaded = self.0.iter().filter(|(name, _, _)| !loaded.contains(name.as_str()));
        let room = most.saturating_sub(units.len());
        let added: Vec<Unit> = unloaded
            .take(room)
            .map(|(name, kind, state)| Unit {
                name: name.clone(),
                kind: *kind,
                description: String::new(),
                load: "unloaded".to_owned(),
                active: "inactive".to_owned(),
                sub: "dead".to_owned(),
                enabled: Some(state.clone()),
                result: None,
                main_pid: None,
                restarts: None,
                memory_bytes: None,
                since_ms: None,
                next_ms: None,
                listens: Vec::new(),
                triggers: Vec::new(),
            })
            .collect();
        units.extend(added);
    }
}

fn properties(
    connection: &Connection,
    listed: &Listed,
    interface: &'static str,
) -> zbus::Result<Proxy<'static>> {
    proxy::Builder::new(connection)
        .destination(DESTINATION)?
        .path(listed.path.clone())?
        .interface(interface)?
        // A cache would subscribe to each unit on its own.
        .cache_properties(CacheProperties::No)
        .build()
}

/// A property; `None` where the manager says that there is none, or one of another type.
pub(super) fn get<T>(proxy: &Proxy<'_>, name: &'static str) -> zbus::Result<Option<T>>
where
    T: TryFrom<OwnedValue>,
    T::Error: Into<zbus::Error>,
{
    match proxy.get_property(name) {
        Ok(value) => Ok(Some(value)),
        Err(error @ zbus::Error::InputOutput(_)) => Err(error),
        Err(_) => Ok(None),
    }
}

/// Microseconds since 1970; 0 and the largest number stand for never.
fn microseconds(value: u64) -> Option<i64> {
    (value != 0 && value != u64::MAX).then(|| (value / 1000).cast_signed())
}
