//! What listens in network namespaces of their own, as containers have: a few of them are read at a
//! time, the one longest ago first.

use super::super::{
    entry::Entry,
    sockets::{Socket, read_of_process},
    source::Tree,
    traffic::Traffic,
};
use ira_model::Protocol;

/// Namespaces known; the ports of more containers are not.
const SPACES: usize = 256;
/// Namespaces read in one go.
const AT_ONCE: usize = 8;
/// Reading the table of connections takes milliseconds, so where the kernel may not be asked that is
/// done for one namespace in so many readings.
const SLOWLY: u64 = 6;

#[derive(Debug)]
struct Space {
    id: u64,
    /// Somebody in there.
    pid: Option<u32>,
    sockets: Vec<Socket>,
    /// The reading it was last part of.
    read_at: u64,
}

/// See the module.
#[derive(Debug, Default)]
pub(super) struct PrivateSockets {
    spaces: Vec<Space>,
    reading: u64,
}

impl PrivateSockets {
    /// Adds the sockets of all such namespaces, some of them as they were.
    pub(super) fn read(
        &mut self,
        tree: &Tree,
        entries: &[Entry],
        traffic: &Traffic,
        buffer: &mut Vec<u8>,
        sockets: &mut Vec<Socket>,
    ) {
        let Some(own) = traffic.own_space() else { return };
        self.reading += 1;
        self.follow(entries, own);
        self.spaces.sort_by_key(|space| space.read_at);
        let may_be_slow = self.reading.is_multiple_of(SLOWLY);
        for space in self.spaces.iter_mut().take(AT_ONCE) {
            let Some(pid) = space.pid else { continue };
            let (mut found, mut is_slow) = (Vec::new(), false);
            if !traffic.listening(space.id, buffer, &mut found) {
                if !may_be_slow && space.read_at != 0 {
                    continue;
                }
                found.clear();
                read_of_process(tree, pid, Protocol::Tcp, buffer, &mut found);
                is_slow = true;
            }
            read_of_process(tree, pid, Protocol::Udp, buffer, &mut found);
            found.iter_mut().for_each(|socket| socket.namespace = Some(space.id));
            space.sockets = found;
            space.read_at = self.reading;
            // A program that looks once is to see them, too.
            if is_slow && self.reading > 1 {
                break;
            }
        }
        sockets.extend(self.spaces.iter().flat_map(|space| &space.sockets));
    }

    /// Finds who is where, and forgets namespaces that nobody is in.
    fn follow(&mut self, entries: &[Entry], own: u64) {
        self.spaces.iter_mut().for_each(|space| space.pid = None);
        let elsewhere = |entry: &Entry| entry.net_space.filter(|id| *id != own);
        let others = entries.iter().filter_map(|entry| Some((elsewhere(entry)?, entry)));
        for (id, entry) in others {
            let pid = Some(entry.pid);
            if let Some(space) = self.spaces.iter_mut().find(|space| space.id == id) {
                space.pid = pid;
            } else if self.spaces.len() < SPACES {
                self.spaces.push(Space { id, pid, sockets: Vec::new(), read_at: 0 });
            }
        }
        self.spaces.retain(|space| space.pid.is_some());
    }
}
