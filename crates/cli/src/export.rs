//! `ira export`: a span of the past as rows, or as a file that opens on any machine.

use crate::{answers::looking, arguments::Format, arguments::Span, moment};
use anyhow::{Context, Result, bail};
use ira_api::ExportRow;
use std::{
    fs::OpenOptions,
    io::{BufWriter, IsTerminal, Write},
    path::PathBuf,
    time::Instant,
};

/// Runs it.
pub(crate) fn run(folder: Option<PathBuf>, open: Option<PathBuf>, wanted: &Span) -> Result<()> {
    let now = jiff::ZonedDateTime::now();
    let from = moment::parse(&wanted.from, &now).context("--from")?;
    let to = match &wanted.to {
        Some(to) => moment::parse(to, &now).context("--to")?,
        None => now.timestamp().as_millisecond(),
    };
    if to <= from {
        bail!("--to must be after --from");
    }
    let (ira, _) = looking(folder, open)?;
    if let Some(file) = wanted.output.as_ref().filter(|file| file.symlink_metadata().is_ok()) {
        bail!(
            "{} exists already and is not written over: give --output another name, or remove it",
            file.display()
        );
    }
    if let Some(id) = &wanted.application
        && let Some(near) = ira_api::near_applications(&ira, id)?
    {
        let hint = if near.is_empty() {
            "`ira now --json` tells the identifiers of those that run".to_owned()
        } else {
            format!("did you mean {}?", near.join(", "))
        };
        bail!("--application: no application {id} was ever seen; {hint}");
    }
    let mut bar = Bar::new();
    if wanted.format == Format::Ira {
        let Some(file) = &wanted.output else { bail!("--format ira needs --output FILE.ira") };
        if wanted.application.is_some() {
            bail!("an .ira file holds whole seconds; --application goes with jsonl and csv");
        }
        let blocks = ira_api::export_file(&ira, (from, to), file, |done, all| bar.show(done, all))?;
        bar.end();
        if blocks == 0 {
            bail!("nothing is recorded in that span; {} was not made", file.display());
        }
        writeln!(std::io::stderr(), "ira: {} minutes in {}", blocks, file.display())?;
        return Ok(());
    }
    let sink: Box<dyn Write> = match &wanted.output {
        Some(file) => Box::new(
            OpenOptions::new()
                .write(true)
                .create_new(true)
                .open(file)
                .with_context(|| format!("cannot make {}", file.display()))?,
        ),
        None => Box::new(std::io::stdout()),
    };
    let mut out = BufWriter::new(sink);
    if wanted.format == Format::Csv {
        writeln!(out, "{}", ExportRow::COLUMNS.join(","))?;
    }
    let all = (to - from).max(1).cast_unsigned();
    ira_api::export_rows(&ira, (from, to), wanted.application.as_deref(), |row| {
        bar.show((row.at_ms - from).max(0).cast_unsigned(), all);
        if wanted.format == Format::Csv {
            writeln!(out, "{}", row.fields().map(|field| quoted(&field)).join(","))
        } else {
            serde_json::to_writer(&mut out, row)?;
            writeln!(out)
        }
    })?;
    bar.end();
    out.flush()?;
    Ok(())
}

/// A field of CSV (RFC 4180). A leading `=`, `+`, `-` or `@` would be run by a spreadsheet when it
/// begins a text; numbers keep their sign.
fn quoted(field: &str) -> String {
    let is_number = field.parse::<f64>().is_ok();
    let field = match field.chars().next() {
        Some('=' | '+' | '-' | '@') if !is_number => format!("'{field}"),
        _ => field.to_owned(),
    };
    if field.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", field.replace('"', "\"\""))
    } else {
        field
    }
}

/// A line on the terminal that says how far it is; nothing where nobody sees it.
struct Bar {
    shown: bool,
    next: Instant,
}

impl Bar {
    fn new() -> Self {
        // What is done at once needs no bar.
        let next = Instant::now() + std::time::Duration::from_millis(500);
        Self { shown: false, next }
    }

    fn show(&mut self, done: u64, all: u64) {
        if Instant::now() < self.next || !std::io::stderr().is_terminal() {
            return;
        }
        self.next = Instant::now() + std::time::Duration::from_millis(200);
        self.shown = true;
        let percent = (done.saturating_mul(100) / all.max(1)).min(100);
        let filled = "#".repeat((percent / 4) as usize);
        write!(std::io::stderr(), "\r[{filled:<25}] {percent:>3} %").ok();
    }

    fn end(&self) {
        if self.shown {
            writeln!(std::io::stderr()).ok();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_that_would_break_a_table_or_run_in_one() {
        for (field, expected) in [
            ("plain", "plain"),
            ("a,b", "\"a,b\""),
            ("say \"hi\"", "\"say \"\"hi\"\"\""),
            ("=HYPERLINK(1)", "'=HYPERLINK(1)"),
            ("-0.5", "-0.5"),
            ("-rm", "'-rm"),
            ("", ""),
        ] {
            assert_eq!(quoted(field), expected, "{field}");
        }
    }
}
