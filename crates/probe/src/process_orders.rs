//! Orders to processes: signals, priority, and who would notice.
//!
//! A process is held by a pidfd, opened first and checked against its start time afterwards, so that
//! a pid that was given to another process in the meantime is never hit (pidfd_open(2)). Priorities
//! go by pid and thread: they are set first and the pidfd is asked afterwards whether the process was
//! still there, which it must be for its pid to be its own.
//! Leaves out what an order means and who may give it: the kernel judges that.

#[cfg(target_os = "linux")]
mod connections;
#[cfg(target_os = "linux")]
mod io_priority;
#[cfg(target_os = "linux")]
mod linux;
#[cfg(not(target_os = "linux"))]
mod portable;

#[cfg(target_os = "linux")]
pub use connections::peers;
#[cfg(target_os = "linux")]
pub use linux::ProcessHandle;
#[cfg(target_os = "linux")]
pub(crate) use linux::start_ms;
#[cfg(not(target_os = "linux"))]
pub use portable::{ProcessHandle, peers};

use std::net::SocketAddr;
use thiserror::Error;

/// Why an order was not carried out.
#[derive(Debug, Error)]
pub enum OrderError {
    /// This user may not do that to that process.
    #[error("not permitted: {what}")]
    Denied {
        /// The call, for example `kill(1234, SIGTERM)`.
        what: String,
    },
    /// It has ended, or its pid is another's by now.
    #[error("the process {pid} has ended")]
    Gone {
        /// Its pid.
        pid: u32,
    },
    /// This system cannot do that.
    #[error("this system cannot do that: {what}")]
    Unsupported {
        /// The call.
        what: String,
    },
    /// Something else.
    #[error("{what}: {source}")]
    System {
        /// The call.
        what: String,
        /// What the system said.
        source: std::io::Error,
    },
}

/// Class of access to storage (ioprio_set(2)).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IoClass {
    /// Follows the priority on the processor.
    Normal,
    /// Only when nobody else wants the disk.
    Idle,
    /// Before others of its class, level 0.
    High,
}

/// How a process stands with the scheduler and the disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// -20 (first) to 19 (last).
    pub nice: i32,
    /// Class of access to storage; `None` for one that is not among ours.
    pub io_class: Option<IoClass>,
}

/// Somebody connected to a port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Peer {
    /// The port they are connected to.
    pub port: u16,
    /// Where they come from.
    pub address: SocketAddr,
    /// Their process, where it is on this machine and may be seen.
    pub pid: Option<u32>,
}

/// Signals that can be sent by number, by the names of signal(7).
#[must_use]
pub fn signals() -> &'static [(u8, &'static str)] {
    &[
        (1, "SIGHUP"),
        (2, "SIGINT"),
        (3, "SIGQUIT"),
        (6, "SIGABRT"),
        (9, "SIGKILL"),
        (10, "SIGUSR1"),
        (12, "SIGUSR2"),
        (14, "SIGALRM"),
        (15, "SIGTERM"),
        (18, "SIGCONT"),
        (19, "SIGSTOP"),
        (28, "SIGWINCH"),
    ]
}

/// The name of a signal that can be sent.
#[must_use]
pub fn signal_name(signal: u8) -> Option<&'static str> {
    signals().iter().find(|(number, _)| *number == signal).map(|(_, name)| *name)
}

/// Whether this program acts as root, who is not asked for a password.
#[must_use]
pub fn is_root() -> bool {
    #[cfg(unix)]
    let root = uzers::get_effective_uid() == 0;
    #[cfg(not(unix))]
    let root = false;
    root
}

/// Whether some of these users are others than the one this program acts as; never for root, who may
/// do everything.
#[must_use]
pub fn other_users(users: &std::collections::BTreeSet<u32>) -> bool {
    #[cfg(unix)]
    {
        let own = uzers::get_effective_uid();
        own != 0 && users.iter().any(|user| *user != own)
    }
    #[cfg(not(unix))]
    {
        let _ = users;
        false
    }
}
