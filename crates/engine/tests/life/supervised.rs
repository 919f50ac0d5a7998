//! What only the supervisor of an application that Ira runs can tell, where the kernel tells no ends.

use crate::stage::{Stage, stage};
use ira_engine::registry::folder_of;
use ira_model::{
    ExitStatus, LifeNote, ProcessDetails, ProcessKey, ProcessSample, life::GIVEN_UP_AFTER,
};
use ira_probe::supervisor::{End, Exit, State};
use ira_store::{Location, Reader, StoredEventKind as Kind};
use std::sync::Arc;

const ID: &str = "custom:corner";
const SUPERVISOR: u32 = 500;

fn add(stage: &mut Stage, pid: u32, parent_pid: u32, line: &[&str]) -> ProcessKey {
    let mut state = stage.state.lock().unwrap();
    let key = ProcessKey { pid, start_ms: state.sample.monotonic_ms + 300 };
    let details = ProcessDetails {
        name: line[0].into(),
        arguments: line.iter().map(|one| (*one).to_owned()).collect(),
        executable: Some(format!("/usr/bin/{}", line[0])),
        ..ProcessDetails::default()
    };
    state.sample.processes.push(ProcessSample { parent_pid, ..ProcessSample::new(key) });
    state.sample.learnt.push((key, Arc::new(details)));
    key
}

fn supervise(stage: &mut Stage) {
    let line = ["ira", "supervise", "--application", ID, "--name", "Corner", "--folder", "/x"];
    add(stage, SUPERVISOR, 1, &line);
}

/// What the supervisor says of itself.
fn says(stage: &Stage, state: &State) {
    let folder = folder_of(&Location::in_folder(stage.folder.path()), ID);
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("state.json"), serde_json::to_vec(state).unwrap()).unwrap();
}

fn exits(each: &[(ProcessKey, ExitStatus)]) -> Vec<Exit> {
    let exit = |(key, status): &(ProcessKey, ExitStatus)| Exit {
        pid: key.pid,
        start_ms: key.start_ms,
        status: status.to_wait(),
    };
    each.iter().map(exit).collect()
}

fn told(stage: &Stage) -> Vec<(Kind, LifeNote)> {
    let location = Location::in_folder(stage.folder.path());
    let events = Reader::new(location).events(0, i64::MAX / 2, Some(ID), 2000).unwrap();
    let note = |detail: Option<String>| LifeNote::from_text(&detail.unwrap_or_default());
    events.into_iter().map(|event| (event.kind, note(event.detail))).collect()
}

fn untold() -> Stage {
    let stage = stage();
    stage.state.lock().unwrap().tells = false;
    stage
}

#[test]
fn a_supervisor_tells_how_it_ended_and_the_minute_that_is_kept_says_the_same() {
    let mut stage = untold();
    stage.record();
    supervise(&mut stage);
    let first = add(&mut stage, 501, SUPERVISOR, &["corner"]);
    stage.seconds(2);
    // It was started again before anybody asked.
    let status = ExitStatus::Code(3);
    let second = ProcessKey { pid: 777, start_ms: 5 };
    let all = exits(&[(first, status), (second, ExitStatus::Code(0))]);
    says(&stage, &State { supervisor: SUPERVISOR, exits: all, ..State::default() });
    stage.end(501, status);
    stage.seconds(2);
    let before = told(&stage);
    let (kind, note) = before.last().unwrap();
    assert_eq!((*kind, note.status, note.pid), (Kind::Crashed, Some(status), Some(501)));
    stage.end_recording();
    assert_eq!(told(&stage), before);
}

#[test]
fn what_another_says_is_not_believed() {
    let status = ExitStatus::Code(3);
    for (supervisor, later_ms, text) in
        [(499, 0, None), (SUPERVISOR, 10, None), (SUPERVISOR, 0, Some("{\"supervisor\":"))]
    {
        let mut stage = untold();
        stage.record();
        supervise(&mut stage);
        let mut key = add(&mut stage, 501, SUPERVISOR, &["corner"]);
        stage.seconds(2);
        key.start_ms += later_ms;
        says(&stage, &State { supervisor, exits: exits(&[(key, status)]), ..State::default() });
        if let Some(text) = text {
            let folder = folder_of(&Location::in_folder(stage.folder.path()), ID);
            std::fs::write(folder.join("state.json"), text).unwrap();
        }
        stage.end(501, status);
        stage.seconds(2);
        let (kind, note) = told(&stage).pop().unwrap();
        assert_eq!((kind, note.status), (Kind::Stopped, None), "{supervisor} {later_ms} {text:?}");
    }
}

#[test]
fn what_the_kernel_told_stands() {
    let mut stage = stage();
    stage.record();
    supervise(&mut stage);
    let key = add(&mut stage, 501, SUPERVISOR, &["corner"]);
    stage.seconds(2);
    let other = exits(&[(key, ExitStatus::Code(0))]);
    says(&stage, &State { supervisor: SUPERVISOR, exits: other, ..State::default() });
    stage.end(501, ExitStatus::Signal(11));
    stage.seconds(2);
    let (kind, note) = told(&stage).pop().unwrap();
    assert_eq!((kind, note.status), (Kind::Crashed, Some(ExitStatus::Signal(11))));
}

#[test]
fn that_it_is_given_up_is_an_event_and_ends_the_loop() {
    for tells in [true, false] {
        let mut stage = stage();
        stage.state.lock().unwrap().tells = tells;
        stage.record();
        supervise(&mut stage);
        let status = ExitStatus::Code(3);
        let mut all = Vec::new();
        for pid in 501..504 {
            all.push((add(&mut stage, pid, SUPERVISOR, &["corner"]), status));
            stage.seconds(2);
            says(&stage, &State { supervisor: SUPERVISOR, exits: exits(&all), ..State::default() });
            stage.end(pid, status);
            if pid < 503 {
                stage.seconds(1);
            }
        }
        let last_end = End { at_ms: 0, code: Some(3), signal: None, fault: None, output_bytes: 0 };
        says(
            &stage,
            &State {
                supervisor: SUPERVISOR,
                exits: exits(&all),
                gave_up: true,
                last_end: Some(last_end),
                ..State::default()
            },
        );
        stage.end(SUPERVISOR, ExitStatus::Code(0));
        // Long after the loop would have ended by itself.
        stage.seconds(400);
        let before = told(&stage);
        let kinds: Vec<_> = before.iter().map(|(kind, _)| *kind).collect();
        let expected = [
            Kind::Started,
            Kind::Crashed,
            Kind::Restarted,
            Kind::Crashed,
            Kind::Restarted,
            Kind::Crashed,
            Kind::CrashLoop,
            Kind::GivenUp,
        ];
        assert_eq!(kinds, expected, "the kernel tells: {tells}");
        let (_, note) = before.last().unwrap();
        assert_eq!((note.status, note.count), (Some(status), GIVEN_UP_AFTER));
        let location = Location::in_folder(stage.folder.path());
        let then_ms = stage.now_ms() - 399_000;
        let frame = Reader::new(location).frame_at(then_ms).unwrap().unwrap();
        let listed = frame.ended.iter().any(|one| one.process.key.pid == 0);
        assert!(!listed, "no process ended for it");
        stage.end_recording();
        assert_eq!(told(&stage), before);
    }
}

#[test]
fn one_that_nobody_saw_run_is_given_up_all_the_same() {
    let mut stage = untold();
    stage.record();
    supervise(&mut stage);
    stage.seconds(2);
    let fault = Some("corner: No such file or directory".to_owned());
    let last_end = Some(End { at_ms: 0, code: None, signal: None, fault, output_bytes: 0 });
    says(&stage, &State { supervisor: SUPERVISOR, gave_up: true, last_end, ..State::default() });
    stage.end(SUPERVISOR, ExitStatus::Code(0));
    stage.seconds(2);
    let before = told(&stage);
    assert!(matches!(&before[..], [(Kind::GivenUp, note)] if note.status.is_none()), "{before:?}");
    stage.end_recording();
    assert_eq!(told(&stage), before);
}
