//! Processes: the table and one in full.

use crate::{
    Ira,
    applications::evidence,
    moment::{Moment, ProcessView},
    wire::{
        ApiError, At, EndedRow, ErrorCode, ExitStatus, ProcessDetail, ProcessRequest, ProcessRow,
        ProcessState, Processes,
    },
};

use ira_store::Ended;

/// Every process at a moment.
///
/// # Errors
/// [`ErrorCode::NotRecorded`] where nothing is kept then.
#[allow(clippy::needless_pass_by_value)] // every command takes its request
pub fn processes(ira: &Ira, request: At) -> Result<Processes, ApiError> {
    ira.at(request.at_ms, |moment| Processes {
        at_ms: moment.at_ms,
        host: moment.host(),
        processes: moment.processes.iter().map(|p| ira.process_row(moment, p)).collect(),
        ended: moment.ended.iter().map(|one| ira.ended_row(moment, one)).collect(),
    })
}

/// One process in full.
///
/// # Errors
/// [`ErrorCode::NotFound`] where it did not run then.
#[allow(clippy::needless_pass_by_value)] // every command takes its request
pub fn process(ira: &Ira, request: ProcessRequest) -> Result<ProcessDetail, ApiError> {
    ira.at(request.at_ms, |moment| {
        let process = moment.process(request.pid, request.start_time_ms)?;
        Some(ProcessDetail {
            at_ms: moment.at_ms,
            row: ira.process_row(moment, process),
            arguments: process.details.arguments.clone(),
            executable: process.details.executable.clone(),
            working_directory: process.details.working_directory.clone(),
            control_group: process.details.control_group.clone(),
            denied: process.details.denied,
            evidence: process.attribution.evidence.iter().map(evidence).collect(),
            application_name: (!process.attribution.application.is_none())
                .then(|| process.attribution.application.name.clone()),
        })
    })?
    .ok_or_else(|| {
        ApiError::of(
            Some(ErrorCode::NotFound),
            format!("process {} did not run at that moment", request.pid),
        )
    })
}

impl Ira {
    pub(crate) fn ended_row(&self, moment: &Moment<'_>, ended: &Ended) -> EndedRow {
        let process = &ended.process;
        EndedRow {
            pid: process.key.pid,
            start_time_ms: moment.start_time_ms(process.key),
            parent_pid: process.parent_pid,
            name: process.name.clone(),
            user: process.user_id.map(|id| self.user(id)),
            cpu_time_ms: process.user_ms.saturating_add(process.system_ms),
            status: process.status.map(exit_status),
            application: (!ended.application.is_none()).then(|| ended.application.id.clone()),
        }
    }

    pub(crate) fn process_row(&self, moment: &Moment<'_>, process: &ProcessView<'_>) -> ProcessRow {
        let ProcessView { sample, rates, details, attribution } = *process;
        ProcessRow {
            pid: sample.key.pid,
            start_time_ms: moment.start_time_ms(sample.key),
            parent_pid: sample.parent_pid,
            name: details.name.clone(),
            command: details.command(),
            user: details.user_id.map(|id| self.user(id)),
            state: state(sample.state),
            threads: sample.threads,
            cpu_ratio: rates.cpu_ratio,
            cpu_time_ms: sample.cpu_ms(),
            memory_bytes: sample.memory_bytes,
            read_bytes_per_sec: rates.read_bytes_per_sec,
            write_bytes_per_sec: rates.write_bytes_per_sec,
            received_bytes_per_sec: rates.received_bytes_per_sec,
            sent_bytes_per_sec: rates.sent_bytes_per_sec,
            pss_bytes: sample.pss_bytes,
            application: (!attribution.application.is_none())
                .then(|| attribution.application.id.clone()),
        }
    }
}

pub(crate) fn exit_status(status: ira_model::ExitStatus) -> ExitStatus {
    match status {
        ira_model::ExitStatus::Code(code) => ExitStatus::Code(code),
        ira_model::ExitStatus::Signal(signal) => ExitStatus::Signal(signal),
    }
}

fn state(state: ira_model::ProcessState) -> ProcessState {
    use ira_model::ProcessState as Model;
    match state {
        Model::Running => ProcessState::Running,
        Model::Sleeping => ProcessState::Sleeping,
        Model::DiskSleep => ProcessState::DiskSleep,
        Model::Stopped => ProcessState::Stopped,
        Model::Traced => ProcessState::Traced,
        Model::Zombie => ProcessState::Zombie,
        Model::Dead => ProcessState::Dead,
        Model::Idle => ProcessState::Idle,
        Model::Parked => ProcessState::Parked,
        Model::Unknown => ProcessState::Unknown,
    }
}
