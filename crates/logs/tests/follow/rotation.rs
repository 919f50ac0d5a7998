//! What rotation, links and removal do to a name.

use crate::desk::{Desk, settings};
use ira_logs::follow::{Refusal, Settings, State};
use std::{fs::OpenOptions, io::Write, time::Duration};

fn desk() -> Desk {
    let mut desk = Desk::new();
    desk.append("log", "a line of the first file\n");
    desk.follow();
    assert_eq!(desk.poll(), ["a line of the first file"]);
    desk
}

#[test]
fn renamed_and_created_the_rest_of_the_old_comes_first() {
    let mut desk = desk();
    desk.append("log", "unread\nunfinished");
    desk.rename("log", "log.1");
    desk.append("log", "new\n");
    assert_eq!(desk.poll(), ["unread", "unfinished~", "[rotated whole]", "new"]);
}

#[test]
fn between_renaming_and_creating_the_old_is_followed() {
    let mut desk = desk();
    desk.rename("log", "log.1");
    desk.append("log.1", "late\n");
    assert_eq!(desk.poll(), ["late"]);
    assert_eq!(desk.state(), State::Refused(Refusal::Missing));
    desk.append("log.1", "later\n");
    desk.append("log", "new\n");
    assert_eq!(desk.poll(), ["later", "[rotated whole]", "new"]);
    assert_eq!(desk.state(), State::Followed);
}

#[test]
fn a_writer_that_keeps_the_old_file_is_heard_until_it_is_quiet() {
    let mut desk = desk();
    desk.rename("log", "log.1");
    desk.append("log", "new\n");
    assert_eq!(desk.poll(), ["[rotated whole]", "new"]);
    for _ in 0..3 {
        desk.pass(Duration::from_secs(8));
        desk.append("log.1", "late\n");
        assert_eq!(desk.poll(), ["late"]);
    }
    desk.pass(Duration::from_secs(12));
    desk.poll();
    desk.append("log.1", "too late\n");
    desk.append("log", "newer\n");
    assert_eq!(desk.poll(), ["newer"]);
}

#[test]
fn many_rotations_between_two_looks_lose_nothing() {
    let mut desk = desk();
    desk.append("log", "unread 1\n");
    for turn in 2..=5 {
        for old in (1..turn - 1).rev() {
            desk.rename(&format!("log.{old}"), &format!("log.{}", old + 1));
        }
        desk.rename("log", "log.1");
        desk.append("log", format!("unread {turn}\n"));
    }
    let told = desk.poll();
    let lines: Vec<&String> = told.iter().filter(|word| !word.starts_with('[')).collect();
    assert_eq!(lines, ["unread 1", "unread 2", "unread 3", "unread 4", "unread 5"]);
    assert!(told.iter().filter(|word| word.starts_with('[')).all(|word| word == "[rotated whole]"));
}

#[test]
fn more_rotations_than_are_open_at_once_lose_nothing() {
    let mut desk = desk();
    for turn in 1..=20 {
        for old in (1..turn).rev() {
            desk.rename(&format!("log.{old}"), &format!("log.{}", old + 1));
        }
        desk.rename("log", "log.1");
        desk.append("log", format!("unread {turn}\n"));
    }
    let mut lines = Vec::new();
    for _ in 0..40 {
        lines.extend(desk.poll().into_iter().filter(|word| !word.starts_with('[')));
    }
    let all: Vec<String> = (1..=20).map(|turn| format!("unread {turn}")).collect();
    assert_eq!(lines, all);
}

#[test]
fn rotated_to_a_date_and_inside_the_name() {
    let mut desk = Desk::new();
    desk.append("app.log", "a line of the first file\n");
    desk.follow_from("app.log", ira_logs::follow::Start::Beginning);
    desk.poll();
    desk.append("app.log", "unread\n");
    desk.rename("app.log", "app-2026-11-25.log");
    desk.append("app.log", "new\n");
    assert_eq!(desk.poll(), ["unread", "[rotated whole]", "new"]);
    desk.rename("app.log", "app.log-20261126");
    desk.append("app.log", "newer\n");
    assert_eq!(desk.poll(), ["[rotated whole]", "newer"]);
}

#[test]
fn copied_and_emptied_the_rest_is_read_from_the_copy() {
    let mut desk = desk();
    desk.append("log", "unread\n");
    desk.copy("log", "log.1");
    desk.empty("log");
    desk.append("log", "new\n");
    assert_eq!(desk.poll(), ["unread", "[truncated]", "new"]);
}

#[test]
fn emptied_without_a_copy_the_loss_is_said() {
    let mut desk = Desk::new();
    desk.append("log", "a line of the first file\nunfinished");
    desk.follow();
    assert_eq!(desk.poll_now(), ["a line of the first file"]);
    desk.empty("log");
    desk.append("log", "new\n");
    assert_eq!(desk.poll(), ["[truncated lost 10]", "new"]);
}

#[test]
fn emptied_and_grown_beyond_the_old_place_it_is_begun_anew() {
    let mut desk = desk();
    desk.empty("log");
    desk.append("log", "quite another line, longer than all that was there before\n");
    let told = desk.poll();
    assert_eq!(told.first().map(String::as_str), Some("[truncated]"));
    assert_eq!(told.len(), 2);
}

#[test]
fn emptied_and_filled_to_the_same_length_it_is_begun_anew() {
    let mut desk = desk();
    for name in ["A", "B", "C", "D"] {
        desk.empty("log");
        desk.append("log", format!("{name} line of the first file\n"));
        let new = format!("{name} line of the first file");
        assert_eq!(desk.poll(), ["[truncated]".to_owned(), new]);
    }
}

#[test]
fn the_same_beginning_with_another_rest_is_another_content() {
    let mut desk = Desk::new();
    let header = format!("# {}\n", "=".repeat(2000));
    desk.append("log", format!("{header}one\n"));
    desk.follow();
    desk.poll();
    desk.empty("log");
    desk.append("log", format!("{header}two\nthree\n"));
    let told = desk.poll();
    assert_eq!(told.get(2..), Some(["two".to_owned(), "three".to_owned()].as_slice()));
}

#[test]
fn removed_and_created_the_open_file_is_read_to_its_end() {
    let mut desk = desk();
    desk.append("log", "unread\n");
    desk.remove("log");
    desk.append("log", "new\n");
    assert_eq!(desk.poll(), ["unread", "[removed]", "new"]);
}

#[test]
fn a_removed_file_is_let_go_when_its_writer_is_quiet() {
    let mut desk = desk();
    let mut writer = OpenOptions::new().append(true).open(desk.path("log")).expect("it");
    desk.remove("log");
    assert_eq!(desk.poll(), [""; 0]);
    writer.write_all(b"still written\n").expect("written");
    assert_eq!(desk.poll(), ["still written"]);
    desk.pass(desk.settings.linger);
    desk.poll();
    let open = std::fs::read_dir("/proc/self/fd")
        .expect("own files")
        .filter_map(|entry| std::fs::read_link(entry.ok()?.path()).ok());
    let gone = format!("{} (deleted)", desk.path("log").display());
    drop(writer);
    let held = open.filter(|path| path.to_string_lossy() == gone).count();
    assert!(held <= 1, "only its writer may have held it");
    desk.append("log", "new\n");
    assert_eq!(desk.poll(), ["[removed]", "new"]);
}

#[test]
fn the_same_number_used_again_is_another_file() {
    let mut desk = desk();
    // Without the open file the number is free at once.
    desk.restart(None);
    desk.remove("log");
    desk.append("log", "quite another line with the number of the old file\n");
    let told = desk.poll();
    let lines: Vec<&String> = told.iter().filter(|word| !word.starts_with('[')).collect();
    assert_eq!(lines, ["quite another line with the number of the old file"]);
    assert_eq!(told.len(), 2, "and it is said that the old one is gone: {told:?}");
}

#[test]
fn a_link_that_points_elsewhere_and_back_repeats_nothing() {
    let mut desk = Desk::new();
    desk.append("one", "first of one\n");
    desk.append("two", "first of two\n");
    desk.link("one", "log");
    desk.follow();
    assert_eq!(desk.poll(), ["first of one"]);
    desk.append("one", "second of one\n");
    desk.link("two", "log");
    assert_eq!(desk.poll(), ["second of one", "[moved]", "first of two"]);
    desk.pass(Duration::from_secs(60));
    desk.poll();
    desk.append("one", "third of one\n");
    desk.link("one", "log");
    assert_eq!(desk.poll(), ["[moved]", "third of one"]);
}

#[test]
fn a_slow_reader_makes_it_wait_and_loses_nothing() {
    let small = Settings { most_bytes: 100, turn_bytes: 100, most_entries: 4, ..settings() };
    let mut desk = Desk::with(small);
    desk.follow();
    let mut told = Vec::new();
    let mut all = Vec::new();
    for turn in 0..40 {
        if turn > 0 {
            for old in (1..turn).rev() {
                desk.rename(&format!("log.{old}"), &format!("log.{}", old + 1));
            }
            desk.rename("log", "log.1");
        }
        for line in 0..10 {
            all.push(format!("line {line} of turn {turn:02}"));
            desk.append("log", format!("line {line} of turn {turn:02}\n"));
        }
        desk.pass(Duration::from_secs(1));
        desk.follower.poll(desk.now, &mut desk.batch);
        assert!(desk.batch.entries().len() <= 6);
        told.extend(crate::desk::words(&desk.batch));
    }
    for _ in 0..200 {
        told.extend(desk.poll());
    }
    told.retain(|word| !word.starts_with('['));
    assert_eq!(told.len(), all.len());
    assert_eq!(told, all);
}
