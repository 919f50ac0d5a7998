//! Bounded calls, and nobody starves.

use crate::desk::{Desk, settings};
use ira_logs::follow::{Settings, Start};
use std::collections::HashSet;

#[test]
fn a_loud_file_does_not_silence_the_others() {
    let mut desk = Desk::new();
    let line = format!("{}\n", "loud".repeat(25));
    desk.append("loud", line.repeat(200_000));
    desk.follow_from("loud", Start::Beginning);
    let mut quiet = HashSet::new();
    for number in 0..20 {
        let name = format!("quiet {number}");
        desk.append(&name, "heard\n");
        quiet.insert(desk.follow_from(&name, Start::Beginning));
    }
    desk.follower.poll(desk.now, &mut desk.batch);
    for entry in desk.batch.entries() {
        quiet.remove(&entry.source);
    }
    assert!(desk.batch.more(), "twenty mebibytes are not told in one call");
    assert_eq!(quiet.len(), 0, "all were heard in the first call");
}

#[test]
fn a_call_is_bounded_and_the_next_goes_on_with_the_next_file() {
    let few = Settings { most_bytes: 4096, turn_bytes: 4096, line_limit: 1024, ..settings() };
    let mut desk = Desk::with(few);
    let mut ids = Vec::new();
    for number in 0..10 {
        let name = format!("log {number}");
        desk.append(&name, "0123456789abcdef\n".repeat(10_000));
        ids.push(desk.follow_from(&name, Start::Beginning));
    }
    let mut lines = 0;
    let mut order = Vec::new();
    loop {
        desk.follower.poll(desk.now, &mut desk.batch);
        let bytes: usize = desk.batch.entries().len() * 17;
        assert!(bytes <= 4096 + 1024, "{bytes} bytes in one call");
        lines += desk.batch.entries().len();
        order.extend(desk.batch.entries().first().map(|entry| entry.source));
        if !desk.batch.more() {
            break;
        }
    }
    assert_eq!(lines, 100_000);
    assert_eq!(order.get(..10), Some(ids.as_slice()), "each its turn");
}

#[test]
fn empty_lines_are_bounded_by_their_number() {
    let mut desk = Desk::new();
    desk.append("log", vec![b'\n'; 500_000]);
    desk.follow();
    let mut lines = 0;
    loop {
        desk.follower.poll(desk.now, &mut desk.batch);
        assert!(desk.batch.entries().len() <= desk.settings.most_entries);
        lines += desk.batch.entries().len();
        if !desk.batch.more() {
            break;
        }
    }
    assert_eq!(lines, 500_000);
}
