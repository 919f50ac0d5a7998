//! Ends, restarts and crash loops of made-up processes, from samples to events, by a manual clock.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, missing_docs)]

mod parts;
mod stage;
mod supervised;

use ira_engine::orders::{Intent, Outcome};
use ira_model::{
    ExitStatus,
    life::{EVENTS_AN_HOUR, LOOP_CRASHES, LOOP_WINDOW_MS, RESTART_WITHIN_MS},
};
use ira_store::StoredEventKind as Kind;
use stage::*;

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
            // What comes behind is a name that the process chose.
            call: format!("kill({ordered}, SIGKILL)    # kill({pid}, SIGKILL), since 2023"),
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
    assert_eq!(stage.kinds()[before.len()..], [Kind::Started], "it can only have been started");
    stage.end(pid, ExitStatus::Code(1));
    stage.seconds(2);
    let after = stage.kinds_kept();
    let later = [Kind::Started, Kind::Crashed];
    assert_eq!(after[before.len()..], later, "a loop is not known to have gone on");

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
