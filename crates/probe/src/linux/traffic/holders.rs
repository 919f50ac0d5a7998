//! Which process holds a connection: looked for among the descriptors of processes, the likeliest
//! first, so many in one tick.

use super::super::{
    entry::Entry,
    listeners::find,
    socket_links::SocketLinks,
    source::{Tree, is_denied},
};
use std::{
    collections::{HashMap, HashSet},
    mem,
    ops::ControlFlow,
    sync::Arc,
};

/// Descriptors looked at in one tick: some millisecond.
const LINKS_AT_ONCE: usize = 512;

/// A descriptor of a process that is a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Holder {
    pub(super) pid: u32,
    pub(super) start_ticks: u64,
    descriptor: u32,
}

impl Holder {
    /// The process, if it is still there.
    pub(super) fn entry<'a>(&self, entries: &'a mut [Entry]) -> Option<&'a mut Entry> {
        let at = entries.binary_search_by_key(&self.pid, |entry| entry.pid).ok()?;
        entries.get_mut(at).filter(|entry| entry.start_ticks == self.start_ticks)
    }
}

/// A connection somebody is looked for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wanted {
    pub(super) cookie: u64,
    pub(super) inode: u64,
}

/// See the module.
#[derive(Debug)]
pub(super) struct Search {
    links: SocketLinks,
    /// By inode.
    missing: HashMap<u64, u64>,
    /// Best last.
    queue: Vec<(u8, u64, u32)>,
    was_denied: bool,
}

/// What a tick of searching came to.
#[derive(Debug, Default)]
pub(super) struct Outcome {
    /// By cookie.
    pub(super) found: Vec<(u64, Holder)>,
    /// Everybody was looked at, and these belong to nobody who can be seen.
    pub(super) nobodys: Vec<u64>,
    /// Somebody could not be looked at.
    pub(super) was_denied: bool,
}

impl Search {
    pub(super) fn new(tree: Arc<Tree>) -> Self {
        Self {
            links: SocketLinks::new(tree),
            missing: HashMap::new(),
            queue: Vec::new(),
            was_denied: false,
        }
    }

    pub(super) fn is_over(&self) -> bool {
        self.queue.is_empty()
    }

    /// Begins to look for these. The first to be looked at are servers whose connections they may be
    /// and their children, then others who hold connections, then who ran, the youngest first.
    pub(super) fn begin(
        &mut self,
        wanted: impl Iterator<Item = Wanted>,
        servers: &HashSet<u32>,
        holders: &HashSet<u32>,
        entries: &[Entry],
    ) {
        self.was_denied = false;
        self.missing = wanted.map(|one| (one.inode, one.cookie)).collect();
        self.queue.clear();
        if self.missing.is_empty() {
            return;
        }
        let programs = entries.iter().filter(|entry| !entry.is_kernel_thread);
        self.queue.extend(programs.map(|entry| {
            let serves = |pid: &u32| servers.contains(pid);
            let likely = if serves(&entry.pid) || serves(&entry.sample.parent_pid) {
                3
            } else if holders.contains(&entry.pid) {
                2
            } else {
                u8::from(!entry.idle)
            };
            (likely, entry.start_ticks, entry.pid)
        }));
        self.queue.sort_unstable();
    }

    pub(super) fn go_on(&mut self, entries: &[Entry]) -> Outcome {
        let mut outcome = Outcome::default();
        let mut looked_at = 0;
        while looked_at < LINKS_AT_ONCE && !self.missing.is_empty() {
            let Some((_, start_ticks, pid)) = self.queue.pop() else { break };
            if find(entries, pid).is_none_or(|entry| entry.start_ticks != start_ticks) {
                continue;
            }
            looked_at += 2;
            let missing = &mut self.missing;
            let denied = self.links.each(pid, &mut looked_at, |descriptor, inode| {
                if let Some(cookie) = missing.remove(&inode) {
                    outcome.found.push((cookie, Holder { pid, start_ticks, descriptor }));
                }
                if missing.is_empty() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            });
            self.was_denied |= denied.is_err_and(is_denied);
        }
        if self.missing.is_empty() {
            self.queue.clear();
        }
        if self.queue.is_empty() {
            outcome.nobodys.extend(mem::take(&mut self.missing).into_values());
            outcome.was_denied = self.was_denied && !outcome.nobodys.is_empty();
        }
        outcome
    }

    /// Whether a holder has it still: processes hand sockets on to each other.
    pub(super) fn has(&mut self, holder: &Holder, inode: u64) -> bool {
        self.links.inode_of(holder.pid, holder.descriptor) == Some(inode)
    }
}
