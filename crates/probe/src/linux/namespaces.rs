//! Listening sockets of other network namespaces than this program's, as containers have.
//!
//! `/proc/PID/net` is the table of the namespace of PID (proc_pid_net(5)), and `/proc/PID/ns/net`
//! names it (namespaces(7)). Which namespace a process is in is looked up once, and again now and
//! then, as a process may enter another. Each namespace is read through one process in it. That
//! may cost some milliseconds, as the kernel walks the table of all its connections, so at most one
//! is read in a tick.

use super::{
    entry::Entry,
    sockets::{Socket, read_listening},
    source::{PidPath, Tree, is_gone},
    text::number,
};
use ira_model::Protocol;
use rustix::{buffer::spare_capacity, io::Errno};
use std::collections::{BTreeMap, HashMap, HashSet};

/// More namespaces than these are not read.
const MOST: usize = 64;
/// One is read again after so many ticks.
const AGAIN_TICKS: u64 = 10;
/// So many are read at the first look, so that a program that looks once sees them, too.
const AT_FIRST: usize = 16;
/// Processes whose namespace is looked up in one tick.
const LINKS_AT_ONCE: usize = 512;
/// The namespace of a process is looked up again after so many ticks.
const LOOK_AGAIN_TICKS: u64 = 60;
/// A namespace that could not be read is tried again after so many ticks.
const RETRY_TICKS: u64 = 60;

const TABLES: [(Protocol, &str); 4] = [
    (Protocol::Tcp, "net/tcp"),
    (Protocol::Tcp, "net/tcp6"),
    (Protocol::Udp, "net/udp"),
    (Protocol::Udp, "net/udp6"),
];

/// In which namespace a process was.
#[derive(Debug)]
struct Place {
    start_ticks: u64,
    /// `None` where that may not be known.
    namespace: Option<u64>,
    look_at: u64,
}

/// What listens in one namespace.
#[derive(Debug, Default)]
struct Namespace {
    /// A process in it.
    through: u32,
    /// The tick of its next reading.
    due_at: u64,
    /// Datagram sockets at the last reading, whether they count or not.
    datagrams: HashSet<u64>,
    was_read: bool,
    sockets: Vec<Socket>,
}

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Namespaces {
    /// This program's, once known; without it none is another.
    own: Option<u64>,
    ticks: u64,
    places: HashMap<u32, Place>,
    /// Those of others by their number.
    others: BTreeMap<u64, Namespace>,
}

impl Namespaces {
    /// Brings up to date which there are, and reads one that is due; says whether it found another
    /// list than before.
    pub(super) fn tick(&mut self, tree: &Tree, entries: &[Entry], buffer: &mut Vec<u8>) -> bool {
        let is_first = self.ticks == 0;
        self.ticks += 1;
        if self.own.is_none() {
            self.own = namespace_of(tree, c"self/ns/net", buffer).ok();
            if self.own.is_none() {
                return false;
            }
        }
        let mut changed = self.place(tree, entries, buffer);
        for _ in 0..if is_first { AT_FIRST } else { 1 } {
            let due = self.others.iter_mut().filter(|(_, one)| one.due_at <= self.ticks);
            // A new one is due since before the first tick.
            let Some((_, one)) = due.min_by_key(|(_, one)| one.due_at) else { break };
            let read = one.read(tree, buffer);
            one.due_at = self.ticks
                + match read {
                    Ok(_) => AGAIN_TICKS,
                    // Through another process, then.
                    Err(error) if is_gone(error) => 1,
                    Err(_) => RETRY_TICKS,
                };
            changed |= read.unwrap_or_default();
        }
        changed
    }

    /// Adds what listens in them, with the number of its namespace.
    pub(super) fn sockets(&self) -> impl Iterator<Item = (u64, Socket)> {
        self.others.iter().flat_map(|(number, one)| one.sockets.iter().map(|s| (*number, *s)))
    }

    /// Who is where. Namespaces nobody is in any more are forgotten.
    fn place(&mut self, tree: &Tree, entries: &[Entry], buffer: &mut Vec<u8>) -> bool {
        let mut links = 0;
        let mut through: HashMap<u64, u32> = HashMap::new();
        for entry in entries.iter().filter(|entry| !entry.is_kernel_thread) {
            let known = self.places.get(&entry.pid);
            let known = known.filter(|place| place.start_ticks == entry.start_ticks);
            let is_due = known.is_none_or(|place| place.look_at <= self.ticks);
            let mut namespace = known.and_then(|place| place.namespace);
            if is_due && links < LINKS_AT_ONCE {
                links += 1;
                let path = PidPath::new(entry.pid, "ns/net");
                namespace = namespace_of(tree, path.as_c_str(), buffer).ok();
                // Not all in the same tick again.
                let spread = u64::from(entry.pid) % LOOK_AGAIN_TICKS;
                // One that is new may be about to enter its container.
                let after = if known.is_some() { LOOK_AGAIN_TICKS } else { 5 + spread };
                let look_at = self.ticks + after;
                let place = Place { start_ticks: entry.start_ticks, namespace, look_at };
                self.places.insert(entry.pid, place);
            }
            if let Some(number) = namespace.filter(|number| Some(*number) != self.own) {
                through.entry(number).or_insert(entry.pid);
            }
        }
        if self.places.len() > entries.len() {
            self.places.retain(|pid, _| entries.binary_search_by_key(pid, |e| e.pid).is_ok());
        }
        let before = self.others.len();
        self.others.retain(|number, _| through.contains_key(number));
        let changed = self.others.len() != before;
        for (number, pid) in through {
            if self.others.len() < MOST || self.others.contains_key(&number) {
                self.others.entry(number).or_default().through = pid;
            }
        }
        changed
    }
}

impl Namespace {
    /// A datagram socket counts once it was there at two readings, as one of a client that waits for
    /// an answer is soon gone; what is there at the first is taken as it is.
    fn read(&mut self, tree: &Tree, buffer: &mut Vec<u8>) -> Result<bool, Errno> {
        let mut sockets = Vec::new();
        for (protocol, name) in TABLES {
            match tree.file(PidPath::new(self.through, name).as_c_str()) {
                Ok(file) => read_listening(&file, buffer, protocol, &mut sockets)?,
                // A kernel without version 6.
                Err(Errno::NOENT) if name.ends_with('6') => {}
                Err(error) => return Err(error),
            }
        }
        let datagrams = sockets.iter().filter(|s| s.protocol == Protocol::Udp).map(|s| s.inode);
        let datagrams: HashSet<u64> = datagrams.collect();
        if self.was_read {
            sockets.retain(|s| s.protocol == Protocol::Tcp || self.datagrams.contains(&s.inode));
        }
        self.was_read = true;
        self.datagrams = datagrams;
        sockets.sort_unstable();
        let changed = sockets != self.sockets;
        self.sockets = sockets;
        Ok(changed)
    }
}

/// The number in a link that reads `net:[4026531840]`.
fn namespace_of(tree: &Tree, path: &std::ffi::CStr, buffer: &mut Vec<u8>) -> Result<u64, Errno> {
    buffer.clear();
    buffer.reserve(64);
    rustix::fs::readlinkat_raw(tree.folder(), path, spare_capacity(buffer))?;
    let digits = buffer.strip_prefix(b"net:[").and_then(|rest| rest.strip_suffix(b"]"));
    digits.and_then(number).ok_or(Errno::INVAL)
}
