//! Everything read from the machine in one tick.

use crate::{EndedProcess, HostSample, ProcessDetails, ProcessKey, ProcessSample};
use std::{net::IpAddr, sync::Arc};

/// What does not change while the machine is up.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Machine {
    /// Name of the machine.
    pub hostname: String,
    /// Operating system as people write it, for example `Debian GNU/Linux 12 (bookworm)`.
    pub system: String,
    /// Kernel release.
    pub kernel: String,
    /// Identifier of this boot; differs after every start of the machine.
    pub boot_id: String,
    /// Logical processors.
    pub cpu_count: u32,
    /// Usable memory, bytes.
    pub memory_bytes: u64,
}

/// Transport protocol of a listening port.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Protocol {
    /// TCP in state LISTEN.
    Tcp,
    /// UDP without a peer.
    Udp,
}

/// One listening port of one process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Listener {
    /// Protocol.
    pub protocol: Protocol,
    /// Port number.
    pub port: u16,
    /// Local address it listens on.
    pub address: IpAddr,
    /// The process that holds the socket; `None` when it is another user's and may not be seen.
    pub pid: Option<u32>,
    /// It is of a network namespace of its own, such as a container's, and no port of the machine.
    pub is_private: bool,
}

/// One tick. A probe fills the same value again and again, so that nothing is allocated anew.
#[derive(Debug, Clone, Default)]
pub struct Sample {
    /// Wall clock, milliseconds since 1970.
    pub at_ms: i64,
    /// Monotonic clock that runs on during suspend, milliseconds. Rates use this one.
    pub monotonic_ms: u64,
    /// The machine as a whole.
    pub host: HostSample,
    /// Every process, ascending by pid.
    pub processes: Vec<ProcessSample>,
    /// Details learnt in this tick: of new processes and of those that executed another program.
    pub learnt: Vec<(ProcessKey, Arc<ProcessDetails>)>,
    /// Processes that ended since the last tick, as far as the kernel tells; ended ones that are not
    /// here are known only by their absence.
    pub ended: Vec<EndedProcess>,
    /// Listening ports, when they were read in this tick and differ from before.
    pub listeners: Option<Vec<Listener>>,
}
