//! The small grammar that files under `/proc` share: lines, fields parted by blanks, numbers.
//!
//! Works on bytes, because names in there need not be UTF-8, and allocates only for an error.

use crate::ProbeError;
use std::path::PathBuf;

/// A place in a file that is not as proc(5) describes it. Becomes a [`ProbeError`] where the path
/// is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Malformed {
    pub(crate) line: usize,
    pub(crate) item: &'static str,
    pub(crate) value: String,
}

impl Malformed {
    pub(crate) fn new(line: usize, item: &'static str, value: &[u8]) -> Self {
        let cut = value.get(..80).unwrap_or(value);
        Self { line, item, value: String::from_utf8_lossy(cut).into_owned() }
    }

    pub(crate) fn at(self, path: impl Into<PathBuf>) -> ProbeError {
        let Self { line, item, value } = self;
        ProbeError::Parse { path: path.into(), line, item, value }
    }
}

/// A decimal number that fills the whole slice.
pub(crate) fn number(digits: &[u8]) -> Option<u64> {
    if digits.is_empty() {
        return None;
    }
    digits.iter().try_fold(0_u64, |sum, digit| {
        let value = digit.wrapping_sub(b'0');
        if value > 9 {
            return None;
        }
        sum.checked_mul(10)?.checked_add(u64::from(value))
    })
}

/// A hexadecimal number that fills the whole slice, at most eight digits.
pub(crate) fn hex(digits: &[u8]) -> Option<u32> {
    if digits.is_empty() || digits.len() > 8 {
        return None;
    }
    digits.iter().try_fold(0_u32, |sum, digit| {
        let value = char::from(*digit).to_digit(16)?;
        Some((sum << 4) | value)
    })
}

/// The parts of a line between blanks, empty ones left out.
pub(crate) fn fields(line: &[u8]) -> impl Iterator<Item = &[u8]> {
    line.split(|byte| matches!(byte, b' ' | b'\t')).filter(|field| !field.is_empty())
}

/// The lines of a file with their number, counted from 1.
pub(crate) fn lines(bytes: &[u8]) -> impl Iterator<Item = (usize, &[u8])> {
    bytes.split(|byte| *byte == b'\n').enumerate().map(|(index, line)| (index + 1, line))
}

/// The number after `KEY` on the line that starts with it, for example `Pss:  390 kB`.
pub(crate) fn keyed_number(bytes: &[u8], key: &[u8]) -> Option<u64> {
    let rest = bytes.split(|byte| *byte == b'\n').find_map(|line| line.strip_prefix(key))?;
    number(fields(rest).next()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn numbers_are_whole_or_nothing() {
        assert_eq!(number(b"18446744073709551615"), Some(u64::MAX), "the largest fits");
        assert_eq!(number(b"18446744073709551616"), None, "one more does not");
        for bad in [&b""[..], b"-1", b"1x", b" 1", b"0x10"] {
            assert_eq!(number(bad), None, "{bad:?} is no number");
        }
        assert_eq!(hex(b"0100007F"), Some(0x0100_007F), "addresses are upper case");
        assert_eq!(hex(b"100000000"), None, "nine digits do not fit");
    }

    #[test]
    fn an_error_cuts_what_it_quotes() {
        let long = vec![b'a'; 500];
        assert_eq!(Malformed::new(3, "x", &long).value.len(), 80, "80 bytes are enough to see");
    }

    proptest! {
        #[test]
        fn any_number_parses_back(value: u64) {
            prop_assert_eq!(number(value.to_string().as_bytes()), Some(value));
        }

        #[test]
        fn any_bytes_are_survived(bytes: Vec<u8>) {
            let _ = (number(&bytes), hex(&bytes), keyed_number(&bytes, b"Pss:"));
            let _ = fields(&bytes).count() + lines(&bytes).count();
        }
    }
}
