//! Who is connected to a port, looked up once when it is asked (proc_net_tcp, proc(5)).
//!
//! `/proc/net/tcp` and `tcp6` tell both ends of each connection of this machine's own network
//! namespace and the socket's number; whose socket that is, `/proc/PID/fd` tells.

use super::Peer;
use crate::linux::{
    socket_links::SocketLinks,
    sockets::endpoint,
    source::Tree,
    text::{fields, hex, number},
};
use std::{
    collections::{BTreeSet, HashMap},
    fs,
    io::Read,
    net::SocketAddr,
    ops::ControlFlow,
    path::Path,
    sync::Arc,
};

/// `TCP_ESTABLISHED` of include/net/tcp_states.h.
const ESTABLISHED: u32 = 1;
/// Tables are read so far, bytes: some 100,000 connections.
const MOST_TEXT: u64 = 16 << 20;

#[derive(Debug, PartialEq, Eq)]
struct Connection {
    local: SocketAddr,
    remote: SocketAddr,
    inode: u64,
}

/// Who is connected to those ports of this machine, so many at most.
#[must_use]
pub fn peers(ports: &BTreeSet<u16>, at_most: usize) -> Vec<Peer> {
    if ports.is_empty() {
        return Vec::new();
    }
    let mut connections = Vec::new();
    for name in ["tcp", "tcp6"] {
        let mut text = Vec::new();
        if let Ok(file) = fs::File::open(format!("/proc/self/net/{name}")) {
            file.take(MOST_TEXT).read_to_end(&mut text).ok();
        }
        connections.extend(text.split(|byte| *byte == b'\n').skip(1).filter_map(parse));
    }
    among(&connections, ports, at_most)
}

fn among(connections: &[Connection], ports: &BTreeSet<u16>, at_most: usize) -> Vec<Peer> {
    let coming = connections.iter().filter(|one| ports.contains(&one.local.port()));
    let coming: Vec<&Connection> = coming.take(at_most).collect();
    // The other end of a connection within this machine is a line of its own, turned around.
    let other_ends: HashMap<(SocketAddr, SocketAddr), u64> =
        connections.iter().map(|one| ((one.local, one.remote), one.inode)).collect();
    let inodes: Vec<Option<u64>> =
        coming.iter().map(|one| other_ends.get(&(one.remote, one.local)).copied()).collect();
    let owners = owners(inodes.iter().flatten().copied().collect());
    coming
        .iter()
        .zip(inodes)
        .map(|(one, inode)| Peer {
            port: one.local.port(),
            address: one.remote,
            pid: inode.and_then(|inode| owners.get(&inode).copied()),
        })
        .collect()
}

/// The processes that hold those sockets, as far as they may be seen.
fn owners(mut wanted: BTreeSet<u64>) -> HashMap<u64, u32> {
    let mut found = HashMap::new();
    let Ok(tree) = Tree::open(Path::new("/proc")) else { return found };
    let mut links = SocketLinks::new(Arc::new(tree));
    for process in fs::read_dir("/proc").into_iter().flatten().flatten() {
        if wanted.is_empty() {
            break;
        }
        let Some(pid) = process.file_name().to_str().and_then(|name| name.parse().ok()) else {
            continue;
        };
        // One that ended meanwhile or may not be seen holds nothing that could be told.
        let _ = links.each(pid, &mut 0, |_, inode| {
            if wanted.remove(&inode) {
                found.insert(inode, pid);
            }
            if wanted.is_empty() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
    }
    found
}

/// One line: `sl local remote st tx:rx tr:when retrnsmt uid timeout inode …`.
fn parse(line: &[u8]) -> Option<Connection> {
    let mut parts = fields(line);
    let (_, local, remote) = (parts.next()?, parts.next()?, parts.next()?);
    if hex(parts.next()?)? != ESTABLISHED {
        return None;
    }
    let inode = number(parts.nth(5)?)?;
    Some(Connection { local: address(local)?, remote: address(remote)?, inode })
}

/// A connection over IPv4 to a socket of both is the same as one of IPv4.
fn address(field: &[u8]) -> Option<SocketAddr> {
    let (address, port) = endpoint(field)?;
    Some(SocketAddr::new(address.to_canonical(), port))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::{TcpListener, TcpStream};

    #[test]
    fn lines_are_read_and_others_left() {
        let line = "   0: 0100007F:1F90 0100007F:C350 01 00000000:00000000 00:00000000 00000000 \
                    1000        0 4242 1 0000000000000000 20 4 30 10 -1";
        let read = parse(line.as_bytes()).unwrap();
        assert_eq!(read.local, "127.0.0.1:8080".parse().unwrap());
        assert_eq!(read.remote, "127.0.0.1:50000".parse().unwrap());
        assert_eq!(read.inode, 4242);
        let mapped = "0000000000000000FFFF00000100007F:1F90";
        assert_eq!(
            address(mapped.as_bytes()),
            Some("127.0.0.1:8080".parse().unwrap()),
            "IPv4 in IPv6"
        );
        for odd in ["", "x", "0: 0100007F 01", "0: 01:1 02:2 01 a b c d e f", "é: é:é é:é 01"]
        {
            assert_eq!(parse(odd.as_bytes()), None, "{odd:?}");
        }
        assert_eq!(
            parse(line.replace(" 01 ", " 0A ").as_bytes()),
            None,
            "a listener is no connection"
        );
    }

    #[test]
    fn a_connection_of_ours_is_found_with_its_process() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let client = TcpStream::connect(("127.0.0.1", port)).unwrap();
        let _server = listener.accept().unwrap();
        let found = peers(&BTreeSet::from([port]), 10);
        let expected =
            Peer { port, address: client.local_addr().unwrap(), pid: Some(std::process::id()) };
        assert_eq!(found, [expected]);
        assert!(peers(&BTreeSet::from([port]), 0).is_empty(), "bounded");
        assert!(peers(&BTreeSet::new(), 10).is_empty());
    }

    proptest::proptest! {
        #[test]
        fn any_line_is_survived(bytes: Vec<u8>, words in "([0-9A-F:]{0,40} ?){0,14}") {
            let _ = (parse(&bytes), parse(words.as_bytes()));
        }
    }
}
