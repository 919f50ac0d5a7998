//! Which library wrote a JSON object, and what its members mean.
//!
//! Sources: bunyan's README ("Core fields"), pino's and logrus's documentation, zap's `NewProductionEncoderConfig`, Go's
//! `log/slog`, Serilog's compact format (CLEF), Elastic Common Schema's logging reference, Graylog's GELF 1.1.

use super::entry::Format;
use super::members::{Members, decode};

/// What a member is for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Time,
    Level,
    Message,
    /// A message whose template was filled in by the program.
    Rendered,
    /// A message with the lines that follow its first.
    Full,
    /// The version of the format and the like.
    Noise,
    Field,
}

/// The dialect of an object, by the names that only one has.
pub(super) fn of(members: &Members<'_>) -> Format {
    let mut known = Known::default();
    for (name, value) in members.iter() {
        let number = value.starts_with(|c: char| c.is_ascii_digit());
        match name {
            "@t" | "MessageTemplate" => return Format::Serilog,
            "ecs.version" | "ecs" | "log.level" => return Format::Ecs,
            "short_message" => known.short = true,
            "v" => known.version = number,
            "level" => {
                known.number = number;
                known.capitals =
                    value.trim_matches('"').starts_with(|c: char| c.is_ascii_uppercase());
                known.word = !number;
            }
            "pid" => known.pid = true,
            "hostname" => known.host = true,
            "name" => known.name = true,
            "msg" => known.msg = true,
            "ts" => known.ts = true,
            "time" => known.time = true,
            "@timestamp" => known.at_timestamp = true,
            "log" => known.log = value.starts_with('{'),
            _ => {}
        }
    }
    match known {
        Known { short: true, .. } => Format::Gelf,
        Known { at_timestamp: true, log: true, .. } => Format::Ecs,
        Known { number: true, version: true, name: true, pid: true, host: true, .. } => {
            Format::Bunyan
        }
        Known { number: true, time: true, .. } => Format::Pino,
        Known { word: true, ts: true, msg: true, .. } => Format::Zap,
        Known { word: true, time: true, msg: true, capitals: true, .. } => Format::Slog,
        Known { word: true, time: true, msg: true, .. } => Format::Logrus,
        _ => Format::Json,
    }
}

#[derive(Default)]
struct Known {
    short: bool,
    version: bool,
    number: bool,
    word: bool,
    capitals: bool,
    pid: bool,
    host: bool,
    name: bool,
    msg: bool,
    ts: bool,
    time: bool,
    at_timestamp: bool,
    log: bool,
}

/// What a member of that name is for; within other objects only the level of ECS counts.
pub(super) fn role(path: &str, depth: usize) -> Role {
    if depth > 0 {
        return if path == "log.level" { Role::Level } else { Role::Field };
    }
    match path {
        "time" | "ts" | "timestamp" | "@timestamp" | "@t" | "Timestamp" | "datetime" | "date"
        | "t" | "asctime" | "created" | "eventTime" => Role::Time,
        "level" | "lvl" | "severity" | "@l" | "log.level" | "level_name" | "levelname"
        | "loglevel" | "logLevel" | "Level" | "LogLevel" | "severity_text" => Role::Level,
        "msg" | "message" | "@mt" | "short_message" | "Message" | "MessageTemplate" | "event"
        | "log" | "text" | "body" => Role::Message,
        "@m" | "RenderedMessage" => Role::Rendered,
        "full_message" => Role::Full,
        "v" | "version" | "@i" | "ecs.version" => Role::Noise,
        _ => Role::Field,
    }
}

/// How a member is called to the user: GELF writes an underscore before what is not its own.
pub(super) fn shown(name: &str, format: Format) -> &str {
    if format == Format::Gelf { name.strip_prefix('_').unwrap_or(name) } else { name }
}

/// The most values that are filled into a template.
const MAX_HOLES: usize = 256;

/// A message template (messagetemplates.org) with its values filled in; `template` is a JSON string.
pub(super) fn render(template: &str, members: &Members<'_>) -> String {
    let template = decode(template);
    let mut rendered = String::with_capacity(template.len());
    let properties = members.get("Properties").and_then(Members::read);
    let mut rest = &*template;
    for _ in 0..MAX_HOLES {
        let Some((before, behind)) = rest.split_once('{') else { break };
        rendered.push_str(before);
        if let Some(tail) = behind.strip_prefix('{') {
            rendered.push('{');
            rest = tail;
            continue;
        }
        let Some((hole, tail)) = behind.split_once('}') else {
            rendered.push('{');
            rest = behind;
            break;
        };
        let name = hole.split([':', ',']).next().unwrap_or_default().trim_start_matches(['@', '$']);
        // CLEF has the properties beside the message, Serilog's own JSON within `Properties`.
        let value = members.get(name).or_else(|| properties.as_ref()?.get(name));
        match value.filter(|_| rendered.len() < super::entry::MAX_LINE_BYTES) {
            Some(value) => rendered.push_str(&decode(value)),
            None => {
                rendered.push('{');
                rendered.push_str(hole);
                rendered.push('}');
            }
        }
        rest = tail;
    }
    rendered.push_str(rest);
    rendered.replace("}}", "}")
}
