//! Starting an application that is kept, stopping it, and what its supervisor says.

use super::{Registration, RestartPolicy};
use crate::{
    engine::{Engine, lock},
    orders::{Outcome, ProcessAction, STOP_PATIENCE, carry_out},
};
use ira_model::ProcessKey;
use ira_probe::{
    ProcessHandle,
    supervisor::{self, State},
};
use std::{path::PathBuf, time::Duration};

/// A tick and the supervisor tell of the same end with so much between them at most, milliseconds.
const NEAR_MS: u64 = 3_000;
const SIGINT: u8 = 2;
const SIGTERM: u8 = 15;
/// A supervisor waits itself before it kills.
const PATIENCE: Duration = Duration::from_secs(5).saturating_add(STOP_PATIENCE);
/// How long after the start those that are enabled are started, once it is known what runs.
const SETTLED: Duration = Duration::from_secs(20);
/// Names of folders are no longer (`NAME_MAX` of limits.h).
const LONGEST_NAME: usize = 200;

/// What is known of an application that Ira started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Supervised {
    /// What its supervisor did last.
    pub state: State,
    /// Whether that is still there.
    pub is_there: bool,
    /// The file that has its output.
    pub output: PathBuf,
}

impl Engine {
    /// Starts an application that is kept; returns when it runs, or did not. Its supervisor goes on
    /// when Ira ends.
    #[must_use]
    pub fn start_kept(&self, one: &Registration) -> Outcome {
        #[cfg(target_os = "linux")]
        match self.launch(one) {
            Ok(detail) => Outcome { detail, ..Outcome::done() },
            Err(error) => Outcome::failed(error.to_string(), None),
        }
        #[cfg(not(target_os = "linux"))]
        {
            let _ = one;
            Outcome::failed("Ira starts applications on Linux only as yet".to_owned(), None)
        }
    }

    #[cfg(target_os = "linux")]
    fn launch(&self, one: &Registration) -> std::io::Result<String> {
        let work = supervisor::Work {
            command: one.command.clone(),
            working_directory: one.working_directory.clone(),
            environment: one.environment.clone(),
            again: match one.restart {
                RestartPolicy::Never => supervisor::Again::Never,
                RestartPolicy::OnFailure => supervisor::Again::OnFailure,
                RestartPolicy::Always => supervisor::Again::Always,
            },
        };
        // The program without GTK weighs less.
        let own = std::env::current_exe()?;
        let light = own.with_file_name("ira");
        let program = if light.is_file() { light } else { own };
        let folder = self.folder_of(&one.application);
        let started = supervisor::launch(&program, &one.application, &one.name, &folder, &work)?;
        Ok(match started.unit {
            Ok(unit) => format!("it runs in {unit}"),
            Err(why) => {
                tracing::debug!(one.application, "no transient unit: {why}");
                "it runs in a session of its own".to_owned()
            }
        })
    }

    /// Stops an application and its supervisor: that one first, so that it starts nothing again, then
    /// what is left.
    #[must_use]
    pub fn stop_kept(
        &self,
        supervisor: ProcessKey,
        keys: &[ProcessKey],
        escalate: bool,
    ) -> Outcome {
        if let Ok(handle) = ProcessHandle::open(supervisor) {
            let signal = if escalate { SIGTERM } else { SIGINT };
            if let Err(error) = handle.signal(signal) {
                return Outcome::failed(error.to_string(), None);
            }
            if !handle.ends_within(PATIENCE) && !escalate {
                let text = "it still runs: it did not end after SIGTERM; it is not started again when it does";
                return Outcome { still_runs: true, ..Outcome::failed(text.to_owned(), None) };
            }
        }
        carry_out(ProcessAction::Stop { escalate }, keys, STOP_PATIENCE)
    }

    /// What the supervisor of an application did last; `None` where Ira never started it.
    #[must_use]
    pub fn supervised(&self, application: &str) -> Option<Supervised> {
        let folder = self.folder_of(application);
        let state = supervisor::state(&folder)
            .inspect_err(|error| tracing::warn!(application, "no state: {error}"))
            .ok()??;
        let there = self.live(|live| live.supervisor(application));
        let is_there = there.is_some_and(|key| key.pid == state.supervisor);
        Some(Supervised { state, is_there, output: supervisor::output(&folder) })
    }

    /// The last lines that an application which Ira started wrote before it ended near a moment; `None`
    /// where that was not its last end.
    #[must_use]
    pub fn output_before_end(
        &self,
        application: &str,
        end_ms: i64,
        lines: usize,
    ) -> Option<Vec<String>> {
        let folder = self.folder_of(application);
        let end = supervisor::state(&folder).ok()??.last_end?;
        if end.at_ms.abs_diff(end_ms) > NEAR_MS {
            return None;
        }
        supervisor::output_before(&folder, end.output_bytes, lines).ok()
    }

    /// Where output and state of an application are.
    pub(crate) fn folder_of(&self, application: &str) -> PathBuf {
        let mut name: String = application
            .chars()
            .map(|one| if one.is_ascii_alphanumeric() || "._-".contains(one) { one } else { '_' })
            .take(LONGEST_NAME)
            .collect();
        // Two that differ in other characters only are two.
        name.push_str(&format!("-{:08x}", crc32fast::hash(application.as_bytes())));
        let folder = self.location().folder().join("applications").join(name);
        std::path::absolute(&folder).unwrap_or(folder)
    }

    /// Has what is enabled started once it is known what runs.
    pub(crate) fn start_enabled_soon(&self) -> std::io::Result<()> {
        let engine = self.clone();
        let thread = std::thread::Builder::new().name("ira-enabled".to_owned());
        thread.spawn(move || engine.start_enabled()).map(drop)
    }

    /// Starts what is enabled and does not run, once in each boot, after it is known what runs.
    fn start_enabled(&self) {
        if self.stopped_within(SETTLED) || !matches!(self.recording(), crate::Recording::Recording)
        {
            return;
        }
        for kept in self.registry_anew().iter() {
            let one = &kept.registration;
            let is_of = |id: &str| id == one.application;
            let runs = self.live(|live| {
                live.supervisor(&one.application).is_some()
                    || live.processes.iter().any(|p| is_of(&p.attribution.application.id))
            });
            if !one.enabled || one.command.is_empty() || runs {
                continue;
            }
            let (id, boot) = (one.application.clone(), self.machine().boot_id.clone());
            if !self.keep(move |writer| writer.claim_start(&id, &boot)).unwrap_or(false) {
                continue;
            }
            let now_ms = self.live(|live| live.at_ms);
            let intent = crate::orders::Intent {
                slot: format!("kept {}", one.application),
                action: "start with the machine".to_owned(),
                target: one.name.clone(),
                application: Some(one.application.clone()),
                call: one.command.join(" "),
            };
            if let Err(error) = self.order(now_ms, &intent, || self.start_kept(one)) {
                tracing::warn!(one.application, "not started: {error}");
            }
        }
    }

    /// Waits so long; says whether the engine is stopped before.
    fn stopped_within(&self, at_most: Duration) -> bool {
        let stopping = lock(&self.shared.stopping);
        let wait = |stop: &mut bool| !*stop;
        let waited = self.shared.wake.wait_timeout_while(stopping, at_most, wait);
        *waited.unwrap_or_else(std::sync::PoisonError::into_inner).0
    }
}
