//! Listening ports in the stream of names.

use crate::{
    StoreError,
    codec::{Bytes, put, put_optional},
};
use ira_model::{Listener, Protocol};
use std::net::{IpAddr, Ipv6Addr};

pub(super) fn put_listener(out: &mut Vec<u8>, listener: &Listener) {
    out.push(match listener.protocol {
        Protocol::Tcp => 0,
        Protocol::Udp => 1,
    });
    put(out, u64::from(listener.port));
    let address = match listener.address {
        IpAddr::V4(v4) => v4.to_ipv6_mapped(),
        IpAddr::V6(v6) => v6,
    };
    out.extend_from_slice(&address.octets());
    put_optional(out, listener.pid.map(u64::from));
}

pub(super) fn take_listener(bytes: &mut Bytes<'_>) -> Result<Listener, StoreError> {
    let protocol = if bytes.byte()? == 0 { Protocol::Tcp } else { Protocol::Udp };
    let port = u16::try_from(bytes.take()?).map_err(|_| bytes.fail("a port is above 65535"))?;
    let mut octets = [0; 16];
    octets.copy_from_slice(bytes.take_slice(16)?);
    let v6 = Ipv6Addr::from(octets);
    let address = v6.to_ipv4_mapped().map_or(IpAddr::V6(v6), IpAddr::V4);
    let pid = bytes.take_optional()?.and_then(|pid| u32::try_from(pid).ok());
    Ok(Listener { protocol, port, address, pid })
}
