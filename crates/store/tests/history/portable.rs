//! A span as a file of its own, and files that only pretend to be one.

use crate::machine::{Act, Machine, T0, acts, open, seen};
use ira_store::{Before, Frame, Location, Reader, StoreError, export, open_foreign};
use proptest::{strategy::Strategy, test_runner::TestRunner};
use std::path::Path;

fn recording(folder: &Path) -> (Location, Machine) {
    let location = Location::in_folder(folder);
    let mut machine = Machine::new();
    let mut writer = open(&location).unwrap();
    writer.record(&machine.full(Before::NotRunning)).unwrap();
    let mut runner = TestRunner::deterministic();
    let acts = acts().new_tree(&mut runner).unwrap();
    let acts = proptest::strategy::ValueTree::current(&acts);
    let starts: Vec<Act> = (1..20).map(|pid| Act::Start { pid }).collect();
    writer.record(&machine.second(&starts, Before::Tick)).unwrap();
    for second in 0..1500 {
        let acts = acts.get(second % acts.len()).unwrap();
        writer.record(&machine.second(acts, Before::Tick)).unwrap();
    }
    // The writer goes without flushing, as after a kill: the last minute is in the journal.
    (location, machine)
}

#[test]
fn an_exported_span_shows_the_same_seconds() {
    let folder = tempfile::tempdir().unwrap();
    let (location, machine) = recording(folder.path());
    let (from, to) = (T0 + 1_000_000, machine.at_ms);
    let file = folder.path().join("problem.ira");
    let mut steps = 0;
    let blocks = export(&location, (from, to), &file, "{}", |_| steps += 1).unwrap();
    assert!(blocks > 5 && steps > 5, "{blocks} blocks, {steps} steps");
    let there = Location { database: file.clone() };
    open_foreign(&there).unwrap();
    let (mut here, mut there) = (Reader::new(location.clone()), Reader::new(there));
    for at_ms in (from..=to).step_by(37_000).chain([to]) {
        let (a, b) =
            (here.frame_at(at_ms).unwrap().unwrap(), there.frame_at(at_ms).unwrap().unwrap());
        assert_eq!(format!("{a:?}"), format!("{b:?}"), "at {at_ms}");
    }
    let last = there.frame_at(i64::MAX).unwrap().unwrap();
    assert_eq!(last.processes.len(), seen(&machine).len(), "the minute under way came along");
    let again = export(&location, (from, to), &file, "{}", |_| ()).unwrap_err();
    assert!(again.to_string().contains("problem.ira"), "never written over: {again}");
    let mut seconds = 0;
    let count = |frame: Frame| {
        assert!((from..=to).contains(&frame.at_ms));
        seconds += 1;
        Ok::<(), StoreError>(())
    };
    here.each_second((from, to), count).unwrap();
    assert_eq!(i64::from(seconds), (to - from) / 1000 + 1, "every second once");
}

#[test]
fn a_file_with_other_tables_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let (location, machine) = recording(folder.path());
    let file = folder.path().join("x.ira");
    export(&location, (0, machine.at_ms), &file, "{}", |_| ()).unwrap();
    let whole = std::fs::read(&file).unwrap();
    let hostile = folder.path().join("hostile.ira");
    let there = Location { database: hostile.clone() };
    std::fs::write(&hostile, "not a database at all").unwrap();
    assert!(open_foreign(&there).is_err(), "some other file");
    // A table that is a view over an endless question, in a file that says it is ours.
    std::fs::write(&hostile, &whole).unwrap();
    let connection = rusqlite::Connection::open(&hostile).unwrap();
    connection
        .execute_batch(
            "DROP TABLE settings; CREATE VIEW settings AS
             WITH RECURSIVE c (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c)
             SELECT 'machine' AS name, sum(x) AS value FROM c",
        )
        .unwrap();
    drop(connection);
    let error = open_foreign(&there).unwrap_err();
    assert!(matches!(error, StoreError::Foreign { .. }), "{error}");
    std::fs::remove_file(&hostile).unwrap();
    assert!(open_foreign(&there).is_err(), "a file that is not there");
}

/// Written by the last program of that form; 200 s of two processes, of which one ended.
const OLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/history/form-8.ira");

#[test]
fn a_recording_of_an_older_form_is_read_and_left_as_it_is() {
    let before = std::fs::read(OLDER).unwrap();
    let there = Location { database: OLDER.into() };
    let error = Reader::new(there.clone()).frame_at(i64::MAX).unwrap_err();
    assert!(matches!(error, StoreError::Older { found: 8, .. }), "not as it is: {error}");
    let foreign = open_foreign(&there).unwrap();
    let copy = foreign.location.database.clone();
    let mut reader = Reader::new(foreign.location.clone());
    let pids = |frame: Frame| frame.processes.iter().map(|p| p.sample.key.pid).collect::<Vec<_>>();
    assert_eq!(pids(reader.frame_at(T0 + 100_000).unwrap().unwrap()), [1, 2]);
    assert_eq!(pids(reader.frame_at(i64::MAX).unwrap().unwrap()), [1], "to its last second");
    assert_eq!(reader.events(0, i64::MAX, None, 100).unwrap().len(), 4);
    drop((reader, foreign));
    assert!(!copy.exists(), "the copy goes with whoever opened it");
    assert_eq!(std::fs::read(OLDER).unwrap(), before, "nothing was written to it");
}

#[test]
fn a_database_of_an_older_form_is_brought_up_to_date() {
    let folder = tempfile::tempdir().unwrap();
    let location = Location::in_folder(folder.path());
    std::fs::copy(OLDER, &location.database).unwrap();
    let mut machine = Machine::new();
    machine.at_ms = T0 + 300_000;
    let mut writer = open(&location).unwrap();
    writer.record(&machine.full(Before::NotRunning)).unwrap();
    writer.record(&machine.second(&[Act::Start { pid: 3 }], Before::Tick)).unwrap();
    let mut reader = Reader::new(location.clone());
    let pids = |frame: Frame| frame.processes.iter().map(|p| p.sample.key.pid).collect::<Vec<_>>();
    assert_eq!(pids(reader.frame_at(T0 + 100_000).unwrap().unwrap()), [1, 2], "what was there");
    assert_eq!(pids(reader.frame_at(i64::MAX).unwrap().unwrap()), [3], "what came after");
    drop(writer);
    assert_eq!(ira_store::check(&location).unwrap(), Vec::<String>::new(), "nothing is broken");
}
