//! Where lines end in bytes and in UTF-16, and what is handed on of them.

/// How text is written in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Encoding {
    /// Any bytes with `\n` between lines; UTF-8 is one case.
    Bytes,
    /// Little end first, told by its mark.
    Utf16Little,
    /// Big end first, told by its mark.
    Utf16Big,
}

/// Marks at the beginning of a file.
const MARKS: &[(&[u8], Encoding)] = &[
    (&[0xff, 0xfe], Encoding::Utf16Little),
    (&[0xfe, 0xff], Encoding::Utf16Big),
    (&[0xef, 0xbb, 0xbf], Encoding::Bytes),
];

impl Encoding {
    /// By the first bytes; `None` while they may still become a mark.
    pub(super) fn of(head: &[u8]) -> Option<Self> {
        if let Some((_, encoding)) = MARKS.iter().find(|(mark, _)| head.starts_with(mark)) {
            return Some(*encoding);
        }
        let unclear = MARKS.iter().any(|(mark, _)| mark.starts_with(head));
        (!unclear).then_some(Self::Bytes)
    }

    /// So many first bytes are the mark.
    pub(super) fn mark_length(head: &[u8]) -> usize {
        MARKS.iter().find(|(mark, _)| head.starts_with(mark)).map_or(0, |(mark, _)| mark.len())
    }

    /// Bytes of one unit.
    pub(super) fn unit(self) -> usize {
        if self == Self::Bytes { 1 } else { 2 }
    }

    fn unit_at(self, bytes: &[u8], at: usize) -> Option<u16> {
        let pair = bytes.get(at..at.checked_add(2)?)?.try_into().ok()?;
        match self {
            Self::Bytes => None,
            Self::Utf16Little => Some(u16::from_le_bytes(pair)),
            Self::Utf16Big => Some(u16::from_be_bytes(pair)),
        }
    }

    /// Where the next newline begins; `bytes` and `from` stand at whole units.
    pub(super) fn newline(self, bytes: &[u8], from: usize) -> Option<usize> {
        let mut from = from;
        loop {
            let found = from.checked_add(memchr::memchr(b'\n', bytes.get(from..)?)?)?;
            if self == Self::Bytes {
                return Some(found);
            }
            let unit = found & !1;
            if self.unit_at(bytes, unit) == Some(u16::from(b'\n')) {
                return Some(unit);
            }
            from = unit.checked_add(2)?;
        }
    }

    /// Where the last newline begins.
    pub(super) fn last_newline(self, bytes: &[u8]) -> Option<usize> {
        let mut end = bytes.len();
        loop {
            let found = memchr::memrchr(b'\n', bytes.get(..end)?)?;
            if self == Self::Bytes {
                return Some(found);
            }
            let unit = found & !1;
            if self.unit_at(bytes, unit) == Some(u16::from(b'\n')) {
                return Some(unit);
            }
            end = unit;
        }
    }

    /// A line without the `\r` before its newline.
    pub(super) fn without_return(self, line: &[u8]) -> &[u8] {
        let Some(end) = line.len().checked_sub(self.unit()) else { return line };
        let last = match self {
            Self::Bytes => line.last().map(|byte| u16::from(*byte)),
            _ => self.unit_at(line, end),
        };
        match line.get(..end) {
            Some(rest) if last == Some(u16::from(b'\r')) => rest,
            _ => line,
        }
    }

    /// How much of an unfinished line can be told: a `\r` may belong to its newline, and half a
    /// character is none.
    pub(super) fn tellable(self, piece: &[u8]) -> usize {
        let whole = piece.len() - piece.len() % self.unit();
        let piece = self.without_return(piece.get(..whole).unwrap_or_default());
        let Some(last) = piece.len().checked_sub(2) else { return piece.len() };
        match self.unit_at(piece, last) {
            Some(0xd800..=0xdbff) => last,
            _ => piece.len(),
        }
    }

    /// Adds what is handed on: bytes as they are, UTF-16 as UTF-8.
    pub(super) fn decode(self, bytes: &[u8], into: &mut Vec<u8>) {
        if self == Self::Bytes {
            into.extend_from_slice(bytes);
            return;
        }
        let units = (0..bytes.len()).step_by(2).filter_map(|at| self.unit_at(bytes, at));
        for character in char::decode_utf16(units) {
            let character = character.unwrap_or(char::REPLACEMENT_CHARACTER);
            into.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_waited_for() {
        assert_eq!(Encoding::of(b""), None);
        assert_eq!(Encoding::of(&[0xff]), None);
        assert_eq!(Encoding::of(&[0xef, 0xbb]), None);
        assert_eq!(Encoding::of(&[0xff, 0xfe]), Some(Encoding::Utf16Little));
        assert_eq!(Encoding::of(&[0xff, 0x00]), Some(Encoding::Bytes));
        assert_eq!(Encoding::of(b"a"), Some(Encoding::Bytes));
    }

    #[test]
    fn a_byte_like_a_newline_is_none_in_utf_16() {
        // U+0A0A, then U+000A: only the second is a newline.
        let bytes = [0x0a, 0x0a, 0x0a, 0x00];
        assert_eq!(Encoding::Utf16Little.newline(&bytes, 0), Some(2));
        assert_eq!(Encoding::Utf16Little.last_newline(&bytes), Some(2));
        // U+0D0A 0A00: bytes of a newline across two units.
        let across = [0x0d, 0x00, 0x0a, 0x41];
        assert_eq!(Encoding::Utf16Big.newline(&across, 0), None);
        assert_eq!(Encoding::Utf16Big.last_newline(&across), None);
    }

    #[test]
    fn half_a_character_is_held_back() {
        let bytes = [0x41, 0x00, 0x3d, 0xd8, 0x00];
        assert_eq!(Encoding::Utf16Little.tellable(&bytes), 2);
        assert_eq!(Encoding::Bytes.tellable(b"abc\r"), 3);
        assert_eq!(Encoding::Bytes.tellable(b"\r"), 0);
    }

    #[test]
    fn a_lone_surrogate_is_replaced() {
        let mut text = Vec::new();
        Encoding::Utf16Little.decode(&[0x00, 0xd8, 0x41, 0x00], &mut text);
        assert_eq!(text, "\u{fffd}A".as_bytes());
    }
}
