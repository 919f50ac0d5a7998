//! Answers for the terminal: read only, whoever records.

use crate::{arguments::Wanted, moment, text};
use anyhow::{Context, Result};
use ira_api::{
    Ira,
    wire::{Applications, At, Nothing, Processes},
};
use ira_engine::{Engine, Options, Sampler};
use serde_json::{Value, json};
use std::{io::Write, path::PathBuf, time::Duration};

/// Long enough to tell rates, short enough to wait for.
const MEASURED: Duration = Duration::from_secs(1);

/// Something to ask: a recording, or this machine with what is kept of it. The sampler makes the
/// present known, where that is wanted.
pub(crate) fn looking(
    folder: Option<PathBuf>,
    open: Option<PathBuf>,
) -> Result<(Ira, Option<Sampler>)> {
    if let Some(file) = open {
        return Ok((Ira::new(Engine::open(&file)?), None));
    }
    let probe = ira_probe::local().context("this machine cannot be read")?;
    let options = Options { folder, record: false, ..Options::default() };
    let (engine, sampler) = Engine::by_hand(probe, options)?;
    Ok((Ira::new(engine), Some(sampler)))
}

/// `ira now`
pub(crate) fn now(folder: Option<PathBuf>, wanted: &Wanted) -> Result<()> {
    let (ira, sampler) = looking(folder, None)?;
    if let Some(mut sampler) = sampler {
        sampler.tick()?;
        std::thread::sleep(MEASURED);
        // What only files tell comes a moment later; the second look is the last.
        sampler.wait_for_facts(MEASURED * 2);
        sampler.tick()?;
    }
    tell(&ira, None, wanted)
}

/// `ira at TIME`
pub(crate) fn at(
    folder: Option<PathBuf>,
    open: Option<PathBuf>,
    time: &str,
    wanted: &Wanted,
) -> Result<()> {
    let at_ms = moment::parse(time, &jiff::ZonedDateTime::now())?;
    let (ira, _) = looking(folder, open)?;
    tell(&ira, Some(at_ms), wanted).with_context(|| format!("at {}", text::moment(at_ms)))
}

fn tell(ira: &Ira, at_ms: Option<i64>, wanted: &Wanted) -> Result<()> {
    let applications = ira_api::applications(ira, At { at_ms })?;
    let processes = match wanted.processes {
        true => Some(ira_api::processes(ira, At { at_ms })?),
        false => None,
    };
    let mut out = std::io::stdout().lock();
    if wanted.json {
        let object = object(ira, at_ms, &applications, processes.as_ref())?;
        serde_json::to_writer(&mut out, &object).map_err(std::io::Error::from)?;
        writeln!(out)?;
        return Ok(());
    }
    text::applications(&mut out, &applications)?;
    if let Some(processes) = &processes {
        writeln!(out)?;
        text::processes(&mut out, processes)?;
    }
    Ok(())
}

/// The object both commands give with `--json`.
fn object(
    ira: &Ira,
    at_ms: Option<i64>,
    answer: &Applications,
    processes: Option<&Processes>,
) -> Result<Value> {
    let members = ira_api::members(ira, At { at_ms })?;
    let rows: Vec<Value> = answer
        .applications
        .iter()
        .map(|row| {
            let member = members.get(&row.id);
            json!({
                "id": row.id,
                "kind": row.kind,
                "name": row.name,
                "class": row.class,
                "engine": row.engine,
                "version": row.version,
                "cpu_ratio": row.cpu_ratio,
                "memory_bytes": row.memory_bytes,
                "read_bytes_per_sec": row.read_bytes_per_sec,
                "write_bytes_per_sec": row.write_bytes_per_sec,
                "ports": row.ports,
                "pids": member.map(|member| &member.pids),
                "evidence": member.map(|member| &member.evidence),
            })
        })
        .collect();
    let mut object = json!({
        "at": text::moment(answer.at_ms),
        "host": answer.host,
        "applications": rows,
        "unattributed": answer.unattributed,
    });
    if let (Some(processes), Some(fields)) = (processes, object.as_object_mut()) {
        fields.insert("processes".to_owned(), serde_json::to_value(&processes.processes)?);
    }
    Ok(object)
}

/// `ira doctor`
pub(crate) fn doctor(folder: Option<PathBuf>, open: Option<PathBuf>, json: bool) -> Result<()> {
    let (ira, sampler) = looking(folder, open)?;
    if let Some(mut sampler) = sampler {
        sampler.tick()?;
    }
    let doctor = ira_api::doctor(&ira, Nothing {})?;
    let mut out = std::io::stdout().lock();
    if json {
        serde_json::to_writer(&mut out, &doctor).map_err(std::io::Error::from)?;
        writeln!(out)?;
    } else {
        text::doctor(&mut out, &doctor)?;
    }
    Ok(())
}
