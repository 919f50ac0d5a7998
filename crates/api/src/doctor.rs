//! What works here, what does not, and what to do about it.

use crate::{
    Ira,
    wire::{ApiError, Check, CheckFound, CheckState, Doctor, Health, Nothing},
};
use ira_engine::Recording;
use ira_probe::LimitKind;
use std::time::{SystemTime, UNIX_EPOCH};

/// What Ira can and cannot read here.
///
/// # Errors
/// None today.
#[allow(clippy::needless_pass_by_value)] // every command takes its request
pub fn doctor(ira: &Ira, _: Nothing) -> Result<Doctor, ApiError> {
    let mut checks = vec![sampling(ira), recording(ira), database(ira), own_cost(ira)];
    checks.extend(ira.engine.limits().into_iter().map(|limit| Check {
        code: limit.code.to_owned(),
        name: limit.what,
        state: match limit.kind {
            LimitKind::Denied => CheckState::Limited,
            LimitKind::Unsupported => CheckState::Unsupported,
        },
        found: match limit.kind {
            LimitKind::Denied => CheckFound::Refused,
            LimitKind::Unsupported => CheckFound::NotHere,
        },
        detail: match limit.kind {
            LimitKind::Denied => "refused to this user".to_owned(),
            LimitKind::Unsupported => "this system does not have it".to_owned(),
        },
        remedy: limit.remedy,
    }));
    Ok(Doctor { ira_version: env!("CARGO_PKG_VERSION").to_owned(), checks })
}

fn check(code: &str, state: CheckState, found: CheckFound, detail: String) -> Check {
    let name = code.replace('_', " ");
    Check { code: code.to_owned(), name, state, found, detail, remedy: None }
}

fn sampling(ira: &Ira) -> Check {
    let (tick, processes) = ira.engine.live(|live| (live.tick, live.processes.len()));
    let cost = ira.engine.own_cost();
    if tick == 0 {
        let detail = "no sample was taken yet".to_owned();
        return check("sampling", CheckState::Bad, CheckFound::NoSample, detail);
    }
    let (tick_ms, overruns) = (cost.tick.as_secs_f64() * 1000.0, cost.overruns);
    let detail = format!("{processes} processes in {tick_ms:.1} ms, {overruns} overruns");
    let processes = u32::try_from(processes).unwrap_or(u32::MAX);
    let found = CheckFound::Sampled { processes, tick_ms, overruns };
    check("sampling", CheckState::Good, found, detail)
}

/// What Ira costs against what it allows itself.
fn own_cost(ira: &Ira) -> Check {
    let (own, mib) = (ira.own(), f64::from(1 << 20));
    let (Some(cpu), Some(memory)) = (own.cpu_ratio, own.memory_bytes) else {
        let detail = "not measured yet".to_owned();
        return check("own_cost", CheckState::Good, CheckFound::NotMeasured, detail);
    };
    let over = cpu > own.budget_cpu_ratio || memory > own.budget_memory_bytes;
    let detail = format!(
        "{:.2} % of a core of {:.0} %, {:.0} MiB of {:.0}, {:.2} MB written an hour; a tick reads {:.1} ms, derives {:.1} ms, records {:.1} ms",
        cpu * 100.0,
        own.budget_cpu_ratio * 100.0,
        memory as f64 / mib,
        own.budget_memory_bytes as f64 / mib,
        own.write_bytes_per_sec.unwrap_or_default() * 3600.0 / 1e6,
        own.read_ms,
        own.derive_ms,
        own.record_ms,
    );
    let state = if over { CheckState::Limited } else { CheckState::Good };
    check("own_cost", state, CheckFound::Cost { cost: own }, detail)
}

fn recording(ira: &Ira) -> Check {
    let (state, found, detail) = match ira.engine.recording() {
        Recording::Recording => {
            (CheckState::Good, CheckFound::Kept, "every second is kept".to_owned())
        }
        Recording::Elsewhere { pid } => {
            let who = pid.map_or_else(|| "another Ira".to_owned(), |pid| format!("Ira {pid}"));
            let detail = format!("{who} keeps every second");
            (CheckState::Good, CheckFound::KeptElsewhere { pid }, detail)
        }
        Recording::Opened { file, hostname } => {
            let detail = format!("this is {file}, a recording of {hostname}, opened to read");
            (CheckState::Good, CheckFound::Opened { file, hostname }, detail)
        }
        Recording::Failed { message } => (CheckState::Bad, CheckFound::Said, message),
    };
    check("recording", state, found, detail)
}

fn database(ira: &Ira) -> Check {
    let path = ira.engine.location().database.display().to_string();
    let size = |path: &std::path::Path| std::fs::metadata(path).map_or(0, |file| file.len());
    let location = ira.engine.location();
    let bytes = size(&location.database) + size(&location.journal());
    let mut detail = format!("{path}, {:.1} MiB", bytes as f64 / f64::from(1 << 20));
    if let Some(aside) = ira.engine.set_aside() {
        let aside = aside.display().to_string();
        detail.push_str(&format!("; a damaged one was set aside as {aside}"));
        let found = CheckFound::Database { path, bytes, span_ms: None, set_aside: Some(aside) };
        return check("database", CheckState::Limited, found, detail);
    }
    let span_ms = match ira.past(ira_store::Reader::range) {
        Ok(range) => range.map(|(from_ms, to_ms)| to_ms.abs_diff(from_ms)),
        Err(error) => return check("database", CheckState::Bad, CheckFound::Said, error.message),
    };
    match span_ms {
        Some(ms) => detail.push_str(&format!(", {:.1} h of seconds", ms as f64 / 3_600_000.0)),
        None => detail.push_str(", empty so far"),
    }
    let found = CheckFound::Database { path, bytes, span_ms, set_aside: None };
    check("database", CheckState::Good, found, detail)
}

/// Whether the program answers.
///
/// # Errors
/// None today.
#[allow(clippy::needless_pass_by_value)] // every command takes its request
pub fn health(ira: &Ira, _: Nothing) -> Result<Health, ApiError> {
    let at_ms = ira.engine.live(|live| live.at_ms);
    let now_ms =
        SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |now| now.as_millis() as i64);
    Ok(Health {
        ira_version: env!("CARGO_PKG_VERSION").to_owned(),
        recording: ira.engine.recording() == Recording::Recording,
        last_sample_age_ms: (at_ms > 0)
            .then(|| now_ms.saturating_sub(at_ms).max(0).cast_unsigned()),
    })
}
