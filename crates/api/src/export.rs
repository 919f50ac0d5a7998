//! Every second of a span as rows, for programs that take over from here.

use crate::{
    Ira,
    moment::Moment,
    wire::{ApiError, ApplicationRow, Host},
};
use ira_model::Application;
use serde::Serialize;
use std::{collections::BTreeMap, path::Path};

/// So many are suggested.
const NEAR: usize = 5;

/// One application, or the machine, in one second.
#[derive(Debug, Clone, Serialize)]
pub struct ExportRow {
    /// When, milliseconds since 1970.
    pub at_ms: i64,
    /// Identifier; `null` for the machine as a whole.
    pub application: Option<String>,
    /// Name.
    pub name: Option<String>,
    /// Processes.
    pub process_count: u32,
    /// CPU as a share of one core.
    pub cpu_ratio: Option<f64>,
    /// Resident memory; of the machine what is not available.
    pub memory_bytes: Option<u64>,
    /// Memory with shared pages in shares.
    pub pss_bytes: Option<u64>,
    /// From storage.
    pub read_bytes_per_sec: Option<f64>,
    /// To storage.
    pub write_bytes_per_sec: Option<f64>,
    /// Received.
    pub received_bytes_per_sec: Option<f64>,
    /// Sent.
    pub sent_bytes_per_sec: Option<f64>,
}

impl ExportRow {
    /// Names of the columns, in the order of [`Self::fields`].
    pub const COLUMNS: [&'static str; 11] = [
        "at_ms",
        "application",
        "name",
        "process_count",
        "cpu_ratio",
        "memory_bytes",
        "pss_bytes",
        "read_bytes_per_sec",
        "write_bytes_per_sec",
        "received_bytes_per_sec",
        "sent_bytes_per_sec",
    ];

    /// The row as texts; empty where a value is missing.
    #[must_use]
    pub fn fields(&self) -> [String; 11] {
        let float = |value: Option<f64>| value.map(|value| value.to_string()).unwrap_or_default();
        let whole = |value: Option<u64>| value.map(|value| value.to_string()).unwrap_or_default();
        [
            self.at_ms.to_string(),
            self.application.clone().unwrap_or_default(),
            self.name.clone().unwrap_or_default(),
            self.process_count.to_string(),
            float(self.cpu_ratio),
            whole(self.memory_bytes),
            whole(self.pss_bytes),
            float(self.read_bytes_per_sec),
            float(self.write_bytes_per_sec),
            float(self.received_bytes_per_sec),
            float(self.sent_bytes_per_sec),
        ]
    }

    fn host(at_ms: i64, host: &Host) -> Self {
        Self {
            at_ms,
            application: None,
            name: None,
            process_count: host.process_count,
            cpu_ratio: host.cpu_ratio,
            memory_bytes: Some(host.memory_used_bytes),
            pss_bytes: None,
            read_bytes_per_sec: host.disk_read_bytes_per_sec,
            write_bytes_per_sec: host.disk_write_bytes_per_sec,
            received_bytes_per_sec: host.received_bytes_per_sec,
            sent_bytes_per_sec: host.sent_bytes_per_sec,
        }
    }

    fn application(at_ms: i64, row: ApplicationRow) -> Self {
        Self {
            at_ms,
            application: Some(row.id),
            name: Some(row.name),
            process_count: row.process_count,
            cpu_ratio: row.cpu_ratio,
            memory_bytes: row.memory_bytes,
            pss_bytes: row.pss_bytes,
            read_bytes_per_sec: row.read_bytes_per_sec,
            write_bytes_per_sec: row.write_bytes_per_sec,
            received_bytes_per_sec: row.received_bytes_per_sec,
            sent_bytes_per_sec: row.sent_bytes_per_sec,
        }
    }
}

/// What can end a row by row export.
#[derive(Debug)]
enum Failure {
    Store(ira_store::StoreError),
    Write(std::io::Error),
}

impl From<ira_store::StoreError> for Failure {
    fn from(error: ira_store::StoreError) -> Self {
        Self::Store(error)
    }
}

/// Hands the machine and its applications, or one of them, to `each` for every second of a span.
///
/// # Errors
/// When what is kept cannot be read, or what `each` could not write.
pub fn export_rows(
    ira: &Ira,
    span: (i64, i64),
    application: Option<&str>,
    mut each: impl FnMut(&ExportRow) -> std::io::Result<()>,
) -> std::io::Result<()> {
    let mut reader = ira_store::Reader::new(ira.engine.location().clone());
    let result = reader.each_second(span, |frame| {
        let answer = Moment::from(&frame).applications();
        if application.is_none() {
            each(&ExportRow::host(frame.at_ms, &answer.host)).map_err(Failure::Write)?;
        }
        for row in answer.applications {
            if application.is_none_or(|id| id == row.id) {
                each(&ExportRow::application(frame.at_ms, row)).map_err(Failure::Write)?;
            }
        }
        Ok(())
    });
    match result {
        Ok(()) => Ok(()),
        Err(Failure::Write(error)) => Err(error),
        Err(Failure::Store(error)) => Err(std::io::Error::other(error)),
    }
}

/// What applications are called that may have been meant by an identifier; `None` where there is one of
/// it.
///
/// # Errors
/// When what is kept cannot be read.
pub fn near_applications(ira: &Ira, id: &str) -> Result<Option<Vec<String>>, ApiError> {
    let known = ira.past(|reader| {
        let mut known: BTreeMap<String, String> = BTreeMap::new();
        for one in reader.applications_since(i64::MIN)? {
            known.insert(one.id, one.name);
        }
        // Those of the minute under way.
        for process in reader.frame_at(i64::MAX)?.into_iter().flat_map(|frame| frame.processes) {
            let Application { id, name, .. } = &*process.attribution.application;
            known.insert(id.clone(), name.clone());
        }
        Ok(known)
    })?;
    if known.contains_key(id) {
        return Ok(None);
    }
    let typed = id.rsplit([':', '/']).next().unwrap_or(id).to_lowercase();
    let begin: String = typed.chars().take(3).collect();
    let near = |name: &str| name.contains(&typed) || (begin.len() > 2 && name.contains(&begin));
    let found = known.into_iter().filter(|(id, name)| {
        !id.is_empty() && (near(&id.to_lowercase()) || near(&name.to_lowercase()))
    });
    Ok(Some(found.map(|(id, _)| id).take(NEAR).collect()))
}

/// Writes a span to a file that opens with `--open` on any machine. Returns blocks written.
///
/// # Errors
/// When the file is there already or cannot be written.
pub fn export_file(
    ira: &Ira,
    span: (i64, i64),
    file: &Path,
    mut progress: impl FnMut(u64, u64),
) -> Result<u64, ApiError> {
    let about = ira_engine::describe(ira.engine.machine());
    ira_store::export(ira.engine.location(), span, file, &about, |step| {
        progress(step.done, step.all);
    })
    .map_err(|error| ApiError::of(None, error.to_string()))
}
