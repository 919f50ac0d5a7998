//! Processes that end while their application goes on, and tools that only answer.

use crate::stage::stage;
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
