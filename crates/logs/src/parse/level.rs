//! How serious an entry is, as its program says it, or as its words let one guess.

/// How serious an entry is. Six steps, as OpenTelemetry's severity ranges have them; syslog's `notice` and PostgreSQL's `LOG`
/// are [`Level::Info`], and `critical`, `alert`, `emergency` and `panic` are [`Level::Fatal`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// The finest detail.
    Trace,
    /// For those who look for a fault.
    Debug,
    /// What goes as it should, notices among it.
    Info,
    /// Something is odd, and goes on.
    Warn,
    /// Something failed.
    Error,
    /// The program or a part of it cannot go on.
    Fatal,
}

impl Level {
    /// All, from the least to the most serious.
    pub const ALL: [Self; 6] =
        [Self::Trace, Self::Debug, Self::Info, Self::Warn, Self::Error, Self::Fatal];

    /// Its name in lower case.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Trace => "trace",
            Self::Debug => "debug",
            Self::Info => "info",
            Self::Warn => "warn",
            Self::Error => "error",
            Self::Fatal => "fatal",
        }
    }

    /// The level a word stands for in any of the formats, in upper or lower case.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        let mut room = [0_u8; 13];
        let lower = room.get_mut(..word.len())?;
        lower.copy_from_slice(word.as_bytes());
        lower.make_ascii_lowercase();
        Some(match &*lower {
            b"trace" | b"trc" | b"trce" | b"finest" | b"finer" | b"silly" | b"verbose" | b"vrb" => {
                Self::Trace
            }
            b"debug" | b"dbg" | b"dbug" | b"fine" | b"debug1" | b"debug2" | b"debug3"
            | b"debug4" | b"debug5" => Self::Debug,
            b"info" | b"inf" | b"information" | b"informational" | b"notice" | b"note" | b"log"
            | b"config" | b"system" | b"default" | b"success" => Self::Info,
            b"warn" | b"warning" | b"wrn" => Self::Warn,
            b"error" | b"err" | b"eror" | b"severe" | b"fail" => Self::Error,
            b"fatal" | b"ftl" | b"crit" | b"critical" | b"alert" | b"emerg" | b"emergency"
            | b"panic" | b"dpanic" => Self::Fatal,
            _ => return None,
        })
    }

    /// The level of a syslog severity, 0 to 7 (RFC 5424, 6.2.1).
    #[must_use]
    pub const fn from_severity(severity: u64) -> Option<Self> {
        match severity {
            0..=2 => Some(Self::Fatal),
            3 => Some(Self::Error),
            4 => Some(Self::Warn),
            5 | 6 => Some(Self::Info),
            7 => Some(Self::Debug),
            _ => None,
        }
    }

    /// The level of a number as bunyan and pino write it: 10 is trace, 60 is fatal, and those between belong to the one below.
    #[must_use]
    pub const fn from_tens(number: u64) -> Option<Self> {
        match number {
            10..=19 => Some(Self::Trace),
            20..=29 => Some(Self::Debug),
            30..=39 => Some(Self::Info),
            40..=49 => Some(Self::Warn),
            50..=59 => Some(Self::Error),
            60..=69 => Some(Self::Fatal),
            _ => None,
        }
    }

    /// The level of the first letter of a line, as glog and Ruby's logger use it.
    pub(crate) const fn from_letter(letter: u8) -> Option<Self> {
        match letter {
            b'D' => Some(Self::Debug),
            b'I' => Some(Self::Info),
            b'W' => Some(Self::Warn),
            b'E' => Some(Self::Error),
            b'F' => Some(Self::Fatal),
            _ => None,
        }
    }

    /// The level of an answer's HTTP status: a guess, since a server does not say whether it minds.
    pub(crate) const fn from_status(status: u16) -> Self {
        match status {
            500.. => Self::Error,
            400..=499 => Self::Warn,
            _ => Self::Info,
        }
    }
}

/// How far into a text a word of level is believed to be one.
const LOOKED_AT_BYTES: usize = 120;

/// The level that the first words of a text let one guess: a word of level in capitals, in brackets or before a colon, or
/// the name of an error (`TypeError:`) or of a warning.
#[must_use]
pub fn guess(text: &str) -> Option<Level> {
    let bytes = text.as_bytes();
    let bytes = bytes.get(..LOOKED_AT_BYTES.min(bytes.len())).unwrap_or_default();
    let mut before = b' ';
    let mut rest = bytes;
    while !rest.is_empty() {
        let length = rest.iter().take_while(|b| b.is_ascii_alphabetic()).count();
        if length == 0 {
            let [first, tail @ ..] = rest else { break };
            before = *first;
            rest = tail;
            continue;
        }
        let (word, tail) = rest.split_at_checked(length)?;
        // A word that is cut off by the end of what is looked at is not known.
        let after = match tail.first() {
            Some(after) => *after,
            None if bytes.len() < text.len() => return None,
            None => b' ',
        };
        if let Some(level) = judge(before, word, after) {
            return Some(level);
        }
        before = word.last().copied().unwrap_or(b' ');
        rest = tail;
    }
    None
}

fn judge(before: u8, word: &[u8], after: u8) -> Option<Level> {
    if word.len() < 3
        || !matches!(after, b' ' | b'\t' | b']' | b')' | b'>' | b'|' | b':' | b',' | b'!' | b'"')
    {
        return None;
    }
    if after == b':' && word.len() > 5 && before != b'/' {
        if word.ends_with(b"Error") || word.ends_with(b"Exception") {
            return Some(Level::Error);
        }
        if word.ends_with(b"Warning") {
            return Some(Level::Warn);
        }
    }
    if !matches!(before, b' ' | b'\t' | b'[' | b'(' | b'<' | b'|' | b'"' | b'=' | b'*') {
        return None;
    }
    let loud = word.iter().all(u8::is_ascii_uppercase);
    let bracketed =
        matches!((before, after), (b'[', b']' | b' ') | (b'(', b')') | (b'<', b'>') | (b'|', b'|'));
    if !(loud || bracketed || after == b':') {
        return None;
    }
    unmistakable(std::str::from_utf8(word).ok()?)
}

/// The level of a word that is hardly ever anything else: "config:", "log:" and "[system]" tell nothing by themselves.
pub(super) fn unmistakable(word: &str) -> Option<Level> {
    const OTHERS: [&str; 10] =
        ["log", "config", "system", "default", "fine", "success", "note", "alert", "fail", "silly"];
    if OTHERS.iter().any(|other| word.eq_ignore_ascii_case(other)) {
        return None;
    }
    Level::from_word(word)
}

#[cfg(test)]
mod tests {
    use super::{Level, guess};

    #[test]
    fn a_guess_needs_more_than_the_word() {
        for (text, expected) in [
            ("fatal: bind 127.0.0.1 port 25: Address already in use", Some(Level::Fatal)),
            ("Error: ENOSPC: System limit for number of file watchers reached", Some(Level::Error)),
            ("(node:41877) MaxListenersExceededWarning: 11 listeners", Some(Level::Warn)),
            ("java.lang.IllegalStateException: shelf is full", Some(Level::Error)),
            ("[warn] the shelf is nearly full", Some(Level::Warn)),
            ("shop ERROR no such shelf", Some(Level::Error)),
            ("panic: assignment to entry in nil map", Some(Level::Fatal)),
            ("npm ERR! missing script: dev", Some(Level::Error)),
            ("12 errors and no warning", None),
            ("the error was mended", None),
            ("GET /ERROR/page 200", None),
            ("MAX_ERROR_COUNT is 4", None),
            ("info about the shelf", None),
            ("log: rotated", None),
            ("[vite] page reload index.html", None),
            ("", None),
        ] {
            assert_eq!(guess(text), expected, "{text}");
        }
    }
}
