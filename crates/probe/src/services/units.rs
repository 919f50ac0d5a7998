//! Units as `ListUnits` tells of them, and their properties one by one: all of a service's at once
//! would have systemd read its control group a dozen times.

use super::{Unit, UnitKind, bus::DESTINATION};
use serde::Deserialize;
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
    pub(super) fn ask(connection: &Connection, listed: &Listed, kind: UnitKind) -> Self {
        let of = |interface: &'static str| properties(connection, listed, interface);
        let state = (listed.active.clone(), listed.sub.clone());
        let Some(unit) = of("org.freedesktop.systemd1.Unit") else {
            return Self { state, ..Self::default() };
        };
        let since: Option<u64> = get(&unit, "StateChangeTimestamp");
        let mut known = Self {
            state,
            enabled: get(&unit, "UnitFileState").filter(|text: &String| !text.is_empty()),
            since_ms: since.and_then(microseconds),
            ..Self::default()
        };
        match kind {
            UnitKind::Service => known.ask_service(of("org.freedesktop.systemd1.Service")),
            UnitKind::Timer => {
                known.triggers = get(&unit, "Triggers").unwrap_or_default();
                let timer = of("org.freedesktop.systemd1.Timer");
                let next = timer.and_then(|timer| get(&timer, "NextElapseUSecRealtime"));
                known.next_ms = next.and_then(microseconds);
            }
            UnitKind::Socket => {
                known.triggers = get(&unit, "Triggers").unwrap_or_default();
                let socket = of("org.freedesktop.systemd1.Socket");
                let listens: Vec<(String, String)> =
                    socket.and_then(|socket| get(&socket, "Listen")).unwrap_or_default();
                known.listens = listens.into_iter().map(|(_, address)| address).collect();
            }
        }
        known
    }

    fn ask_service(&mut self, service: Option<Proxy<'_>>) {
        let Some(service) = service else { return };
        self.result = get(&service, "Result").filter(|text: &String| text != "success");
        self.restarts = get(&service, "NRestarts");
        if self.state.0 != "inactive" {
            self.main_pid = get(&service, "MainPID").filter(|pid| *pid != 0);
            // What is not accounted for is told as the largest number.
            self.memory_bytes = get(&service, "MemoryCurrent").filter(|bytes| *bytes < 1 << 60);
        }
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

fn properties(
    connection: &Connection,
    listed: &Listed,
    interface: &'static str,
) -> Option<Proxy<'static>> {
    proxy::Builder::new(connection)
        .destination(DESTINATION)
        .ok()?
        .path(listed.path.clone())
        .ok()?
        .interface(interface)
        .ok()?
        // A cache would subscribe to each unit on its own.
        .cache_properties(CacheProperties::No)
        .build()
        .ok()
}

pub(super) fn get<T>(proxy: &Proxy<'_>, name: &'static str) -> Option<T>
where
    T: TryFrom<OwnedValue>,
    T::Error: Into<zbus::Error>,
{
    proxy.get_property(name).ok()
}

/// Microseconds since 1970; 0 and the largest number stand for never.
fn microseconds(value: u64) -> Option<i64> {
    (value != 0 && value != u64::MAX).then(|| (value / 1000).cast_signed())
}
