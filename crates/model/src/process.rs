//! One process: its key, its counters at one moment, and what is learnt of it once.

/// Identity of a process within one boot. A pid alone is reused; the pair is not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProcessKey {
    /// Process identifier as the kernel shows it in the namespace that was read.
    pub pid: u32,
    /// Start in milliseconds after boot (Linux: `starttime` of `/proc/PID/stat`, proc(5)).
    pub start_ms: u64,
}

/// What the scheduler says of a process (`state` of `/proc/PID/stat`, proc(5)).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[repr(u8)]
pub enum ProcessState {
    /// `R`
    Running = 0,
    /// `S`
    Sleeping = 1,
    /// `D`, waiting for a device; signals wait too.
    DiskSleep = 2,
    /// `T`
    Stopped = 3,
    /// `t`, held by a debugger.
    Traced = 4,
    /// `Z`, ended and not yet collected by its parent.
    Zombie = 5,
    /// `X`
    Dead = 6,
    /// `I`, an idle kernel thread.
    Idle = 7,
    /// `P`
    Parked = 8,
    /// Not told by this system.
    #[default]
    Unknown = 9,
}

impl ProcessState {
    /// Every state, in the order of its stored number.
    pub const ALL: [Self; 10] = [
        Self::Running,
        Self::Sleeping,
        Self::DiskSleep,
        Self::Stopped,
        Self::Traced,
        Self::Zombie,
        Self::Dead,
        Self::Idle,
        Self::Parked,
        Self::Unknown,
    ];

    /// The state of a stored number; numbers of a newer program are [`Self::Unknown`].
    #[must_use]
    pub fn from_number(number: u8) -> Self {
        Self::ALL.get(usize::from(number)).copied().unwrap_or_default()
    }

    /// The state of a letter in `/proc/PID/stat`.
    #[must_use]
    pub fn from_letter(letter: u8) -> Self {
        match letter {
            b'R' => Self::Running,
            b'S' => Self::Sleeping,
            b'D' => Self::DiskSleep,
            b'T' => Self::Stopped,
            b't' => Self::Traced,
            b'Z' => Self::Zombie,
            b'X' | b'x' => Self::Dead,
            b'I' => Self::Idle,
            b'P' => Self::Parked,
            _ => Self::Unknown,
        }
    }
}

/// Counters of one process at one moment. Plain data: a tick copies it and allocates nothing.
/// A `None` was not readable or is not told by this system.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProcessSample {
    /// Identity.
    pub key: ProcessKey,
    /// Pid of the parent; 0 for none.
    pub parent_pid: u32,
    /// Scheduler state.
    pub state: ProcessState,
    /// Number of threads.
    pub threads: Option<u32>,
    /// CPU time in user mode since the start, all threads, milliseconds.
    pub user_ms: u64,
    /// CPU time in the kernel since the start, all threads, milliseconds.
    pub system_ms: u64,
    /// Resident set size in bytes: what is in memory, shared pages included.
    pub memory_bytes: Option<u64>,
    /// Bytes fetched from storage since the start (`read_bytes` of `/proc/PID/io`).
    pub read_bytes: Option<u64>,
    /// Bytes sent towards storage since the start (`write_bytes` of `/proc/PID/io`).
    pub write_bytes: Option<u64>,
    /// Proportional set size in bytes: shared pages in shares (`Pss` of `smaps_rollup`). Measured
    /// now and then, so it may be older than the rest.
    pub pss_bytes: Option<u64>,
    /// Bytes received over TCP since it was first seen (`tcpi_bytes_received`, tcp(7)), but for
    /// connections within the machine.
    pub received_bytes: Option<u64>,
    /// Bytes sent over TCP and acknowledged since it was first seen (`tcpi_bytes_acked`).
    pub sent_bytes: Option<u64>,
    /// Grows whenever the [`ProcessDetails`] of this key were learnt anew.
    pub details_revision: u32,
}

impl ProcessSample {
    /// A process of which nothing but its key is known.
    #[must_use]
    pub fn new(key: ProcessKey) -> Self {
        Self {
            key,
            parent_pid: 0,
            state: ProcessState::Unknown,
            threads: None,
            user_ms: 0,
            system_ms: 0,
            memory_bytes: None,
            read_bytes: None,
            write_bytes: None,
            pss_bytes: None,
            received_bytes: None,
            sent_bytes: None,
            details_revision: 0,
        }
    }

    /// CPU time since the start, milliseconds.
    #[must_use]
    pub fn cpu_ms(&self) -> u64 {
        self.user_ms.saturating_add(self.system_ms)
    }
}

/// How a process ended (wait(2)).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ExitStatus {
    /// It returned this.
    Code(u8),
    /// This signal ended it.
    Signal(u8),
}

impl ExitStatus {
    /// From the form of wait(2): the code in the second byte, the signal in the first.
    #[must_use]
    pub fn from_wait(status: u32) -> Self {
        match (status & 0x7f) as u8 {
            0 => Self::Code((status >> 8) as u8),
            signal => Self::Signal(signal),
        }
    }

    /// The form of wait(2).
    #[must_use]
    pub fn to_wait(self) -> u32 {
        match self {
            Self::Code(code) => u32::from(code) << 8,
            Self::Signal(signal) => u32::from(signal),
        }
    }
}

/// A process that ended, as the kernel told of it; also one that no sample ever saw.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndedProcess {
    /// Identity; of pid 0 where the kernel does not tell of each: children of that parent together,
    /// whom no sample saw.
    pub key: ProcessKey,
    /// Pid of its parent then.
    pub parent_pid: u32,
    /// Command name, at most 15 bytes.
    pub name: String,
    /// User id.
    pub user_id: Option<u32>,
    /// CPU time in user mode it used in all, milliseconds.
    pub user_ms: u64,
    /// CPU time in the kernel it used in all, milliseconds.
    pub system_ms: u64,
    /// How it ended, where that was told.
    pub status: Option<ExitStatus>,
}

/// What is learnt of a process once, and again only after it executed another program.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ProcessDetails {
    /// Command name; recovered from the command line where the kernel cut it at 15 bytes.
    pub name: String,
    /// Arguments, the program's own name first; empty for a kernel thread. Bounded to 4 KiB in all.
    pub arguments: Vec<String>,
    /// Resolved path of the program, `None` where denied or absent.
    pub executable: Option<String>,
    /// Working directory, `None` where denied or absent.
    pub working_directory: Option<String>,
    /// Control group path: the v2 one, else that of the `systemd` or `pids` hierarchy of v1.
    pub control_group: Option<String>,
    /// Effective user id.
    pub user_id: Option<u32>,
    /// Process group.
    pub process_group: u32,
    /// Session.
    pub session: u32,
    /// Whether a controlling terminal is attached.
    pub has_terminal: bool,
    /// A thread of the kernel, not a program.
    pub is_kernel_thread: bool,
    /// Something above is absent because reading it was refused.
    pub denied: bool,
}

impl ProcessDetails {
    /// The command line as one text, arguments separated by blanks; the name in brackets for a
    /// kernel thread, the bare name where the arguments are unknown.
    #[must_use]
    pub fn command(&self) -> String {
        if !self.arguments.is_empty() {
            self.arguments.join(" ")
        } else if self.is_kernel_thread {
            format!("[{}]", self.name)
        } else {
            self.name.clone()
        }
    }
}
