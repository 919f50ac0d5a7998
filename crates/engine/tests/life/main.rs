//! Ends, restarts and crash loops of made-up processes, from samples to events, by a manual clock.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, missing_docs)]

mod parts;

use ira_engine::{
    Engine, Options, Sampler,
    orders::{Intent, Outcome},
};
use ira_model::{
    EndedProcess, ExitStatus, LifeNote, Listener, Machine, ProcessDetails, ProcessKey,
    ProcessSample, Protocol, Sample,
    life::{EVENTS_AN_HOUR, LOOP_CRASHES, LOOP_WINDOW_MS, RESTART_WITHIN_MS},
};
use ira_probe::{Limit, Probe, ProbeError};
use ira_store::{Reader, StoredEventKind as Kind};
use std::{
    path::Path,
    sync::{Arc, Mutex},
};

const BOOT_MS: i64 = 1_700_000_000_000;
const SHOP: &str = "systemd:shop.service";

#[derive(Default)]
struct State {
    sample: Sample,
    machine: Machine,
    /// Whether the kernel tells how processes end.
    tells: bool,
    boot_ms: i64,
    /// Orders can be given only where the processes are this machine's.
    root: bool,
}

struct Fake(Arc<Mutex<State>>, Machine);

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

struct Stage {
    state: Arc<Mutex<State>>,
    sampler: Option<Sampler>,
    engine: Option<Engine>,
    folder: tempfile::TempDir,
    next_pid: u32,
    /// Where programs lie.
    programs: &'static str,
}

/// A machine with init, whose kernel tells how processes end.
fn stage() -> Stage {
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
    fn record(&mut self) {
        let machine = self.state.lock().unwrap().machine.clone();
        let probe = Box::new(Fake(Arc::clone(&self.state), machine));
        let options = Options { folder: Some(self.folder.path().to_owned()), ..Options::default() };
        let (engine, sampler) = Engine::by_hand(probe, options).unwrap();
        (self.engine, self.sampler) = (Some(engine), Some(sampler));
        self.seconds(2);
    }

    /// Ends the recording; all that is known of processes is learnt anew by the next.
    fn end_recording(&mut self) {
        self.sampler = None;
        self.engine.take().unwrap().stop();
        let mut state = self.state.lock().unwrap();
        let known: Vec<_> = state.sample.processes.iter().map(|one| one.key).collect();
        drop(state.sample.learnt.drain(..));
        state.sample.learnt = known.into_iter().map(|key| (key, details_of(key.pid))).collect();
    }

    fn add(&mut self, pid: u32, name: &str, group: &str) {
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

    /// The shop starts; gives its pid.
    fn shop(&mut self) -> u32 {
        self.next_pid += 1;
        self.add(self.next_pid, "shop", "/system.slice/shop.service");
        self.next_pid
    }

    fn end(&mut self, pid: u32, status: ExitStatus) {
        self.end_as(pid, status, false);
    }

    fn end_as(&mut self, pid: u32, status: ExitStatus, out_of_memory: bool) {
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

    fn listen(&mut self, ports: &[(u32, u16)]) {
        let listeners = ports.iter().map(|(pid, port)| Listener {
            protocol: Protocol::Tcp,
            port: *port,
            address: std::net::Ipv4Addr::LOCALHOST.into(),
            pid: Some(*pid),
            namespace: None,
        });
        self.state.lock().unwrap().sample.listeners = Some(listeners.collect());
    }

    fn second(&mut self) {
        self.state.lock().unwrap().sample.monotonic_ms += 1000;
        self.sampler.as_mut().unwrap().tick().unwrap();
        // Waits until the recorder has all of it: a test goes faster than any clock.
        self.engine.as_ref().unwrap().save_setting("test", String::new()).unwrap();
    }

    fn seconds(&mut self, count: i64) {
        (0..count).for_each(|_| self.second());
    }

    fn now_ms(&self) -> i64 {
        let state = self.state.lock().unwrap();
        state.boot_ms + state.sample.monotonic_ms.cast_signed()
    }

    /// What is told of the shop: also what the minute under way tells.
    fn told(&self) -> Vec<(Kind, LifeNote)> {
        let location = ira_store::Location::in_folder(self.folder.path());
        let events = Reader::new(location).events(0, i64::MAX / 2, Some(SHOP), 2000).unwrap();
        let events = events.into_iter().filter(|event| event.kind != Kind::Ordered);
        events
            .map(|event| (event.kind, LifeNote::from_text(&event.detail.unwrap_or_default())))
            .collect()
    }

    fn kinds(&self) -> Vec<Kind> {
        self.told().into_iter().map(|(kind, _)| kind).collect()
    }

    /// The same again once everything is in the database.
    fn kinds_kept(&mut self) -> Vec<Kind> {
        let (before, told) = (self.kinds(), self.told());
        self.end_recording();
        assert_eq!(self.told(), told, "a minute tells the same when it is kept");
        before
    }
}

fn details_of(pid: u32) -> Arc<ProcessDetails> {
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

#[test]
fn each_way_to_end_is_told() {
    use ExitStatus::{Code, Signal};
    for (status, out_of_memory, kind) in [
        (Code(0), false, Kind::Stopped),
        (Code(3), false, Kind::Crashed),
        (Signal(11), false, Kind::Crashed),
        (Signal(15), false, Kind::Stopped),
        (Signal(9), true, Kind::OutOfMemory),
    ] {
        let mut stage = stage();
        stage.record();
        let pid = stage.shop();
        stage.seconds(3);
        stage.end_as(pid, status, out_of_memory);
        stage.seconds(2);
        let told = stage.told();
        assert_eq!(told.len(), 2, "{told:?}");
        let (ended, note) = &told[1];
        assert_eq!((*ended, note.status), (kind, Some(status)), "{status:?}");
        assert_eq!((note.pid, note.process.as_deref()), (Some(pid), Some("shop")));
        assert_eq!(note.out_of_memory, out_of_memory);
        assert_eq!(stage.kinds_kept(), [Kind::Started, kind]);
    }
}

#[test]
fn what_the_kernel_does_not_tell_is_not_known_and_no_crash() {
    let mut stage = stage();
    stage.state.lock().unwrap().tells = false;
    stage.record();
    let pid = stage.shop();
    stage.seconds(3);
    stage.end(pid, ExitStatus::Signal(11));
    stage.seconds(2);
    let (kind, note) = stage.told().remove(1);
    assert_eq!((kind, note.status, note.pid), (Kind::Stopped, None, Some(pid)));
    assert_eq!(note.process.as_deref(), Some("shop"), "who it was is known");
}

#[test]
fn an_order_makes_a_stop_of_it_and_only_of_its_own_process() {
    let mut stage = stage();
    stage.state.lock().unwrap().root = true;
    stage.record();
    for own in [true, false] {
        let pid = stage.shop();
        stage.seconds(3);
        let ordered = if own { pid } else { 9999 };
        let intent = Intent {
            slot: "x".into(),
            action: "SIGKILL".into(),
            target: "shop".into(),
            application: Some(SHOP.into()),
            call: format!("kill({ordered}, SIGKILL)"),
        };
        let work = Outcome::done;
        stage.engine.as_ref().unwrap().order(stage.now_ms(), &intent, work).unwrap();
        stage.end(pid, ExitStatus::Signal(9));
        stage.seconds(2);
        let (kind, note) = stage.told().pop().unwrap();
        let expected = if own { Kind::Stopped } else { Kind::Crashed };
        assert_eq!((kind, note.ordered), (expected, own), "an order to {ordered}, and {pid} ended");
    }
}

#[test]
fn a_restart_is_told_also_between_two_ticks_and_across_minutes() {
    let mut stage = stage();
    stage.record();
    let pid = stage.shop();
    stage.seconds(3);
    // A service manager is faster than a tick.
    stage.end(pid, ExitStatus::Code(1));
    let pid = stage.shop();
    stage.second();
    assert_eq!(stage.kinds(), [Kind::Started, Kind::Crashed, Kind::Restarted]);
    stage.end(pid, ExitStatus::Code(0));
    // The minute ends between the two.
    stage.seconds(RESTART_WITHIN_MS / 1000 - 2);
    let pid = stage.shop();
    stage.seconds(2);
    stage.end(pid, ExitStatus::Code(0));
    stage.seconds(RESTART_WITHIN_MS / 1000 + 2);
    stage.shop();
    stage.seconds(2);
    let later = [Kind::Stopped, Kind::Restarted, Kind::Stopped, Kind::Started];
    assert_eq!(stage.kinds_kept()[3..], later, "soon is a restart, late is a start");
}

#[test]
fn the_fault_of_a_worker_is_how_the_rest_ended() {
    let mut stage = stage();
    stage.record();
    let (main, worker) = (stage.shop(), stage.shop());
    stage.seconds(3);
    stage.end(worker, ExitStatus::Signal(6));
    stage.second();
    let (kind, note) = stage.told().pop().unwrap();
    assert_eq!((kind, note.part), (Kind::Crashed, true), "it goes on");
    stage.second();
    stage.end(main, ExitStatus::Code(1));
    stage.seconds(2);
    assert_eq!(stage.kinds(), [Kind::Started, Kind::Crashed], "told once");
    let (_, note) = stage.told().pop().unwrap();
    assert_eq!((note.status, note.part), (Some(ExitStatus::Signal(6)), false));
    assert_eq!(note.pid, Some(worker));
}

#[test]
fn a_crash_loop_is_one_row_with_a_count_and_has_an_end() {
    let mut stage = stage();
    stage.record();
    let crashes = 200;
    for _ in 0..crashes {
        let pid = stage.shop();
        stage.seconds(2);
        stage.end(pid, ExitStatus::Code(1));
        stage.second();
    }
    let mut begin = vec![Kind::Started, Kind::Crashed];
    (1..LOOP_CRASHES).for_each(|_| begin.extend([Kind::Restarted, Kind::Crashed]));
    begin.push(Kind::CrashLoop);
    assert_eq!(stage.kinds(), begin, "the table does not fill");
    let (_, note) = stage.told().pop().unwrap();
    assert_eq!(note.count, crashes, "each is counted");
    assert_eq!(note.status, Some(ExitStatus::Code(1)), "and how the last ended");
    // It runs at last.
    stage.shop();
    stage.seconds(LOOP_WINDOW_MS / 1000 - 10);
    assert_eq!(stage.kinds(), begin, "too early to say");
    stage.seconds(20);
    begin.push(Kind::CrashLoopEnded);
    assert_eq!(stage.kinds_kept(), begin);
}

#[test]
fn an_order_ends_a_crash_loop() {
    let mut stage = stage();
    stage.state.lock().unwrap().root = true;
    stage.record();
    let mut pid = 0;
    for round in 0..=LOOP_CRASHES {
        pid = stage.shop();
        stage.seconds(2);
        if round < LOOP_CRASHES {
            stage.end(pid, ExitStatus::Code(1));
        }
    }
    let intent = Intent {
        slot: "x".into(),
        action: "stop".into(),
        target: "shop".into(),
        application: Some(SHOP.into()),
        call: format!("kill({pid}, SIGTERM)"),
    };
    let work = Outcome::done;
    stage.engine.as_ref().unwrap().order(stage.now_ms(), &intent, work).unwrap();
    stage.end(pid, ExitStatus::Signal(15));
    stage.seconds(2);
    let kinds = stage.kinds_kept();
    assert_eq!(kinds[kinds.len() - 2..], [Kind::CrashLoopEnded, Kind::Stopped]);
}

#[test]
fn a_storm_of_starts_and_stops_is_counted() {
    let mut stage = stage();
    stage.record();
    let rounds = 500;
    for _ in 0..rounds {
        let pid = stage.shop();
        stage.second();
        stage.end(pid, ExitStatus::Code(0));
        stage.second();
    }
    let told = stage.told();
    assert_eq!(told.len(), EVENTS_AN_HOUR + 1, "bounded");
    let (kind, note) = told.last().unwrap();
    assert_eq!((*kind, note.count as usize), (Kind::Many, 2 * rounds - EVENTS_AN_HOUR));
}

#[test]
fn across_a_gap_only_what_was_seen_is_told_and_nothing_across_a_boot() {
    let mut stage = stage();
    stage.record();
    for _ in 0..LOOP_CRASHES {
        let pid = stage.shop();
        stage.seconds(2);
        stage.end(pid, ExitStatus::Code(1));
        stage.second();
    }
    let pid = stage.shop();
    stage.second();
    let before = stage.kinds_kept();
    assert_eq!(before.last(), Some(&Kind::CrashLoop), "the last start is counted with it");
    // While nobody looks it ends, and begins again.
    stage.end(pid, ExitStatus::Code(1));
    let pid = stage.shop();
    stage.state.lock().unwrap().sample.monotonic_ms += 30_000;
    stage.record();
    assert_eq!(stage.kinds(), before, "nobody saw that");
    stage.end(pid, ExitStatus::Code(1));
    stage.seconds(2);
    let after = stage.kinds_kept();
    assert_eq!(after[before.len()..], [Kind::Crashed], "a loop is not known to have gone on");

    // The machine starts anew, and the clock says it was at once.
    {
        let mut state = stage.state.lock().unwrap();
        state.boot_ms += state.sample.monotonic_ms.cast_signed() + 500;
        state.machine.boot_id = "second".into();
        state.sample.monotonic_ms = 2000;
        state.sample.processes.retain(|process| process.key.pid == 1);
        state.sample.processes[0].key.start_ms = 0;
        let key = state.sample.processes[0].key;
        state.sample.learnt = vec![(key, details_of(1))];
    }
    stage.record();
    stage.shop();
    stage.seconds(2);
    let kinds = stage.kinds_kept();
    assert_eq!(kinds[after.len()..], [Kind::Started], "no restart across a boot");
}

#[test]
fn ports_are_told_where_they_change() {
    let mut stage = stage();
    stage.record();
    let pid = stage.shop();
    stage.listen(&[(pid, 8080), (pid, 8443)]);
    stage.seconds(3);
    stage.end(pid, ExitStatus::Code(0));
    let pid = stage.shop();
    stage.listen(&[]);
    stage.second();
    stage.listen(&[(pid, 8080), (pid, 8443), (pid, 9000)]);
    stage.seconds(2);
    stage.listen(&[(pid, 8080), (pid, 9000)]);
    stage.second();
    let told = stage.told();
    let ports: Vec<_> = told
        .iter()
        .filter(|(_, note)| !note.ports.is_empty())
        .map(|(kind, note)| (*kind, note.ports.iter().map(|(_, port)| *port).collect::<Vec<_>>()))
        .collect();
    assert_eq!(
        ports,
        [
            (Kind::PortsOpened, vec![8080, 8443]),
            (Kind::PortsOpened, vec![9000]),
            (Kind::PortsClosed, vec![8443]),
        ],
        "the same after a restart is no change"
    );
}

#[test]
fn another_version_is_told_also_when_it_begins_in_another_minute() {
    let mut stage = stage();
    stage.record();
    for (programs, wait) in [
        ("/usr/lib/postgresql/16/bin", 3),
        ("/usr/lib/postgresql/17/bin", 70),
        ("/usr/lib/postgresql/17/bin", 3),
    ] {
        stage.seconds(wait);
        stage.programs = programs;
        stage.next_pid += 1;
        let pid = stage.next_pid;
        stage.add(pid, "postgres", "/system.slice/shop.service");
        stage.seconds(3);
        stage.end(pid, ExitStatus::Code(0));
        stage.second();
    }
    let told = stage.told();
    let versions: Vec<_> = told
        .iter()
        .filter(|(kind, _)| *kind == Kind::VersionChanged)
        .map(|(_, note)| (note.version_before.as_deref(), note.version.as_deref()))
        .collect();
    assert_eq!(versions, [(Some("16"), Some("17"))], "once, where it changed");
}
