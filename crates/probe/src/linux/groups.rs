//! Which processes cannot have run since the last tick, told by the CPU time of control groups.
//!
//! A process that ran did so in some control group, and the kernel charges that group and all above
//! it. So in each hierarchy with CPU times: who is neither in the root nor in a group whose time
//! moved has not run. Members are listed anew whenever a group's time moved, and those of the root
//! each tick, so it does not matter how processes are moved about or which groups come and go.

mod tree;

use super::{entry::Entry, source::Tree};
use rustix::io::Errno;
use tree::{GroupTree, Listed, Version};

/// At most so many hierarchies are followed: the one of version 2, and `cpuacct` of version 1.
pub(crate) const TREES: usize = 2;
/// The number of the root in every hierarchy, and of a group not known.
const ROOT: u32 = 0;
/// A hierarchy that does not help is looked at again after so long, milliseconds.
const REST_MS: u64 = 60_000;
/// One without any process in a group is cheaper to look at.
const SHORT_REST_MS: u64 = 10_000;
/// Listing a member of the root costs a tenth of reading a process, so a hierarchy helps only while
/// its groups hold at least this share of what its root does.
const WORTH: usize = 8;

/// Where a process is in one hierarchy.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Membership {
    /// Number of its group when it was last listed; [`ROOT`] is none that could tell anything.
    group: u32,
    is_listed: bool,
    /// It was listed in this tick, or was in a group whose time moved.
    may_have_run: bool,
}

impl Membership {
    /// Whether its group tells when the process ran.
    pub(crate) fn tells(self) -> bool {
        self.group != ROOT
    }
}

/// A hierarchy and when it is looked at.
#[derive(Debug)]
struct Followed {
    tree: GroupTree,
    rests_until_ms: u64,
}

/// The hierarchies of this machine.
#[derive(Debug)]
pub(crate) struct Groups {
    trees: Vec<Followed>,
    listed: Listed,
}

impl Groups {
    /// The hierarchies below `/sys` that have CPU times. On a hybrid system version 2 may hold
    /// everything in its root while an old container engine fills `cpuacct`, or the other way round.
    pub(crate) fn open(sys: Option<&Tree>) -> Self {
        let open = |folder, version| sys.and_then(|sys| GroupTree::open(sys, folder, version));
        let second =
            open("fs/cgroup", Version::Two).or_else(|| open("fs/cgroup/unified", Version::Two));
        let first = open("fs/cgroup/cpuacct", Version::One)
            .or_else(|| open("fs/cgroup/cpu,cpuacct", Version::One));
        let follow = |tree| Followed { tree, rests_until_ms: 0 };
        let trees = second.into_iter().chain(first).take(TREES).map(follow).collect();
        Self { trees, listed: Listed::default() }
    }

    /// Descriptors held open.
    pub(crate) fn kept(&self) -> usize {
        self.trees.iter().map(|followed| followed.tree.kept()).sum()
    }

    /// Whether any of them tells who did not run.
    pub(crate) fn tell(&self, now_ms: u64) -> bool {
        self.trees.iter().any(|followed| now_ms >= followed.rests_until_ms)
    }

    /// Notes which of these processes, ascending by pid, did not run since the last call. At most
    /// `capacity` descriptors are kept.
    pub(crate) fn mark(&mut self, entries: &mut [Entry], capacity: usize, now_ms: u64) {
        let share = capacity / self.trees.len().max(1);
        for (at, followed) in self.trees.iter_mut().enumerate() {
            if now_ms < followed.rests_until_ms {
                continue;
            }
            let rest_ms = match followed.tree.walk(share, &mut self.listed) {
                Ok(()) => take(at, &self.listed, entries),
                Err(error) => Some(if error == Errno::NOENT { SHORT_REST_MS } else { REST_MS }),
            };
            if let Some(rest_ms) = rest_ms {
                followed.rests_until_ms = now_ms + rest_ms;
                followed.tree.forget();
                for membership in entries.iter_mut().filter_map(|e| e.memberships.get_mut(at)) {
                    *membership = Membership::default();
                }
            }
        }
        for entry in entries {
            entry.idle = entry.memberships.iter().any(|m| m.tells() && !m.may_have_run);
        }
    }
}

/// Takes over what was listed; says how long the hierarchy may rest if it does not help.
fn take(at: usize, listed: &Listed, entries: &mut [Entry]) -> Option<u64> {
    for membership in entries.iter_mut().filter_map(|entry| entry.memberships.get_mut(at)) {
        let group = membership.group;
        membership.is_listed = false;
        membership.may_have_run = group == ROOT || listed.moved.binary_search(&group).is_ok();
    }
    for (pid, group) in &listed.members {
        let Ok(index) = entries.binary_search_by_key(pid, |entry| entry.pid) else { continue };
        let Some(entry) = entries.get_mut(index) else { continue };
        let Some(membership) = entry.memberships.get_mut(at) else { continue };
        entry.moved_group |= membership.group != ROOT && membership.group != *group;
        *membership = Membership { group: *group, is_listed: true, may_have_run: true };
    }
    let mut helped = 0;
    for membership in entries.iter_mut().filter_map(|entry| entry.memberships.get_mut(at)) {
        // One that left a group after its time was read and before it was listed may be in no
        // list. It counts as one that runs until it is found again.
        if membership.may_have_run && !membership.is_listed {
            membership.group = ROOT;
        }
        helped += usize::from(membership.group != ROOT);
    }
    match helped {
        0 => Some(SHORT_REST_MS),
        _ if helped * WORTH < listed.in_root => Some(REST_MS),
        _ => None,
    }
}
