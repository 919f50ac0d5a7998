//! Listening TCP sockets from the kernel's own answer (sock_diag(7)).
//!
//! `/proc/net/tcp` walks the table of all connections, 2.3 ms of one with 262,144 places even when
//! there are none; the kernel has the listening ones in a small table of their own and gives just
//! those when asked.

use super::{
    netlink::{REQUEST, array, message, messages, number},
    sockets::Socket,
};
use ira_model::Protocol;
use rustix::{
    fd::OwnedFd,
    io::Errno,
    net::{
        AddressFamily, RecvFlags, SendFlags, SocketFlags, SocketType, netlink, recv, send,
        socket_with,
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
/// A set of states with `TCP_LISTEN` (10) alone.
const LISTEN: u32 = 1 << 10;
/// Size of `struct inet_diag_req_v2` and of `struct inet_diag_msg`.
const QUESTION: usize = 56;
const ANSWER: usize = 72;
/// More answers than this are not read in one dump.
const MESSAGES: usize = 4096;

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
        for family in [AF_INET, AF_INET6] {
            send(&self.socket, &request(family), SendFlags::empty())?;
            self.answers(buffer, sockets)?;
        }
        Ok(())
    }

    fn answers(&self, buffer: &mut Vec<u8>, sockets: &mut Vec<Socket>) -> Result<(), Errno> {
        buffer.resize(32 * 1024, 0);
        for _ in 0..MESSAGES {
            let (_, length) = recv(&self.socket, buffer.as_mut_slice(), RecvFlags::empty())?;
            if take(buffer.get(..length).unwrap_or_default(), sockets)? {
                return Ok(());
            }
        }
        Err(Errno::OVERFLOW)
    }
}

fn request(family: u8) -> Vec<u8> {
    let mut question = [0; QUESTION];
    let [asked_family, protocol, _, _, states @ ..] = &mut question;
    (*asked_family, *protocol) = (family, IPPROTO_TCP);
    for (place, byte) in states.iter_mut().zip(LISTEN.to_ne_bytes()) {
        *place = byte;
    }
    message(BY_FAMILY, REQUEST | DUMP, &question)
}

/// Takes the sockets out of what the kernel sent; says whether that was the end.
fn take(bytes: &[u8], sockets: &mut Vec<Socket>) -> Result<bool, Errno> {
    for one in messages(bytes) {
        match one? {
            (DONE, _) => return Ok(true),
            (BY_FAMILY, body) => sockets.extend(answer(body)),
            _ => {}
        }
    }
    Ok(false)
}

/// `struct inet_diag_msg`: family, state, timer, retransmissions, then the identity (ports and
/// addresses in network order from offset 4), then expiry, queues, user and inode.
fn answer(body: &[u8]) -> Option<Socket> {
    let body = body.get(..ANSWER)?;
    let port = u16::from_be_bytes(array(body, 4));
    let [family] = array(body, 0);
    let address = match family {
        AF_INET => IpAddr::V4(Ipv4Addr::from(array::<4>(body, 8))),
        AF_INET6 => IpAddr::V6(Ipv6Addr::from(array::<16>(body, 8))),
        _ => return None,
    };
    let inode = u64::from(number(body, 68));
    (port != 0 && inode != 0).then_some(Socket { protocol: Protocol::Tcp, port, address, inode })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::net::TcpListener;

    proptest! {
        #[test]
        fn any_bytes_are_read_without_panic(bytes: Vec<u8>) {
            let _ = take(&bytes, &mut Vec::new());
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
}
