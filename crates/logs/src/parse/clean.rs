//! Bytes of a line into text that is safe to show: valid, without control characters, with colours beside it.
//!
//! Escape sequences are those of ECMA-48 (control sequences, control strings) and ECMA-35 (designations). What is kept of
//! them is SGR, as [`Style`]s; all others are removed. Tabs stay; a carriage return within a line becomes a blank; a run of
//! NUL, each run of invalid bytes, and characters that turn the direction or break the line become U+FFFD.

use super::entry::MAX_LINE_BYTES;
pub(super) use super::sgr::MAX_STYLES;
pub use super::sgr::{Color, Look, Style};

/// Cleans a line. What needs no cleaning is answered as it is, without copying.
pub(super) fn clean<'a>(bytes: &'a [u8], room: &'a mut String, styles: &mut Vec<Style>) -> &'a str {
    styles.clear();
    if bytes.len() <= MAX_LINE_BYTES && plain(bytes) {
        // Plain bytes are ASCII, so this cannot fail.
        return std::str::from_utf8(bytes).unwrap_or_default();
    }
    room.clear();
    let bytes = bytes.get(..MAX_LINE_BYTES).unwrap_or(bytes);
    rewrite(&String::from_utf8_lossy(bytes), room, Some(styles));
    room
}

/// Appends a decoded text without its control characters and escape sequences; line feeds stay.
pub(super) fn append(text: &str, room: &mut String) {
    if plain(text.as_bytes()) {
        room.push_str(text);
        return;
    }
    for (n, line) in text.split('\n').enumerate() {
        if n > 0 {
            room.push('\n');
        }
        rewrite(line, room, None);
    }
}

/// Whether all bytes are printable ASCII or tabs. In pieces, so that the compiler can look at many at once.
pub(super) fn plain(bytes: &[u8]) -> bool {
    bytes.chunks(64).all(|piece| {
        !piece.iter().fold(false, |odd, b| odd | !(matches!(*b, 0x20..0x7f) | (*b == b'\t')))
    })
}

fn rewrite(text: &str, room: &mut String, styles: Option<&mut Vec<Style>>) {
    let most = room.len().saturating_add(MAX_LINE_BYTES);
    let mut painter = styles.map(super::sgr::Painter::new);
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut rest = text.trim_end_matches('\r');
    let mut nul = false;
    while let Some(c) = rest.chars().next() {
        // Stretches of harmless characters go in one piece.
        let stretch = rest.bytes().take_while(|b| matches!(b, 0x20..0x7f | b'\t')).count();
        if stretch > 0 {
            let (head, tail) = rest.split_at_checked(stretch).unwrap_or((rest, ""));
            room.push_str(super::fields::head(head, most.saturating_sub(room.len())));
            rest = tail;
            nul = false;
            continue;
        }
        rest = rest.get(c.len_utf8()..).unwrap_or_default();
        match c {
            '\u{1b}' => {
                let (tail, sgr) = escape(rest);
                rest = tail;
                if let (Some(painter), Some(parameters)) = (painter.as_mut(), sgr) {
                    painter.apply(parameters, room.len());
                }
            }
            '\u{9b}' => rest = control_sequence(rest).map_or(rest, |(tail, _)| tail),
            '\0' if nul => {}
            '\r' => put(room, ' ', most),
            '\0' | '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
                put(room, char::REPLACEMENT_CHARACTER, most);
            }
            c if c.is_control() => {}
            c => put(room, c, most),
        }
        nul = c == '\0';
    }
    if let Some(painter) = painter {
        painter.finish(room.len());
    }
}

fn put(room: &mut String, c: char, most: usize) {
    if room.len() + c.len_utf8() <= most {
        room.push(c);
    }
}

/// What follows an ESC: the text behind the sequence, and the parameters if it is SGR.
fn escape(text: &str) -> (&str, Option<&str>) {
    let Some(first) = text.bytes().next() else { return (text, None) };
    match first {
        b'[' => {
            let tail = text.get(1..).unwrap_or_default();
            control_sequence(tail).unwrap_or((tail, None))
        }
        // OSC, DCS, SOS, PM, APC: up to their end. One without an end loses its beginning only: it must hide nothing.
        b']' | b'P' | b'X' | b'^' | b'_' => {
            let tail = text.get(1..).unwrap_or_default();
            (control_string(tail).unwrap_or(tail), None)
        }
        0x20..=0x2f => {
            let tail = text.trim_start_matches(|c: char| matches!(c, '\u{20}'..='\u{2f}'));
            let has_final = tail.bytes().next().is_some_and(|b| matches!(b, 0x30..=0x7e));
            (if has_final { tail.get(1..).unwrap_or_default() } else { tail }, None)
        }
        0x30..=0x7e => (text.get(1..).unwrap_or_default(), None),
        _ => (text, None),
    }
}

/// CSI: parameters (0x30 to 0x3f), intermediates (0x20 to 0x2f), one final byte (0x40 to 0x7e).
fn control_sequence(text: &str) -> Option<(&str, Option<&str>)> {
    let parameters = text.bytes().take_while(|b| matches!(b, 0x30..=0x3f)).count();
    let (parameters, tail) = text.split_at_checked(parameters)?;
    let last = tail.trim_start_matches(|c: char| matches!(c, '\u{20}'..='\u{2f}'));
    let end = last.bytes().next().filter(|b| matches!(b, 0x40..=0x7e))?;
    let is_sgr = end == b'm'
        && last.len() == tail.len()
        && parameters.bytes().all(|b| b.is_ascii_digit() || matches!(b, b';' | b':'));
    Some((last.get(1..)?, is_sgr.then_some(parameters)))
}

/// A control string: its end is ST (ESC \ or U+009C) or BEL. The text behind it.
fn control_string(text: &str) -> Option<&str> {
    for (at, c) in text.char_indices() {
        match c {
            '\u{7}' | '\u{9c}' => return text.get(at + c.len_utf8()..),
            '\u{1b}' => return text.get(at + 1..)?.strip_prefix('\\'),
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::{Color, Style, clean};

    fn cleaned(bytes: &[u8]) -> (String, Vec<Style>) {
        let (mut room, mut styles) = (String::new(), Vec::new());
        let text = clean(bytes, &mut room, &mut styles).to_owned();
        (text, styles)
    }

    #[test]
    fn escape_sequences_go_and_their_text_stays() {
        for (bytes, expected) in [
            (&b"plain\ttext"[..], "plain\ttext"),
            (b"crlf\r", "crlf"),
            (b"10%\r20%", "10% 20%"),
            (b"\x1b[2J\x1b[1;1Hcleared", "cleared"),
            (b"\x1b]0;title\x07after", "after"),
            (b"\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\", "link"),
            (b"\x1b]0;never ended", "0;never ended"),
            (b"\x1b(Bascii", "ascii"),
            (b"\x1bcreset", "reset"),
            (b"\x1b[?25lhidden", "hidden"),
            (b"\x1b[31", "31"),
            (b"\x1b", ""),
            (b"a\0\0\0b", "a\u{fffd}b"),
            (b"bad \xff\xfe bytes", "bad \u{fffd}\u{fffd} bytes"),
            (b"bell\x07 back\x08 del\x7f", "bell back del"),
            ("c1 \u{9b}31mred \u{85}x".as_bytes(), "c1 red x"),
            ("a\u{202e}b\u{2028}c".as_bytes(), "a\u{fffd}b\u{fffd}c"),
            ("\u{feff}marked ñ".as_bytes(), "marked ñ"),
        ] {
            assert_eq!(cleaned(bytes).0, expected, "{:?}", String::from_utf8_lossy(bytes));
        }
    }

    #[test]
    fn colours_are_ranges_of_the_text() {
        let (text, styles) = cleaned(b"a \x1b[1;31mred\x1b[0m \x1b[38;5;208mor\x1b[38;2;1;2;3mrgb");
        assert_eq!(text, "a red orrgb");
        let got: Vec<_> =
            styles.iter().map(|s| (s.start, s.end, s.look.foreground, s.look.bold)).collect();
        assert_eq!(
            got,
            [
                (2, 5, Some(Color::Indexed(1)), true),
                (6, 8, Some(Color::Indexed(208)), false),
                (8, 11, Some(Color::Rgb(1, 2, 3)), false)
            ]
        );
    }
}
