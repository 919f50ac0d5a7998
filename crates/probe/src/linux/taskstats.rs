//! What the kernel says of each task when it ends.
//!
//! Documentation/accounting/taskstats.rst and include/uapi/linux/taskstats.h. A record comes for each
//! thread; the last one of a process is marked since version 12 of the record (Linux 5.19), and in a
//! process of several threads another record beside it has the sums of all. It is sent before the
//! process can be waited for, so that one which is not listed any more has been told of.

use super::{
    netlink::{
        ACK, REQUEST, array, attributes, is_acknowledgement, long, message, messages, number,
        put_attribute, short,
    },
    source::Tree,
};
use ira_model::ExitStatus;
use rustix::{
    fd::OwnedFd,
    io::Errno,
    net::{
        AddressFamily, RecvFlags, SendFlags, SocketFlags, SocketType, netlink, recv, send,
        socket_with, sockopt,
    },
};
use std::mem;

/// The controller of generic netlink: its message type, `CTRL_CMD_GETFAMILY`,
/// `CTRL_ATTR_FAMILY_ID`, `CTRL_ATTR_FAMILY_NAME` (include/uapi/linux/genetlink.h).
const CONTROLLER: u16 = 0x10;
const GET_FAMILY: u8 = 3;
const FAMILY_ID: u16 = 1;
const FAMILY_NAME: u16 = 2;
/// `TASKSTATS_CMD_GET`, `TASKSTATS_CMD_ATTR_REGISTER_CPUMASK`.
const GET: u8 = 1;
const REGISTER_CPU_MASK: u16 = 3;
/// `TASKSTATS_TYPE_*`.
const STATS: u16 = 3;
const OF_THREAD: u16 = 4;
const OF_PROCESS: u16 = 5;
/// Size of `struct genlmsghdr`.
const GENERIC_HEAD: usize = 4;
/// The record tells since this version whether its task was the last of its process.
const VERSION: u16 = 12;
/// `AGROUP` of include/uapi/linux/acct.h.
const LAST_OF_PROCESS: u8 = 0x20;
/// Room for what comes within a tick; the kernel counts about 2 KiB for each.
const ROOM: usize = 16 << 20;
/// More messages are not taken in one go.
const MESSAGES: usize = 100_000;

/// A thread that ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TaskEnd {
    pub(crate) process: u32,
    pub(crate) parent: u32,
    pub(crate) user_id: u32,
    pub(crate) comm: Vec<u8>,
    /// Only the first thread of a process has it.
    pub(crate) status: Option<ExitStatus>,
    /// With this thread the whole process ended.
    pub(crate) is_last: bool,
    /// How long the process lived, without times of suspend, milliseconds.
    pub(crate) lived_ms: u64,
    /// CPU time of the thread, or of all threads that the process ever had, nanoseconds.
    pub(crate) cpu_ns: u64,
    /// How that was divided, by the count of clock ticks: microseconds.
    pub(crate) user_us: u64,
    pub(crate) system_us: u64,
}

/// A connection on which the records come.
#[derive(Debug)]
pub(crate) struct Taskstats {
    socket: OwnedFd,
    buffer: Vec<u8>,
    ends: Vec<TaskEnd>,
}

impl Taskstats {
    /// Asks for the records of all processors. Needs `CAP_NET_ADMIN` on the machine itself, outside
    /// of user and pid namespaces (`PERM`, `INVAL`), and Linux 5.19 (`NOSYS`).
    pub(crate) fn open(sys: Option<&Tree>) -> Result<Self, Errno> {
        let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
        let kind = SocketType::RAW;
        let socket = socket_with(AddressFamily::NETLINK, kind, flags, Some(netlink::GENERIC))?;
        sockopt::set_socket_recv_buffer_size_force(&socket, ROOM)
            .or_else(|_| sockopt::set_socket_recv_buffer_size(&socket, ROOM))?;
        let buffer = vec![0; 16 * 1024];
        let mut kernel = Self { socket, buffer, ends: Vec::new() };

        let mut body = vec![GET_FAMILY, 1, 0, 0];
        put_attribute(&mut body, FAMILY_NAME, b"TASKSTATS\0");
        let mut family = None;
        kernel.ask(&message(CONTROLLER, REQUEST | ACK, &body), |kind, body| {
            let mut ids = attributes(body.get(GENERIC_HEAD..).unwrap_or_default());
            let id = ids.find(|(kind, _)| *kind == FAMILY_ID);
            if let Some((_, id)) = id.filter(|_| kind == CONTROLLER) {
                family = Some(short(id, 0));
            }
        })?;
        let family = family.ok_or(Errno::NOSYS)?;

        let processors = sys.and_then(|sys| sys.text("devices/system/cpu/possible"));
        let mut mask = processors.ok_or(Errno::NOSYS)?.into_bytes();
        mask.push(0);
        let mut body = vec![GET, 1, 0, 0];
        put_attribute(&mut body, REGISTER_CPU_MASK, &mask);
        kernel.ask(&message(family, REQUEST | ACK, &body), |_, _| {})?;
        Ok(kernel)
    }

    /// Sends a request and looks at what comes up to its acknowledgement, which the kernel has
    /// written by the time the request is sent.
    fn ask(&mut self, request: &[u8], mut look: impl FnMut(u16, &[u8])) -> Result<(), Errno> {
        send(&self.socket, request, SendFlags::empty())?;
        for _ in 0..MESSAGES {
            let (_, length) = recv(&self.socket, self.buffer.as_mut_slice(), RecvFlags::empty())?;
            for one in messages(self.buffer.get(..length).unwrap_or_default()) {
                let (kind, body) = one?;
                if is_acknowledgement(kind) {
                    return Ok(());
                }
                look(kind, body);
            }
        }
        Err(Errno::OVERFLOW)
    }

    /// Receives the threads that ended since the last call, in the order they did.
    ///
    /// # Errors
    /// `NOBUFS` when more ended than there was room for: some are lost, the rest was received. `NOSYS`
    /// when the records are of a version that does not tell enough.
    pub(crate) fn receive(&mut self) -> Result<(), Errno> {
        let mut outcome = Ok(());
        for _ in 0..MESSAGES {
            let (_, length) =
                match recv(&self.socket, self.buffer.as_mut_slice(), RecvFlags::empty()) {
                    Ok(received) => received,
                    Err(Errno::AGAIN) => break,
                    Err(Errno::NOBUFS) => {
                        outcome = Err(Errno::NOBUFS);
                        continue;
                    }
                    Err(error) => return Err(error),
                };
            for one in messages(self.buffer.get(..length).unwrap_or_default()) {
                let (_, body) = one?;
                self.ends.extend(task_end(body.get(GENERIC_HEAD..).unwrap_or_default())?);
            }
        }
        outcome
    }

    /// What was received and not taken.
    pub(crate) fn received(&self) -> &[TaskEnd] {
        &self.ends
    }

    /// Takes what was received.
    pub(crate) fn take(&mut self) -> Vec<TaskEnd> {
        mem::take(&mut self.ends)
    }

    /// Uses this room again.
    pub(crate) fn give_back(&mut self, mut ends: Vec<TaskEnd>) {
        ends.clear();
        self.ends = ends;
    }
}

/// One record of a thread, and that of its process where it was the last of several.
fn task_end(body: &[u8]) -> Result<Option<TaskEnd>, Errno> {
    let (mut thread, mut process) = (None, None);
    for (kind, value) in attributes(body) {
        let record = attributes(value).find(|(kind, _)| *kind == STATS).map(|(_, value)| value);
        match kind {
            OF_THREAD => thread = record,
            OF_PROCESS => process = record,
            _ => {}
        }
    }
    let Some(record) = thread else { return Ok(None) };
    if short(record, 0) < VERSION {
        return Err(Errno::NOSYS);
    }
    let process_id = number(record, 368);
    let is_first = number(record, 128) == process_id;
    let comm: [u8; 32] = array(record, 80);
    let comm = comm.split(|byte| *byte == 0).next().unwrap_or_default().to_vec();
    Ok(Some(TaskEnd {
        process: process_id,
        parent: number(record, 132),
        user_id: number(record, 120),
        comm,
        status: is_first.then(|| ExitStatus::from_wait(number(record, 4))),
        is_last: array::<1>(record, 8)[0] & LAST_OF_PROCESS != 0,
        lived_ms: long(record, 376) / 1000,
        cpu_ns: long(process.unwrap_or(record), 72),
        user_us: long(record, 152),
        system_us: long(record, 160),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn any_bytes_are_survived(bytes: Vec<u8>) {
            let _ = task_end(&bytes);
        }
    }

    #[test]
    fn an_older_record_does_not_tell_enough() {
        let mut record = Vec::new();
        put_attribute(&mut record, STATS, &11_u16.to_ne_bytes());
        let mut body = Vec::new();
        put_attribute(&mut body, OF_THREAD, &record);
        assert_eq!(task_end(&body), Err(Errno::NOSYS), "a thread looks like a process there");
        assert_eq!(task_end(&[]), Ok(None), "nothing is nothing");
    }

    #[test]
    fn a_program_that_fails_is_told_of() {
        let sys = Tree::open("/sys".as_ref()).unwrap();
        // Only the administrator gets so far.
        let Ok(mut kernel) = Taskstats::open(Some(&sys)) else { return };
        let mut child = std::process::Command::new("sh").args(["-c", "exit 7"]).spawn().unwrap();
        let pid = child.id();
        child.wait().unwrap();
        kernel.receive().unwrap();
        let end = kernel
            .received()
            .iter()
            .find(|end| end.process == pid)
            .expect("it was told before wait(2)");
        assert!(end.is_last && end.status == Some(ExitStatus::Code(7)), "how it ended: {end:?}");
        assert_eq!((end.parent, end.comm.as_slice()), (std::process::id(), b"sh".as_slice()));
        assert!(end.cpu_ns < 1_000_000_000, "no more than it lived: {end:?}");
    }
}
