//! What works here, what does not, and what to do about it.

use crate::{
    Ira,
    wire::{ApiError, Check, CheckState, Doctor, Health, Nothing},
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
        name: limit.what,
        state: match limit.kind {
            LimitKind::Denied => CheckState::Limited,
            LimitKind::Unsupported => CheckState::Unsupported,
        },
        detail: match limit.kind {
            LimitKind::Denied => "refused to this user".to_owned(),
            LimitKind::Unsupported => "this system does not have it".to_owned(),
        },
        remedy: limit.remedy,
    }));
    Ok(Doctor { ira_version: env!("CARGO_PKG_VERSION").to_owned(), checks })
}

fn check(name: &str, state: CheckState, detail: String, remedy: Option<String>) -> Check {
    Check { name: name.to_owned(), state, detail, remedy }
}

fn sampling(ira: &Ira) -> Check {
    let (tick, processes) = ira.engine.live(|live| (live.tick, live.processes.len()));
    let cost = ira.engine.own_cost();
    if tick == 0 {
        return check("sampling", CheckState::Bad, "no sample was taken yet".to_owned(), None);
    }
    let detail = format!(
        "{processes} processes in {:.1} ms, {} overruns",
        cost.tick.as_secs_f64() * 1000.0,
        cost.overruns
    );
    check("sampling", CheckState::Good, detail, None)
}

/// What Ira costs against what it allows itself.
fn own_cost(ira: &Ira) -> Check {
    let (own, mib) = (ira.own(), f64::from(1 << 20));
    let (Some(cpu), Some(memory)) = (own.cpu_ratio, own.memory_bytes) else {
        return check("own cost", CheckState::Good, "not measured yet".to_owned(), None);
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
    check("own cost", if over { CheckState::Limited } else { CheckState::Good }, detail, None)
}

fn recording(ira: &Ira) -> Check {
    match ira.engine.recording() {
        Recording::Recording => {
            check("recording", CheckState::Good, "every second is kept".to_owned(), None)
        }
        Recording::Elsewhere { pid } => {
            let who = pid.map_or_else(|| "another Ira".to_owned(), |pid| format!("Ira {pid}"));
            check("recording", CheckState::Good, format!("{who} keeps every second"), None)
        }
        Recording::Opened { file, hostname } => {
            let detail = format!("this is {file}, a recording of {hostname}, opened to read");
            check("recording", CheckState::Good, detail, None)
        }
        Recording::Failed { message } => check("recording", CheckState::Bad, message, None),
    }
}

fn database(ira: &Ira) -> Check {
    let path = ira.engine.location().database.display().to_string();
    let size = |path: &std::path::Path| std::fs::metadata(path).map_or(0, |file| file.len());
    let location = ira.engine.location();
    let bytes = size(&location.database) + size(&location.journal());
    let mut detail = format!("{path}, {:.1} MiB", bytes as f64 / f64::from(1 << 20));
    if let Some(aside) = ira.engine.set_aside() {
        detail.push_str(&format!("; a damaged one was set aside as {}", aside.display()));
        return check("database", CheckState::Limited, detail, None);
    }
    match ira.past(ira_store::Reader::range) {
        Ok(Some((from, to))) => {
            let hours = (to - from) as f64 / 3_600_000.0;
            detail.push_str(&format!(", {hours:.1} h of seconds"));
            check("database", CheckState::Good, detail, None)
        }
        Ok(None) => check("database", CheckState::Good, format!("{detail}, empty so far"), None),
        Err(error) => check("database", CheckState::Bad, error.message, None),
    }
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
