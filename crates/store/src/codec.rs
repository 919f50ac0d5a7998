//! Numbers and texts as bytes: LEB128 variable-length integers (DWARF 5, section 7.6), zigzag for
//! signed ones, texts with their length. Reading is bounded by what is there and never panics.

use crate::StoreError;

/// Appends an unsigned number.
pub(crate) fn put(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push((value & 0x7f) as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// Appends a signed number, small ones of either sign in few bytes.
pub(crate) fn put_signed(out: &mut Vec<u8>, value: i64) {
    put(out, ((value << 1) ^ (value >> 63)) as u64);
}

/// Appends how far `to` is from `from`; any pair works, since the difference wraps both ways.
pub(crate) fn put_change(out: &mut Vec<u8>, from: u64, to: u64) {
    put_signed(out, to.wrapping_sub(from).cast_signed());
}

/// Appends a number that may be missing.
pub(crate) fn put_optional(out: &mut Vec<u8>, value: Option<u64>) {
    match value {
        // Counters never reach the last value, so the shift by one loses nothing.
        Some(value) => put(out, value.saturating_add(1)),
        None => put(out, 0),
    }
}

/// Appends a text.
pub(crate) fn put_text(out: &mut Vec<u8>, text: &str) {
    put(out, text.len() as u64);
    out.extend_from_slice(text.as_bytes());
}

/// Reads what the functions above wrote.
#[derive(Debug, Clone)]
pub(crate) struct Bytes<'a> {
    rest: &'a [u8],
    what: &'static str,
}

impl<'a> Bytes<'a> {
    /// Reads from these; `what` is named in errors.
    pub(crate) fn new(rest: &'a [u8], what: &'static str) -> Self {
        Self { rest, what }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    pub(crate) fn fail(&self, detail: &'static str) -> StoreError {
        StoreError::Format { what: self.what, detail }
    }

    pub(crate) fn byte(&mut self) -> Result<u8, StoreError> {
        let (first, rest) = self.rest.split_first().ok_or_else(|| self.fail("it ends early"))?;
        self.rest = rest;
        Ok(*first)
    }

    pub(crate) fn take(&mut self) -> Result<u64, StoreError> {
        let mut value = 0_u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err(self.fail("a number is longer than 64 bits"))
    }

    pub(crate) fn take_signed(&mut self) -> Result<i64, StoreError> {
        let value = self.take()?;
        Ok((value >> 1).cast_signed() ^ -((value & 1).cast_signed()))
    }

    pub(crate) fn take_change(&mut self, from: u64) -> Result<u64, StoreError> {
        Ok(from.wrapping_add(self.take_signed()?.cast_unsigned()))
    }

    pub(crate) fn take_optional(&mut self) -> Result<Option<u64>, StoreError> {
        Ok(self.take()?.checked_sub(1))
    }

    pub(crate) fn take_u32(&mut self) -> Result<u32, StoreError> {
        u32::try_from(self.take()?).map_err(|_| self.fail("a number is longer than 32 bits"))
    }

    /// A count of things that take at least a byte each, so it cannot exceed what is left.
    pub(crate) fn take_count(&mut self) -> Result<usize, StoreError> {
        let count = self.take()?;
        match usize::try_from(count) {
            Ok(count) if count <= self.rest.len() => Ok(count),
            _ => Err(self.fail("a count is larger than what follows")),
        }
    }

    /// As [`Self::take_count`], and no larger than that: each takes more room than its bytes.
    pub(crate) fn take_few(&mut self, most: usize) -> Result<usize, StoreError> {
        let count = self.take_count()?;
        if count <= most { Ok(count) } else { Err(self.fail("there are too many of them")) }
    }

    pub(crate) fn take_slice(&mut self, length: usize) -> Result<&'a [u8], StoreError> {
        let (slice, rest) =
            self.rest.split_at_checked(length).ok_or_else(|| self.fail("it ends early"))?;
        self.rest = rest;
        Ok(slice)
    }

    pub(crate) fn take_text(&mut self) -> Result<&'a str, StoreError> {
        let length = self.take_count()?;
        std::str::from_utf8(self.take_slice(length)?).map_err(|_| self.fail("a text is not UTF-8"))
    }
}

/// Compresses at the level beyond which more time gains nothing (`docs/benchmarks.md`); once a minute it is
/// cheap.
pub(crate) fn compress(bytes: &[u8], what: &'static str) -> Result<Vec<u8>, StoreError> {
    zstd::bulk::compress(bytes, 13)
        .map_err(|_| StoreError::Format { what, detail: "zstd could not compress it" })
}

/// Appends a stream, packed where that gains something.
pub(crate) fn put_packed(
    out: &mut Vec<u8>,
    stream: &[u8],
    what: &'static str,
) -> Result<(), StoreError> {
    let packed = compress(stream, what)?;
    let gains = packed.len() < stream.len();
    let kept = if gains { &packed } else { stream };
    put(out, (kept.len() as u64) << 1 | u64::from(gains));
    out.extend_from_slice(kept);
    Ok(())
}

/// The reverse of [`put_packed`], out of so much room.
pub(crate) fn take_packed(
    bytes: &mut Bytes<'_>,
    what: &'static str,
    room: &mut usize,
) -> Result<Vec<u8>, StoreError> {
    let head = bytes.take()?;
    let length = usize::try_from(head >> 1).map_err(|_| bytes.fail("a stream is too long"))?;
    let kept = bytes.take_slice(length)?;
    if head & 1 == 1 { decompress(kept, what, room) } else { Ok(kept.to_vec()) }
}

/// All that is unpacked of a block, of the names of an epoch, of a chunk; a hostile file of a few bytes
/// cannot ask for more. A minute of a thousand busy processes takes half a MiB.
pub(crate) const ROOM: usize = 64 << 20;

/// The reverse of [`compress`], out of so much room.
pub(crate) fn decompress(
    bytes: &[u8],
    what: &'static str,
    room: &mut usize,
) -> Result<Vec<u8>, StoreError> {
    let size = zstd::zstd_safe::get_frame_content_size(bytes)
        .ok()
        .flatten()
        .and_then(|size| usize::try_from(size).ok())
        .filter(|size| *size <= *room)
        .ok_or(StoreError::Format { what, detail: "it is not a zstd frame of a sane size" })?;
    *room -= size;
    zstd::bulk::decompress(bytes, size)
        .map_err(|_| StoreError::Format { what, detail: "zstd could not unpack it" })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn numbers_come_back(a: u64, b: u64, c: i64, d in proptest::option::of(0..u64::MAX)) {
            let mut out = Vec::new();
            put(&mut out, a);
            put_signed(&mut out, c);
            put_change(&mut out, a, b);
            put_optional(&mut out, d);
            let mut bytes = Bytes::new(&out, "test");
            prop_assert_eq!(bytes.take().unwrap(), a);
            prop_assert_eq!(bytes.take_signed().unwrap(), c);
            prop_assert_eq!(bytes.take_change(a).unwrap(), b);
            prop_assert_eq!(bytes.take_optional().unwrap(), d);
            prop_assert!(bytes.is_empty());
        }

        #[test]
        fn any_bytes_are_read_without_panic(input: Vec<u8>) {
            let mut bytes = Bytes::new(&input, "test");
            while bytes.take_text().is_ok() {}
            let _ = decompress(&input, "test", &mut ROOM.clone());
        }
    }

    #[test]
    fn packing_comes_back() {
        let text = b"the same the same the same".repeat(100);
        let packed = compress(&text, "test").unwrap();
        assert!(packed.len() < text.len(), "repetition packs");
        assert_eq!(
            decompress(&packed, "test", &mut ROOM.clone()).unwrap(),
            text,
            "nothing is lost"
        );
    }
}
