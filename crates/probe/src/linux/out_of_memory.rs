//! Processes that the kernel ended for want of memory.
//!
//! Looked for only when one went that was killed, or of which nobody told how it went: in the kernel's
//! log where that may be read, which names the pid, else in the count of its control group, which
//! everybody may read. So it costs nothing while nobody is killed.
//! Sources: Documentation/admin-guide/cgroup-v2.rst (`memory.events`), cgroup-v1/memory.rst
//! (`memory.oom_control`), Documentation/ABI/testing/dev-kmsg, mm/oom_kill.c.

use super::{
    exits::Left,
    source::{Tree, open_below, read_once},
    table::Learnt,
    text::{keyed_number, number},
};
use ira_model::{EndedProcess, ExitStatus, ProcessKey};
use rustix::{
    buffer::spare_capacity,
    fd::OwnedFd,
    fs::{Mode, OFlags, SeekFrom},
    io::Errno,
};
use std::{
    collections::{HashMap, hash_map::Entry},
    sync::Arc,
};

/// Records of the kernel's log read in one go; what is before the last of them is passed over.
const RECORDS: usize = 4000;
const SIGKILL: ExitStatus = ExitStatus::Signal(9);

/// A control group with processes.
#[derive(Debug, Default)]
struct Group {
    /// Processes and groups below that are remembered.
    members: u32,
    /// How many were killed in it so far; `None` where the kernel does not count.
    kills: Option<u64>,
}

/// See the module.
#[derive(Debug)]
pub(crate) struct OutOfMemory {
    log: Option<OwnedFd>,
    /// The hierarchy that has the memory controller, and the file that counts.
    counts: Option<(OwnedFd, &'static str)>,
    group_of: HashMap<ProcessKey, Arc<str>>,
    groups: HashMap<Arc<str>, Group>,
    buffer: Vec<u8>,
}

impl OutOfMemory {
    /// The log is that of this machine only, so it is not read for another `/proc`.
    pub(crate) fn open(proc: &Tree, sys: Option<&Tree>) -> Self {
        let log = proc.is_own().then(open_log).flatten();
        Self {
            log,
            counts: sys.and_then(open_counts),
            group_of: HashMap::new(),
            groups: HashMap::new(),
            buffer: Vec::with_capacity(8 * 1024),
        }
    }

    /// Marks those of `ended` that were killed for want of memory, and adds those of which the kernel
    /// told nothing else. `left` is who left the list in this tick.
    pub(crate) fn tick(&mut self, learnt: &[Learnt], left: &[Left], ended: &mut Vec<EndedProcess>) {
        for (key, details) in learnt {
            self.enter(*key, details.control_group.as_deref());
        }
        let mut suspects: Vec<(&Left, Option<usize>)> = Vec::new();
        for one in left {
            let told = ended.iter().position(|ended| ended.key == one.key);
            let status = told.and_then(|at| ended.get(at)).and_then(|ended| ended.status);
            if status.is_none_or(|status| status == SIGKILL) {
                suspects.push((one, told));
            }
        }
        if !suspects.is_empty() {
            // The kernel takes the largest.
            suspects.sort_by_key(|(one, _)| std::cmp::Reverse(one.memory_bytes));
            let mut kills = self.kills(&suspects);
            for (one, told) in suspects {
                if !kills.take(one.key, self.group_of.get(&one.key)) {
                    continue;
                }
                match told.and_then(|at| ended.get_mut(at)) {
                    Some(ended) => {
                        ended.status = Some(SIGKILL);
                        ended.out_of_memory = true;
                    }
                    None => ended.push(one.killed()),
                }
            }
        }
        for one in left {
            self.leave(one.key);
        }
    }

    fn kills(&mut self, suspects: &[(&Left, Option<usize>)]) -> Kills {
        let mut kills = Kills::default();
        if let Some(log) = &self.log {
            read_log(log, &mut self.buffer, &mut kills.pids);
            kills.is_exact = true;
            return kills;
        }
        for (one, _) in suspects {
            let Some(group) = self.group_of.get(&one.key).cloned() else { continue };
            if let Entry::Vacant(place) = kills.of_group.entry(group) {
                let new = self.new_kills(&Arc::clone(place.key()));
                place.insert(new);
            }
        }
        kills
    }

    /// How many more were killed in a group since it was looked at last. One that went with its last
    /// process is counted in the group above.
    fn new_kills(&mut self, group: &Arc<str>) -> u64 {
        for path in [group.as_ref(), above(group)] {
            if let Some(now) = self.count(path) {
                let known = self.groups.get_mut(path).and_then(|group| group.kills.replace(now));
                return known.map_or(0, |before| now.saturating_sub(before));
            }
        }
        0
    }

    fn enter(&mut self, key: ProcessKey, group: Option<&str>) {
        if group.is_some() && self.group_of.get(&key).map(AsRef::as_ref) == group {
            return;
        }
        self.leave(key);
        let Some(path) = group.filter(|_| self.log.is_none() && self.counts.is_some()) else {
            return;
        };
        // What is seen from inside of a namespace cannot be found from here.
        if path.split('/').any(|part| part == "..") {
            return;
        }
        let path = self.join(path);
        self.group_of.insert(key, path);
    }

    /// One member more of a group, which counts as one of the group above.
    fn join(&mut self, path: &str) -> Arc<str> {
        let (name, is_new) = match self.groups.get_key_value(path) {
            Some((name, _)) => (Arc::clone(name), false),
            None => (Arc::from(path), true),
        };
        if is_new {
            let kills = self.count(path);
            self.groups.insert(Arc::clone(&name), Group { members: 0, kills });
            if !above(path).is_empty() {
                self.join(above(path));
            }
        }
        if let Some(group) = self.groups.get_mut(&name) {
            group.members += 1;
        }
        name
    }

    fn leave(&mut self, key: ProcessKey) {
        let mut next = self.group_of.remove(&key).as_deref().map(str::to_owned);
        while let Some(path) = next.take() {
            let Some(group) = self.groups.get_mut(path.as_str()) else { return };
            group.members = group.members.saturating_sub(1);
            if group.members == 0 {
                self.groups.remove(path.as_str());
                next = Some(above(&path).to_owned()).filter(|above| !above.is_empty());
            }
        }
    }

    fn count(&mut self, path: &str) -> Option<u64> {
        let (root, name) = self.counts.as_ref()?;
        let path = path.trim_start_matches('/');
        let path = if path.is_empty() { (*name).to_owned() } else { format!("{path}/{name}") };
        let file = open_below(root, path).ok()?;
        read_once(&file, &mut self.buffer).ok()?;
        keyed_number(&self.buffer, b"oom_kill")
    }
}

/// The path of the group above; empty for none.
fn above(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(above, _)| above)
}

/// Who was killed since the last look.
#[derive(Debug, Default)]
struct Kills {
    is_exact: bool,
    pids: Vec<u32>,
    of_group: HashMap<Arc<str>, u64>,
}

impl Kills {
    /// Whether this one is among them; each counts once.
    fn take(&mut self, key: ProcessKey, group: Option<&Arc<str>>) -> bool {
        if self.is_exact {
            let at = self.pids.iter().position(|pid| *pid == key.pid);
            return at.map(|at| self.pids.swap_remove(at)).is_some();
        }
        let left = group.and_then(|group| self.of_group.get_mut(group));
        left.is_some_and(|left| {
            let is_one = *left > 0;
            *left = left.saturating_sub(1);
            is_one
        })
    }
}

fn open_counts(sys: &Tree) -> Option<(OwnedFd, &'static str)> {
    let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let folder = |name| rustix::fs::openat(sys.folder(), name, flags, Mode::empty()).ok();
    let second = folder("fs/cgroup").filter(|root| {
        let mut text = Vec::new();
        let file = open_below(root, c"cgroup.controllers");
        file.is_ok_and(|file| read_once(&file, &mut text).is_ok())
            && text.split(u8::is_ascii_whitespace).any(|name| name == b"memory")
    });
    match second {
        Some(root) => Some((root, "memory.events")),
        None => Some((folder("fs/cgroup/memory")?, "memory.oom_control")),
    }
}

/// From its end on: what was before is over.
fn open_log() -> Option<OwnedFd> {
    let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let log = rustix::fs::open("/dev/kmsg", flags, Mode::empty()).ok()?;
    rustix::fs::seek(&log, SeekFrom::End(0)).ok()?;
    // Opening may be permitted where reading is not.
    let mut buffer = Vec::with_capacity(8 * 1024);
    match rustix::io::read(&log, spare_capacity(&mut buffer)) {
        Ok(_) | Err(Errno::AGAIN | Errno::PIPE) => Some(log),
        Err(_) => None,
    }
}

/// A record each read; those that were overwritten meanwhile are skipped (`PIPE`).
fn read_log(log: &OwnedFd, buffer: &mut Vec<u8>, pids: &mut Vec<u32>) {
    for _ in 0..RECORDS {
        buffer.clear();
        buffer.reserve(8 * 1024);
        match rustix::io::read(log, spare_capacity(buffer)) {
            Ok(0) => return,
            Ok(_) => pids.extend(victim(buffer)),
            Err(Errno::PIPE) => {}
            Err(_) => return,
        }
    }
    rustix::fs::seek(log, SeekFrom::End(0)).ok();
}

/// The pid in `6,1234,5678,-;Out of memory: Killed process 77 (name) ...` or `Memory cgroup out of
/// memory: Killed process ...`. Programs may write to the log too; the kernel's own records are of
/// facility 0.
fn victim(record: &[u8]) -> Option<u32> {
    let split = record.iter().position(|byte| *byte == b';')?;
    let (head, text) = record.split_at(split);
    let priority = number(head.split(|byte| *byte == b',').next()?)?;
    let text = text.get(1..)?;
    let is_kernels = priority >> 3 == 0;
    let starts = [&b"Out of memory: "[..], b"Memory cgroup out of memory: "];
    if !is_kernels || !starts.iter().any(|start| text.starts_with(start)) {
        return None;
    }
    const KILLED: &[u8] = b"Killed process ";
    let at = text.windows(KILLED.len()).position(|part| part == KILLED)?;
    let rest = text.get(at + KILLED.len()..)?;
    let pid = rest.split(|byte| !byte.is_ascii_digit()).next()?;
    u32::try_from(number(pid)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use ira_model::ProcessDetails;
    use proptest::prelude::*;

    const KEY: ProcessKey = ProcessKey { pid: 77, start_ms: 5 };

    struct Groups(tempfile::TempDir, &'static str);

    impl Groups {
        /// A `/sys` of that version.
        fn new(file: &'static str) -> Self {
            let groups = Self(tempfile::tempdir().unwrap(), file);
            let root = groups.0.path().join("fs/cgroup");
            std::fs::create_dir_all(&root).unwrap();
            if file == "memory.events" {
                std::fs::write(root.join("cgroup.controllers"), "cpu memory\n").unwrap();
            }
            groups
        }

        fn path(&self, group: &str) -> std::path::PathBuf {
            let root = if self.1 == "memory.events" { "fs/cgroup" } else { "fs/cgroup/memory" };
            self.0.path().join(root).join(group)
        }

        fn set(&self, group: &str, kills: u64) {
            std::fs::create_dir_all(self.path(group)).unwrap();
            let text = format!("low 0\nmax 9\noom 9\noom_kill {kills}\noom_group_kill 0\n");
            std::fs::write(self.path(group).join(self.1), text).unwrap();
        }

        fn open(&self) -> OutOfMemory {
            let sys = Tree::open(self.0.path()).unwrap();
            OutOfMemory::open(&Tree::open(self.0.path()).unwrap(), Some(&sys))
        }
    }

    fn learnt(key: ProcessKey, group: &str) -> Learnt {
        let details =
            ProcessDetails { control_group: Some(group.into()), ..ProcessDetails::default() };
        (key, Arc::new(details))
    }

    fn told(key: ProcessKey, status: ExitStatus) -> EndedProcess {
        EndedProcess { status: Some(status), ..Left::of_key(key, 1).killed() }
    }

    #[test]
    fn the_count_of_the_group_tells() {
        for file in ["memory.events", "memory.oom_control"] {
            let groups = Groups::new(file);
            groups.set("shop.slice", 4);
            groups.set("shop.slice/api", 4);
            let mut kills = groups.open();
            let mut ended = Vec::new();
            let small = ProcessKey { pid: 78, start_ms: 6 };
            let members = [KEY, small].map(|key| learnt(key, "/shop.slice/api"));
            kills.tick(&members, &[], &mut ended);
            groups.set("shop.slice", 5);
            groups.set("shop.slice/api", 5);
            kills.tick(&[], &[Left::of_key(small, 1), Left::of_key(KEY, 9)], &mut ended);
            let [one] = ended.as_slice() else { panic!("one was killed, not {ended:?}") };
            assert_eq!((one.key, one.status, one.out_of_memory), (KEY, Some(SIGKILL), true));
            assert!(kills.groups.is_empty() && kills.group_of.is_empty(), "nothing is left");
        }
    }

    #[test]
    fn a_group_that_went_is_counted_in_the_one_above() {
        let groups = Groups::new("memory.events");
        groups.set("shop.slice", 1);
        groups.set("shop.slice/api", 1);
        let mut kills = groups.open();
        kills.tick(&[learnt(KEY, "/shop.slice/api")], &[], &mut Vec::new());
        std::fs::remove_dir_all(groups.path("shop.slice/api")).unwrap();
        groups.set("shop.slice", 2);
        let mut ended = vec![told(KEY, SIGKILL)];
        kills.tick(&[], &[Left::of_key(KEY, 1)], &mut ended);
        assert!(ended[0].out_of_memory, "{ended:?}");
    }

    #[test]
    fn who_ended_otherwise_was_not_killed() {
        let groups = Groups::new("memory.events");
        groups.set("shop.slice/api", 0);
        let mut kills = groups.open();
        kills.tick(&[learnt(KEY, "/shop.slice/api")], &[], &mut Vec::new());
        groups.set("shop.slice/api", 3);
        let mut ended = vec![told(KEY, ExitStatus::Code(1))];
        ended[0].out_of_memory = false;
        kills.tick(&[], &[Left::of_key(KEY, 1)], &mut ended);
        assert!(!ended[0].out_of_memory && ended.len() == 1, "it returned: {ended:?}");
        assert_eq!(above("/a"), "", "no group is above the first");
        let outside = learnt(KEY, "/../../etc");
        kills.tick(&[outside], &[], &mut Vec::new());
        assert!(kills.groups.is_empty(), "what is outside is left alone");
    }

    #[test]
    fn the_log_names_the_victim() {
        let of = |record: &str| victim(record.as_bytes());
        let line = "Killed process 77 (a (b); c) total-vm:9kB, anon-rss:1kB, UID:0 oom_score_adj:0";
        assert_eq!(of(&format!("3,9,5,-;Out of memory: {line}\n DEVICE=x")), Some(77));
        assert_eq!(of(&format!("3,9,5,-;Memory cgroup out of memory: {line}")), Some(77));
        assert_eq!(of(&format!("11,9,5,-;Out of memory: {line}")), None, "a program wrote that");
        assert_eq!(of(&format!("6,9,5,-;mine: Out of memory: {line}")), None);
        assert_eq!(of("6,9,5,-;Out of memory: Killed process x"), None);
    }

    proptest! {
        #[test]
        fn any_bytes_are_survived(bytes: Vec<u8>) {
            let _ = victim(&bytes);
        }
    }
}
