//! A made-up hierarchy of control groups of version 2: CPU times and members.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::PathBuf,
};

#[derive(Debug, Default)]
struct FakeGroup {
    usage_us: u64,
    members: BTreeSet<u32>,
}

/// Groups by their path; the root is the empty one.
#[derive(Debug)]
pub(crate) struct FakeGroups {
    folder: PathBuf,
    groups: BTreeMap<String, FakeGroup>,
    of: BTreeMap<u32, String>,
}

impl FakeGroups {
    pub(crate) fn new(folder: PathBuf) -> Self {
        fs::create_dir_all(&folder).expect("a folder can be made");
        fs::write(folder.join("cgroup.controllers"), "cpu\n").expect("a file can be written");
        let mut groups = Self { folder, groups: BTreeMap::new(), of: BTreeMap::new() };
        groups.make("");
        groups
    }

    /// A process enters the group that its `cgroup` names; it is in no other.
    pub(crate) fn enter(&mut self, pid: u32, control_groups: &str) {
        let line = control_groups.lines().find_map(|line| line.strip_prefix("0::/"));
        let path = line.unwrap_or_default().to_owned();
        for end in path.match_indices('/').map(|(at, _)| at).chain([path.len()]) {
            self.make(path.get(..end).unwrap_or_default());
        }
        self.of.insert(pid, path.clone());
        self.group(&path, |group| group.members.insert(pid));
    }

    /// A process is in no group any more, as one that has ended.
    pub(crate) fn leave(&mut self, pid: u32) {
        if let Some(path) = self.of.remove(&pid) {
            self.group(&path, |group| group.members.remove(&pid));
        }
    }

    /// A process uses CPU time, microseconds.
    pub(crate) fn charge(&mut self, pid: u32, usage_us: u64) {
        let Some(mut path) = self.of.get(&pid).cloned() else { return };
        if usage_us == 0 {
            return;
        }
        loop {
            self.group(&path, |group| group.usage_us += usage_us);
            if path.is_empty() {
                return;
            }
            path.truncate(path.rfind('/').unwrap_or(0));
        }
    }

    /// A group without members goes; what is kept open of it reads as empty.
    pub(crate) fn remove(&mut self, path: &str) {
        let path = path.trim_start_matches('/');
        let group = self.groups.remove(path).expect("this group is there");
        assert!(group.members.is_empty(), "a group with members stays");
        for name in ["cpu.stat", "cgroup.procs"] {
            fs::write(self.folder.join(path).join(name), "").expect("a file can be emptied");
        }
        fs::remove_dir_all(self.folder.join(path)).expect("a folder can be removed");
    }

    fn make(&mut self, path: &str) {
        if !self.groups.contains_key(path) {
            fs::create_dir_all(self.folder.join(path)).expect("a folder can be made");
            self.groups.insert(path.to_owned(), FakeGroup::default());
            self.group(path, |_| ());
        }
    }

    fn group<T>(&mut self, path: &str, change: impl FnOnce(&mut FakeGroup) -> T) {
        let group = self.groups.get_mut(path).expect("this group is there");
        change(group);
        let members: String = group.members.iter().map(|pid| format!("{pid}\n")).collect();
        let usage = format!("usage_usec {0}\nuser_usec {0}\nsystem_usec 0\n", group.usage_us);
        let folder = self.folder.join(path);
        fs::write(folder.join("cpu.stat"), usage).expect("a file can be written");
        fs::write(folder.join("cgroup.procs"), members).expect("a file can be written");
    }
}
