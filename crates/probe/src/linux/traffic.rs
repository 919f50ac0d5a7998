//! What each process receives and sends over TCP.
//!
//! The kernel counts bytes by connection. They are asked for in walks over all connections of a
//! network namespace, begun only when sockets came or went or somebody with a connection ran, and
//! so many at once; what a connection grew by is counted to the process that holds it. It is told of
//! closed ones too, so that their last bytes are counted, and those of connections that no walk saw
//! where a server can be told by its port. Connections within the machine are left out, as its own
//! interface is in [`ira_model::HostSample::interfaces`].

mod holders;
mod space;

use super::{entry::Entry, limits::Refusals, sock_diag::Carried, sockets::Socket, source::Tree};
use holders::{Holder, Search, Wanted};
use ira_model::{Listener, Protocol};
use rustix::io::Errno;
use space::Space;
use std::{
    collections::{HashMap, HashSet, hash_map},
    mem,
    sync::Arc,
};

/// Connections known at once; the bytes of more are not counted.
const FOLLOWED: usize = 16_384;
/// Namespaces looked at; those of more containers are not.
const SPACES: usize = 256;
/// Messages of the kernel's taken in one tick, with some 80 connections each.
const PIECES: usize = 12;
/// A connection that nobody holds is looked for again after this time, and a holder is asked whether
/// it has it still; milliseconds.
const SEARCH_AGAIN_MS: u64 = 60_000;
const ASK_AGAIN_MS: u64 = 10_000;

#[derive(Debug, Clone, Copy, Default)]
struct Bytes {
    received: u64,
    sent: u64,
}

impl Bytes {
    fn of(one: &Carried) -> Self {
        Self { received: one.received_bytes, sent: one.sent_bytes }
    }

    fn plus(self, other: Self) -> Self {
        Self {
            received: self.received.saturating_add(other.received),
            sent: self.sent.saturating_add(other.sent),
        }
    }

    fn since(self, before: Self) -> Self {
        Self {
            received: self.received.saturating_sub(before.received),
            sent: self.sent.saturating_sub(before.sent),
        }
    }

    fn count_to(self, entry: &mut Entry) {
        for (total, part) in [
            (&mut entry.sample.received_bytes, self.received),
            (&mut entry.sample.sent_bytes, self.sent),
        ] {
            *total = Some(total.unwrap_or_default().saturating_add(part));
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Held {
    /// Not found yet.
    Unknown,
    By {
        holder: Holder,
        ask_ms: u64,
    },
    Nobody {
        again_ms: u64,
    },
}

/// A connection that is known.
#[derive(Debug)]
struct Followed {
    space: u64,
    /// Round of the last walk that saw it.
    round: u32,
    inode: u64,
    port: u16,
    carried: Bytes,
    /// Carried and not counted to anybody.
    owed: Bytes,
    held: Held,
}

/// See the module.
#[derive(Debug)]
pub(crate) struct Traffic {
    tree: Arc<Tree>,
    own_space: Option<u64>,
    spaces: Vec<Space>,
    /// Namespaces that cannot be looked at.
    refused: HashSet<u64>,
    /// By cookie.
    followed: HashMap<u64, Followed>,
    search: Search,
    /// Tests have no other machine to talk to.
    with_loopback: bool,
    buffer: Vec<u8>,
    carried: Vec<Carried>,
}

impl Traffic {
    pub(crate) fn new(tree: Arc<Tree>) -> Self {
        Self {
            own_space: if tree.is_own() { space::own_id() } else { None },
            spaces: Vec::new(),
            refused: HashSet::new(),
            followed: HashMap::new(),
            search: Search::new(Arc::clone(&tree)),
            with_loopback: false,
            tree,
            buffer: Vec::new(),
            carried: Vec::new(),
        }
    }

    /// Counts what was carried since the last call to `entries`, ascending by pid.
    pub(crate) fn tick(
        &mut self,
        entries: &mut [Entry],
        listeners: &[Listener],
        now_ms: u64,
        refusals: &mut Refusals,
    ) {
        if self.own_space.is_none() {
            return;
        }
        self.follow_spaces(entries, refusals);
        self.take_closed(entries, listeners, refusals);
        self.walk(entries, now_ms, refusals);
        self.search(entries, listeners, now_ms, refusals);
    }

    /// Which namespace this program is in; `None` where the kernel is not that of the processes.
    pub(crate) fn own_space(&self) -> Option<u64> {
        self.own_space
    }

    /// Adds the listening TCP sockets of a namespace; says whether it could.
    pub(crate) fn listening(
        &self,
        space: u64,
        buffer: &mut Vec<u8>,
        sockets: &mut Vec<Socket>,
    ) -> bool {
        let space = self.spaces.iter().find(|one| one.id == space);
        space.is_some_and(|space| space.listening(buffer, sockets).is_ok())
    }

    /// Opens namespaces that somebody is in and drops the others. Who is in an open one and may be
    /// looked at has carried nothing until something is found.
    fn follow_spaces(&mut self, entries: &mut [Entry], refusals: &mut Refusals) {
        self.spaces.iter_mut().for_each(|space| space.is_inhabited = false);
        for entry in entries {
            let Some(id) = entry.net_space else { continue };
            let open = self.spaces.iter_mut().find(|space| space.id == id);
            let is_open = match open {
                Some(space) => {
                    space.is_inhabited = true;
                    true
                }
                None => self.open(id, entry.pid, refusals),
            };
            // The rights to see its bytes on storage are those to see its descriptors.
            if is_open && entry.sample.received_bytes.is_none() && entry.sample.read_bytes.is_some()
            {
                Bytes::default().count_to(entry);
            }
        }
        if self.spaces.iter().any(|space| !space.is_inhabited) {
            self.spaces.retain(|space| space.is_inhabited);
            let spaces = &self.spaces;
            self.followed.retain(|_, one| spaces.iter().any(|space| space.id == one.space));
        }
    }

    fn open(&mut self, id: u64, pid: u32, refusals: &mut Refusals) -> bool {
        if self.refused.contains(&id) || self.spaces.len() >= SPACES {
            return false;
        }
        let opened = if self.own_space == Some(id) {
            Space::own(id, &self.tree)
        } else {
            Space::of_process(id, pid, &self.tree)
        };
        match opened {
            Ok(space) => self.spaces.push(space),
            // It has just ended; another may be in there.
            Err(Errno::SRCH | Errno::NOENT) => return false,
            Err(error) => self.refuse(id, error, refusals),
        }
        !self.refused.contains(&id)
    }

    fn refuse(&mut self, id: u64, error: Errno, refusals: &mut Refusals) {
        if self.own_space == Some(id) {
            refusals.network_unsupported = true;
        } else {
            refusals.note_other_network(error);
        }
        // Namespaces come and go with containers.
        if self.refused.len() >= SPACES {
            self.refused.clear();
        }
        self.refused.insert(id);
        self.spaces.retain(|space| space.id != id);
    }

    fn take_closed(
        &mut self,
        entries: &mut [Entry],
        listeners: &[Listener],
        refusals: &mut Refusals,
    ) {
        let mut closed = mem::take(&mut self.carried);
        for at in 0..self.spaces.len() {
            let Some(space) = self.spaces.get(at) else { break };
            closed.clear();
            refusals.network_lost |= !space.take_closed(&mut self.buffer, &mut closed);
            let tells_new = space.is_known() && self.own_space == Some(space.id);
            for one in &closed {
                self.close(one, tells_new, entries, listeners);
            }
        }
        self.carried = closed;
    }

    /// Counts the last bytes of a connection; those of one never seen only when it must be new.
    fn close(
        &mut self,
        one: &Carried,
        tells_new: bool,
        entries: &mut [Entry],
        listeners: &[Listener],
    ) {
        let bytes = match self.followed.remove(&one.cookie) {
            Some(known) => {
                let bytes = known.owed.plus(Bytes::of(one).since(known.carried));
                if let Held::By { holder, .. } = known.held
                    && let Some(entry) = holder.entry(entries)
                {
                    return bytes.count_to(entry);
                }
                bytes
            }
            None if tells_new && self.counts(one) && self.followed.len() < FOLLOWED => {
                Bytes::of(one)
            }
            None => return,
        };
        let server = server(listeners, one.port);
        if let Some(at) =
            server.and_then(|pid| entries.binary_search_by_key(&pid, |entry| entry.pid).ok())
            && let Some(entry) = entries.get_mut(at)
        {
            bytes.count_to(entry);
        }
    }

    fn counts(&self, one: &Carried) -> bool {
        self.with_loopback || !one.is_loopback
    }

    fn walk(&mut self, entries: &mut [Entry], now_ms: u64, refusals: &mut Refusals) {
        let mut pieces = PIECES;
        let mut found = mem::take(&mut self.carried);
        let mut failed = Vec::new();
        for at in 0..self.spaces.len() {
            let Some(space) = self.spaces.get_mut(at) else { break };
            let (id, rounds) = (space.id, space.rounds);
            let mut followed = self.followed.values();
            let mut somebody_ran = || {
                followed.any(|one| match one.held {
                    Held::By { holder, .. } if one.space == id => {
                        holder.entry(entries).is_none_or(|entry| !entry.idle)
                    }
                    _ => one.space == id,
                })
            };
            found.clear();
            let mut outcome =
                space.begin(now_ms, &mut self.buffer, &mut somebody_ran).map(|()| true);
            while matches!(outcome, Ok(true)) && pieces > 0 {
                pieces -= 1;
                outcome = space.go_on(&mut self.buffer, &mut found);
            }
            let (is_known, is_complete) = (rounds > 0, space.rounds != rounds);
            for one in &found {
                self.see(one, (id, rounds, is_known), entries, now_ms, refusals);
            }
            // Between two messages of a walk the kernel may pass one over.
            if is_complete {
                self.followed
                    .retain(|_, one| one.space != id || rounds.wrapping_sub(one.round) < 2);
            }
            failed.extend(outcome.err().map(|error| (id, error)));
        }
        self.carried = found;
        for (id, error) in failed {
            self.refuse(id, error, refusals);
        }
    }

    /// Counts what a connection grew by. One that comes up in a namespace where all are known is new,
    /// and so is what it carried.
    fn see(
        &mut self,
        one: &Carried,
        (space, round, is_known): (u64, u32, bool),
        entries: &mut [Entry],
        now_ms: u64,
        refusals: &mut Refusals,
    ) {
        if !self.counts(one) {
            return;
        }
        let is_full = self.followed.len() >= FOLLOWED;
        let known = match self.followed.entry(one.cookie) {
            hash_map::Entry::Occupied(known) => known.into_mut(),
            hash_map::Entry::Vacant(_) if one.inode == 0 => return,
            hash_map::Entry::Vacant(_) if is_full => {
                refusals.network_lost = true;
                return;
            }
            hash_map::Entry::Vacant(place) => place.insert(Followed {
                space,
                round,
                inode: one.inode,
                port: one.port,
                carried: if is_known { Bytes::default() } else { Bytes::of(one) },
                owed: Bytes::default(),
                held: Held::Unknown,
            }),
        };
        known.round = round;
        let grown = Bytes::of(one).since(mem::replace(&mut known.carried, Bytes::of(one)));
        if grown.received == 0 && grown.sent == 0 {
            return;
        }
        if let Held::By { holder, ask_ms } = &mut known.held {
            let is_asked = now_ms >= *ask_ms && one.inode != 0;
            let has_it = !is_asked || self.search.has(holder, known.inode);
            if let Some(entry) = holder.entry(entries).filter(|_| has_it) {
                if is_asked {
                    *ask_ms = now_ms + ASK_AGAIN_MS;
                }
                return grown.count_to(entry);
            }
            known.held = Held::Unknown;
        }
        known.owed = known.owed.plus(grown);
    }

    fn search(
        &mut self,
        entries: &mut [Entry],
        listeners: &[Listener],
        now_ms: u64,
        refusals: &mut Refusals,
    ) {
        if self.search.is_over() && !self.begin_search(entries, listeners, now_ms) {
            return;
        }
        let outcome = self.search.go_on(entries);
        refusals.network_denied |= outcome.was_denied;
        for (cookie, holder) in outcome.found {
            if let Some(known) = self.followed.get_mut(&cookie)
                && let Some(entry) = holder.entry(entries)
            {
                mem::take(&mut known.owed).count_to(entry);
                known.held = Held::By { holder, ask_ms: now_ms + ASK_AGAIN_MS };
            }
        }
        for cookie in outcome.nobodys {
            if let Some(known) = self.followed.get_mut(&cookie) {
                known.held = Held::Nobody { again_ms: now_ms + SEARCH_AGAIN_MS };
            }
        }
    }

    /// Says whether anybody is to be looked for.
    fn begin_search(&mut self, entries: &[Entry], listeners: &[Listener], now_ms: u64) -> bool {
        let is_wanted = |held: Held| match held {
            Held::Unknown => true,
            Held::Nobody { again_ms } => now_ms >= again_ms,
            Held::By { .. } => false,
        };
        if !self.followed.values().any(|one| is_wanted(one.held)) {
            return false;
        }
        let (mut servers, mut holders) = (HashSet::new(), HashSet::new());
        let mut wanted = Vec::new();
        for (cookie, one) in &mut self.followed {
            if let Held::By { holder, .. } = one.held {
                holders.insert(holder.pid);
            } else if is_wanted(one.held) {
                one.held = Held::Unknown;
                servers.extend(server(listeners, one.port));
                wanted.push(Wanted { cookie: *cookie, inode: one.inode });
            }
        }
        self.search.begin(wanted.into_iter(), &servers, &holders, entries);
        true
    }
}

/// Who listens on a TCP port of the machine.
fn server(listeners: &[Listener], port: u16) -> Option<u32> {
    let at = listeners.partition_point(|one| (one.protocol, one.port) < (Protocol::Tcp, port));
    let here = listeners.get(at..).unwrap_or_default().iter();
    here.take_while(|one| (one.protocol, one.port) == (Protocol::Tcp, port))
        .filter(|one| !one.is_private)
        .find_map(|one| one.pid)
}

#[cfg(test)]
mod tests;
