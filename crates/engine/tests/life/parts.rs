//! Processes that end while their application goes on, and tools that only answer.

use crate::stage::{SHOP, stage};
use ira_model::{ExitStatus, life::LOOP_CRASHES};
use ira_store::{Reader, StoredEventKind as Kind};

#[test]
fn a_part_that_its_parent_starts_again_is_told_and_a_loop_of_it_as_one() {
    for tells in [true, false] {
        let mut stage = stage();
        stage.state.lock().unwrap().tells = tells;
        stage.record();
        stage.shop();
        let mut worker = stage.shop();
        let rounds = LOOP_CRASHES + 2;
        for _ in 0..rounds {
            stage.seconds(14);
            stage.end(worker, ExitStatus::Code(3));
            worker = stage.shop();
            stage.second();
        }
        let told = stage.told();
        let part = (if tells { Kind::Crashed } else { Kind::Restarted }, true);
        let mut expected = vec![(Kind::Started, false)];
        expected.extend([part; LOOP_CRASHES as usize]);
        expected.extend(tells.then_some((Kind::CrashLoop, true)));
        let kinds: Vec<_> = told.iter().map(|(kind, note)| (*kind, note.part)).collect();
        assert_eq!(kinds, expected, "the kernel tells: {tells}");
        let last = &told.last().unwrap().1;
        assert_eq!(last.status, tells.then_some(ExitStatus::Code(3)));
        assert_eq!(last.count, if tells { rounds } else { rounds - LOOP_CRASHES + 1 });
        stage.kinds_kept();
    }
}

#[test]
fn a_tool_within_that_answers_by_its_code_is_no_crash_and_one_that_lasted_is() {
    let mut stage = stage();
    stage.record();
    stage.shop();
    for (seconds, ports, status, expected) in [
        (3, false, ExitStatus::Code(1), false),
        (62, false, ExitStatus::Code(1), true),
        (62, false, ExitStatus::Code(0), false),
        (3, true, ExitStatus::Code(1), true),
    ] {
        let before = stage.told().len();
        let tool = stage.shop();
        stage.second();
        if ports {
            stage.listen(&[(tool, 8080)]);
        }
        stage.seconds(seconds - 1);
        stage.end(tool, status);
        stage.seconds(20);
        let told = stage.told();
        let crash = told[before..].iter().find(|(kind, _)| *kind == Kind::Crashed);
        assert_eq!(crash.is_some(), expected, "{seconds} s, {status:?}: {told:?}");
    }
}

#[test]
fn a_program_that_answers_by_its_code_is_no_crash_unless_it_is_started_again() {
    let mut stage = stage();
    stage.record();
    for again in [false, true] {
        stage.add(900, "grep", "/user.slice");
        stage.seconds(2);
        stage.end(900, ExitStatus::Code(1));
        stage.second();
        if again {
            stage.add(901, "grep", "/user.slice");
        }
        stage.seconds(20);
        let location = ira_store::Location::in_folder(stage.folder.path());
        let events = Reader::new(location).events(0, i64::MAX / 2, None, 2000).unwrap();
        let kinds: Vec<_> = events.iter().map(|event| event.kind).collect();
        assert_eq!(kinds.contains(&Kind::Crashed), again, "{events:?}");
    }
}

#[test]
fn what_ran_when_the_recording_began_and_is_named_later_did_not_start() {
    let mut stage = stage();
    stage.add(50, "shop", "/system.slice/shop.service");
    stage.state.lock().unwrap().sample.monotonic_ms += 20_000;
    let details = stage.learnt_later(50);
    stage.record();
    stage.state.lock().unwrap().sample.learnt.push(details);
    stage.seconds(3);
    assert_eq!(stage.kinds(), [], "it ran before");
    stage.end(50, ExitStatus::Code(0));
    stage.seconds(2);
    stage.shop();
    stage.seconds(2);
    assert_eq!(stage.kinds_kept(), [Kind::Stopped, Kind::Restarted]);
}

#[test]
fn after_a_gap_only_what_began_within_it_has_started_and_at_its_own_time() {
    for named_late in [false, true] {
        let mut stage = stage();
        stage.record();
        let pid = stage.shop();
        stage.seconds(3);
        assert_eq!(stage.kinds_kept(), [Kind::Started]);
        stage.state.lock().unwrap().sample.monotonic_ms += 300_000;
        // Older than the end of what was recorded.
        stage.record();
        stage.seconds(3);
        assert_eq!(stage.kinds_kept(), [Kind::Started], "it ran all the time");
        stage.end(pid, ExitStatus::Code(0));
        stage.state.lock().unwrap().sample.monotonic_ms += 100_000;
        let pid = stage.shop();
        let began_ms = stage.now_ms() + 300;
        stage.state.lock().unwrap().sample.monotonic_ms += 200_000;
        let late = named_late.then(|| stage.learnt_later(pid));
        stage.record();
        stage.state.lock().unwrap().sample.learnt.extend(late);
        stage.seconds(3);
        assert_eq!(stage.kinds_kept(), [Kind::Started, Kind::Started], "late: {named_late}");
        let location = ira_store::Location::in_folder(stage.folder.path());
        let mut reader = Reader::new(location);
        let told = reader.events(0, i64::MAX / 2, Some(SHOP), 9).unwrap();
        assert_eq!(told[1].at_ms, began_ms, "late: {named_late}");
        assert_eq!(reader.application(SHOP).unwrap().unwrap().runs, 2, "late: {named_late}");
    }
}
