//! TCP sockets from the kernel's own answer (sock_diag(7)): the listening ones, the connections with
//! the bytes they carried, and connections as they are closed.
//!
//! `/proc/net/tcp` walks the table of all connections, 2.3 ms of one with 262,144 places even when
//! there are none; the kernel has the listening ones in a small table of their own and gives just
//! those when asked.

use super::{
    netlink::{REQUEST, array, attributes, long, message, messages, number},
    sockets::Socket,
};
use ira_model::Protocol;
use rustix::{
    fd::OwnedFd,
    io::Errno,
    net::{
        AddressFamily, RecvFlags, SendFlags, SocketFlags, SocketType, bind,
        netlink::{self, SocketAddrNetlink},
        recv, send, socket_with, sockopt,
    },
};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// `SOCK_DIAG_BY_FAMILY` of include/uapi/linux/sock_diag.h.
const BY_FAMILY: u16 = 20;
/// `NLM_F_ROOT | NLM_F_MATCH` of netlink(7): all there are.
const DUMP: u16 = 0x300;
/// `NLMSG_DONE`.
const DONE: u16 = 3;
const AF_INET: u8 = 2;
const AF_INET6: u8 = 10;
const IPPROTO_TCP: u8 = 6;
/// Sets of states (include/net/tcp_states.h): `TCP_LISTEN` alone, and those of a connection that
/// carries bytes: `ESTABLISHED`, `FIN_WAIT1`, `FIN_WAIT2`, `CLOSE_WAIT`, `LAST_ACK`, `CLOSING`.
const LISTEN: u32 = 1 << 10;
const CONNECTED: u32 = 1 << 1 | 1 << 4 | 1 << 5 | 1 << 8 | 1 << 9 | 1 << 11;
/// `INET_DIAG_INFO`, and the bit that asks for it: `struct tcp_info` of include/uapi/linux/tcp.h.
const INFO: u16 = 2;
const WITH_INFO: u8 = 1 << (INFO - 1);
/// `tcpi_bytes_acked` and `tcpi_bytes_received` in there (Linux 4.2).
const ACKED_AT: usize = 120;
const RECEIVED_AT: usize = 128;
/// The group that is told of closed sockets: `1 << (SKNLGRP_INET_TCP_DESTROY - 1)`, and version 6.
const CLOSED_GROUPS: u32 = 1 << 0 | 1 << 2;
/// Room for what is closed within a tick; the kernel counts about 1.3 KiB for each.
const ROOM: usize = 4 << 20;
/// Size of `struct inet_diag_req_v2` and of `struct inet_diag_msg`.
const QUESTION: usize = 56;
const ANSWER: usize = 72;
/// Where things are in the latter.
const LOCAL_AT: usize = 8;
const PEER_AT: usize = 24;
const COOKIE_AT: usize = 44;
const USER_AT: usize = 64;
const INODE_AT: usize = 68;
/// More answers than this are not read in one dump.
const MESSAGES: usize = 4096;

/// A TCP connection and what it carried so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Carried {
    /// The kernel's number of the socket, never given again while the machine is up.
    pub(crate) cookie: u64,
    /// 0 once no process holds it any more.
    pub(crate) inode: u64,
    /// The local port.
    pub(crate) port: u16,
    /// Both ends are on this machine.
    pub(crate) is_loopback: bool,
    pub(crate) received_bytes: u64,
    pub(crate) sent_bytes: u64,
}

/// Which version of the Internet protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Family {
    Four,
    Six,
}

/// A connection to the kernel.
#[derive(Debug)]
pub(crate) struct SockDiag {
    socket: OwnedFd,
}

impl SockDiag {
    /// Asks for the connection; kernels without the module refuse.
    pub(crate) fn open() -> Result<Self, Errno> {
        let (family, kind) = (AddressFamily::NETLINK, SocketType::DGRAM);
        let socket = socket_with(family, kind, SocketFlags::CLOEXEC, Some(netlink::SOCK_DIAG))?;
        Ok(Self { socket })
    }

    /// Adds every listening TCP socket of this program's network namespace.
    pub(crate) fn listening(
        &self,
        buffer: &mut Vec<u8>,
        sockets: &mut Vec<Socket>,
    ) -> Result<(), Errno> {
        for family in [Family::Four, Family::Six] {
            self.ask(family, LISTEN, 0)?;
            let mut take = |body: &[u8]| sockets.extend(listener(body));
            let mut pieces = 0..MESSAGES;
            while !self.piece(buffer, &mut take)? {
                pieces.next().ok_or(Errno::OVERFLOW)?;
            }
        }
        Ok(())
    }

    /// Begins a walk over the connections of this program's network namespace.
    pub(crate) fn begin_connections(&self, family: Family) -> Result<(), Errno> {
        self.ask(family, CONNECTED, WITH_INFO)
    }

    /// Takes the next of them, at most some 80; says whether those were the last. The kernel goes on
    /// only when it is asked to, so that a walk may take many ticks.
    pub(crate) fn next_connections(
        &self,
        buffer: &mut Vec<u8>,
        mut take: impl FnMut(Carried),
    ) -> Result<bool, Errno> {
        self.piece(buffer, &mut |body| {
            if let Some(carried) = carried(body) {
                take(carried);
            }
        })
    }

    fn ask(&self, family: Family, states: u32, with: u8) -> Result<(), Errno> {
        send(&self.socket, &request(family, states, with), SendFlags::empty()).map(drop)
    }

    /// One message of the kernel's; says whether it was the last.
    fn piece(&self, buffer: &mut Vec<u8>, take: &mut impl FnMut(&[u8])) -> Result<bool, Errno> {
        buffer.resize(32 * 1024, 0);
        let (_, length) = recv(&self.socket, buffer.as_mut_slice(), RecvFlags::empty())?;
        each(buffer.get(..length).unwrap_or_default(), take)
    }
}

/// Tells of TCP connections when they are closed.
#[derive(Debug)]
pub(crate) struct Closed {
    socket: OwnedFd,
}

impl Closed {
    /// Asks to be told of those of this program's network namespace.
    pub(crate) fn open() -> Result<Self, Errno> {
        let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
        let (family, kind) = (AddressFamily::NETLINK, SocketType::DGRAM);
        let socket = socket_with(family, kind, flags, Some(netlink::SOCK_DIAG))?;
        sockopt::set_socket_recv_buffer_size_force(&socket, ROOM)
            .or_else(|_| sockopt::set_socket_recv_buffer_size(&socket, ROOM))?;
        bind(&socket, &SocketAddrNetlink::new(0, CLOSED_GROUPS))?;
        Ok(Self { socket })
    }

    /// Those closed since the last call.
    ///
    /// # Errors
    /// `NOBUFS` when there were more than there was room for: those are lost.
    pub(crate) fn drain(
        &self,
        buffer: &mut Vec<u8>,
        mut take: impl FnMut(Carried),
    ) -> Result<(), Errno> {
        buffer.resize(32 * 1024, 0);
        for _ in 0..MESSAGES {
            let length = match recv(&self.socket, buffer.as_mut_slice(), RecvFlags::empty()) {
                Ok((_, length)) => length,
                Err(Errno::AGAIN) => return Ok(()),
                Err(error) => return Err(error),
            };
            each(buffer.get(..length).unwrap_or_default(), &mut |body: &[u8]| {
                if let Some(carried) = carried(body) {
                    take(carried);
                }
            })?;
        }
        Ok(())
    }
}

fn request(family: Family, states: u32, with: u8) -> Vec<u8> {
    let mut question = [0; QUESTION];
    let [asked_family, protocol, asked_with, _, asked_states @ ..] = &mut question;
    *asked_family = match family {
        Family::Four => AF_INET,
        Family::Six => AF_INET6,
    };
    (*protocol, *asked_with) = (IPPROTO_TCP, with);
    for (place, byte) in asked_states.iter_mut().zip(states.to_ne_bytes()) {
        *place = byte;
    }
    message(BY_FAMILY, REQUEST | DUMP, &question)
}

/// Shows the sockets in what the kernel sent; says whether that was the end.
fn each(bytes: &[u8], take: &mut impl FnMut(&[u8])) -> Result<bool, Errno> {
    for one in messages(bytes) {
        match one? {
            (DONE, _) => return Ok(true),
            (BY_FAMILY, body) => take(body),
            _ => {}
        }
    }
    Ok(false)
}

/// `struct inet_diag_msg`: family, state, timer, retransmissions, then the identity (from offset 4:
/// ports and addresses of both ends in network order, interface, cookie), then expiry, queues, user
/// and inode.
fn listener(body: &[u8]) -> Option<Socket> {
    let address = address(body, LOCAL_AT)?;
    let (port, inode) = (u16::from_be_bytes(array(body, 4)), u64::from(number(body, INODE_AT)));
    let (protocol, user_id) = (Protocol::Tcp, number(body, USER_AT));
    let socket = Socket { protocol, port, address, inode, user_id, namespace: None };
    (port != 0 && inode != 0).then_some(socket)
}

/// A connection, where the kernel told what it carried.
fn carried(body: &[u8]) -> Option<Carried> {
    let (own, peer) = (address(body, LOCAL_AT)?, address(body, PEER_AT)?);
    let info = attributes(body.get(ANSWER..)?).find(|(kind, _)| *kind == INFO)?.1;
    // A kernel that does not count them has a shorter answer.
    info.get(RECEIVED_AT..RECEIVED_AT + 8)?;
    Some(Carried {
        cookie: long(body, COOKIE_AT),
        inode: u64::from(number(body, INODE_AT)),
        port: u16::from_be_bytes(array(body, 4)),
        is_loopback: own == peer || is_loopback(own) || is_loopback(peer),
        received_bytes: long(info, RECEIVED_AT),
        sent_bytes: long(info, ACKED_AT),
    })
}

/// Also of version 4 within version 6.
fn is_loopback(address: IpAddr) -> bool {
    address.to_canonical().is_loopback()
}

/// An address of the identity.
fn address(body: &[u8], at: usize) -> Option<IpAddr> {
    let [family] = array(body.get(..ANSWER)?, 0);
    match family {
        AF_INET => Some(IpAddr::V4(Ipv4Addr::from(array::<4>(body, at)))),
        AF_INET6 => Some(IpAddr::V6(Ipv6Addr::from(array::<16>(body, at)))),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::{
        io::{Read as _, Write as _},
        net::TcpListener,
        time::{Duration, Instant},
    };

    proptest! {
        #[test]
        fn any_bytes_are_read_without_panic(bytes: Vec<u8>) {
            let _ = each(&bytes, &mut |body: &[u8]| {
                let _ = (listener(body), carried(body));
            });
            let _ = (listener(&bytes), carried(&bytes));
        }
    }

    #[test]
    fn a_listener_is_among_the_answers_and_a_connection_is_not() {
        let Ok(kernel) = SockDiag::open() else { return };
        let four = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = four.local_addr().unwrap();
        let client = std::net::TcpStream::connect(address).unwrap();
        let six = TcpListener::bind("[::1]:0").ok();
        let six_address = six.as_ref().and_then(|six| six.local_addr().ok());
        let mut sockets = Vec::new();
        kernel.listening(&mut Vec::new(), &mut sockets).unwrap();
        let is = |address: std::net::SocketAddr| {
            sockets.iter().any(|s| s.port == address.port() && s.address == address.ip())
        };
        assert!(is(address), "the listener is there: {sockets:?}");
        assert!(six_address.is_none_or(is), "and the one of version 6");
        assert!(!is(client.local_addr().unwrap()), "the connection is not");
    }

    #[test]
    fn a_connection_tells_what_it_carried_and_when_it_is_closed() {
        let (Ok(kernel), Ok(closed)) = (SockDiag::open(), Closed::open()) else { return };
        let server = TcpListener::bind("127.0.0.1:0").unwrap();
        let mut client = std::net::TcpStream::connect(server.local_addr().unwrap()).unwrap();
        let (mut accepted, _) = server.accept().unwrap();
        client.write_all(&[7; 5000]).unwrap();
        accepted.read_exact(&mut [0; 5000]).unwrap();
        let port = client.local_addr().unwrap().port();
        let (mut buffer, mut found) = (Vec::new(), Vec::new());
        kernel.begin_connections(Family::Four).unwrap();
        while !kernel.next_connections(&mut buffer, |one| found.push(one)).unwrap() {}
        let open = *found.iter().find(|one| one.port == port).expect("it is among them");
        assert!(open.is_loopback && open.inode != 0 && open.cookie != 0, "whose it is: {open:?}");
        assert_eq!(open.received_bytes, 0, "nothing came back");
        drop((client, accepted));
        let deadline = Instant::now() + Duration::from_secs(20);
        let mut ended = None;
        while ended.is_none() && Instant::now() < deadline {
            let mut take = |one: Carried| {
                if one.cookie == open.cookie {
                    ended = Some(one);
                }
            };
            match closed.drain(&mut buffer, &mut take) {
                Ok(()) | Err(Errno::NOBUFS) => {}
                Err(error) => panic!("{error}"),
            }
            std::thread::yield_now();
        }
        let ended = ended.expect("it was told of");
        // The kernel counts the byte that opens a connection and the one that closes it.
        assert!((5000..=5002).contains(&ended.sent_bytes), "what it carried: {ended:?}");
        assert_eq!(ended.port, port, "the same");
    }
}
