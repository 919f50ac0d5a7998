//! Which process holds which listening port.
//!
//! The tables of sockets name no process, so their inodes are looked for among the descriptors of
//! processes, which is dear: it is done for inodes not yet known only, in portions, and what was
//! found is kept.

mod private;

use super::{
    entry::Entry,
    limits::Refusals,
    socket_links::SocketLinks,
    sockets::{Socket, SocketTables},
    source::{Tree, is_denied},
    traffic::Traffic,
};
use ira_model::{Listener, Protocol};
use private::PrivateSockets;
use std::{
    collections::{HashMap, HashSet},
    mem,
    ops::ControlFlow,
    sync::Arc,
};

/// The tables are read every so many ticks.
const EVERY_TICKS: u64 = 5;
/// Descriptors looked at in one tick, so that a search never delays one by more than some 8 ms.
const LINKS_AT_ONCE: usize = 4096;
/// A list is held back while a search goes on, so that no port is first nobody's and then
/// somebody's; but not for longer than this many ticks.
const HELD_BACK_TICKS: u64 = 30;
/// What was not found is looked for again after this time, which doubles each time, milliseconds.
const RETRY_MS: u64 = 60_000;
const RETRY_AT_MOST_MS: u64 = 16 * RETRY_MS;

/// A descriptor of a process that is a socket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Holder {
    pid: u32,
    start_ticks: u64,
    descriptor: u32,
}

/// Joins sockets and processes, from tick to tick.
#[derive(Debug)]
pub(crate) struct ListenerReader {
    tree: Arc<Tree>,
    tables: SocketTables,
    private: PrivateSockets,
    ticks: u64,
    sockets: Vec<Socket>,
    /// Inodes at the table's last reading.
    before: HashSet<u64>,
    holders: HashMap<u64, Holder>,
    /// Inodes nobody was found for, and among whom they are still looked for, best last.
    missing: HashSet<u64>,
    queue: Vec<Holder>,
    searched_until_ticks: u64,
    retry_at_ms: u64,
    retry_after_ms: u64,
    was_denied: bool,
    /// The tick at which the list was last compared with the one given.
    settled_at: u64,
    published: Option<Vec<Listener>>,
    buffer: Vec<u8>,
    links: SocketLinks,
}

impl ListenerReader {
    pub(crate) fn new(tree: Arc<Tree>) -> Self {
        let tables = SocketTables::of_this_program(tree.is_own());
        Self {
            links: SocketLinks::new(Arc::clone(&tree)),
            tree,
            tables,
            private: PrivateSockets::default(),
            ticks: 0,
            sockets: Vec::new(),
            before: HashSet::new(),
            holders: HashMap::new(),
            missing: HashSet::new(),
            queue: Vec::new(),
            searched_until_ticks: 0,
            retry_at_ms: 0,
            retry_after_ms: RETRY_MS,
            was_denied: false,
            settled_at: 0,
            published: None,
            buffer: Vec::new(),
        }
    }

    /// The list, when it was read in this tick and differs from the last one given.
    pub(crate) fn tick(
        &mut self,
        entries: &[Entry],
        traffic: &Traffic,
        now_ms: u64,
        refusals: &mut Refusals,
    ) -> Option<Vec<Listener>> {
        let is_due = self.ticks.is_multiple_of(EVERY_TICKS);
        self.ticks += 1;
        if is_due {
            self.read_tables(entries, traffic);
            self.forget_gone(entries);
            self.plan_search(entries, now_ms);
        } else if self.queue.is_empty() {
            return None;
        }
        self.search(entries);
        let is_searched = self.queue.is_empty();
        refusals.ports_denied |= self.was_denied && is_searched && !self.missing.is_empty();
        if !is_searched && self.ticks - self.settled_at < HELD_BACK_TICKS {
            return None;
        }
        self.settled_at = self.ticks;
        self.publish()
    }

    /// A UDP socket without a peer may be a client's that waits for one answer. It counts once it
    /// was there at two readings; what is there at the first is taken as it is.
    fn read_tables(&mut self, entries: &[Entry], traffic: &Traffic) {
        let (buffer, sockets) = (&mut self.buffer, &mut self.sockets);
        self.tables.read(&self.tree, buffer, sockets);
        self.private.read(&self.tree, entries, traffic, buffer, sockets);
        let inodes = self.sockets.iter().map(|socket| socket.inode).collect();
        let before = mem::replace(&mut self.before, inodes);
        if self.published.is_some() {
            self.sockets.retain(|socket| {
                socket.protocol == Protocol::Tcp || before.contains(&socket.inode)
            });
        }
    }

    fn forget_gone(&mut self, entries: &[Entry]) {
        let mut holders = mem::take(&mut self.holders);
        let listed: HashSet<u64> = self.sockets.iter().map(|socket| socket.inode).collect();
        holders.retain(|inode, holder| {
            listed.contains(inode)
                && find(entries, holder.pid).is_some_and(|e| e.start_ticks == holder.start_ticks)
                && self.links.inode_of(holder.pid, holder.descriptor) == Some(*inode)
        });
        self.holders = holders;
    }

    /// Everybody is searched for an inode not seen before, and now and then for those not found;
    /// otherwise only who is new.
    fn plan_search(&mut self, entries: &[Entry], now_ms: u64) {
        let sockets = self.sockets.iter().map(|socket| socket.inode);
        let missing: HashSet<u64> =
            sockets.filter(|inode| !self.holders.contains_key(inode)).collect();
        let is_new = !missing.is_subset(&self.missing);
        self.missing = missing;
        let everybody = is_new || now_ms >= self.retry_at_ms;
        if self.missing.is_empty() {
            self.queue.clear();
        } else if everybody {
            self.retry_after_ms =
                if is_new { RETRY_MS } else { (self.retry_after_ms * 2).min(RETRY_AT_MOST_MS) };
            self.retry_at_ms = now_ms + self.retry_after_ms;
            self.was_denied = false;
            self.enqueue(entries, 0);
        } else if self.queue.is_empty() {
            self.enqueue(entries, self.searched_until_ticks);
        }
    }

    /// Those who hold sockets already come first, then the newest. This program is last, as most
    /// of its descriptors are those of other processes' files.
    fn enqueue(&mut self, entries: &[Entry], since_ticks: u64) {
        let known: HashSet<u32> = self.holders.values().map(|holder| holder.pid).collect();
        let this_program = std::process::id();
        self.queue.clear();
        self.queue.extend(
            entries
                .iter()
                .filter(|entry| !entry.is_kernel_thread && entry.start_ticks >= since_ticks)
                .map(|e| Holder { pid: e.pid, start_ticks: e.start_ticks, descriptor: 0 }),
        );
        self.queue.sort_by_key(|one| {
            (one.pid != this_program, known.contains(&one.pid), one.start_ticks, one.pid)
        });
        let newest = entries.iter().map(|entry| entry.start_ticks).max();
        self.searched_until_ticks = newest.unwrap_or_default();
    }

    fn search(&mut self, entries: &[Entry]) {
        let mut links = 0;
        while links < LINKS_AT_ONCE && !self.missing.is_empty() {
            let Some(one) = self.queue.pop() else { return };
            links += 2 + self.search_one(one, entries);
        }
        if self.missing.is_empty() {
            self.queue.clear();
        }
    }

    /// Looks at the descriptors of one process; gives their number.
    fn search_one(&mut self, one: Holder, entries: &[Entry]) -> usize {
        let mut looked_at = 0;
        let mut found = Vec::new();
        let missing = &mut self.missing;
        let outcome = self.links.each(one.pid, &mut looked_at, |descriptor, inode| {
            if missing.remove(&inode) {
                found.push((inode, descriptor));
            }
            if missing.is_empty() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        self.was_denied |= outcome.is_err_and(is_denied);
        for (inode, descriptor) in found {
            let eldest = self.eldest(Holder { descriptor, ..one }, inode, entries);
            self.holders.insert(inode, eldest);
        }
        looked_at
    }

    /// A server's workers inherit its sockets under the same number and come and go. The eldest
    /// that has it is the one to name.
    fn eldest(&mut self, mut holder: Holder, inode: u64, entries: &[Entry]) -> Holder {
        while let Some(parent) =
            find(entries, holder.pid).and_then(|entry| find(entries, entry.sample.parent_pid))
        {
            let older = Holder { pid: parent.pid, start_ticks: parent.start_ticks, ..holder };
            if older.start_ticks > holder.start_ticks
                || older.pid == holder.pid
                || self.links.inode_of(older.pid, older.descriptor) != Some(inode)
            {
                break;
            }
            holder = older;
        }
        holder
    }

    /// The list last given, ascending.
    pub(crate) fn last(&self) -> &[Listener] {
        self.published.as_deref().unwrap_or_default()
    }

    fn publish(&mut self) -> Option<Vec<Listener>> {
        let mut list: Vec<Listener> = self
            .sockets
            .iter()
            .map(|socket| Listener {
                protocol: socket.protocol,
                port: socket.port,
                address: socket.address,
                pid: self.holders.get(&socket.inode).map(|holder| holder.pid),
                is_private: socket.is_private,
            })
            .collect();
        list.sort_unstable();
        list.dedup();
        if self.published.as_ref() == Some(&list) {
            return None;
        }
        self.published = Some(list.clone());
        Some(list)
    }
}

/// The process of a pid.
pub(crate) fn find(entries: &[Entry], pid: u32) -> Option<&Entry> {
    let index = entries.binary_search_by_key(&pid, |entry| entry.pid).ok()?;
    entries.get(index)
}
