//! From the engine's words to those on the wire. Secrets end here.

use crate::wire::{
    LogEntry, LogEvidence, LogField, LogLevel, LogNotice, LogNoticeKind, LogSourceKind,
    LogSourceRow, LogStyle, LogTime, Problem, ProblemKind,
};
use ira_engine::logs::{
    Color, Evidence, Format, Item, Kind, Level, Masker, Notice, NoticeKind, Refusal, Source, Style,
    When,
};

/// The most styles of a message that are told.
const MOST_STYLES: usize = 200;
/// Above the numbers of a terminal's palette.
const RGB: u32 = 0x100_0000;

pub(super) fn source(source: &Source) -> LogSourceRow {
    LogSourceRow {
        id: source.id.clone(),
        kind: match source.kind {
            Kind::File => LogSourceKind::File,
            Kind::Container => LogSourceKind::Container,
            Kind::Journal => LogSourceKind::Journal,
            Kind::Kernel => LogSourceKind::Kernel,
        },
        name: source.name.clone(),
        application: source.application.as_ref().map(|owner| owner.id.clone()),
        application_name: source.application.as_ref().map(|owner| owner.name.clone()),
        path: source.path().map(|path| path.display().to_string()),
        evidence: match source.evidence {
            Evidence::Kept => LogEvidence::Kept,
            Evidence::Registered => LogEvidence::Registered,
            Evidence::Engine => LogEvidence::Engine,
            Evidence::Output => LogEvidence::Output,
            Evidence::Appended => LogEvidence::Appended,
            Evidence::Named => LogEvidence::Named,
            Evidence::Gone => LogEvidence::Gone,
            Evidence::Folder => LogEvidence::Folder,
            Evidence::Journal => LogEvidence::Journal,
            Evidence::Kernel => LogEvidence::Kernel,
        },
        pid: source.pid,
        size_bytes: source.size_bytes,
        modified_ms: source.modified_ms,
        problem: source.refusal.as_ref().map(problem),
    }
}

pub(super) fn problem(refusal: &Refusal) -> Problem {
    let kind = match refusal {
        Refusal::Denied => ProblemKind::Denied,
        Refusal::Missing => ProblemKind::Absent,
        _ => ProblemKind::Failed,
    };
    let remedy = matches!(refusal, Refusal::Denied).then(|| {
        "add the user to the group that owns it (often adm), or run Ira with the rights to read it"
            .to_owned()
    });
    Problem { kind, message: refusal.to_string(), remedy }
}

pub(crate) fn entry(item: Item) -> LogEntry {
    let mut masker = Masker::default();
    let entry = item.entry;
    let message = masker.line(&entry.message);
    // Where something was masked, nothing is where it was.
    let styles =
        if message == entry.message { styles(&message, &entry.styles) } else { Vec::new() };
    let message = message.into_owned();
    let lines = entry.continuation.lines().map(|line| masker.line(line).into_owned()).collect();
    LogEntry {
        source: u32::try_from(item.source).unwrap_or(u32::MAX),
        place: item.place.to_string(),
        at_ms: item.at_ms,
        time: match item.when {
            When::Told => LogTime::Told,
            When::Assumed => LogTime::Assumed,
            When::Before => LogTime::Before,
            When::Arrived => LogTime::Arrived,
        },
        level: entry.level.map(level),
        level_told: entry.level_told,
        message,
        styles,
        lines,
        fields: entry.fields.iter().map(|(name, value)| field(name, value)).collect(),
        format: format(entry.format).to_owned(),
        is_cut: entry.cut,
    }
}

/// A secret is known by its name or by itself, and so both are looked at together.
fn field(name: &str, value: &str) -> LogField {
    let both = format!("{name}={value}");
    let masked = Masker::default().line(&both).into_owned();
    let value = masked.strip_prefix(name).and_then(|rest| rest.strip_prefix('='));
    LogField { name: name.to_owned(), value: value.unwrap_or("***").to_owned() }
}

fn level(level: Level) -> LogLevel {
    match level {
        Level::Trace => LogLevel::Trace,
        Level::Debug => LogLevel::Debug,
        Level::Info => LogLevel::Info,
        Level::Warn => LogLevel::Warn,
        Level::Error => LogLevel::Error,
        Level::Fatal => LogLevel::Fatal,
    }
}

pub(super) fn notice(notice: Notice) -> LogNotice {
    LogNotice {
        source: u32::try_from(notice.source).unwrap_or(u32::MAX),
        at_ms: notice.at_ms,
        kind: match notice.kind {
            NoticeKind::Rotated => LogNoticeKind::Rotated,
            NoticeKind::Truncated => LogNoticeKind::Truncated,
            NoticeKind::Removed => LogNoticeKind::Removed,
            NoticeKind::Gap => LogNoticeKind::Gap,
        },
    }
}

/// Places in bytes become places in UTF-16.
fn styles(text: &str, styles: &[Style]) -> Vec<LogStyle> {
    let units =
        |to: usize| -> Option<u32> { u32::try_from(text.get(..to)?.encode_utf16().count()).ok() };
    let color = |color: Color| match color {
        Color::Indexed(number) => u32::from(number),
        Color::Rgb(red, green, blue) => RGB + u32::from_be_bytes([0, red, green, blue]),
    };
    let drawn = styles.iter().take(MOST_STYLES).filter_map(|style| {
        Some(LogStyle {
            start: units(style.start)?,
            end: units(style.end)?,
            color: style.look.foreground.map(color),
            bold: style.look.bold,
            dim: style.look.dim,
        })
    });
    drawn.collect()
}

fn format(format: Format) -> &'static str {
    match format {
        Format::Plain => "plain",
        Format::Guess => "guess",
        Format::Json => "json",
        Format::Bunyan => "bunyan",
        Format::Pino => "pino",
        Format::Zap => "zap",
        Format::Logrus => "logrus",
        Format::Serilog => "serilog",
        Format::Ecs => "ecs",
        Format::Gelf => "gelf",
        Format::DockerJson => "docker_json",
        Format::Cri => "cri",
        Format::Journal => "journal",
        Format::Logfmt => "logfmt",
        Format::Slog => "slog",
        Format::GoLog => "go_log",
        Format::Syslog3164 => "syslog_3164",
        Format::Syslog5424 => "syslog_5424",
        Format::Kernel => "kernel",
        Format::Access => "access",
        Format::NginxError => "nginx_error",
        Format::ApacheError => "apache_error",
        Format::Postgresql => "postgresql",
        Format::Mysql => "mysql",
        Format::Redis => "redis",
        Format::Python => "python",
        Format::Java => "java",
        Format::Rust => "rust",
        Format::Klog => "klog",
        Format::DotNet => "dot_net",
        Format::Ruby => "ruby",
        Format::Elixir => "elixir",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_of_fields_are_masked_by_their_name() {
        assert_eq!(field("api_key", "abcdef123456").value, "***");
        assert_eq!(field("user", "ada").value, "ada");
        assert_eq!(field("url", "http://ada:hush@shop/").value, "http://ada:***@shop/");
    }

    #[test]
    fn styles_are_where_a_script_counts() {
        let text = "né 🦊 red";
        let start = text.find("red").unwrap();
        let look = ira_engine::logs::Look {
            foreground: Some(Color::Rgb(255, 0, 1)),
            ..Default::default()
        };
        let drawn = styles(text, &[Style { start, end: text.len(), look }]);
        let utf16: Vec<u16> = text.encode_utf16().collect();
        assert_eq!(
            String::from_utf16_lossy(&utf16[drawn[0].start as usize..drawn[0].end as usize]),
            "red"
        );
        assert_eq!(drawn[0].color, Some(RGB + 0x00ff_0001));
    }
}
