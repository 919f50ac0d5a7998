//! One network namespace: its connections, walked over piece by piece, and those closed in it.

use super::super::{
    sock_diag::{Carried, Closed, Family, SockDiag},
    sockets::Socket,
    source::{PidPath, Tree, read_once},
    text::{fields, number},
};
use rustix::{
    fd::OwnedFd,
    io::Errno,
    thread::{LinkNameSpaceType, move_into_link_name_space},
};
use std::{fs::File, os::fd::AsFd, thread};

/// All connections are looked at again so often, though nothing tells of a change; milliseconds.
const AGAIN_MS: u64 = 10_000;

/// See the module. It keeps the namespace alive, so it is to be dropped when nobody is in it.
#[derive(Debug)]
pub(super) struct Space {
    /// Inode of the namespace.
    pub(super) id: u64,
    /// Somebody is in it.
    pub(super) is_inhabited: bool,
    /// Counts complete walks.
    pub(super) rounds: u32,
    kernel: SockDiag,
    /// A walk over connections keeps the other one busy.
    for_listening: SockDiag,
    /// `None` where the kernel does not tell.
    closed: Option<Closed>,
    /// `sockstat` and `sockstat6` (proc_pid_net(5)).
    counts: [Option<OwnedFd>; 2],
    in_use: [Option<u64>; 2],
    due_ms: u64,
    walking: Option<Family>,
}

impl Space {
    /// The namespace this program is in.
    pub(super) fn own(id: u64, tree: &Tree) -> Result<Self, Errno> {
        let counts = ["net/sockstat", "net/sockstat6"].map(|name| tree.file(name).ok());
        Ok(Self::of(id, Opened::here()?, counts))
    }

    /// The namespace of another process, which takes `CAP_SYS_ADMIN`: a thread goes there to open
    /// the connections to the kernel, which stay what they are.
    pub(super) fn of_process(id: u64, pid: u32, tree: &Tree) -> Result<Self, Errno> {
        let door = tree.file(PidPath::new(pid, "ns/net").as_c_str())?;
        if rustix::fs::fstat(&door)?.st_ino != id {
            return Err(Errno::SRCH);
        }
        let opened = thread::Builder::new().name("netns".to_owned()).spawn(move || {
            move_into_link_name_space(door.as_fd(), Some(LinkNameSpaceType::Network))?;
            Opened::here()
        });
        let opened = opened.map_err(|_| Errno::AGAIN)?.join().unwrap_or(Err(Errno::AGAIN))?;
        let counts = ["net/sockstat", "net/sockstat6"]
            .map(|name| tree.file(PidPath::new(pid, name).as_c_str()).ok());
        Ok(Self::of(id, opened, counts))
    }

    fn of(id: u64, opened: Opened, counts: [Option<OwnedFd>; 2]) -> Self {
        let Opened { kernel, for_listening, closed } = opened;
        Self {
            id,
            is_inhabited: true,
            rounds: 0,
            kernel,
            for_listening,
            closed,
            counts,
            in_use: [None; 2],
            due_ms: 0,
            walking: None,
        }
    }

    /// Adds every listening TCP socket.
    pub(super) fn listening(
        &self,
        buffer: &mut Vec<u8>,
        sockets: &mut Vec<Socket>,
    ) -> Result<(), Errno> {
        self.for_listening.listening(buffer, sockets)
    }

    /// Whether all that was there when it was first looked at is known.
    pub(super) fn is_known(&self) -> bool {
        self.rounds > 0
    }

    /// Adds what was closed since the last call; says whether nothing was lost.
    pub(super) fn take_closed(&self, buffer: &mut Vec<u8>, found: &mut Vec<Carried>) -> bool {
        let closed = self.closed.as_ref();
        closed.is_none_or(|closed| closed.drain(buffer, |one| found.push(one)).is_ok())
    }

    /// Begins a walk, if none is under way and there may be news: sockets came or went, somebody with
    /// a connection ran, or it is time.
    pub(super) fn begin(
        &mut self,
        now_ms: u64,
        buffer: &mut Vec<u8>,
        somebody_ran: impl FnOnce() -> bool,
    ) -> Result<(), Errno> {
        let in_use = self.count(buffer);
        let is_changed = in_use != self.in_use;
        self.in_use = in_use;
        let is_empty = in_use == [Some(0); 2] || in_use == [Some(0), None];
        if self.walking.is_some()
            || !(is_changed || now_ms >= self.due_ms || (!is_empty && somebody_ran()))
        {
            return Ok(());
        }
        self.due_ms = now_ms + AGAIN_MS;
        if is_empty {
            self.rounds = self.rounds.wrapping_add(1);
            return Ok(());
        }
        self.walk(Family::Four)
    }

    fn walk(&mut self, family: Family) -> Result<(), Errno> {
        self.kernel.begin_connections(family)?;
        self.walking = Some(family);
        Ok(())
    }

    /// Adds the next connections of a walk; says whether there may be more.
    pub(super) fn go_on(
        &mut self,
        buffer: &mut Vec<u8>,
        found: &mut Vec<Carried>,
    ) -> Result<bool, Errno> {
        let Some(family) = self.walking else { return Ok(false) };
        if self.kernel.next_connections(buffer, |one| found.push(one))? {
            self.walking = None;
            if family == Family::Four && self.in_use[1].is_some_and(|count| count > 0) {
                self.walk(Family::Six)?;
            } else {
                self.rounds = self.rounds.wrapping_add(1);
            }
        }
        Ok(self.walking.is_some())
    }

    /// Number of TCP sockets of both versions.
    fn count(&self, buffer: &mut Vec<u8>) -> [Option<u64>; 2] {
        self.counts.each_ref().map(|file| {
            read_once(file.as_ref()?, buffer).ok()?;
            in_use(buffer)
        })
    }
}

/// Connections to the kernel belong to the namespace in which they are opened.
struct Opened {
    kernel: SockDiag,
    for_listening: SockDiag,
    closed: Option<Closed>,
}

impl Opened {
    fn here() -> Result<Self, Errno> {
        let (kernel, for_listening) = (SockDiag::open()?, SockDiag::open()?);
        Ok(Self { kernel, for_listening, closed: Closed::open().ok() })
    }
}

/// `TCP: inuse 1 orphan 0 …` or `TCP6: inuse 0`.
fn in_use(text: &[u8]) -> Option<u64> {
    let mut lines = text.split(|byte| *byte == b'\n');
    let line = lines.find(|line| line.starts_with(b"TCP"))?;
    number(fields(line).nth(2)?)
}

/// Inode of the network namespace of this program.
pub(super) fn own_id() -> Option<u64> {
    let door = File::open("/proc/self/ns/net").ok()?;
    Some(rustix::fs::fstat(door).ok()?.st_ino)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sockets_in_use_are_counted() {
        let four = b"sockets: used 25\nTCP: inuse 12 orphan 0 tw 0 alloc 1 mem 232\nUDP: inuse 3\n";
        assert_eq!(in_use(four), Some(12), "version 4");
        assert_eq!(in_use(b"TCP6: inuse 7\nUDP6: inuse 0\n"), Some(7), "version 6");
        assert_eq!(in_use(b"sockets: used 25\n"), None, "not told");
    }
}
