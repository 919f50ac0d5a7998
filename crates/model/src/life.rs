//! How applications end and begin again: what counts as a crash, a restart, a crash loop. The
//! numbers that decide are here and nowhere else.

use crate::{ExitStatus, Protocol};

/// One that begins again so soon after it ended was restarted, milliseconds.
pub const RESTART_WITHIN_MS: i64 = 60_000;
/// So many crashes within [`LOOP_WINDOW_MS`] are a crash loop.
pub const LOOP_CRASHES: u32 = 3;
/// See [`LOOP_CRASHES`]. A loop is over when none came for as long, milliseconds.
pub const LOOP_WINDOW_MS: i64 = 300_000;
/// A program that was there for less, held no port and is not started again is a tool: an exit code
/// of 1 to 125 is its answer and no crash, milliseconds.
pub const LASTING_MS: i64 = 10_000;
/// A process within an application that was there for as long is a part of it, milliseconds.
pub const LASTING_PART_MS: i64 = 60_000;
/// The same command line by the same parent so soon after is the part started again, milliseconds.
pub const PART_AGAIN_MS: i64 = 15_000;
/// So many ends too soon after a start in a row, and what Ira runs is not started again.
pub const GIVEN_UP_AFTER: u32 = 10;
/// Events of one application an hour; what is more is counted in one row.
pub const EVENTS_AN_HOUR: usize = 60;
/// Ports told in one event.
const PORTS_TOLD: usize = 16;
/// Characters kept of a name or a version.
const TEXT_KEPT: usize = 80;

/// Asked to end: SIGHUP, SIGINT, SIGTERM (signal(7)).
const REQUESTS: [u8; 3] = [1, 2, 15];
/// Signals of the program's own faults, whose default is to leave a core (signal(7)).
const FAULTS: [u8; 9] = [4, 5, 6, 7, 8, 11, 24, 25, 31];

/// Whether a signal tells of a fault of the program itself.
#[must_use]
pub fn is_fault(status: Option<ExitStatus>) -> bool {
    matches!(status, Some(ExitStatus::Signal(signal)) if FAULTS.contains(&signal))
}

/// What is told of an end, a beginning or a change. Which fields are there depends on what happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LifeNote {
    /// How the process ended that decided it, where that was told.
    pub status: Option<ExitStatus>,
    /// The kernel ended it for want of memory.
    pub out_of_memory: bool,
    /// An order given through Ira ended it.
    pub ordered: bool,
    /// Only a part of it ended; the application went on.
    pub part: bool,
    /// It did not end: from now on its processes count under another application.
    pub moved: bool,
    /// A tool that answered by its exit code.
    pub tool: bool,
    /// Pid of the process that decided it.
    pub pid: Option<u32>,
    /// Its name.
    pub process: Option<String>,
    /// How many of these the row stands for.
    pub count: u32,
    /// The last of them where there are several, milliseconds after the event.
    pub last_ms: Option<i64>,
    /// Ports that were opened or closed.
    pub ports: Vec<(Protocol, u16)>,
    /// Version of the application then.
    pub version: Option<String>,
    /// Version before that.
    pub version_before: Option<String>,
}

impl Default for LifeNote {
    fn default() -> Self {
        Self {
            status: None,
            out_of_memory: false,
            ordered: false,
            part: false,
            moved: false,
            tool: false,
            pid: None,
            process: None,
            count: 1,
            last_ms: None,
            ports: Vec::new(),
            version: None,
            version_before: None,
        }
    }
}

impl LifeNote {
    /// Whether this end is a crash: out of memory, a signal that is no request to end, or an exit code
    /// that is neither 0 nor stands for such a request (128 and its number, as shells and virtual
    /// machines give). Never what was ordered, and never what is not known.
    #[must_use]
    pub fn is_crash(&self) -> bool {
        if self.ordered || self.moved || self.tool {
            return false;
        }
        self.out_of_memory
            || match self.status {
                Some(ExitStatus::Signal(signal)) => !REQUESTS.contains(&signal),
                Some(ExitStatus::Code(code)) => {
                    code != 0 && !REQUESTS.iter().any(|signal| code == 128 + signal)
                }
                None => false,
            }
    }

    /// As it is kept: a line each, `name=value`; empty where there is nothing to tell.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut text = String::new();
        let mut put = |name: &str, value: &str| {
            if !text.is_empty() {
                text.push('\n');
            }
            text.push_str(name);
            text.push('=');
            text.extend(
                value.chars().take(TEXT_KEPT).map(|c| if c.is_control() { ' ' } else { c }),
            );
        };
        if let Some(status) = self.status {
            put("status", &status.to_wait().to_string());
        }
        for (is, name) in [
            (self.out_of_memory, "out_of_memory"),
            (self.ordered, "ordered"),
            (self.part, "part"),
            (self.moved, "moved"),
            (self.tool, "tool"),
        ] {
            if is {
                put(name, "1");
            }
        }
        if let Some(pid) = self.pid {
            put("pid", &pid.to_string());
        }
        if self.count != 1 {
            put("count", &self.count.to_string());
        }
        if let Some(last_ms) = self.last_ms {
            put("last", &last_ms.to_string());
        }
        for (protocol, port) in self.ports.iter().take(PORTS_TOLD) {
            let protocol = if *protocol == Protocol::Tcp { "tcp" } else { "udp" };
            put(protocol, &port.to_string());
        }
        for (name, value) in [
            ("process", &self.process),
            ("version", &self.version),
            ("before", &self.version_before),
        ] {
            if let Some(value) = value {
                put(name, value);
            }
        }
        text
    }

    /// The reverse of [`Self::to_text`]; what it does not know is passed over.
    #[must_use]
    pub fn from_text(text: &str) -> Self {
        let mut note = Self::default();
        for (name, value) in text.lines().filter_map(|line| line.split_once('=')) {
            match name {
                "status" => note.status = value.parse().ok().map(ExitStatus::from_wait),
                "out_of_memory" => note.out_of_memory = true,
                "ordered" => note.ordered = true,
                "part" => note.part = true,
                "moved" => note.moved = true,
                "tool" => note.tool = true,
                "pid" => note.pid = value.parse().ok(),
                "count" => note.count = value.parse().unwrap_or(1),
                "last" => note.last_ms = value.parse().ok(),
                "tcp" | "udp" if note.ports.len() < PORTS_TOLD => {
                    let protocol = if name == "tcp" { Protocol::Tcp } else { Protocol::Udp };
                    note.ports.extend(value.parse().ok().map(|port| (protocol, port)));
                }
                "process" => note.process = Some(value.to_owned()),
                "version" => note.version = Some(value.to_owned()),
                "before" => note.version_before = Some(value.to_owned()),
                _ => {}
            }
        }
        note
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ended(status: ExitStatus) -> LifeNote {
        LifeNote { status: Some(status), ..LifeNote::default() }
    }

    #[test]
    fn what_is_a_crash() {
        for (status, expected) in [
            (ExitStatus::Code(0), false),
            (ExitStatus::Code(3), true),
            (ExitStatus::Code(143), false), // SIGTERM, as a shell or Java tells it
            (ExitStatus::Code(137), true),
            (ExitStatus::Signal(15), false),
            (ExitStatus::Signal(1), false),
            (ExitStatus::Signal(11), true),
            (ExitStatus::Signal(9), true),
        ] {
            assert_eq!(ended(status).is_crash(), expected, "{status:?}");
        }
        assert!(!LifeNote::default().is_crash(), "what is not known is no crash");
        let killed = LifeNote { out_of_memory: true, ..LifeNote::default() };
        assert!(killed.is_crash());
        assert!(!LifeNote { ordered: true, ..ended(ExitStatus::Signal(9)) }.is_crash());
    }

    #[test]
    fn a_note_comes_back_and_any_text_is_survived() {
        let note = LifeNote {
            status: Some(ExitStatus::Signal(11)),
            out_of_memory: true,
            ordered: true,
            part: true,
            pid: Some(7),
            process: Some("a=b c".into()),
            count: 17,
            last_ms: Some(5000),
            ports: vec![(Protocol::Tcp, 80), (Protocol::Udp, 53)],
            version: Some("16.2".into()),
            version_before: Some("16.1".into()),
            moved: false,
            tool: true,
        };
        assert_eq!(LifeNote::from_text(&note.to_text()), note);
        assert_eq!(LifeNote::default().to_text(), "", "nothing is nothing");
        let hostile = LifeNote { process: Some("x\nordered=1".into()), ..LifeNote::default() };
        let back = LifeNote::from_text(&hostile.to_text());
        assert!(!back.ordered, "a name is a name");
        assert_eq!(LifeNote::from_text("status=x\ntcp=99999\n\n=\n==="), LifeNote::default());
    }
}
