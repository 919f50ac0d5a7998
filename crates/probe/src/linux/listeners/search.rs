//! Which process holds a listening socket: looked for among the descriptors of processes.
//!
//! That is dear, so who may have it comes first. Whoever made a socket ran since the sockets were
//! last read, so for a new one those are looked at at once, in its network namespace: who is new, whose
//! CPU time moved, who ran as its control group tells, and, where no group tells, whose number of
//! descriptors changed. The others follow in turns, who was looked at longest ago first, a few in a
//! tick; so all have had their turn within ten seconds or so. What nobody held is looked for again
//! ever more seldom, and among who is new each time.

use super::{
    super::{
        entry::{Entry, Looked, has_ended},
        limits::Refusals,
        socket_links::SocketLinks,
        sockets::Socket,
        source::{Tree, is_denied},
    },
    find,
};
use std::{
    cmp::Reverse,
    collections::{HashMap, HashSet},
    ops::ControlFlow,
    sync::Arc,
};

/// Descriptors looked at in one tick of those that may have a new socket, so that they never delay
/// one by more than some 8 ms; and of all in turns, some half a millisecond.
const LINKS_AT_ONCE: usize = 4096;
const LINKS_IN_TURN: usize = 256;
/// What it costs to open and list a process's descriptors, in links.
const OPEN: usize = 3;
/// How many descriptors one is taken to have that was never looked at.
const FEW: u32 = 8;
/// All had their turn for a new socket after this time, milliseconds; if they are so many that it
/// takes longer than the second, it counts as nobody's.
const ROUND_MS: u64 = 8_000;
const ROUND_AT_MOST_MS: u64 = 30_000;
/// What was not found is looked for again after this time, which doubles each time, milliseconds.
const RETRY_MS: u64 = 60_000;
const RETRY_AT_MOST_MS: u64 = 16 * RETRY_MS;

/// A descriptor of a process that is a socket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Holder {
    pub(super) pid: u32,
    pub(super) start_ticks: u64,
    descriptor: u32,
}

/// A socket of which no holder is known.
#[derive(Debug, Clone, Copy)]
struct Missing {
    /// Who was looked at since does not hold it.
    since_ms: u64,
    is_sought: bool,
    /// It is the first time, and somebody who may be looked at has it, as far as can be told.
    is_urgent: bool,
    again_ms: u64,
    retry_after_ms: u64,
}

/// How likely it is that a process has a new socket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    InTurn,
    /// It may have run, but nothing tells.
    Untold,
    Ran,
    Worked,
    New,
}

/// A process that is to be looked at. Those that may have a new socket are looked at by rank; in it
/// who held one before and whose user is that of a new one, then who has few descriptors. The
/// others are looked at by age.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Candidate {
    rank: Rank,
    likely: (bool, bool),
    last: Reverse<u64>,
    pid: u32,
    start_ticks: u64,
    descriptors: u32,
    looked_at_ms: Option<u64>,
}

impl Candidate {
    fn ranked(self, rank: Rank) -> Self {
        let by_age = rank == Rank::InTurn;
        let likely = if by_age { (false, false) } else { self.likely };
        let links = u64::from(self.descriptors);
        let last = if by_age { self.looked_at_ms.unwrap_or_default() } else { links };
        Self { rank, likely, last: Reverse(last), ..self }
    }
}

/// How much is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pace {
    /// All at once if need be: the first list is made.
    First,
    /// Most of all who may have a new socket: they were just read.
    Reading,
    /// Others in turn.
    Later,
}

/// See the module.
#[derive(Debug)]
pub(super) struct Search {
    links: SocketLinks,
    this_user: u32,
    /// By inode.
    missing: HashMap<u64, Missing>,
    /// Best last.
    queue: Vec<Candidate>,
    /// Links looked at in earlier ticks beyond what was theirs.
    owed: usize,
    was_denied: bool,
    /// Somebody could not be looked at in a round before.
    is_denied: bool,
}

impl Search {
    pub(super) fn new(tree: Arc<Tree>) -> Self {
        Self {
            links: SocketLinks::new(tree),
            this_user: rustix::process::geteuid().as_raw(),
            missing: HashMap::new(),
            queue: Vec::new(),
            owed: 0,
            was_denied: false,
            is_denied: false,
        }
    }

    /// Whether a socket is looked for just now.
    pub(super) fn seeks(&self, inode: u64) -> bool {
        self.missing.get(&inode).is_some_and(|one| one.is_sought)
    }

    /// Whether any is.
    pub(super) fn is_seeking(&self) -> bool {
        self.missing.values().any(|one| one.is_sought)
    }

    /// Whether a holder has its socket still.
    pub(super) fn has(&mut self, holder: &Holder, inode: u64) -> bool {
        self.links.inode_of(holder.pid, holder.descriptor) == Some(inode)
    }

    /// The sockets were read: decides what is looked for among whom.
    pub(super) fn plan(
        &mut self,
        sockets: &[Socket],
        holders: &HashMap<u64, Holder>,
        own_space: Option<u64>,
        entries: &mut [Entry],
        now_ms: u64,
    ) {
        let missing = || sockets.iter().filter(|socket| !holders.contains_key(&socket.inode));
        let listed: HashSet<u64> = missing().map(|socket| socket.inode).collect();
        self.missing.retain(|inode, _| listed.contains(inode));
        let (mut spaces, mut users) = (HashSet::new(), HashSet::new());
        for socket in missing() {
            if self.want(socket, now_ms) {
                spaces.insert(socket.namespace.or(own_space));
                users.insert(socket.user_id);
            }
        }
        let newest_ms = self.missing.values().filter(|m| m.is_sought).map(|m| m.since_ms).max();
        let this_program = std::process::id();
        self.queue.clear();
        for entry in entries {
            let looked = entry.looked;
            let cpu_ticks = entry.cpu_ticks;
            entry.looked = Looked { was_there: true, ran: false, cpu_ticks, ..looked };
            let is_done = looked.at_ms.is_some() && looked.at_ms >= newest_ms;
            if self.missing.is_empty() || is_done || entry.is_kernel_thread || has_ended(entry) {
                continue;
            }
            let space = entry.net_space.or(own_space);
            let is_near = spaces.contains(&space);
            let rank = if entry.pid == this_program {
                // Most of its descriptors are those of other processes' files.
                Rank::InTurn
            } else if !looked.was_there {
                Rank::New
            } else if is_near && cpu_ticks != looked.cpu_ticks {
                Rank::Worked
            } else if is_near && space != own_space {
                // Its sockets are read now and then.
                Rank::Ran
            } else if is_near && looked.ran {
                let is_told = entry.memberships.iter().any(|one| one.tells());
                if is_told || looked.held { Rank::Ran } else { Rank::Untold }
            } else {
                Rank::InTurn
            };
            let is_like = entry.user_id.is_some_and(|user| users.contains(&user));
            let one = Candidate {
                rank,
                likely: (looked.held, is_like),
                last: Reverse(0),
                pid: entry.pid,
                start_ticks: entry.start_ticks,
                descriptors: looked.at_ms.map_or(FEW, |_| looked.descriptors),
                looked_at_ms: looked.at_ms,
            };
            self.queue.push(one.ranked(rank));
        }
        if newest_ms.is_none() {
            self.queue.retain(|one| one.rank == Rank::New);
        }
        self.queue.sort_unstable();
    }

    /// Sockets that were closed since are not looked for any more.
    pub(super) fn keep(&mut self, is_open: impl Fn(u64) -> bool) {
        self.missing.retain(|inode, _| is_open(*inode));
    }

    /// Notes a socket without a holder; says whether it is new and worth looking at who ran.
    fn want(&mut self, socket: &Socket, now_ms: u64) -> bool {
        let Some(known) = self.missing.get_mut(&socket.inode) else {
            let is_urgent = !self.is_denied || socket.user_id == self.this_user;
            self.missing.insert(
                socket.inode,
                Missing {
                    since_ms: now_ms,
                    is_sought: true,
                    is_urgent,
                    again_ms: 0,
                    retry_after_ms: RETRY_MS,
                },
            );
            return is_urgent;
        };
        if known.is_sought && now_ms >= known.since_ms + ROUND_AT_MOST_MS {
            known.give_up(now_ms);
        } else if !known.is_sought && now_ms >= known.again_ms {
            (known.is_sought, known.since_ms) = (true, now_ms);
        }
        // Who made it just when it was read is seen to have run only afterwards.
        known.is_sought && known.is_urgent
    }

    /// Looks at some of them; gives the sockets found with who has them.
    pub(super) fn go_on(
        &mut self,
        entries: &mut [Entry],
        pace: Pace,
        now_ms: u64,
        refusals: &mut Refusals,
    ) -> Vec<(u64, Holder)> {
        let (mut found, mut looked_at) = (Vec::new(), self.owed);
        let in_turn = match pace {
            Pace::First => LINKS_AT_ONCE,
            Pace::Reading => LINKS_IN_TURN,
            Pace::Later => self.links_in_turn(now_ms),
        };
        let mut limit = in_turn;
        while let Some(one) = self.queue.last().copied() {
            if self.missing.is_empty() || (one.rank < Rank::New && !self.is_seeking()) {
                self.queue.clear();
                break;
            }
            limit = if one.rank < Rank::Ran { in_turn } else { LINKS_AT_ONCE };
            if looked_at >= limit {
                break;
            }
            if one.rank == Rank::Untold {
                looked_at += self.tell();
                continue;
            }
            self.queue.pop();
            looked_at += OPEN + self.look(one, entries, now_ms, &mut found);
        }
        let limit = if pace == Pace::Reading { LINKS_AT_ONCE } else { limit };
        self.owed = looked_at.saturating_sub(limit);
        if self.queue.is_empty() && self.is_seeking() {
            self.missing.values_mut().for_each(|one| one.give_up(now_ms));
            refusals.ports_denied |= self.was_denied;
            self.is_denied |= self.was_denied;
            self.was_denied = false;
        }
        found
    }

    /// As many that everybody has had a turn in time.
    fn links_in_turn(&self, now_ms: u64) -> usize {
        let urgent = self.missing.values().filter(|one| one.is_sought && one.is_urgent);
        let Some(newest_ms) = urgent.map(|one| one.since_ms).max() else { return LINKS_IN_TURN };
        let links = self.queue.iter().map(|one| OPEN + one.descriptors as usize).sum::<usize>();
        let left_ms = (newest_ms + ROUND_MS).saturating_sub(now_ms).max(1000);
        let ticks = usize::try_from(left_ms / 1000).unwrap_or(1);
        (self.owed + links).div_ceil(ticks).clamp(LINKS_IN_TURN, LINKS_AT_ONCE)
    }

    /// Of those that may have run, finds whose number of descriptors changed; gives what that cost.
    fn tell(&mut self) -> usize {
        let mut asked = 0;
        for one in self.queue.iter_mut().filter(|one| one.rank == Rank::Untold) {
            asked += 1;
            let number = self.links.number(one.pid);
            let changed = number.is_some_and(|number| number != u64::from(one.descriptors));
            *one = one.ranked(if changed { Rank::Ran } else { Rank::InTurn });
        }
        self.queue.sort_unstable();
        asked
    }

    /// Looks at the descriptors of one process; gives their number.
    fn look(
        &mut self,
        one: Candidate,
        entries: &mut [Entry],
        now_ms: u64,
        found: &mut Vec<(u64, Holder)>,
    ) -> usize {
        let at = entries.binary_search_by_key(&one.pid, |entry| entry.pid).ok();
        let Some(entry) = at.and_then(|at| entries.get_mut(at)) else { return 0 };
        if entry.start_ticks != one.start_ticks {
            return 0;
        }
        let (mut looked_at, first) = (0, found.len());
        let missing = &mut self.missing;
        let outcome = self.links.each(one.pid, &mut looked_at, |descriptor, inode| {
            if missing.remove(&inode).is_some() {
                let Candidate { pid, start_ticks, .. } = one;
                found.push((inode, Holder { pid, start_ticks, descriptor }));
            }
            if missing.is_empty() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        self.was_denied |= outcome.is_err_and(is_denied);
        entry.looked.at_ms = Some(now_ms);
        entry.looked.descriptors = u32::try_from(looked_at).unwrap_or(u32::MAX);
        entry.looked.held |= found.len() > first;
        for (inode, holder) in found.iter_mut().skip(first) {
            *holder = self.eldest(*holder, *inode, entries);
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
                || !self.has(&older, inode)
            {
                break;
            }
            holder = older;
        }
        holder
    }
}

impl Missing {
    /// Nobody had it: it is looked for again, later each time.
    fn give_up(&mut self, now_ms: u64) {
        if self.is_sought {
            (self.is_sought, self.is_urgent) = (false, false);
            self.again_ms = now_ms + self.retry_after_ms;
            self.retry_after_ms = (self.retry_after_ms * 2).min(RETRY_AT_MOST_MS);
        }
    }
}

#[cfg(test)]
mod tests;
