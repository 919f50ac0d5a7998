//! Which lines belong to the entry before them: what is indented, and what stack traces write without indenting it.

use super::entry::{Entry, Format};
use super::level::Level;
use super::{go, java, python, rust};

/// Where in a stack trace the entry under way is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Trace {
    #[default]
    None,
    /// In the frames of a Python traceback: the exception follows, without indentation.
    Traceback,
    /// After the runtime of Go said why it ends.
    Go,
    /// After the first line of a Rust panic: the message follows.
    Panic,
    /// After the message of a Rust panic.
    Panicked,
}

impl Trace {
    /// The state after the first line of an entry.
    pub(super) fn begin(message: &str) -> Self {
        if message.starts_with(python::TRACEBACK) {
            Self::Traceback
        } else if go::is_panic(message) {
            Self::Go
        } else if rust::is_panic(message) {
            // Before Rust 1.73 the message stood on the same line.
            if message.ends_with(':') { Self::Panic } else { Self::Panicked }
        } else {
            Self::None
        }
    }

    /// Whether a line belongs to the entry without being looked at any further; the state moves on if so.
    pub(super) fn claims(&mut self, text: &str, entry: &Entry) -> bool {
        let (joins, next) = self.judge(text, entry);
        if joins {
            *self = next;
        }
        joins
    }

    fn judge(self, text: &str, entry: &Entry) -> (bool, Self) {
        let failed = entry.level >= Some(Level::Error);
        if text.starts_with([' ', '\t']) {
            return (true, self);
        }
        if text.starts_with(python::TRACEBACK) {
            let goes_on = matches!(entry.format, Format::Python)
                || failed
                || entry.continuation.contains(python::TRACEBACK);
            return (goes_on, Self::Traceback);
        }
        match self {
            Self::Traceback => {
                // The exception itself ends it, but for what is chained to it.
                return (true, Self::None);
            }
            Self::Go => return (is_go_trace(text), Self::Go),
            Self::Panic => return (true, Self::Panicked),
            Self::Panicked if text.starts_with("note: ") || text == "stack backtrace:" => {
                return (true, self);
            }
            _ => {}
        }
        let chained = (text.starts_with("During handling of the above exception")
            || text.starts_with("The above exception was the direct cause"))
            && entry.continuation_lines > 0;
        let caused = text.starts_with("Caused by: ") || text.starts_with("Suppressed: ");
        let closing = matches!(text, "}" | "]" | ")" | "};" | "})") && entry.continuation_lines > 0;
        let thrown = entry.format == Format::Java
            && entry.level >= Some(Level::Warn)
            && java::is_exception(text);
        let go = matches!(entry.format, Format::GoLog) && failed && text.starts_with("goroutine ");
        (chained || caused || closing || thrown || go, if go { Self::Go } else { self })
    }
}

/// What the Go runtime writes of its goroutines without indenting it.
fn is_go_trace(text: &str) -> bool {
    text.starts_with("goroutine ")
        || text.starts_with("created by ")
        || text.starts_with("exit status ")
        || text.starts_with("[signal ")
        || text.starts_with("...")
        || text.starts_with("runtime")
        || text.starts_with("panic: ")
        || (text.ends_with(')') && text.contains('(') && text.contains('.'))
}

/// Whether programs of this format write messages of several lines without indenting them.
pub(super) const fn may_wrap(format: Format) -> bool {
    matches!(
        format,
        Format::Java
            | Format::Python
            | Format::Postgresql
            | Format::Mysql
            | Format::Ruby
            | Format::Elixir
            | Format::DotNet
            | Format::Klog
    )
}
