//! Control groups for the load, as a service manager makes them.
//!
//! A folder in a hierarchy with CPU times is a group; a pid written to its `cgroup.procs` moves that
//! process (Documentation/admin-guide/cgroup-v2.rst, cgroup-v1/cgroups.rst).

use anyhow::{Context, Result};
use std::{
    fs,
    path::{Path, PathBuf},
};

/// Processes in one group: a small service or a desktop program with its helpers.
const MEMBERS: usize = 10;

/// Whose groups they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Of {
    Services,
    /// Of one process each, called as Docker calls them where it manages groups itself.
    Containers,
}

impl Of {
    fn folder(self) -> &'static str {
        match self {
            Self::Services => "ira-bench.slice",
            Self::Containers => "docker",
        }
    }

    fn name(self, kind: &str, number: usize) -> String {
        match self {
            Self::Services => format!("{kind}-{}.service", number / MEMBERS),
            Self::Containers => {
                format!(
                    "{:0>64}",
                    format!("{}{number:03x}", if kind == "works" { "a" } else { "b" })
                )
            }
        }
    }
}

/// A folder of groups, removed with this value once all members have ended.
pub(super) struct Groups {
    of: Of,
    folder: PathBuf,
    made: Vec<PathBuf>,
}

impl Groups {
    /// In version 2 or in `cpuacct` of version 1, whichever has CPU times here; `None` where no
    /// group may be made.
    pub(super) fn make(of: Of) -> Option<Self> {
        let roots = ["/sys/fs/cgroup", "/sys/fs/cgroup/cpuacct"].map(Path::new);
        let has_times = |root: &&Path| {
            root.join("cgroup.controllers").exists() || root.join("cpuacct.usage").exists()
        };
        let folder = roots.into_iter().find(has_times)?.join(of.folder());
        fs::create_dir(&folder).ok()?;
        Some(Self { of, folder, made: Vec::new() })
    }

    /// Moves the next process of a kind; those of one kind share groups.
    pub(super) fn add(&mut self, pid: u32, kind: &str, number: usize) -> Result<()> {
        let group = self.folder.join(self.of.name(kind, number));
        if !self.made.contains(&group) {
            fs::create_dir(&group).with_context(|| group.display().to_string())?;
            self.made.push(group.clone());
        }
        let members = group.join("cgroup.procs");
        fs::write(&members, pid.to_string()).with_context(|| members.display().to_string())
    }
}

impl Drop for Groups {
    fn drop(&mut self) {
        for folder in self.made.iter().chain([&self.folder]) {
            fs::remove_dir(folder).ok();
        }
    }
}
