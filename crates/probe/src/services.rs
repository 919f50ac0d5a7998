//! Services, timers and sockets of systemd, over D-Bus (org.freedesktop.systemd1(5)).
//!
//! [`Manager`] is one connection to one manager. It asks for all units once and afterwards only for
//! those that signals named; nothing is asked by a clock. Where there is no D-Bus or no systemd, or it
//! may not be asked, that is a [`ServiceError`] that says so.
//! Leaves out when to look and who looks.

#[cfg(target_os = "linux")]
mod bus;
#[cfg(target_os = "linux")]
mod detail;
#[cfg(target_os = "linux")]
mod orders;
#[cfg(not(target_os = "linux"))]
mod portable;
#[cfg(target_os = "linux")]
mod scope;
#[cfg(target_os = "linux")]
mod units;

#[cfg(target_os = "linux")]
pub use bus::Manager;
#[cfg(target_os = "linux")]
pub use detail::{active, detail};
#[cfg(target_os = "linux")]
pub use orders::carry_out;
#[cfg(not(target_os = "linux"))]
pub use portable::{Manager, active, carry_out, detail};
#[cfg(target_os = "linux")]
pub use scope::make_scope;

use std::collections::BTreeSet;
use thiserror::Error;

/// Whose manager.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// Of the machine.
    System,
    /// Of the user Ira runs as.
    User,
}

/// Kinds of units that are looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnitKind {
    /// Runs processes.
    Service,
    /// Starts another unit by the clock.
    Timer,
    /// Starts another unit when somebody connects.
    Socket,
}

impl UnitKind {
    /// From the ending of a unit's name.
    #[must_use]
    pub fn of(unit: &str) -> Option<Self> {
        match unit.rsplit_once('.')?.1 {
            "service" => Some(Self::Service),
            "timer" => Some(Self::Timer),
            "socket" => Some(Self::Socket),
            _ => None,
        }
    }
}

/// One unit as its manager tells of it. States are systemd's own words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unit {
    /// Its name, for example `nginx.service`.
    pub name: String,
    /// Kind.
    pub kind: UnitKind,
    /// What it says it is.
    pub description: String,
    /// `loaded`, `masked`, `error`; `unloaded` for one of which only the file is known.
    pub load: String,
    /// `active`, `inactive`, `failed`, `activating`, `deactivating`, `reloading`.
    pub active: String,
    /// More exact, by kind: `running`, `exited`, `dead`, `waiting`, `listening`.
    pub sub: String,
    /// `enabled`, `disabled`, `static`, `masked`, …; `None` for one without a file.
    pub enabled: Option<String>,
    /// Why it failed last, for example `exit-code`; `None` where it did not.
    pub result: Option<String>,
    /// Its main process.
    pub main_pid: Option<u32>,
    /// How often its manager started it again by itself.
    pub restarts: Option<u32>,
    /// Memory of its control group, bytes.
    pub memory_bytes: Option<u64>,
    /// When it came into its state, milliseconds since 1970.
    pub since_ms: Option<i64>,
    /// A timer's next moment, milliseconds since 1970.
    pub next_ms: Option<i64>,
    /// What a socket listens on.
    pub listens: Vec<String>,
    /// What a timer or a socket starts.
    pub triggers: Vec<String>,
}

/// What one unit is made of and depends on.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct UnitDetail {
    /// Path of its file.
    pub path: Option<String>,
    /// Its file and the drop-ins, one after the other, each after a line with its path.
    pub text: String,
    /// Units it cannot be without.
    pub requires: Vec<String>,
    /// Units it would like.
    pub wants: Vec<String>,
    /// Units that cannot be without it.
    pub required_by: Vec<String>,
    /// Units that would like it.
    pub wanted_by: Vec<String>,
    /// Units that start it.
    pub triggered_by: Vec<String>,
}

/// What a manager said by a signal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Said {
    /// The unit with this object path is other than it was.
    Unit(String),
    /// Units came, went, or have something to do.
    List,
    /// Files of units are others.
    Files,
    /// The connection has ended.
    Ended,
}

/// What is asked again. However many signals come, it holds a unit once.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Again {
    /// Object paths of units.
    pub units: BTreeSet<String>,
    /// Everything.
    pub all: bool,
}

/// Why nothing is known, or an order did not work.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ServiceError {
    /// There is no such bus or manager on this system.
    #[error("{0}")]
    Absent(String),
    /// It may not be asked, or the order was not permitted.
    #[error("{0}")]
    Denied(String),
    /// The order needs a password and there is no agent that asks for one.
    #[error("{0}")]
    NoAgent(String),
    /// No such unit.
    #[error("there is no unit {0}")]
    NotFound(String),
    /// Anything else, in the bus's own words.
    #[error("{0}")]
    Failed(String),
}

/// What can be ordered of a unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnitAction {
    /// `StartUnit`
    Start,
    /// `StopUnit`
    Stop,
    /// `RestartUnit`
    Restart,
    /// `EnableUnitFiles`, then `Reload`
    Enable,
    /// `DisableUnitFiles`, then `Reload`
    Disable,
}

impl UnitAction {
    /// The exact calls, for people.
    #[must_use]
    pub fn calls(self, unit: &str) -> Vec<String> {
        let job = |name: &str| vec![format!("{name}({unit:?}, \"replace\")")];
        match self {
            Self::Start => job("StartUnit"),
            Self::Stop => job("StopUnit"),
            Self::Restart => job("RestartUnit"),
            Self::Enable => {
                vec![format!("EnableUnitFiles([{unit:?}], false, false)"), "Reload()".to_owned()]
            }
            Self::Disable => {
                vec![format!("DisableUnitFiles([{unit:?}], false)"), "Reload()".to_owned()]
            }
        }
    }
}

/// Whether a text can be the name of a unit that is looked at here (systemd.unit(5)): at most 255
/// letters, digits and `:-_.\@`, and an ending. Anything else never reaches the bus.
#[must_use]
pub fn is_unit_name(name: &str) -> bool {
    let fine = |byte: u8| byte.is_ascii_alphanumeric() || b":-_.\\@".contains(&byte);
    let bare = name.rsplit_once('.').map_or("", |(bare, _)| bare);
    name.len() <= 255 && !bare.is_empty() && name.bytes().all(fine) && UnitKind::of(name).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_units_and_what_only_looks_like_one() {
        for name in ["nginx.service", "a@b-\\x2d.c.timer", "dbus.socket", "user@1000.service"] {
            assert!(is_unit_name(name), "{name}");
        }
        let long = format!("{}.service", "a".repeat(250));
        let odd =
            [".service", "nginx", "a b.service", "a;b.service", "é.service", "a/../b.service"];
        for name in odd.into_iter().chain(["a\n.service", "x.mount", "", &long]) {
            assert!(!is_unit_name(name), "{name:?}");
        }
    }

    #[test]
    fn calls_are_told_exactly() {
        assert_eq!(UnitAction::Stop.calls("a.service"), ["StopUnit(\"a.service\", \"replace\")"]);
        assert_eq!(UnitAction::Enable.calls("a.timer").len(), 2);
    }
}
