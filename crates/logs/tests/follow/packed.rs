//! Compressed rotation, and what a hostile archive can do.

use crate::desk::{Desk, gz, settings};
use ira_logs::follow::Settings;
use std::fs;

fn desk() -> Desk {
    let mut desk = Desk::new();
    desk.append("log", "a line of the first file\n");
    desk.follow();
    assert_eq!(desk.poll(), ["a line of the first file"]);
    desk.append("log", "unread\nand unfinished");
    desk
}

#[test]
fn what_was_not_read_is_read_from_the_archive_after_a_restart() {
    let mut desk = desk();
    let _ = desk.checkpoint();
    desk.rename("log", "log.1");
    desk.pack("log.1", "log.1.gz");
    desk.append("log", "new\n");
    desk.restart(None);
    assert_eq!(desk.poll(), ["unread", "and unfinished~", "[rotated whole]", "new"]);
    desk.restart(None);
    assert_eq!(desk.poll(), [""; 0], "and not a second time");
}

#[test]
fn an_open_file_is_read_though_it_was_packed() {
    let mut desk = desk();
    desk.rename("log", "log.1");
    desk.pack("log.1", "log.1.gz");
    desk.append("log", "new\n");
    assert_eq!(desk.poll(), ["unread", "and unfinished~", "[rotated whole]", "new"]);
}

#[test]
fn copied_packed_and_emptied() {
    let mut desk = desk();
    desk.copy("log", "log.1");
    desk.pack("log.1", "log.1.gz");
    desk.empty("log");
    desk.append("log", "new\n");
    assert_eq!(desk.poll(), ["unread", "and unfinished~", "[truncated]", "new"]);
}

#[test]
fn several_archives_in_their_order() {
    let mut desk = desk();
    desk.append("log", "\n");
    desk.rename("log", "log.3");
    desk.pack("log.3", "log.3.gz");
    desk.append("log.2", "second, all of it unread\n");
    desk.pack("log.2", "log.2.gz");
    desk.append("log.1", "third, packed next time\n");
    desk.append("log", "new\n");
    desk.restart(None);
    let told = desk.poll();
    let lines: Vec<&String> = told.iter().filter(|word| !word.starts_with('[')).collect();
    let expected =
        ["unread", "and unfinished", "second, all of it unread", "third, packed next time", "new"];
    assert_eq!(lines, expected);
}

#[test]
fn a_restart_within_an_archive_goes_on_there() {
    let few = Settings { most_bytes: 2048, turn_bytes: 2048, line_limit: 1024, ..settings() };
    let mut desk = Desk::with(few);
    desk.append("log", "a line of the first file\n");
    desk.follow();
    desk.poll();
    let all: Vec<String> = (0..2000).map(|number| format!("line number {number}")).collect();
    desk.append("log", all.join("\n") + "\n");
    desk.rename("log", "log.1");
    desk.pack("log.1", "log.1.gz");
    desk.append("log", "new\n");
    let mut told = Vec::new();
    // The follower had the file open; after a restart there is only the archive.
    for _ in 0..200 {
        desk.restart(None);
        desk.follower.poll(desk.now, &mut desk.batch);
        told.extend(crate::desk::words(&desk.batch));
    }
    told.retain(|word| !word.starts_with('['));
    assert_eq!(told.len(), 2001);
    assert_eq!(told.get(..2000), Some(all.as_slice()));
}

#[test]
fn an_archive_with_the_same_beginning_that_is_not_it_is_not_told() {
    let mut desk = Desk::new();
    let header = "=".repeat(1500);
    desk.append("log", format!("{header}\none\n"));
    desk.follow();
    desk.poll();
    desk.append("log", "unread\n");
    fs::write(desk.path("log.1.gz"), gz(format!("{header}\nsomething else\n").as_bytes()))
        .expect("it");
    desk.remove("log");
    desk.append("log", "new\n");
    desk.restart(None);
    let told = desk.poll();
    assert!(!told.iter().any(|word| word.contains("something else")), "{told:?}");
    assert!(told.iter().any(|word| word == "[Unreadable]"), "and it is said: {told:?}");
    assert_eq!(told.last().map(String::as_str), Some("new"));
}

#[test]
fn a_damaged_archive_is_told_as_far_as_it_goes() {
    let mut desk = desk();
    let mut text = fs::read(desk.path("log")).expect("it");
    text.extend(
        (0..5000).flat_map(|number| format!("\nline {number} {}", number * 7919).into_bytes()),
    );
    let packed = gz(&text);
    desk.remove("log");
    fs::write(desk.path("log.1.gz"), packed.get(..packed.len() / 2).expect("half")).expect("it");
    desk.append("log", "new\n");
    desk.restart(None);
    let told = desk.poll();
    assert_eq!(told.first().map(String::as_str), Some("unread"));
    assert!(told.len() > 1000, "{} lines", told.len());
    let end: Vec<&str> = told.iter().rev().take(3).map(String::as_str).collect();
    assert_eq!(end, ["new", "[rotated whole]", "[Damaged]"]);
}

#[test]
fn a_bomb_is_unpacked_no_further_than_the_bound() {
    let bounded = Settings { most_unpacked: 8 * 1024 * 1024, ..settings() };
    let mut desk = Desk::with(bounded);
    desk.append("log", "a line of the first file\n");
    desk.follow();
    desk.poll();
    let mut bomb = b"a line of the first file\n".to_vec();
    bomb.resize(100 * 1024 * 1024, 0);
    fs::write(desk.path("log.1.gz"), gz(&bomb)).expect("it");
    desk.remove("log");
    desk.append("log", "new\n");
    desk.restart(None);
    let mut told = Vec::new();
    let mut polls = 0;
    loop {
        desk.follower.poll(desk.now, &mut desk.batch);
        told.extend(crate::desk::words(&desk.batch));
        polls += 1;
        if !desk.batch.more() {
            break;
        }
    }
    let lengths: Vec<usize> = told.iter().map(String::len).collect();
    assert!(polls > 4, "bit by bit: {polls}");
    assert!(told.iter().any(|word| word == "[TooLong]"), "{lengths:?}");
    assert!(lengths.iter().all(|length| *length <= 1024 * 1024 + 1), "{lengths:?}");
    assert_eq!(told.last().map(String::as_str), Some("new"));
}
