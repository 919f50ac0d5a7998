//! Appending and unfinished lines.

use crate::desk::Desk;
use ira_logs::follow::Start;
use std::time::Duration;

#[test]
fn appended_lines_are_told_once() {
    let mut desk = Desk::new();
    desk.append("log", "one\ntwo\n");
    desk.follow();
    assert_eq!(desk.poll(), ["one", "two"]);
    assert_eq!(desk.poll(), [""; 0]);
    desk.append("log", "three\n\nfive\n");
    assert_eq!(desk.poll(), ["three", "", "five"]);
}

#[test]
fn a_file_may_come_later() {
    let mut desk = Desk::new();
    desk.follow();
    assert_eq!(desk.poll(), [""; 0]);
    desk.append("log", "one\n");
    assert_eq!(desk.poll(), ["one"]);
}

#[test]
fn a_line_waits_for_its_newline() {
    let mut desk = Desk::new();
    desk.append("log", "one\ntw");
    desk.follow();
    assert_eq!(desk.poll_now(), ["one"]);
    desk.append("log", "o\n");
    desk.pass(Duration::from_millis(500));
    assert_eq!(desk.poll_now(), ["two"], "whole, for it came within the patience");
}

#[test]
fn an_unfinished_line_is_told_after_a_patience_and_never_twice() {
    let mut desk = Desk::new();
    desk.append("log", "pass");
    desk.follow();
    assert_eq!(desk.poll_now(), [""; 0]);
    assert_eq!(desk.poll(), ["pass~"]);
    assert_eq!(desk.poll(), [""; 0]);
    desk.append("log", "word: ");
    assert_eq!(desk.poll(), [""; 0]);
    assert_eq!(desk.poll(), ["~word: ~"]);
    desk.append("log", "yes\nnext\n");
    assert_eq!(desk.poll(), ["~yes", "next"]);
}

#[test]
fn a_newline_alone_completes_silently() {
    let mut desk = Desk::new();
    desk.append("log", "whole\r");
    desk.follow();
    desk.poll();
    assert_eq!(desk.poll(), ["whole~"]);
    desk.append("log", "\nnext\n");
    assert_eq!(desk.poll(), ["next"]);
}

#[test]
fn the_caller_is_told_when_the_patience_ends() {
    let mut desk = Desk::new();
    desk.append("log", "part");
    desk.follow();
    desk.poll_now();
    desk.pass(Duration::from_millis(950));
    desk.poll_now();
    assert_eq!(desk.follower.idle(desk.now), Duration::from_millis(50));
}

#[test]
fn from_the_end_is_from_the_unfinished_line() {
    let mut desk = Desk::new();
    desk.append("log", "old\nnew");
    desk.follow_from("log", Start::End);
    assert_eq!(desk.poll_now(), [""; 0]);
    desk.append("log", "er\n");
    assert_eq!(desk.poll(), ["newer"]);
}

#[test]
fn a_clock_that_was_set_changes_nothing() {
    let mut desk = Desk::new();
    desk.append("log", "one\n");
    desk.follow();
    desk.poll();
    let file = std::fs::File::options().append(true).open(desk.path("log")).expect("it");
    for step in [0, 4_000_000_000] {
        desk.append("log", "more\n");
        let time = std::time::UNIX_EPOCH + Duration::from_secs(step);
        file.set_modified(time).expect("set");
        assert_eq!(desk.poll(), ["more"], "whatever the time of the file says");
        assert_eq!(desk.poll(), [""; 0]);
    }
}

#[test]
fn a_quiet_file_is_found_by_the_slow_check() {
    let mut desk = Desk::new();
    desk.append("log", "one\n");
    desk.follow();
    desk.poll();
    for _ in 0..5 {
        assert_eq!(desk.poll(), [""; 0]);
    }
    assert_eq!(desk.follower.idle(desk.now), desk.settings.slow, "and not sooner");
    desk.append("log", "two\n");
    desk.pass(Duration::from_millis(900));
    assert_eq!(desk.poll_now(), [""; 0]);
    desk.pass(Duration::from_millis(100));
    assert_eq!(desk.poll_now(), ["two"]);
    assert_eq!(desk.follower.idle(desk.now), desk.settings.quick, "more may follow");
}
