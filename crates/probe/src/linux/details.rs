//! What is learnt of a process once: command line, program, folder, control group, user.

use super::{
    cgroup, command,
    entry::{Entry, Wanted},
    limits::Refusals,
    source::{Tree, is_denied, open_below, read_once, read_whole},
    text::{fields, number},
    traffic::net_space,
};
use ira_model::ProcessDetails;
use rustix::{
    fd::OwnedFd,
    fs::{AtFlags, Mode, OFlags},
    io::{Errno, pread},
};
use std::{
    hash::{DefaultHasher, Hash, Hasher},
    sync::Arc,
};

/// Command lines are read so far and no further, bytes.
const COMMAND_BYTES: usize = 4096;

/// Reads details, with buffers that are used again.
#[derive(Debug)]
pub(crate) struct DetailsReader {
    tree: Arc<Tree>,
    /// In a real `/proc` the owner of `/proc/PID` is the effective user, at a sixth of the cost of
    /// reading `status`; in a tree of files it is whoever made the files.
    owner_is_user: bool,
    command: Vec<u8>,
    group: Vec<u8>,
    link: Vec<u8>,
}

impl DetailsReader {
    pub(crate) fn new(tree: Arc<Tree>) -> Self {
        let owner_is_user = rustix::fs::fstatfs(tree.folder())
            .is_ok_and(|system| system.f_type == rustix::fs::PROC_SUPER_MAGIC);
        Self {
            tree,
            owner_is_user,
            command: vec![0; COMMAND_BYTES],
            group: Vec::with_capacity(1024),
            link: Vec::with_capacity(4096),
        }
    }

    /// What the process wanted to be known; `None` when a look found nothing new. One that ended in
    /// between is known by what `stat` told.
    pub(crate) fn learn(
        &mut self,
        entry: &mut Entry,
        refusals: &mut Refusals,
    ) -> Option<ProcessDetails> {
        let mut details = ProcessDetails {
            process_group: entry.process_group,
            session: entry.session,
            has_terminal: entry.has_terminal,
            is_kernel_thread: entry.is_kernel_thread,
            ..ProcessDetails::default()
        };
        if entry.is_kernel_thread {
            details.name = command::name(&entry.comm, &[]);
            details.user_id = Some(0);
            return (entry.wanted == Wanted::Details).then_some(details);
        }
        let folder = self.folder(entry.pid);
        let mut arguments = Vec::new();
        let mut looks = entry.looks;
        if let Ok(folder) = &folder {
            let command_bytes = self.read_command(folder);
            let command = self.command.get(..command_bytes).unwrap_or_default();
            self.group.clear();
            match open_below(folder, c"cgroup").and_then(|f| read_whole(f, &mut self.group)) {
                Err(Errno::NOENT) => refusals.control_group_unsupported = true,
                Err(error) => details.denied |= is_denied(error),
                Ok(()) => details.control_group = cgroup::most_specific(&self.group),
            }
            let mut hasher = DefaultHasher::new();
            (command, &details.control_group).hash(&mut hasher);
            // The user is read last, so that `link` may be used for it.
            details.user_id = user(folder, self.owner_is_user, &mut self.link);
            details.user_id.hash(&mut hasher);
            entry.user_id = details.user_id;
            looks = hasher.finish();
            arguments = command::arguments(command);
        }
        if entry.wanted == Wanted::Look {
            // A process that is ending has lost its command line already.
            let ending = arguments.is_empty();
            if ending || looks == entry.looks {
                return None;
            }
        }
        entry.looks = looks;
        if let Ok(folder) = &folder {
            entry.net_space = net_space(folder, c"ns/net", &mut self.link);
            for (place, name) in
                [(&mut details.executable, c"exe"), (&mut details.working_directory, c"cwd")]
            {
                match link(folder, name, &mut self.link) {
                    Ok(path) => *place = Some(path),
                    Err(error) if is_denied(error) => {
                        details.denied = true;
                        refusals.executable_denied = true;
                    }
                    Err(_) => {}
                }
            }
        }
        details.name = command::name(&entry.comm, &arguments);
        details.arguments = arguments;
        Some(details)
    }

    /// Everything is read through one descriptor, so that it is all of one process.
    fn folder(&self, pid: u32) -> Result<OwnedFd, Errno> {
        let path = super::source::PidPath::new(pid, "");
        let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
        rustix::fs::openat(self.tree.folder(), path.as_c_str(), flags, Mode::empty())
    }

    fn read_command(&mut self, folder: &OwnedFd) -> usize {
        open_below(folder, c"cmdline")
            .and_then(|file| pread(file, self.command.as_mut_slice(), 0))
            .unwrap_or(0)
    }
}

/// Effective user.
fn user(folder: &OwnedFd, owner_is_user: bool, buffer: &mut Vec<u8>) -> Option<u32> {
    if owner_is_user {
        let stat = rustix::fs::statat(folder, c"", AtFlags::EMPTY_PATH).ok()?;
        return Some(stat.st_uid);
    }
    read_once(open_below(folder, c"status").ok()?, buffer).ok()?;
    effective_user(buffer)
}

/// The second number of the line `Uid:` of `/proc/PID/status` (proc_pid_status(5)).
fn effective_user(status: &[u8]) -> Option<u32> {
    let ids = status.split(|byte| *byte == b'\n').find_map(|line| line.strip_prefix(b"Uid:"))?;
    number(fields(ids).nth(1)?).and_then(|id| u32::try_from(id).ok())
}

/// Where a link of a process points; the kernel adds ` (deleted)` once the file is gone.
fn link(folder: &OwnedFd, name: &std::ffi::CStr, buffer: &mut Vec<u8>) -> Result<String, Errno> {
    buffer.clear();
    buffer.reserve(4096);
    rustix::fs::readlinkat_raw(folder, name, rustix::buffer::spare_capacity(buffer))?;
    let path = buffer.strip_suffix(b" (deleted)").unwrap_or(buffer);
    Ok(String::from_utf8_lossy(path).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_effective_user_is_the_second() {
        let status = b"Name:\tx\nUid:\t1000\t33\t0\t0\nGid:\t1\t2\t3\t4\n";
        assert_eq!(effective_user(status), Some(33), "real, effective, saved, file system");
        assert_eq!(effective_user(b"Uid:\t1000\n"), None, "a cut line tells nothing");
    }

    proptest! {
        #[test]
        fn any_bytes_are_survived(bytes: Vec<u8>) {
            let _ = effective_user(&bytes);
        }
    }
}
