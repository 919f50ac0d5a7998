//! Listening TCP sockets from the kernel's own answer (sock_diag(7)).
//!
//! `/proc/net/tcp` walks the table of all connections, 2.3 ms of one with 262,144 places even when
//! there are none; the kernel has the listening ones in a small table of their own and gives just
//! those when asked.

use super::sockets::Socket;
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
/// `NLM_F_REQUEST | NLM_F_DUMP` of netlink(7).
const DUMP: u16 = 0x301;
/// `NLMSG_ERROR` and `NLMSG_DONE`.
const ERROR: u16 = 2;
const DONE: u16 = 3;
const AF_INET: u8 = 2;
const AF_INET6: u8 = 10;
const IPPROTO_TCP: u8 = 6;
/// A set of states with `TCP_LISTEN` (10) alone.
const LISTEN: u32 = 1 << 10;
/// Size of `struct nlmsghdr`, `struct inet_diag_req_v2`, `struct inet_diag_msg`.
const HEAD: usize = 16;
const REQUEST: usize = 56;
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
            if messages(buffer.get(..length).unwrap_or_default(), sockets)? {
                return Ok(());
            }
        }
        Err(Errno::OVERFLOW)
    }
}

fn request(family: u8) -> [u8; HEAD + REQUEST] {
    let mut message = [0; HEAD + REQUEST];
    let mut put = |at: usize, bytes: &[u8]| {
        if let Some(place) = message.get_mut(at..at + bytes.len()) {
            place.copy_from_slice(bytes);
        }
    };
    put(0, &((HEAD + REQUEST) as u32).to_ne_bytes());
    put(4, &BY_FAMILY.to_ne_bytes());
    put(6, &DUMP.to_ne_bytes());
    put(HEAD, &[family, IPPROTO_TCP]);
    put(HEAD + 4, &LISTEN.to_ne_bytes());
    message
}

/// Takes the sockets out of what the kernel sent; says whether that was the end.
fn messages(mut bytes: &[u8], sockets: &mut Vec<Socket>) -> Result<bool, Errno> {
    while let Some(head) = bytes.get(..HEAD) {
        let length = number(head, 0) as usize;
        let kind = u16::from_ne_bytes([byte(head, 4), byte(head, 5)]);
        let Some(body) = bytes.get(HEAD..length) else { return Err(Errno::BADMSG) };
        match kind {
            DONE => return Ok(true),
            ERROR => {
                let code = (number(body, 0)).cast_signed().saturating_neg();
                return Err(Errno::from_raw_os_error(code));
            }
            BY_FAMILY => sockets.extend(answer(body)),
            _ => {}
        }
        // Messages begin at multiples of four.
        bytes = bytes.get(length.next_multiple_of(4)..).unwrap_or_default();
    }
    Ok(false)
}

/// `struct inet_diag_msg`: family, state, timer, retransmissions, then the identity (ports and
/// addresses in network order from offset 4), then expiry, queues, user and inode.
fn answer(body: &[u8]) -> Option<Socket> {
    let body = body.get(..ANSWER)?;
    let port = u16::from_be_bytes([byte(body, 4), byte(body, 5)]);
    let address: [u8; 16] = body.get(8..24)?.try_into().ok()?;
    let address = match byte(body, 0) {
        AF_INET => {
            let [a, b, c, d, ..] = address;
            IpAddr::V4(Ipv4Addr::new(a, b, c, d))
        }
        AF_INET6 => IpAddr::V6(Ipv6Addr::from(address)),
        _ => return None,
    };
    let inode = u64::from(number(body, 68));
    (port != 0 && inode != 0).then_some(Socket { protocol: Protocol::Tcp, port, address, inode })
}

fn byte(bytes: &[u8], at: usize) -> u8 {
    bytes.get(at).copied().unwrap_or_default()
}

fn number(bytes: &[u8], at: usize) -> u32 {
    u32::from_ne_bytes(std::array::from_fn(|i| byte(bytes, at + i)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::net::TcpListener;

    proptest! {
        #[test]
        fn any_bytes_are_read_without_panic(bytes: Vec<u8>) {
            let _ = messages(&bytes, &mut Vec::new());
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
