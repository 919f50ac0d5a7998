//! Messages of netlink(7): a header, then a body, in which attributes may follow one another.
//! Numbers are in the machine's own order.

use rustix::io::Errno;

/// `NLM_F_REQUEST` and `NLM_F_ACK`.
pub(crate) const REQUEST: u16 = 1;
pub(crate) const ACK: u16 = 4;
/// `NLMSG_ERROR`; with code 0 it is an acknowledgement.
const ERROR: u16 = 2;
/// Size of `struct nlmsghdr` and of `struct nlattr`.
const HEAD: usize = 16;
const ATTRIBUTE: usize = 4;

/// A message of that type with flags around a body.
pub(crate) fn message(kind: u16, flags: u16, body: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(HEAD + body.len());
    bytes.extend_from_slice(&((HEAD + body.len()) as u32).to_ne_bytes());
    bytes.extend_from_slice(&kind.to_ne_bytes());
    bytes.extend_from_slice(&flags.to_ne_bytes());
    bytes.extend_from_slice(&[0; 8]);
    bytes.extend_from_slice(body);
    bytes
}

/// Adds an attribute.
pub(crate) fn put_attribute(body: &mut Vec<u8>, kind: u16, value: &[u8]) {
    body.extend_from_slice(&((ATTRIBUTE + value.len()) as u16).to_ne_bytes());
    body.extend_from_slice(&kind.to_ne_bytes());
    body.extend_from_slice(value);
    body.resize(body.len().next_multiple_of(4), 0);
}

/// The messages in what was received, each with its type; an error ends them.
pub(crate) fn messages(mut bytes: &[u8]) -> impl Iterator<Item = Result<(u16, &[u8]), Errno>> {
    std::iter::from_fn(move || {
        if bytes.is_empty() {
            return None;
        }
        let length = number(bytes, 0) as usize;
        let Some(body) = bytes.get(HEAD..length) else {
            bytes = &[];
            return Some(Err(Errno::BADMSG));
        };
        let kind = short(bytes, 4);
        bytes = bytes.get(length.next_multiple_of(4)..).unwrap_or_default();
        if kind == ERROR {
            match number(body, 0).cast_signed().saturating_neg() {
                0 => {}
                code => return Some(Err(Errno::from_raw_os_error(code))),
            }
        }
        Some(Ok((kind, body)))
    })
}

/// Whether a message of that type is an acknowledgement; errors do not get so far.
pub(crate) fn is_acknowledgement(kind: u16) -> bool {
    kind == ERROR
}

/// The attributes in a body, each with its type.
pub(crate) fn attributes(mut bytes: &[u8]) -> impl Iterator<Item = (u16, &[u8])> {
    std::iter::from_fn(move || {
        let length = usize::from(short(bytes, 0));
        let value = bytes.get(ATTRIBUTE..length)?;
        let kind = short(bytes, 2);
        bytes = bytes.get(length.next_multiple_of(4)..).unwrap_or_default();
        Some((kind, value))
    })
}

/// The bytes from there; zeros where there are none.
pub(crate) fn array<const N: usize>(bytes: &[u8], at: usize) -> [u8; N] {
    std::array::from_fn(|i| bytes.get(at + i).copied().unwrap_or_default())
}

pub(crate) fn short(bytes: &[u8], at: usize) -> u16 {
    u16::from_ne_bytes(array(bytes, at))
}

pub(crate) fn number(bytes: &[u8], at: usize) -> u32 {
    u32::from_ne_bytes(array(bytes, at))
}

pub(crate) fn long(bytes: &[u8], at: usize) -> u64 {
    u64::from_ne_bytes(array(bytes, at))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_was_written_is_read() {
        let mut body = Vec::new();
        put_attribute(&mut body, 3, b"abc");
        put_attribute(&mut body, 4, b"");
        let mut bytes = message(20, REQUEST, &body);
        bytes.extend(message(ERROR, 0, &[0; 4]));
        bytes.extend(message(ERROR, 0, &(-1_i32).to_ne_bytes()));
        let read: Vec<_> = messages(&bytes).collect();
        let ok = (20, body.as_slice());
        assert_eq!(read, [Ok(ok), Ok((ERROR, [0; 4].as_slice())), Err(Errno::PERM)]);
        let found: Vec<_> = attributes(&body).collect();
        assert_eq!(found, [(3, b"abc".as_slice()), (4, b"")], "padding is not part of a value");
    }

    proptest! {
        #[test]
        fn any_bytes_come_to_an_end(bytes: Vec<u8>) {
            prop_assert!(messages(&bytes).count() <= bytes.len());
            prop_assert!(attributes(&bytes).count() <= bytes.len());
        }
    }
}
