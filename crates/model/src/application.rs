//! What an application is: a lasting thing under which processes come and go.

use std::sync::Arc;

/// Where an application comes from. The text form is the first part of its identifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum ApplicationKind {
    /// The kernel's own threads.
    Kernel = 0,
    /// A program known by its path or script.
    Process = 1,
    /// A systemd unit.
    Systemd = 2,
    /// A container.
    Docker = 3,
    /// A desktop program.
    Desktop = 4,
}

impl ApplicationKind {
    /// Every kind, in the order of its stored number.
    pub const ALL: [Self; 5] =
        [Self::Kernel, Self::Process, Self::Systemd, Self::Docker, Self::Desktop];

    /// The text used in identifiers.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Kernel => "kernel",
            Self::Process => "process",
            Self::Systemd => "systemd",
            Self::Docker => "docker",
            Self::Desktop => "desktop",
        }
    }

    /// The kind of a stored number; numbers of a newer program count as [`Self::Process`].
    #[must_use]
    pub fn from_number(number: u8) -> Self {
        Self::ALL.get(usize::from(number)).copied().unwrap_or(Self::Process)
    }
}

/// A rule of discovery, strongest first. The number is the one in the documentation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Rule {
    /// A thread of the kernel.
    Kernel = 0,
    /// A container identifier in the control group.
    Container = 2,
    /// A systemd unit in the control group.
    SystemdUnit = 3,
    /// A desktop program's scope in the control group.
    DesktopScope = 6,
    /// The highest ancestor that is not a manager.
    ProcessTree = 8,
    /// The program's path and its user.
    Executable = 9,
}

impl Rule {
    /// Every rule, strongest first.
    pub const ALL: [Self; 6] = [
        Self::Kernel,
        Self::Container,
        Self::SystemdUnit,
        Self::DesktopScope,
        Self::ProcessTree,
        Self::Executable,
    ];

    /// The rule of a number.
    #[must_use]
    pub fn from_number(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|rule| *rule as u8 == number)
    }
}

/// One rule that fired for a process.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Evidence {
    /// Which rule.
    pub rule: Rule,
    /// What it looked at, for example the control group path.
    pub input: String,
    /// What it concluded, for example an application's identifier.
    pub result: String,
}

/// An application as discovery sees it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Application {
    /// Stable identifier, `kind:key`; survives restarts and reboots. Empty for "none yet": the
    /// process was seen and not read so far.
    pub id: String,
    /// Where it comes from.
    pub kind: ApplicationKind,
    /// The name people use.
    pub name: String,
}

impl Application {
    /// Whether it stands for "none yet".
    #[must_use]
    pub fn is_none(&self) -> bool {
        self.id.is_empty()
    }
}

/// The decision for one process: its application and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attribution {
    /// The application the process counts under.
    pub application: Arc<Application>,
    /// Every rule that fired, the strongest first; that one names the application.
    pub evidence: Arc<[Evidence]>,
}
