//! What listens on this machine, and which process holds it.
//!
//! The tables of sockets name no process; `search` finds it, and what was found is kept.

mod private;
mod search;

use super::{
    entry::Entry,
    limits::Refusals,
    sockets::{Socket, SocketTables},
    source::Tree,
    traffic::Traffic,
};
use ira_model::{Listener, Protocol};
use private::PrivateSockets;
use search::{Holder, Pace, Search};
use std::{
    collections::{HashMap, HashSet},
    mem,
    sync::Arc,
};

/// The tables are read every so many ticks.
const EVERY_TICKS: u64 = 5;
/// The first list is held back while a search goes on, so that no port is first nobody's and then
/// somebody's; but not for longer than this many ticks.
const HELD_BACK_TICKS: u64 = 30;

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
    search: Search,
    /// Inodes in the list last given.
    listed: HashSet<u64>,
    published: Option<Vec<Listener>>,
    buffer: Vec<u8>,
}

impl ListenerReader {
    pub(crate) fn new(tree: Arc<Tree>) -> Self {
        let tables = SocketTables::of_this_program(tree.is_own());
        Self {
            search: Search::new(Arc::clone(&tree)),
            tree,
            tables,
            private: PrivateSockets::default(),
            ticks: 0,
            sockets: Vec::new(),
            before: HashSet::new(),
            holders: HashMap::new(),
            listed: HashSet::new(),
            published: None,
            buffer: Vec::new(),
        }
    }

    /// The list, when it differs from the last one given.
    pub(crate) fn tick(
        &mut self,
        entries: &mut [Entry],
        traffic: &Traffic,
        now_ms: u64,
        refusals: &mut Refusals,
    ) -> Option<Vec<Listener>> {
        let is_due = self.ticks.is_multiple_of(EVERY_TICKS);
        self.ticks += 1;
        if is_due {
            self.read_tables(entries, traffic);
            self.forget_gone(entries);
            let own_space = traffic.own_space();
            self.search.plan(&self.sockets, &self.holders, own_space, entries, now_ms);
        } else if self.search.is_seeking() {
            self.forget_closed();
        }
        let is_first = self.published.is_none();
        let was_seeking = self.search.is_seeking();
        let pace = match is_due {
            _ if is_first => Pace::First,
            true => Pace::Reading,
            false => Pace::Later,
        };
        let found = self.search.go_on(entries, pace, now_ms, refusals);
        let is_news = is_due || !found.is_empty() || was_seeking != self.search.is_seeking();
        self.holders.extend(found);
        if !is_news || (is_first && self.search.is_seeking() && self.ticks < HELD_BACK_TICKS) {
            return None;
        }
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
        let sockets: HashSet<u64> = self.sockets.iter().map(|socket| socket.inode).collect();
        self.holders.retain(|inode, holder| {
            sockets.contains(inode)
                && find(entries, holder.pid).is_some_and(|e| e.start_ticks == holder.start_ticks)
                && self.search.has(holder, *inode)
        });
    }

    /// The list last given, ascending.
    pub(crate) fn last(&self) -> &[Listener] {
        self.published.as_deref().unwrap_or_default()
    }

    /// To ask which sockets are still there is cheaper than to look for who holds one that is not.
    fn forget_closed(&mut self) {
        let mut open = Vec::new();
        self.tables.read(&self.tree, &mut self.buffer, &mut open);
        let open: HashSet<u64> = open.iter().map(|socket| socket.inode).collect();
        let search = &self.search;
        self.sockets.retain(|socket| {
            socket.namespace.is_some()
                || open.contains(&socket.inode)
                || !search.seeks(socket.inode)
        });
        let left: HashSet<u64> = self.sockets.iter().map(|socket| socket.inode).collect();
        self.search.keep(|inode| left.contains(&inode));
    }

    /// What is new and still looked for is not listed yet.
    fn publish(&mut self) -> Option<Vec<Listener>> {
        let is_first = self.published.is_none();
        let (search, listed) = (&self.search, &self.listed);
        let is_ready =
            |one: &&Socket| is_first || listed.contains(&one.inode) || !search.seeks(one.inode);
        let ready: Vec<&Socket> = self.sockets.iter().filter(is_ready).collect();
        let listed = ready.iter().map(|socket| socket.inode).collect();
        let mut list: Vec<Listener> = ready
            .iter()
            .map(|socket| Listener {
                protocol: socket.protocol,
                port: socket.port,
                address: socket.address,
                pid: self.holders.get(&socket.inode).map(|holder| holder.pid),
                namespace: socket.namespace,
            })
            .collect();
        self.listed = listed;
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
