//! The stage: a made-up machine, an engine over it, and a clock that the test sets.

use ira_engine::{Engine, Options, Sampler};
use ira_model::{
    EndedProcess, ExitStatus, LifeNote, Listener, Machine, ProcessDetails, ProcessKey,
    ProcessSample, Protocol, Sample,
};
use ira_probe::{Limit, Probe, ProbeError};
use ira_store::{Reader, StoredEventKind as Kind};
use std::{
    path::Path,
    sync::{Arc, Mutex},
};

pub(crate) const BOOT_MS: i64 = 1_700_000_000_000;
pub(crate) const SHOP: &str = "systemd:shop.service";

#[derive(Default)]
pub(crate) struct State {
    pub(crate) sample: Sample,
    pub(crate) machine: Machine,
    /// Whether the kernel tells how processes end.
    pub(crate) tells: bool,
    pub(crate) boot_ms: i64,
    /// Orders can be given only where the processes are this machine's.
    pub(crate) root: bool,
}

pub(crate) struct Fake(Arc<Mutex<State>>, Machine);

impl Probe for Fake {
    fn machine(&self) -> &Machine {
        &self.1
    }

    fn sample(&mut self, sample: &mut Sample) -> Result<(), ProbeError> {
        let mut state = self.0.lock().unwrap();
        state.sample.at_ms = state.boot_ms + state.sample.monotonic_ms.cast_signed();
        state.sample.host.uptime_ms = state.sample.monotonic_ms;
        state.sample.processes.sort_by_key(|process| process.key);
        sample.clone_from(&state.sample);
        state.sample.learnt.clear();
        state.sample.ended.clear();
        state.sample.listeners = None;
        Ok(())
    }

    fn limits(&self) -> Vec<Limit> {
        Vec::new()
    }

    fn processes_root(&self) -> Option<&Path> {
        self.0.lock().unwrap().root.then_some(Path::new("/proc"))
    }
}

pub(crate) struct Stage {
    pub(crate) state: Arc<Mutex<State>>,
    pub(crate) sampler: Option<Sampler>,
    pub(crate) engine: Option<Engine>,
    pub(crate) folder: tempfile::TempDir,
    pub(crate) next_pid: u32,
    /// Where programs lie.
    pub(crate) programs: &'static str,
}

/// A machine with init, whose kernel tells how processes end.
pub(crate) fn stage() -> Stage {
    let mut state = State { tells: true, boot_ms: BOOT_MS, ..State::default() };
    state.machine.boot_id = "first".into();
    state.sample.monotonic_ms = 1_000_000;
    let mut stage = Stage {
        state: Arc::new(Mutex::new(state)),
        sampler: None,
        engine: None,
        folder: tempfile::tempdir().unwrap(),
        next_pid: 100,
        programs: "/usr/bin",
    };
    stage.add(1, "systemd", "/init.scope");
    stage
}

impl Stage {
    pub(crate) fn record(&mut self) {
        let machine = self.state.lock().unwrap().machine.clone();
        let probe = Box::new(Fake(Arc::clone(&self.state), machine));
        let options = Options { folder: Some(self.folder.path().to_owned()), ..Options::default() };
        let (engine, sampler) = Engine::by_hand(probe, options).unwrap();
        (self.engine, self.sampler) = (Some(engine), Some(sampler));
        self.seconds(2);
    }

    /// Ends the recording; all that is known of processes is learnt anew by the next.
    pub(crate) fn end_recording(&mut self) {
        self.sampler = None;
        self.engine.take().unwrap().stop();
        let mut state = self.state.lock().unwrap();
        let known: Vec<_> = state.sample.processes.iter().map(|one| one.key).collect();
        drop(state.sample.learnt.drain(..));
        state.sample.learnt = known.into_iter().map(|key| (key, details_of(key.pid))).collect();
    }

    pub(crate) fn add(&mut self, pid: u32, name: &str, group: &str) {
        let mut state = self.state.lock().unwrap();
        let key = ProcessKey { pid, start_ms: state.sample.monotonic_ms + 300 };
        let details = ProcessDetails {
            name: name.into(),
            arguments: vec![name.into()],
            executable: Some(format!("{}/{name}", self.programs)),
            control_group: Some(group.into()),
            ..ProcessDetails::default()
        };
        let parent_pid = u32::from(pid > 1);
        state.sample.processes.push(ProcessSample { parent_pid, ..ProcessSample::new(key) });
        state.sample.learnt.push((key, Arc::new(details)));
    }

    /// What is known of a process, which the next tick does not tell.
    pub(crate) fn learnt_later(&self, pid: u32) -> (ProcessKey, Arc<ProcessDetails>) {
        let mut state = self.state.lock().unwrap();
        let at = state.sample.learnt.iter().position(|(key, _)| key.pid == pid).unwrap();
        state.sample.learnt.remove(at)
    }

    /// The shop starts; gives its pid.
    pub(crate) fn shop(&mut self) -> u32 {
        self.next_pid += 1;
        self.add(self.next_pid, "shop", "/system.slice/shop.service");
        self.next_pid
    }

    pub(crate) fn end(&mut self, pid: u32, status: ExitStatus) {
        self.end_as(pid, status, false);
    }

    pub(crate) fn end_as(&mut self, pid: u32, status: ExitStatus, out_of_memory: bool) {
        let mut state = self.state.lock().unwrap();
        let at = state.sample.processes.iter().position(|one| one.key.pid == pid).unwrap();
        let gone = state.sample.processes.remove(at);
        if state.tells {
            state.sample.ended.push(EndedProcess {
                key: gone.key,
                parent_pid: 1,
                name: "shop".into(),
                user_id: Some(0),
                user_ms: 0,
                system_ms: 0,
                status: Some(status),
                out_of_memory,
            });
        }
    }

    pub(crate) fn listen(&mut self, ports: &[(u32, u16)]) {
        let listeners = ports.iter().map(|(pid, port)| Listener {
            protocol: Protocol::Tcp,
            port: *port,
            address: std::net::Ipv4Addr::LOCALHOST.into(),
            pid: Some(*pid),
            namespace: None,
        });
        self.state.lock().unwrap().sample.listeners = Some(listeners.collect());
    }

    pub(crate) fn second(&mut self) {
        self.state.lock().unwrap().sample.monotonic_ms += 1000;
        self.sampler.as_mut().unwrap().tick().unwrap();
        // Waits until the recorder has all of it: a test goes faster than any clock.
        self.engine.as_ref().unwrap().save_setting("test", String::new()).unwrap();
    }

    pub(crate) fn seconds(&mut self, count: i64) {
        (0..count).for_each(|_| self.second());
    }

    pub(crate) fn now_ms(&self) -> i64 {
        let state = self.state.lock().unwrap();
        state.boot_ms + state.sample.monotonic_ms.cast_signed()
    }

    /// What is told of the shop: also what the minute under way tells.
    pub(crate) fn told(&self) -> Vec<(Kind, LifeNote)> {
        let location = ira_store::Location::in_folder(self.folder.path());
        let events = Reader::new(location).events(0, i64::MAX / 2, Some(SHOP), 2000).unwrap();
        let events = events.into_iter().filter(|event| event.kind != Kind::Ordered);
        events
            .map(|event| (event.kind, LifeNote::from_text(&event.detail.unwrap_or_default())))
            .collect()
    }

    pub(crate) fn kinds(&self) -> Vec<Kind> {
        self.told().into_iter().map(|(kind, _)| kind).collect()
    }

    /// The same again once everything is in the database.
    pub(crate) fn kinds_kept(&mut self) -> Vec<Kind> {
        let (before, told) = (self.kinds(), self.told());
        self.end_recording();
        assert_eq!(self.told(), told, "a minute tells the same when it is kept");
        before
    }
}

pub(crate) fn details_of(pid: u32) -> Arc<ProcessDetails> {
    let (name, group) =
        if pid == 1 { ("systemd", "/init.scope") } else { ("shop", "/system.slice/shop.service") };
    Arc::new(ProcessDetails {
        name: name.into(),
        arguments: vec![name.into()],
        executable: Some(format!("/usr/bin/{name}")),
        control_group: Some(group.into()),
        ..ProcessDetails::default()
    })
}
