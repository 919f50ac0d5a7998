//! `ira logs`: what applications say, merged by time.

use crate::{answers::looking, arguments::LogsWanted as Asked, moment, text};
use anyhow::{Context, Result, bail};
use ira_api::{
    Ira,
    wire::{
        Frame, LogDirection, LogEntry, LogFilter, LogLevel, LogPage, LogPageRequest, LogPlace,
        LogSourceRow, LogsWanted, Nothing, Stream,
    },
};
use std::{io::Write, path::PathBuf, time::Duration};

/// What only files tell of an application comes within this time.
const FACTS: Duration = Duration::from_secs(2);
/// Sources of one request, and entries of one page.
const MOST_SOURCES: usize = 64;
const PAGE: u32 = 500;

pub(crate) fn run(folder: Option<PathBuf>, open: Option<PathBuf>, asked: &Asked) -> Result<()> {
    let (ira, sampler) = looking(folder, open)?;
    if let Some(mut sampler) = sampler {
        sampler.tick()?;
        sampler.wait_for_facts(FACTS);
        sampler.tick()?;
    }
    let all = ira_api::log_sources(&ira, Nothing {})?;
    let chosen = choose(&all.sources, asked.application.as_deref());
    if let Some(problem) = &all.journal
        && (asked.sources || chosen.is_err())
    {
        writeln!(std::io::stderr(), "ira: no journal: {}", text::plain(&problem.message, 200))?;
    }
    let chosen = chosen?;
    let mut out = std::io::stdout().lock();
    if asked.sources {
        return list(&mut out, &chosen, asked.json);
    }
    let mut told = Told { out, sources: &chosen, json: asked.json };
    told.complain(chosen.iter().filter_map(|one| Some((one, one.problem.as_ref()?))))?;
    let filter = filter(asked)?;
    let ends = match &asked.since {
        None => told.last(&ira, &filter, asked.lines)?,
        Some(since) => {
            let at_ms = moment::parse(since, &jiff::ZonedDateTime::now())?;
            told.since(&ira, &filter, at_ms)?
        }
    };
    if asked.follow { told.follow(ira, filter, ends) } else { Ok(()) }
}

fn filter(asked: &Asked) -> Result<LogFilter> {
    let hidden_levels: Vec<LogLevel> = match asked.level.as_deref() {
        None => Vec::new(),
        Some(level) => {
            let least = level_of(level).with_context(|| {
                format!("--level {level:?}: trace, debug, info, warn, error or fatal")
            })?;
            LEVELS.iter().map(|(_, level)| *level).filter(|one| *one < least).collect()
        }
    };
    Ok(LogFilter {
        text: asked.grep.clone().unwrap_or_default(),
        is_regex: true,
        match_case: !asked.ignore_case,
        hide_unlevelled: asked.level.is_some(),
        hidden_levels,
        fields: Vec::new(),
    })
}

const LEVELS: &[(&str, LogLevel)] = &[
    ("trace", LogLevel::Trace),
    ("debug", LogLevel::Debug),
    ("info", LogLevel::Info),
    ("warn", LogLevel::Warn),
    ("error", LogLevel::Error),
    ("fatal", LogLevel::Fatal),
];

fn level_of(word: &str) -> Option<LogLevel> {
    LEVELS.iter().find(|(name, _)| name.eq_ignore_ascii_case(word)).map(|(_, level)| *level)
}

/// The sources of an application by its identifier or name, or of a path; all without one.
fn choose(all: &[LogSourceRow], wanted: Option<&str>) -> Result<Vec<LogSourceRow>> {
    let Some(wanted) = wanted else {
        let mut readable: Vec<_> =
            all.iter().filter(|one| one.problem.is_none()).cloned().collect();
        readable.sort_by_key(|one| std::cmp::Reverse(one.modified_ms.unwrap_or(i64::MAX)));
        readable.truncate(MOST_SOURCES);
        return Ok(readable);
    };
    let same =
        |text: &Option<String>| text.as_deref().is_some_and(|one| one.eq_ignore_ascii_case(wanted));
    let is_it = |one: &LogSourceRow| {
        same(&one.application)
            || same(&one.application_name)
            || one.id == wanted
            || one.id.strip_prefix("journal:") == Some(wanted)
            || one.path.as_deref() == Some(wanted)
            || one.name == wanted
    };
    let mut chosen: Vec<_> = all.iter().filter(|one| is_it(one)).cloned().collect();
    chosen.truncate(MOST_SOURCES);
    if chosen.is_empty() {
        let mut names: Vec<&str> =
            all.iter().filter_map(|one| one.application_name.as_deref()).collect();
        names.dedup();
        bail!(
            "nothing that {wanted:?} logs to is known here; these log: {}. `ira logs --sources` lists all",
            text::plain(&names.join(", "), 500)
        );
    }
    Ok(chosen)
}

fn list(out: &mut impl Write, chosen: &[LogSourceRow], json: bool) -> Result<()> {
    for one in chosen {
        if json {
            serde_json::to_writer(&mut *out, one).map_err(std::io::Error::from)?;
            writeln!(out)?;
            continue;
        }
        let owner = one.application_name.as_deref().unwrap_or("-");
        let why = one.problem.as_ref().map(|problem| format!("  ({})", problem.message));
        writeln!(
            out,
            "{:24} {}{}",
            text::plain(owner, 24),
            text::plain(one.path.as_deref().unwrap_or(&one.id), 500),
            text::plain(&why.unwrap_or_default(), 300)
        )?;
    }
    Ok(())
}

struct Told<'a, Out> {
    out: Out,
    sources: &'a [LogSourceRow],
    json: bool,
}

impl<Out: Write> Told<'_, Out> {
    fn request(&self, filter: &LogFilter) -> LogPageRequest {
        let place = |one: &LogSourceRow| LogPlace { source: one.id.clone(), cursor: None };
        LogPageRequest {
            sources: self.sources.iter().map(place).collect(),
            at_ms: None,
            direction: LogDirection::Older,
            filter: filter.clone(),
            limit: PAGE,
        }
    }

    /// The last so many entries. Answers where what comes later begins.
    fn last(&mut self, ira: &Ira, filter: &LogFilter, lines: u32) -> Result<Vec<LogPlace>> {
        let mut request = self.request(filter);
        let mut pages: Vec<Vec<LogEntry>> = Vec::new();
        let (mut left, mut ends) = (lines, None);
        loop {
            request.limit = left.clamp(1, PAGE);
            let LogPage { entries, places, ends: newest, is_end, .. } =
                ira_api::log_page(ira, request.clone())?;
            ends.get_or_insert(newest);
            let count = u32::try_from(entries.len()).unwrap_or(u32::MAX);
            if left > 0 {
                pages.push(entries);
            }
            left = left.saturating_sub(count);
            if is_end || left == 0 {
                break;
            }
            request.sources = places;
        }
        for entry in pages.into_iter().rev().flatten() {
            self.tell(&entry)?;
        }
        Ok(ends.unwrap_or_default())
    }

    /// Everything since a moment.
    fn since(&mut self, ira: &Ira, filter: &LogFilter, at_ms: i64) -> Result<Vec<LogPlace>> {
        let mut request = self.request(filter);
        request.at_ms = Some(at_ms);
        request.direction = LogDirection::Newer;
        loop {
            let page = ira_api::log_page(ira, request.clone())?;
            for entry in &page.entries {
                self.tell(entry)?;
            }
            if page.is_end {
                return Ok(page.places);
            }
            request.sources = page.places;
        }
    }

    fn follow(mut self, ira: Ira, filter: LogFilter, sources: Vec<LogPlace>) -> Result<()> {
        self.out.flush()?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(async move {
            let mut stream = ira.subscribe(Stream::Logs(LogsWanted { sources, filter }));
            while let Some(frame) = stream.next().await {
                let Frame::Logs(frame) = frame.frame else { continue };
                for entry in &frame.entries {
                    self.tell(entry)?;
                }
                if frame.left_out > 0 {
                    let left_out = frame.left_out;
                    writeln!(std::io::stderr(), "ira: {left_out} entries came too fast")?;
                }
                let failed = frame
                    .problems
                    .iter()
                    .filter_map(|one| Some((self.sources.get(one.source as usize)?, &one.problem)));
                self.complain(failed)?;
                self.out.flush()?;
            }
            Ok(())
        })
    }

    fn complain<'a>(
        &self,
        failed: impl Iterator<Item = (&'a LogSourceRow, &'a ira_api::wire::Problem)>,
    ) -> Result<()> {
        for (source, problem) in failed {
            let (id, message) = (text::plain(&source.id, 300), text::plain(&problem.message, 300));
            writeln!(std::io::stderr(), "ira: {id}: {message}")?;
        }
        Ok(())
    }

    fn tell(&mut self, entry: &LogEntry) -> Result<()> {
        let source = self.sources.get(entry.source as usize);
        if self.json {
            let object = serde_json::json!({
                "at": text::moment(entry.at_ms),
                "at_ms": entry.at_ms,
                "time": entry.time,
                "source": source.map(|one| &one.id),
                "application": source.and_then(|one| one.application.as_ref()),
                "level": entry.level,
                "message": entry.message,
                "lines": entry.lines,
                "fields": entry.fields.iter().map(|one| (one.name.clone(), one.value.clone().into())).collect::<serde_json::Map<_, _>>(),
                "format": entry.format,
            });
            serde_json::to_writer(&mut self.out, &object).map_err(std::io::Error::from)?;
            return Ok(writeln!(self.out)?);
        }
        let name = source.map_or("", |one| one.application_name.as_deref().unwrap_or(&one.name));
        let level = entry.level.and_then(|level| LEVELS.iter().find(|(_, one)| *one == level));
        writeln!(
            self.out,
            "{} {:5} {:16} {}",
            text::moment_ms(entry.at_ms),
            level.map_or("-", |(word, _)| word),
            text::plain(name, 16),
            text::plain(&entry.message.replace('\t', "    "), usize::MAX)
        )?;
        for line in &entry.lines {
            writeln!(self.out, "    {}", text::plain(&line.replace('\t', "    "), usize::MAX))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_level_hides_those_below_it() {
        let asked = Asked { level: Some("Warn".to_owned()), ..Asked::default() };
        let hidden = filter(&asked).map(|filter| filter.hidden_levels).unwrap_or_default();
        assert_eq!(hidden, [LogLevel::Trace, LogLevel::Debug, LogLevel::Info]);
        let asked = Asked { level: Some("loud".to_owned()), ..Asked::default() };
        let error = filter(&asked).err().map(|error| error.to_string()).unwrap_or_default();
        assert!(error.contains("trace, debug"), "{error}");
    }
}
