//! Killed at any moment, full disks, files taken away.

use crate::machine::{Act, BOOT, Machine};
use ira_store::{Before, Boot, Location, Reader, Retention, StoreError, Tick, Writer};
use std::{
    io::{BufRead, BufReader, Write},
    process::{Command, Stdio},
    time::Duration,
};

const FOLDER: &str = "IRA_LOSS_FOLDER";
const FROM: &str = "IRA_LOSS_FROM";

/// So much is kept that rollups and deletions go on all the time at the speed of the child.
fn short() -> Retention {
    Retention { seconds_ms: 2 * 3_600_000, minutes_ms: 12 * 3_600_000, ..Retention::default() }
}

fn open(location: &Location) -> Result<Writer, StoreError> {
    Writer::open(location, &Boot { boot_id: "b".into(), boot_ms: BOOT }, short())
}

/// Not a test by itself: the program that is killed. It records as fast as it can and says what it
/// has recorded.
#[test]
#[ignore = "the child of the test below"]
fn child_records_until_it_is_killed() {
    let location = Location::in_folder(std::env::var(FOLDER).unwrap().as_ref());
    let mut machine = Machine::new();
    machine.at_ms = std::env::var(FROM).unwrap().parse().unwrap();
    let mut writer = open(&location).unwrap();
    let starts: Vec<Act> = (1..30).map(|pid| Act::Start { pid }).collect();
    machine.second(&starts, Before::Tick);
    writer.record(&machine.full(Before::NotRunning)).unwrap();
    let mut out = std::io::stdout();
    loop {
        let acts =
            [Act::Work { pid: 1 + (machine.at_ms / 1000 % 29) as u32, user_ms: 10, write: 1 }];
        writer.record(&machine.second(&acts, Before::Tick)).unwrap();
        writeln!(out, "\nrecorded {}", machine.at_ms).unwrap();
    }
}

#[test]
fn killed_at_random_moments_only_the_second_under_way_is_lost() {
    // 1,000 in `make soak`.
    let kills: u64 =
        std::env::var("IRA_SOAK").ok().and_then(|kills| kills.parse().ok()).unwrap_or(25);
    let folder = tempfile::tempdir().unwrap();
    let location = Location::in_folder(folder.path());
    let mut from = BOOT + 1_000_000;
    for kill in 0..kills {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["loss::child_records_until_it_is_killed", "--exact", "--ignored", "--nocapture"])
            .env(FOLDER, folder.path())
            .env(FROM, from.to_string())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let said = |line: std::io::Result<String>| -> Option<i64> {
            line.ok()?.strip_prefix("recorded ")?.parse().ok()
        };
        // Wait until it has begun, then for a moment that no two runs share.
        let mut last = lines.by_ref().find_map(said).expect("the child records");
        let killer = std::thread::spawn(move || {
            std::thread::sleep(Duration::from_micros(kill * 7919 % 40_000));
            child.kill().unwrap();
            child.wait().unwrap();
        });
        for line in lines {
            last = said(line).unwrap_or(last);
        }
        killer.join().unwrap();
        let writer = open(&location).unwrap_or_else(|error| panic!("kill {kill}: {error}"));
        drop(writer);
        let problems = ira_store::check(&location).unwrap();
        assert_eq!(problems, Vec::<String>::new(), "kill {kill}");
        let (_, end) = Reader::new(location.clone()).range().unwrap().unwrap();
        // What was said to be recorded is there; the one under way may be there too.
        assert!((last..=last + 5000).contains(&end), "kill {kill}: said {last}, kept {end}");
        from = end + 60_000;
    }
}

fn tick(machine: &mut Machine) -> Tick {
    machine.second(&[], Before::Tick)
}

#[test]
fn a_database_taken_away_is_noticed_within_the_minute() {
    let folder = tempfile::tempdir().unwrap();
    let location = Location::in_folder(folder.path());
    let mut machine = Machine::new();
    let mut writer = open(&location).unwrap();
    writer.record(&machine.full(Before::NotRunning)).unwrap();
    writer.record(&tick(&mut machine)).unwrap();
    std::fs::remove_file(&location.database).unwrap();
    let failed = (0..61).find_map(|_| writer.record(&tick(&mut machine)).err());
    let message = failed.expect("it is noticed").to_string();
    assert!(message.contains("was removed or replaced"), "{message}");
    drop(writer);
    let mut again = open(&location).unwrap();
    again.record(&machine.full(Before::NotRunning)).unwrap();
    again.record(&tick(&mut machine)).unwrap();
    assert!(Reader::new(location).range().unwrap().is_some(), "recording goes on in a new one");
}

#[test]
#[cfg(target_os = "linux")]
fn a_full_disk_says_so_and_loses_nothing_that_was_kept() {
    let folder = tempfile::tempdir().unwrap();
    let mounted = Command::new("mount")
        .args(["-t", "tmpfs", "-o", "size=700k", "ira-full"])
        .arg(folder.path())
        .status();
    if !mounted.is_ok_and(|status| status.success()) {
        println!("skipped: mounting a small file system needs root");
        return;
    }
    let location = Location::in_folder(folder.path());
    let mut machine = Machine::new();
    let mut writer = open(&location).unwrap();
    writer.record(&machine.full(Before::NotRunning)).unwrap();
    for _ in 0..70 {
        writer.record(&tick(&mut machine)).unwrap();
    }
    let filler = folder.path().join("filler");
    std::fs::write(&filler, vec![1; 700_000]).unwrap_err();
    let failed = (0..600).find_map(|_| writer.record(&tick(&mut machine)).err());
    drop(writer);
    let message = failed.expect("it is noticed").to_string();
    assert!(message.contains("no room is left"), "{message}");
    std::fs::remove_file(&filler).unwrap();
    let mut writer = open(&location).unwrap();
    writer.record(&machine.full(Before::NotRunning)).unwrap();
    writer.record(&tick(&mut machine)).unwrap();
    let gaps = Reader::new(location.clone()).gaps(0, i64::MAX).unwrap();
    drop(writer);
    let problems = ira_store::check(&location).unwrap();
    Command::new("umount").arg(folder.path()).status().unwrap();
    assert_eq!(problems, Vec::<String>::new());
    assert_eq!(gaps.len(), 2, "the time without room is a gap");
}
