//! `/proc/net/{tcp,tcp6,udp,udp6}`: who listens in one network namespace (proc_pid_net(5)).

use super::{
    sock_diag::SockDiag,
    source::{PidPath, Source, Tree},
    text::{fields, hex, number},
};
use ira_model::Protocol;
use rustix::{
    buffer::spare_capacity,
    io::{Errno, pread},
};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// `TCP_LISTEN` of include/net/tcp_states.h.
const LISTEN: u32 = 0x0A;

/// A listening socket, by its inode.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Socket {
    pub(crate) protocol: Protocol,
    pub(crate) port: u16,
    pub(crate) address: IpAddr,
    pub(crate) inode: u64,
    /// Whose it is: the user of who made it.
    pub(crate) user_id: u32,
    /// The number of its network namespace where that is not this program's.
    pub(crate) namespace: Option<u64>,
}

/// The four tables of the network namespace this program is in.
#[derive(Debug)]
pub(crate) struct SocketTables {
    tables: [(Protocol, Source); 4],
    /// Answers for TCP at a fraction of the cost, where `/proc` is the kernel's own and it can.
    kernel: Option<SockDiag>,
}

impl SocketTables {
    /// The namespace this program is in.
    pub(crate) fn of_this_program(is_own_kernel: bool) -> Self {
        let table = |protocol, name| (protocol, Source::new(name));
        Self {
            tables: [
                table(Protocol::Tcp, "net/tcp"),
                table(Protocol::Tcp, "net/tcp6"),
                table(Protocol::Udp, "net/udp"),
                table(Protocol::Udp, "net/udp6"),
            ],
            kernel: if is_own_kernel { SockDiag::open().ok() } else { None },
        }
    }

    /// Every listening socket; a table that the kernel does not have is empty.
    pub(crate) fn read(&mut self, proc: &Tree, buffer: &mut Vec<u8>, sockets: &mut Vec<Socket>) {
        sockets.clear();
        let told = self.kernel.as_ref().is_some_and(|kernel| {
            let told = kernel.listening(buffer, sockets).is_ok();
            if !told {
                sockets.clear();
            }
            told
        });
        if !told {
            self.kernel = None;
        }
        for (protocol, source) in &mut self.tables {
            let protocol = *protocol;
            if told && protocol == Protocol::Tcp {
                continue;
            }
            let read = |file: &rustix::fd::OwnedFd, buffer: &mut Vec<u8>| {
                read_listening(file, buffer, protocol, sockets)
            };
            source.visit(proc, buffer, read);
        }
    }
}

/// Adds what listens in the network namespace of a process, by one protocol.
pub(crate) fn read_of_process(
    proc: &Tree,
    pid: u32,
    protocol: Protocol,
    buffer: &mut Vec<u8>,
    sockets: &mut Vec<Socket>,
) {
    let names = match protocol {
        Protocol::Tcp => ["net/tcp", "net/tcp6"],
        Protocol::Udp => ["net/udp", "net/udp6"],
    };
    for name in names {
        // It may have ended, or not have that version.
        if let Ok(file) = proc.file(PidPath::new(pid, name).as_c_str()) {
            let _ = read_listening(&file, buffer, protocol, sockets);
        }
    }
}

/// Reads a table piece by piece. The kernel lists listening TCP sockets before the others, so that
/// a piece without any ends the reading: a server with 100,000 connections costs no more than one
/// without.
fn read_listening(
    file: &rustix::fd::OwnedFd,
    buffer: &mut Vec<u8>,
    protocol: Protocol,
    sockets: &mut Vec<Socket>,
) -> Result<(), Errno> {
    let mut offset = 0;
    buffer.clear();
    loop {
        buffer.reserve(16 * 1024);
        let got = pread(file, spare_capacity(buffer), offset)?;
        offset += got as u64;
        let end = buffer.iter().rposition(|byte| *byte == b'\n').map_or(0, |last| last + 1);
        let before = sockets.len();
        let piece = buffer.get(..end).unwrap_or_default();
        parse(piece, protocol, sockets);
        // The head is no socket. A short read is no end: the kernel gives a page at a time.
        let head = usize::from(offset == got as u64);
        let others = piece.iter().filter(|byte| **byte == b'\n').count() > head;
        if got == 0 || (protocol == Protocol::Tcp && sockets.len() == before && others) {
            return Ok(());
        }
        buffer.drain(..end);
    }
}

/// Adds the listening sockets of a text. Fields: 1 local address, 2 remote address, 3 state,
/// 7 user, 9 inode. Lines of another form, like the head, are passed over.
pub(crate) fn parse(bytes: &[u8], protocol: Protocol, sockets: &mut Vec<Socket>) {
    let lines = bytes.split(|byte| *byte == b'\n');
    sockets.extend(lines.filter_map(|line| parse_line(line, protocol)));
}

fn parse_line(line: &[u8], protocol: Protocol) -> Option<Socket> {
    let mut parts = fields(line);
    let (address, port) = endpoint(parts.nth(1)?)?;
    let (_, remote_port) = endpoint(parts.next()?)?;
    let state = hex(parts.next()?)?;
    let user_id = number(parts.nth(3)?)?.try_into().ok()?;
    let inode = number(parts.nth(1)?)?;
    let listens = match protocol {
        Protocol::Tcp => state == LISTEN,
        Protocol::Udp => remote_port == 0,
    };
    // Inode 0 is a socket that nobody holds any more.
    let socket = Socket { protocol, port, address, inode, user_id, namespace: None };
    (listens && port != 0 && inode != 0).then_some(socket)
}

/// `0100007F:1F90`, or 32 digits before the colon. The address is four-byte words as the processor
/// holds them, so 127.0.0.1 looks turned around on most machines.
pub(crate) fn endpoint(field: &[u8]) -> Option<(IpAddr, u16)> {
    let colon = field.iter().position(|byte| *byte == b':')?;
    let digits = field.get(..colon)?;
    let port = u16::try_from(hex(field.get(colon + 1..)?)?).ok()?;
    let address = match digits.len() {
        8 => IpAddr::V4(Ipv4Addr::from(hex(digits)?.to_ne_bytes())),
        32 => {
            let mut bytes = [0; 16];
            for (place, word) in bytes.chunks_exact_mut(4).zip(digits.chunks_exact(8)) {
                place.copy_from_slice(&hex(word)?.to_ne_bytes());
            }
            IpAddr::V6(Ipv6Addr::from(bytes))
        }
        _ => return None,
    };
    Some((address, port))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const HEAD: &str = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when\n";

    fn line(local: &str, remote: &str, state: &str, inode: u64) -> String {
        format!(
            "   0: {local} {remote} {state} 00000000:00000000 00:00000000 00000000     0        0 \
             {inode} 1 00000000474184f9 100 0 0 10 0\n"
        )
    }

    fn read(text: &str, protocol: Protocol) -> Vec<(String, u16, u64)> {
        let mut sockets = Vec::new();
        parse(format!("{HEAD}{text}").as_bytes(), protocol, &mut sockets);
        sockets.iter().map(|s| (s.address.to_string(), s.port, s.inode)).collect()
    }

    #[test]
    fn only_listening_sockets_count() {
        let tcp = line("0100007F:1F90", "00000000:0000", "0A", 7)
            + &line("0100007F:1F90", "0100007F:A000", "01", 8)
            + &line("00000000:0016", "00000000:0000", "0A", 0);
        assert_eq!(read(&tcp, Protocol::Tcp), [("127.0.0.1".into(), 8080, 7)], "state 0A");
        let udp = line("00000000:0035", "00000000:0000", "07", 9)
            + &line("0100007F:0035", "0100007F:0001", "01", 10);
        assert_eq!(read(&udp, Protocol::Udp), [("0.0.0.0".into(), 53, 9)], "no peer");
    }

    #[test]
    fn long_addresses_are_read() {
        let any = "0".repeat(32);
        let tcp = line("00000000000000000000000001000000:0050", &format!("{any}:0000"), "0A", 1)
            + &line("0000000000000000FFFF00000100007F:0051", &format!("{any}:0000"), "0A", 2);
        let expected = [("::1".into(), 80, 1), ("::ffff:127.0.0.1".into(), 81, 2)];
        assert_eq!(read(&tcp, Protocol::Tcp), expected, "loopback, and version 4 within 6");
    }

    #[test]
    fn a_long_table_is_read_to_its_last_listener() {
        let mut file = tempfile::tempfile().unwrap();
        let mut text = HEAD.to_owned();
        (0..2000).for_each(|i| text += &line("0100007F:1F90", "00000000:0000", "0A", i + 1));
        (0..2000).for_each(|i| text += &line("0100007F:1F90", "0100007F:A000", "01", i + 1));
        std::io::Write::write_all(&mut file, text.as_bytes()).unwrap();
        let mut sockets = Vec::new();
        read_listening(&file.into(), &mut Vec::new(), Protocol::Tcp, &mut sockets).unwrap();
        let inodes: Vec<u64> = sockets.iter().map(|socket| socket.inode).collect();
        assert_eq!(inodes, (1..=2000).collect::<Vec<_>>(), "each once, over many reads");
    }

    proptest! {
        #[test]
        fn any_bytes_are_survived(bytes: Vec<u8>) {
            parse(&bytes, Protocol::Tcp, &mut Vec::new());
            let _ = endpoint(&bytes);
        }

        #[test]
        fn a_written_line_reads_back(address: [u8; 4], port in 1_u16.., inode in 1_u64..) {
            let word = u32::from_ne_bytes(address);
            let text = line(&format!("{word:08X}:{port:04X}"), "00000000:0000", "0A", inode);
            let expected = (Ipv4Addr::from(address).to_string(), port, inode);
            prop_assert_eq!(read(&text, Protocol::Tcp), [expected]);
        }
    }
}
