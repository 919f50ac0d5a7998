//! Linux: `/proc` and `/sys`, read by parsers of our own.
//!
//! Owns descriptors that stay open and buffers that are used again, so that a tick costs little
//! more than the kernel's own work. Takes the roots as parameters; tests give it trees of files.
//! Leaves out what other machines' files say of this one: containers, users, units.

mod cgroup;
mod clock;
pub(crate) mod command;
mod counters;
mod descriptors;
mod details;
mod due;
mod entry;
mod exits;
mod groups;
mod host;
mod io;
mod limits;
mod listeners;
mod machine;
mod netlink;
mod out_of_memory;
pub(crate) mod pids;
pub(crate) mod pss;
mod recent_pids;
mod shares;
mod sock_diag;
pub(crate) mod socket_links;
pub(crate) mod sockets;
pub(crate) mod source;
pub(crate) mod stat;
mod table;
mod taskstats;
pub(crate) mod text;
mod traffic;

pub use clock::Moment;

use crate::{Limit, Probe, ProbeError};
use descriptors::Descriptors;
use exits::Exits;
use groups::Groups;
use host::HostReader;
use ira_model::{HostSample, Machine, Sample};
use listeners::ListenerReader;
use out_of_memory::OutOfMemory;
use source::Tree;
use std::{fmt, path::Path, sync::Arc};
use table::ProcessTable;
use traffic::Traffic;

type Clock = Box<dyn FnMut() -> Moment + Send>;

/// Reads a Linux machine.
///
/// Processes are read each tick through kept descriptors; details of at most 500 processes are
/// learnt in one tick, so right after a burst a sample may hold processes whose details follow in
/// the next one (`details_revision` is 0 until then).
pub struct LinuxProbe {
    clock: Clock,
    root: std::path::PathBuf,
    machine: Machine,
    host: HostReader,
    processes: ProcessTable,
    exits: Exits,
    out_of_memory: OutOfMemory,
    listeners: ListenerReader,
    traffic: Traffic,
}

impl LinuxProbe {
    /// A probe of the tree of `/proc` and that of `/sys`. Raises the soft limit of open files of
    /// this program.
    ///
    /// # Errors
    /// When `proc_root` is no `/proc`: it must have `stat`, `meminfo` and `uptime`.
    pub fn new(proc_root: &Path, sys_root: &Path) -> Result<Self, ProbeError> {
        let proc = Arc::new(Tree::open(proc_root)?);
        let sys = Tree::open(sys_root).ok();
        let mut processes = ProcessTable::open(&proc, Descriptors::raise())?;
        processes.skip(Some(Groups::open(sys.as_ref())));
        let exits = Exits::open(&proc, sys.as_ref(), processes.entries().1);
        let out_of_memory = OutOfMemory::open(&proc, sys.as_ref());
        let mut host = HostReader::new(Arc::clone(&proc), sys);
        let mut first = HostSample::default();
        host.read(&mut first)?;
        Ok(Self {
            clock: Box::new(Moment::now),
            root: proc_root.to_owned(),
            machine: machine::read(&proc, &first),
            host,
            processes,
            exits,
            traffic: Traffic::new(Arc::clone(&proc)),
            out_of_memory,
            listeners: ListenerReader::new(proc),
        })
    }

    /// The same probe reading every process in each tick, for tests that compare.
    #[must_use]
    pub fn without_skipping(mut self) -> Self {
        self.processes.skip(None);
        self
    }

    /// The same probe by another clock, for tests.
    #[must_use]
    pub fn with_clock(mut self, clock: impl FnMut() -> Moment + Send + 'static) -> Self {
        self.clock = Box::new(clock);
        self
    }
}

impl Probe for LinuxProbe {
    fn machine(&self) -> &Machine {
        &self.machine
    }

    fn sample(&mut self, sample: &mut Sample) -> Result<(), ProbeError> {
        let now = (self.clock)();
        sample.at_ms = now.at_ms;
        sample.monotonic_ms = now.monotonic_ms;
        self.host.read(&mut sample.host)?;
        self.processes.tick(&mut self.exits, now.monotonic_ms, &mut sample.learnt)?;
        let (entries, refusals) = self.processes.entries();
        self.traffic.tick(entries, self.listeners.last(), now.monotonic_ms, refusals);
        sample.processes.clear();
        sample.processes.extend(self.processes.samples());
        self.processes.tell_ended(&mut self.exits, now.monotonic_ms, &mut sample.ended);
        self.out_of_memory.tick(&sample.learnt, self.processes.left(), &mut sample.ended);
        let (entries, refusals) = self.processes.entries();
        sample.listeners = self.listeners.tick(entries, &self.traffic, now.monotonic_ms, refusals);
        Ok(())
    }

    fn limits(&self) -> Vec<Limit> {
        let is_root = rustix::process::geteuid().is_root();
        self.processes.refusals().limits(self.host.pressure_refusal(), is_root)
    }

    fn processes_root(&self) -> Option<&Path> {
        Some(&self.root)
    }
}

impl fmt::Debug for LinuxProbe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LinuxProbe").field("machine", &self.machine).finish_non_exhaustive()
    }
}
