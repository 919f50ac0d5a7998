//! What an application is: a lasting thing under which processes come and go.

use std::sync::Arc;

/// Where an application comes from. The text form is the first part of its identifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
#[repr(u8)]
pub enum ApplicationKind {
    /// The kernel's own threads.
    Kernel = 0,
    /// A program known by its path or script.
    #[default]
    Process = 1,
    /// A systemd unit.
    Systemd = 2,
    /// A container of Docker.
    Docker = 3,
    /// A desktop program.
    Desktop = 4,
    /// Something under development or deployed as source: what runs out of one project folder.
    Project = 5,
    /// A container of another engine: Podman, containerd, CRI-O, LXC, systemd-nspawn.
    Container = 6,
    /// What the user says is an application, by a correction.
    Custom = 7,
}

impl ApplicationKind {
    /// Every kind, in the order of its stored number.
    pub const ALL: [Self; 8] = [
        Self::Kernel,
        Self::Process,
        Self::Systemd,
        Self::Docker,
        Self::Desktop,
        Self::Project,
        Self::Container,
        Self::Custom,
    ];

    /// The text used in identifiers.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Kernel => "kernel",
            Self::Process => "process",
            Self::Systemd => "systemd",
            Self::Docker => "docker",
            Self::Desktop => "desktop",
            Self::Project => "project",
            Self::Container => "container",
            Self::Custom => "custom",
        }
    }

    /// The kind that an identifier begins with; `None` where something else stands there, or nothing
    /// follows.
    #[must_use]
    pub fn of_id(id: &str) -> Option<Self> {
        let (kind, _) = id.split_once(':').filter(|(_, key)| !key.is_empty())?;
        Self::ALL.into_iter().find(|known| known.as_str() == kind)
    }

    /// The kind of a stored number; numbers of a newer program count as [`Self::Process`].
    #[must_use]
    pub fn from_number(number: u8) -> Self {
        Self::ALL.get(usize::from(number)).copied().unwrap_or(Self::Process)
    }
}

/// What an application is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
#[repr(u8)]
pub enum ApplicationClass {
    /// Not known.
    #[default]
    Other = 0,
    /// Keeps data and answers questions about it.
    Database = 1,
    /// Keeps data in memory that is also elsewhere.
    Cache = 2,
    /// Takes messages from some and gives them to others.
    Queue = 3,
    /// Serves files and pages.
    WebServer = 4,
    /// Passes connections on.
    Proxy = 5,
    /// A program of the user's in an interpreter or virtual machine: Node.js, Python, Java.
    Runtime = 6,
    /// A program with windows.
    Desktop = 7,
    /// A part of the operating system.
    System = 8,
}

impl ApplicationClass {
    /// Every class, in the order of its stored number.
    pub const ALL: [Self; 9] = [
        Self::Other,
        Self::Database,
        Self::Cache,
        Self::Queue,
        Self::WebServer,
        Self::Proxy,
        Self::Runtime,
        Self::Desktop,
        Self::System,
    ];

    /// The class of a stored number; numbers of a newer program are [`Self::Other`].
    #[must_use]
    pub fn from_number(number: u8) -> Self {
        Self::ALL.get(usize::from(number)).copied().unwrap_or_default()
    }
}

/// A rule of discovery, strongest first. The number is the one in the documentation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Rule {
    /// A thread of the kernel.
    Kernel = 0,
    /// A correction of the user's.
    Correction = 1,
    /// A container identifier in the control group.
    Container = 2,
    /// A systemd unit in the control group.
    SystemdUnit = 3,
    /// A project folder above the working directory or the main file.
    Project = 4,
    /// A snap, a Flatpak or an AppImage.
    Bundle = 5,
    /// A desktop program's scope in the control group.
    DesktopScope = 6,
    /// A `.desktop` file that starts this program.
    DesktopFile = 7,
    /// The highest ancestor that is not a manager.
    ProcessTree = 8,
    /// The program's path and its user.
    Executable = 9,
}

impl Rule {
    /// Every rule, strongest first.
    pub const ALL: [Self; 10] = [
        Self::Kernel,
        Self::Correction,
        Self::Container,
        Self::SystemdUnit,
        Self::Project,
        Self::Bundle,
        Self::DesktopScope,
        Self::DesktopFile,
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
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Application {
    /// Stable identifier, `kind:key`; survives restarts and reboots. Empty for "none yet": the
    /// process was seen and not read so far.
    pub id: String,
    /// Where it comes from.
    pub kind: ApplicationKind,
    /// The name people use.
    pub name: String,
    /// What it is for.
    pub class: ApplicationClass,
    /// The product it is or runs in, as its makers write it: `PostgreSQL`, `Node.js`.
    pub engine: Option<String>,
    /// Version of the engine, where command line, path or image tell it.
    pub version: Option<String>,
    /// Name of its icon in the desktop's icon theme, or the path of a picture.
    pub icon: Option<String>,
}

impl Application {
    /// An application of which no more is known than who it is; `key` is the part of the identifier
    /// after the kind.
    #[must_use]
    pub fn new(kind: ApplicationKind, key: &str, name: impl Into<String>) -> Self {
        Self { id: format!("{}:{key}", kind.as_str()), kind, name: name.into(), ..Self::default() }
    }

    /// The application of an identifier that was made by [`Self::new`]; of an unknown kind it is a program.
    #[must_use]
    pub fn of_id(id: &str, name: impl Into<String>) -> Self {
        let kind = ApplicationKind::of_id(id).unwrap_or_default();
        Self { id: id.to_owned(), kind, name: name.into(), ..Self::default() }
    }

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
