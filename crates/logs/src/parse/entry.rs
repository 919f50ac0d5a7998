//! What a line of a log becomes.

use super::clean::{MAX_STYLES, Style};
use super::fields::Fields;
use super::level::Level;

/// The most bytes of one line that are looked at; what is longer is cut and says so.
pub const MAX_LINE_BYTES: usize = 1 << 20;
/// The most lines that join the one before.
pub const MAX_CONTINUATION_LINES: u32 = 1_000;
/// The most bytes of the lines that join the one before.
pub const MAX_CONTINUATION_BYTES: usize = 256 << 10;

/// When something was logged, and what had to be assumed to know it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Time {
    /// Milliseconds since 1970-01-01T00:00:00Z.
    pub at_ms: i64,
    /// What the line did not say.
    pub assumed: Assumed,
}

/// What a line did not say of its time, and was filled in from what the caller knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Assumed {
    /// The zone: the machine's own, or the usual meaning of an abbreviation.
    pub zone: bool,
    /// The year: the last one with which the time is not after the reference.
    pub year: bool,
    /// The whole date: the last one with which the time is not after the reference.
    pub date: bool,
}

impl Assumed {
    /// Whether the line said all of it.
    #[must_use]
    pub const fn nothing(self) -> bool {
        !self.zone && !self.year && !self.date
    }
}

/// The form a line was written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Format {
    /// None that is known: the line is the message.
    #[default]
    Plain,
    /// A time at the beginning, or a word of level: taken for what they look like.
    Guess,
    /// JSON objects of no known library.
    Json,
    /// Node's bunyan.
    Bunyan,
    /// Node's pino.
    Pino,
    /// Go's zap, JSON or console.
    Zap,
    /// Go's logrus, JSON.
    Logrus,
    /// Serilog's compact JSON (CLEF) or its JSON formatter.
    Serilog,
    /// Elastic Common Schema.
    Ecs,
    /// Graylog Extended Log Format.
    Gelf,
    /// Docker's `json-file` driver: `log`, `stream`, `time` around a line.
    DockerJson,
    /// What kubelet's runtimes write around a line (Container Runtime Interface).
    Cri,
    /// The systemd journal, exported as JSON.
    Journal,
    /// `key=value` pairs.
    Logfmt,
    /// Go's `log/slog`, text or JSON.
    Slog,
    /// Go's `log`, and what its runtime writes when it panics.
    GoLog,
    /// BSD syslog (RFC 3164), also with rsyslog's ISO time.
    Syslog3164,
    /// The syslog protocol (RFC 5424).
    Syslog5424,
    /// The kernel's ring buffer, as `dmesg` or `/dev/kmsg` give it.
    Kernel,
    /// Common or combined access log of Apache, nginx and others.
    Access,
    /// nginx's error log.
    NginxError,
    /// Apache's error log.
    ApacheError,
    /// PostgreSQL's stderr log.
    Postgresql,
    /// MySQL's or MariaDB's error log.
    Mysql,
    /// Redis or Valkey.
    Redis,
    /// Python's `logging` in its usual patterns, and its tracebacks.
    Python,
    /// log4j, logback, `java.util.logging`, and Java's stack traces.
    Java,
    /// Rust's `tracing` and `env_logger`, and its panics.
    Rust,
    /// klog and glog.
    Klog,
    /// .NET's console logger, Serilog's text, NLog.
    DotNet,
    /// Ruby's `Logger`.
    Ruby,
    /// Elixir's `Logger`.
    Elixir,
}

/// One thing that a program logged, of one line or of several.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Entry {
    /// When; `None` where the line does not say it.
    pub time: Option<Time>,
    /// How serious; `None` where neither the line says it nor its words let one guess.
    pub level: Option<Level>,
    /// Whether the line says the level; otherwise it is guessed.
    pub level_told: bool,
    /// What is said, without what stands in the other members. No control characters but tabs.
    pub message: String,
    /// How terminals would draw parts of the message.
    pub styles: Vec<Style>,
    /// What else the line says, by name.
    pub fields: Fields,
    /// The form it was written in.
    pub format: Format,
    /// The form around that one, where a container engine or the journal took the line down.
    pub wrapper: Option<Format>,
    /// The lines that belong to it, with a line feed between them.
    pub continuation: String,
    /// How terminals would draw parts of those lines.
    pub continuation_styles: Vec<Style>,
    /// How many lines those are, with the ones that are not kept.
    pub continuation_lines: u32,
    /// Whether something is not kept: of the line, its fields or the lines that belong to it.
    pub cut: bool,
    /// Whether it explains the entry before it, as a line of its own with time and all.
    pub(super) appendix: bool,
    /// Where the message was copied from: to bring the styles of the line to it.
    pub(super) copied_from: usize,
}

impl Entry {
    /// Forgets all but the room.
    pub(super) fn clear(&mut self) {
        self.time = None;
        self.level = None;
        self.level_told = false;
        self.message.clear();
        self.styles.clear();
        self.fields.clear();
        self.format = Format::Plain;
        self.wrapper = None;
        self.continuation.clear();
        self.continuation_styles.clear();
        self.continuation_lines = 0;
        self.cut = false;
        self.appendix = false;
        self.copied_from = 0;
    }

    /// Sets a message that is a part of the line.
    pub(super) fn say(&mut self, message: &str) {
        self.message.clear();
        self.message.push_str(message);
        self.copied_from = message.as_ptr().addr();
    }

    /// Sets the level that the line tells, if it is one.
    pub(super) fn tell(&mut self, level: Option<Level>) {
        if level.is_some() {
            self.level = level;
            self.level_told = true;
        }
    }

    /// Sets a level that is a guess, unless one is known.
    pub(super) fn suppose(&mut self, level: Option<Level>) {
        if self.level.is_none() {
            self.level = level;
            self.level_told = false;
        }
    }

    /// Adds a field; an empty value, or a dash for none, is no field.
    pub(super) fn field(&mut self, name: &str, value: &str) {
        if !value.is_empty() && value != "-" {
            self.cut |= !self.fields.push(name, value);
        }
    }

    /// Adds a line that belongs to it.
    pub(super) fn join(&mut self, line: &str, styles: &[Style]) {
        self.continuation_lines = self.continuation_lines.saturating_add(1);
        let room = MAX_CONTINUATION_BYTES.saturating_sub(self.continuation.len());
        if self.continuation_lines > MAX_CONTINUATION_LINES || line.len() >= room {
            self.cut = true;
            return;
        }
        if self.continuation_lines > 1 {
            self.continuation.push('\n');
        }
        let offset = self.continuation.len();
        self.continuation.push_str(line);
        let room = MAX_STYLES.saturating_sub(self.continuation_styles.len());
        self.continuation_styles.extend(styles.iter().take(room).map(|style| Style {
            start: style.start + offset,
            end: style.end + offset,
            look: style.look,
        }));
    }

    /// Gives back room that one long line took.
    pub(super) fn shrink(&mut self, most: usize) {
        self.message.shrink_to(most);
        self.continuation.shrink_to(most);
        self.styles.shrink_to(MAX_STYLES);
        self.continuation_styles.shrink_to(MAX_STYLES);
        self.fields.shrink_to(most);
    }
}
