//! How applications that Ira runs ended, from the one who always knows: their supervisor. It is asked,
//! by its file, only when a process it ran or itself has ended; what it says goes into the tick as if
//! the kernel had told, so that all that is kept tells the same. Leaves out: what ended unseen.

use crate::{discovery::supervised, registry::folder_of};
use ira_model::{Application, EndedProcess, ProcessKey};
use ira_probe::supervisor::{self, State};
use ira_store::{Before, Ended, Introduction, Location, Tick};
use std::{collections::HashMap, sync::Arc};

/// Supervisors, and what they run, that are remembered.
const MOST: usize = 1024;

/// A process that a supervisor started.
#[derive(Debug)]
struct Run {
    supervisor: u32,
    name: String,
    user_id: Option<u32>,
    application: Arc<Application>,
}

/// See the module.
#[derive(Debug)]
pub(super) struct KeptEnds {
    location: Location,
    /// By pid: whose parent it is tells what it runs.
    supervisors: HashMap<u32, (ProcessKey, Application)>,
    runs: HashMap<ProcessKey, Run>,
}

impl KeptEnds {
    pub(super) fn new(location: Location) -> Self {
        Self { location, supervisors: HashMap::new(), runs: HashMap::new() }
    }

    /// Adds to a tick what supervisors know of those that ended in it.
    pub(super) fn complete(&mut self, tick: &mut Tick) {
        if tick.before != Before::Tick {
            self.supervisors.clear();
            self.runs.clear();
        }
        self.meet(&tick.introduced);
        if self.supervisors.is_empty() {
            return;
        }
        for key in &tick.exited {
            if let Some(run) = self.runs.remove(key) {
                self.ended(*key, &run, &mut tick.ended);
            }
        }
        for key in &tick.exited {
            if self.supervisors.get(&key.pid).is_some_and(|(known, _)| known == key)
                && let Some((_, application)) = self.supervisors.remove(&key.pid)
            {
                tick.ended.extend(self.given_up(*key, application));
            }
        }
    }

    fn meet(&mut self, introduced: &[Introduction]) {
        for one in introduced {
            if let Some(application) = supervised(&one.details)
                && self.supervisors.len() < MOST
            {
                let key = one.sample.key;
                self.supervisors.insert(key.pid, (key, application));
            }
        }
        if self.supervisors.is_empty() {
            return;
        }
        for one in introduced {
            let (key, supervisor) = (one.sample.key, one.sample.parent_pid);
            if self.supervisors.contains_key(&supervisor) && self.runs.len() < MOST {
                let run = Run {
                    supervisor,
                    name: one.details.name.clone(),
                    user_id: one.details.user_id,
                    application: Arc::clone(&one.attribution.application),
                };
                self.runs.insert(key, run);
            } else {
                // Its supervisor went, and nobody knows how it will end.
                self.runs.remove(&key);
            }
        }
    }

    fn ended(&self, key: ProcessKey, run: &Run, ended: &mut Vec<Ended>) {
        let told = ended.iter().position(|one| one.process.key == key);
        let told = told.and_then(|at| ended.get_mut(at));
        if told.as_ref().is_some_and(|one| one.process.status.is_some()) {
            return;
        }
        let Some((_, application)) = self.supervisors.get(&run.supervisor) else { return };
        let status = self.state(application, run.supervisor).and_then(|state| state.exit_of(key));
        match told {
            Some(told) => told.process.status = status,
            None if status.is_some() => {
                let process = EndedProcess {
                    key,
                    parent_pid: run.supervisor,
                    name: run.name.clone(),
                    user_id: run.user_id,
                    user_ms: 0,
                    system_ms: 0,
                    status,
                    out_of_memory: false,
                };
                ended.push(Ended {
                    process,
                    application: Arc::clone(&run.application),
                    given_up: false,
                });
            }
            None => {}
        }
    }

    /// That an application is not started again, where its supervisor ended for that.
    fn given_up(&self, supervisor: ProcessKey, application: Application) -> Option<Ended> {
        let state = self.state(&application, supervisor.pid).filter(|state| state.gave_up)?;
        let process = EndedProcess {
            // Of no process that is to be told of as one that ended.
            key: ProcessKey { pid: 0, start_ms: 0 },
            parent_pid: supervisor.pid,
            name: String::new(),
            user_id: None,
            user_ms: 0,
            system_ms: 0,
            status: state.last_end.and_then(|end| end.status()),
            out_of_memory: false,
        };
        Some(Ended { process, application: Arc::new(application), given_up: true })
    }

    /// What a supervisor kept last; nothing where the file is another's, as any program can say that
    /// it supervises.
    fn state(&self, application: &Application, supervisor: u32) -> Option<State> {
        let folder = folder_of(&self.location, &application.id);
        let state = supervisor::state(&folder);
        let state = state.inspect_err(|error| tracing::warn!(application.id, "no state: {error}"));
        state.ok().flatten().filter(|state| state.supervisor == supervisor)
    }
}
