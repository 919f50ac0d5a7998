//! A listening port among the names of an epoch.

use crate::{
    StoreError,
    codec::{self, Bytes, put_optional},
};
use ira_model::{Listener, Protocol};
use std::net::{IpAddr, Ipv6Addr};

/// Bits before a listener: its protocol; its namespace follows, as it is not this program's.
const UDP: u8 = 1;
const ELSEWHERE: u8 = 2;

pub(super) fn put(out: &mut Vec<u8>, listener: &Listener) {
    let protocol = match listener.protocol {
        Protocol::Tcp => 0,
        Protocol::Udp => UDP,
    };
    out.push(protocol | if listener.namespace.is_some() { ELSEWHERE } else { 0 });
    codec::put(out, u64::from(listener.port));
    let address = match listener.address {
        IpAddr::V4(v4) => v4.to_ipv6_mapped(),
        IpAddr::V6(v6) => v6,
    };
    out.extend_from_slice(&address.octets());
    put_optional(out, listener.pid.map(u64::from));
    if let Some(namespace) = listener.namespace {
        codec::put(out, namespace);
    }
}

pub(super) fn take(bytes: &mut Bytes<'_>) -> Result<Listener, StoreError> {
    let flags = bytes.byte()?;
    let protocol = if flags & UDP == 0 { Protocol::Tcp } else { Protocol::Udp };
    let port = u16::try_from(bytes.take()?).map_err(|_| bytes.fail("a port is above 65535"))?;
    let mut octets = [0; 16];
    octets.copy_from_slice(bytes.take_slice(16)?);
    let v6 = Ipv6Addr::from(octets);
    let address = v6.to_ipv4_mapped().map_or(IpAddr::V6(v6), IpAddr::V4);
    let pid = bytes.take_optional()?.and_then(|pid| u32::try_from(pid).ok());
    let namespace = if flags & ELSEWHERE == 0 { None } else { Some(bytes.take()?) };
    Ok(Listener { protocol, port, address, pid, namespace })
}
