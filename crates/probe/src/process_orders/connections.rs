//! Who is connected to a port, looked up once when it is asked (proc_net_tcp, proc(5)).
//!
//! `/proc/net/tcp` and `tcp6` tell both ends of each connection of this machine's own network
//! namespace and the socket's number; whose socket that is, `/proc/PID/fd` tells.

use super::Peer;
use std::{
    collections::{BTreeSet, HashMap},
    fs,
    io::Read,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
};

/// `TCP_ESTABLISHED` of include/net/tcp_states.h.
const ESTABLISHED: u8 = 1;
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
        let mut text = String::new();
        if let Ok(file) = fs::File::open(format!("/proc/self/net/{name}")) {
            file.take(MOST_TEXT).read_to_string(&mut text).ok();
        }
        connections.extend(text.lines().skip(1).filter_map(parse));
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
    let owners = owners(&inodes.iter().flatten().copied().collect());
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
fn owners(wanted: &BTreeSet<u64>) -> HashMap<u64, u32> {
    let mut found = HashMap::new();
    if wanted.is_empty() {
        return found;
    }
    for process in fs::read_dir("/proc").into_iter().flatten().flatten() {
        let Some(pid) = process.file_name().to_str().and_then(|name| name.parse().ok()) else {
            continue;
        };
        for descriptor in fs::read_dir(process.path().join("fd")).into_iter().flatten().flatten() {
            let Ok(target) = fs::read_link(descriptor.path()) else { continue };
            let inode = target
                .to_str()
                .and_then(|text| text.strip_prefix("socket:[")?.strip_suffix(']')?.parse().ok());
            if let Some(inode) = inode.filter(|inode| wanted.contains(inode)) {
                found.insert(inode, pid);
            }
        }
        if found.len() == wanted.len() {
            break;
        }
    }
    found
}

/// One line: `sl local remote st tx:rx tr:when retrnsmt uid timeout inode …`.
fn parse(line: &str) -> Option<Connection> {
    let mut fields = line.split_ascii_whitespace();
    let (_, local, remote) = (fields.next()?, fields.next()?, fields.next()?);
    if u8::from_str_radix(fields.next()?, 16).ok()? != ESTABLISHED {
        return None;
    }
    let inode = fields.nth(5)?.parse().ok()?;
    Some(Connection { local: address(local)?, remote: address(remote)?, inode })
}

/// `0100007F:1F90`: each word of the address in the machine's own order of bytes, the port as it is.
fn address(text: &str) -> Option<SocketAddr> {
    let (host, port) = text.split_once(':')?;
    let port = u16::from_str_radix(port, 16).ok()?;
    let words: Option<Vec<[u8; 4]>> = host
        .as_bytes()
        .chunks(8)
        .map(|word| {
            let word = std::str::from_utf8(word).ok().filter(|word| word.len() == 8)?;
            u32::from_str_radix(word, 16).ok().map(u32::to_ne_bytes)
        })
        .collect();
    let ip = match words?.as_slice() {
        [word] => IpAddr::V4(Ipv4Addr::from(*word)),
        words => {
            let bytes: [u8; 16] = words.concat().try_into().ok()?;
            // A connection over IPv4 to a socket of both is the same as one of IPv4.
            Ipv6Addr::from(bytes).to_canonical()
        }
    };
    Some(SocketAddr::new(ip, port))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::{TcpListener, TcpStream};

    #[test]
    fn lines_are_read_and_others_left() {
        let line = "   0: 0100007F:1F90 0100007F:C350 01 00000000:00000000 00:00000000 00000000 \
                    1000        0 4242 1 0000000000000000 20 4 30 10 -1";
        let read = parse(line).unwrap();
        assert_eq!(read.local, "127.0.0.1:8080".parse().unwrap());
        assert_eq!(read.remote, "127.0.0.1:50000".parse().unwrap());
        assert_eq!(read.inode, 4242);
        let mapped = "0000000000000000FFFF00000100007F:1F90";
        assert_eq!(address(mapped), Some("127.0.0.1:8080".parse().unwrap()), "IPv4 in IPv6");
        for odd in ["", "x", "0: 0100007F 01", "0: 01:1 02:2 01 a b c d e f", "é: é:é é:é 01"]
        {
            assert_eq!(parse(odd), None, "{odd:?}");
        }
        assert_eq!(parse(&line.replace(" 01 ", " 0A ")), None, "a listener is no connection");
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
}
