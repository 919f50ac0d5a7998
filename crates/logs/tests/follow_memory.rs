//! What following holds, in a process of its own: other tests would count, too.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use ira_logs::follow::{Batch, Follower, Settings, Start, as_named};
use std::{
    fs::{File, OpenOptions},
    io::Write,
    time::{Duration, Instant},
};

const MIB: u64 = 1024 * 1024;
const FILES: usize = 256;

fn resident_bytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("own status");
    let line = status.lines().find(|line| line.starts_with("RssAnon:")).expect("it");
    let kib = line.split_whitespace().nth(1).and_then(|kib| kib.parse::<u64>().ok());
    kib.expect("a number") * 1024
}

/// Lines of a mebibyte, lines without end, empty lines, and UTF-16, in as many files as there may be.
#[test]
fn memory_is_bounded_whatever_the_files() {
    let folder = tempfile::tempdir().expect("a folder");
    let root = folder.path().canonicalize().expect("its path");
    let before = resident_bytes();
    let mut follower = Follower::new(Settings { bell: false, ..Settings::default() }, as_named());
    let mut now = Instant::now();
    let paths: Vec<_> = (0..FILES).map(|number| root.join(format!("log {number}"))).collect();
    for (number, path) in paths.iter().enumerate() {
        let mut file = File::create(path).expect("it");
        let begin: &[u8] = if number % 4 == 3 { b"\xff\xfe" } else { b"x" };
        file.write_all(begin).expect("written");
        file.set_len(2 * MIB).expect("room");
        follower.follow(path, Start::Beginning, now).expect("room");
    }
    let contents =
        [vec![b'y'; 300_000], b"a line of some length\n".repeat(10_000), vec![b'\n'; 200_000]];
    let mut batch = Batch::new();
    let mut most = 0;
    for round in 0..32 {
        for (number, path) in paths.iter().enumerate().skip(round % 16).step_by(16) {
            let content = contents.get(number / 16 % 3).expect("one of three");
            let mut file = OpenOptions::new().append(true).open(path).expect("it");
            file.write_all(content).expect("written");
        }
        now += Duration::from_secs(1);
        for _ in 0..24 {
            follower.poll(now, &mut batch);
            most = most.max(resident_bytes());
        }
    }
    let held = most.saturating_sub(before);
    assert!(held < 32 * MIB, "{held} bytes");
}
