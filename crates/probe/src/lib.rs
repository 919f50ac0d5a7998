//! Floor 1: reads this machine.
//!
//! One facade, [`Probe`]; one folder per operating system behind it, and the portable probe over
//! `sysinfo` for the others, which is compiled and tested on Linux too. Counters only: rates are
//! made in `ira-model`.

#![cfg_attr(
    test,
    allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)
)]

pub mod containers;
mod desktop_entries;
mod error;
mod journal;
#[cfg(target_os = "linux")]
mod linux;
mod open_files;
mod own_memory;
mod plain_file;
mod portable;
#[cfg(target_os = "linux")]
mod process_files;
mod process_orders;
pub mod services;
pub mod supervisor;
mod users;

pub use containers::ContainerLabel;
#[cfg(unix)]
pub use containers::{ContainerNames, ContainerPlaces, Described, FileStamp};
pub use desktop_entries::DesktopEntry;
#[cfg(target_os = "linux")]
pub use desktop_entries::DesktopFolders;
pub use error::ProbeError;
pub use journal::{JournalError, JournalLine, JournalTail, unit_journal};
#[cfg(target_os = "linux")]
pub use linux::{LinuxProbe, Moment};
pub use open_files::{FileAccess, FileKind, HeldFiles, OpenFile, OpenFiles, open_files};
pub use own_memory::{give_back_free_memory, share_free_memory};
pub use plain_file::{open_plain, read_plain};
pub use portable::PortableProbe;
#[cfg(target_os = "linux")]
pub use process_files::{MOST_BYTES, PlainFile, ProcessFiles};
pub use process_orders::{
    IoClass, OrderError, Peer, ProcessHandle, Standing, is_root, other_users, peers, signal_name,
    signals,
};
pub use users::UserNames;

use ira_model::{Machine, Sample};

/// What a [`Limit`] is of where the kernel does not tell how processes ended.
pub const ENDS_UNTOLD: &str = "how processes ended, and those that lived for less than a second";

/// Something this probe cannot tell, said once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limit {
    /// Which it is, for whoever words it in another language.
    pub code: &'static str,
    /// What is missing, for example `bytes read and written by other users' processes`.
    pub what: String,
    /// Why: refused, or not kept by this system.
    pub kind: LimitKind,
    /// How to permit it, where that is possible.
    pub remedy: Option<String>,
}

/// Why something is missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LimitKind {
    /// The system refuses it to this user.
    Denied,
    /// The system does not have it.
    Unsupported,
}

/// A source of samples of one machine.
pub trait Probe: Send {
    /// The machine, read once.
    fn machine(&self) -> &Machine;

    /// Reads everything once into `sample`, whose buffers are used again.
    ///
    /// # Errors
    /// When the machine as a whole cannot be read. A single process that went away or may not be
    /// read is no error: its missing figures are `None`.
    fn sample(&mut self, sample: &mut Sample) -> Result<(), ProbeError>;

    /// What this probe cannot tell here, and why.
    fn limits(&self) -> Vec<Limit>;

    /// The `/proc` it reads, below which the files of processes can be found too.
    fn processes_root(&self) -> Option<&std::path::Path> {
        None
    }
}

/// The probe of the machine this program runs on.
///
/// # Errors
/// When its first reading fails.
pub fn local() -> Result<Box<dyn Probe>, ProbeError> {
    #[cfg(target_os = "linux")]
    let probe = LinuxProbe::new("/proc".as_ref(), "/sys".as_ref())?;
    #[cfg(not(target_os = "linux"))]
    let probe = PortableProbe::new()?;
    Ok(Box::new(probe))
}

/// Memory of a process with shared pages counted in shares, bytes: what Ira says of itself.
/// `None` where it may not be read, the process is gone, or the system does not tell. Slow (11-16
/// microseconds a MiB): not for many processes at once.
#[must_use]
pub fn own_memory_pss(pid: u32) -> Option<u64> {
    #[cfg(target_os = "linux")]
    let bytes = linux::pss::read(pid);
    #[cfg(not(target_os = "linux"))]
    let bytes = {
        let _ = pid;
        None
    };
    bytes
}
