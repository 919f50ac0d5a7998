//! Figures for people at a terminal.

use ira_api::wire::{Applications, CheckState, Doctor, Processes};
use std::io::{Result, Write};

/// Wider names are cut.
const NAME: usize = 32;

/// A moment in local time, RFC 3339.
pub(crate) fn moment(at_ms: i64) -> String {
    jiff::Timestamp::from_millisecond(at_ms).map_or_else(
        |_| at_ms.to_string(),
        |time| {
            time.to_zoned_datetime(jiff::tz::TimeZone::system())
                .strftime("%Y-%m-%dT%H:%M:%S%:z")
                .to_string()
        },
    )
}

/// A moment of a line in a log, in local time.
pub(crate) fn moment_ms(at_ms: i64) -> String {
    jiff::Timestamp::from_millisecond(at_ms).map_or_else(
        |_| at_ms.to_string(),
        |time| {
            let local = time.to_zoned_datetime(jiff::tz::TimeZone::system());
            local.strftime("%Y-%m-%d %H:%M:%S.%3f").to_string()
        },
    )
}

fn percent(ratio: Option<f64>) -> String {
    ratio.map_or_else(|| "-".to_owned(), |ratio| format!("{:.1}%", ratio * 100.0))
}

fn bytes(bytes: f64) -> String {
    let mut value = bytes;
    let mut unit = "B";
    for next in ["KiB", "MiB", "GiB", "TiB"] {
        if value.abs() < 1024.0 {
            break;
        }
        value /= 1024.0;
        unit = next;
    }
    if unit == "B" { format!("{value:.0} {unit}") } else { format!("{value:.1} {unit}") }
}

fn size(size: Option<u64>) -> String {
    size.map_or_else(|| "-".to_owned(), |size| bytes(size as f64))
}

fn rate(rate: Option<f64>) -> String {
    match rate {
        None => "-".to_owned(),
        Some(rate) if rate.abs() < 0.5 => "0".to_owned(),
        Some(rate) => format!("{}/s", bytes(rate)),
    }
}

/// What a terminal would obey is shown and not obeyed; what is too long is cut.
pub(crate) fn plain(text: &str, width: usize) -> String {
    let mut out: String =
        text.chars()
            .map(|c| {
                if c.is_control() || ('\u{202a}'..='\u{202e}').contains(&c) {
                    '\u{fffd}'
                } else {
                    c
                }
            })
            .take(width)
            .collect();
    if text.chars().nth(width).is_some() {
        out.pop();
        out.push('\u{2026}');
    }
    out
}

pub(crate) fn applications(out: &mut impl Write, answer: &Applications) -> Result<()> {
    let host = &answer.host;
    let share = host.cpu_ratio.map(|ratio| ratio / f64::from(host.cpu_count.max(1)));
    writeln!(
        out,
        "{}  CPU {} of {}  memory {} of {}  disk r {} w {}  network in {} out {}",
        moment(answer.at_ms),
        percent(share),
        if host.cpu_count == 1 { "1 core".to_owned() } else { format!("{} cores", host.cpu_count) },
        bytes(host.memory_used_bytes as f64),
        bytes(host.memory_total_bytes as f64),
        rate(host.disk_read_bytes_per_sec),
        rate(host.disk_write_bytes_per_sec),
        rate(host.received_bytes_per_sec),
        rate(host.sent_bytes_per_sec),
    )?;
    writeln!(out)?;
    writeln!(
        out,
        "{:<NAME$} {:<8} {:>5} {:>8} {:>10} {:>12} {:>12}  PORTS",
        "APPLICATION", "KIND", "PROCS", "CPU", "MEMORY", "READ", "WRITE"
    )?;
    for row in &answer.applications {
        let ports: Vec<String> = row.ports.iter().map(u16::to_string).collect();
        let kind = format!("{:?}", row.kind).to_lowercase();
        writeln!(
            out,
            "{:<NAME$} {:<8} {:>5} {:>8} {:>10} {:>12} {:>12}  {}",
            plain(&row.name, NAME),
            kind,
            row.process_count,
            percent(row.cpu_ratio),
            size(row.memory_bytes),
            rate(row.read_bytes_per_sec),
            rate(row.write_bytes_per_sec),
            ports.join(" ")
        )?;
    }
    let rest = &answer.unattributed;
    writeln!(
        out,
        "{:<NAME$} {:<8} {:>5} {:>8} {:>10} {:>12} {:>12}",
        "unattributed",
        "",
        "",
        percent(rest.cpu_ratio),
        rest.memory_bytes.map_or_else(|| "-".to_owned(), |rest| bytes(rest as f64)),
        rate(rest.read_bytes_per_sec),
        rate(rest.write_bytes_per_sec),
    )?;
    writeln!(out, "\nCPU is a share of one core.")
}

pub(crate) fn processes(out: &mut impl Write, answer: &Processes) -> Result<()> {
    let mut rows: Vec<_> = answer.processes.iter().collect();
    rows.sort_by(|a, b| b.cpu_ratio.unwrap_or(-1.0).total_cmp(&a.cpu_ratio.unwrap_or(-1.0)));
    writeln!(
        out,
        "{:>8} {:>8} {:<12} {:>8} {:>10} {:>12} {:>12}  COMMAND",
        "PID", "PARENT", "USER", "CPU", "MEMORY", "READ", "WRITE"
    )?;
    for row in rows {
        writeln!(
            out,
            "{:>8} {:>8} {:<12} {:>8} {:>10} {:>12} {:>12}  {}",
            row.pid,
            row.parent_pid,
            plain(row.user.as_deref().unwrap_or("-"), 12),
            percent(row.cpu_ratio),
            size(row.memory_bytes),
            rate(row.read_bytes_per_sec),
            rate(row.write_bytes_per_sec),
            plain(&row.command, 120)
        )?;
    }
    Ok(())
}

pub(crate) fn doctor(out: &mut impl Write, doctor: &Doctor) -> Result<()> {
    writeln!(out, "ira {}", doctor.ira_version)?;
    for check in &doctor.checks {
        let state = match check.state {
            CheckState::Good => "good",
            CheckState::Limited => "limited",
            CheckState::Bad => "BAD",
            CheckState::Unsupported => "not here",
        };
        writeln!(out, "{state:<9} {}: {}", check.name, check.detail)?;
        if let Some(remedy) = &check.remedy {
            writeln!(out, "{:<9} {remedy}", "")?;
        }
    }
    Ok(())
}
