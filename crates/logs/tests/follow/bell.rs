//! The kernel's bell, with the real clock.

use crate::desk::{Desk, eventually};
use ira_logs::follow::{Ringing, Settings};
use std::time::{Duration, Instant};

/// The slow check comes too late for these tests, so that only the bell can have told.
fn desk() -> Desk {
    let settings = Settings {
        bell: true,
        slow: Duration::from_secs(3600),
        quick: Duration::from_millis(1),
        settle: Duration::from_millis(20),
        ..Settings::default()
    };
    let mut desk = Desk::with(settings);
    desk.append("log", "one\n");
    desk.follow();
    desk
}

fn poll(desk: &mut Desk) -> Vec<String> {
    desk.now = Instant::now();
    desk.poll_now()
}

/// Polls until the file is left to the bell.
fn quiet(desk: &mut Desk) {
    eventually("the file is quiet", || {
        poll(desk);
        desk.follower.idle(Instant::now()) > Duration::from_secs(1000)
    });
}

#[test]
fn a_quiet_file_rings() {
    let mut desk = desk();
    assert_eq!(*desk.follower.ringing(), Ringing::On);
    for round in 0..3 {
        quiet(&mut desk);
        desk.append("log", format!("round {round}\n"));
        let bell = desk.follower.bell();
        let mut told = Vec::new();
        eventually("the bell rings", || {
            bell.wait(Duration::from_secs(1));
            told.extend(poll(&mut desk));
            !told.is_empty()
        });
        assert_eq!(told, [format!("round {round}")]);
    }
}

#[test]
fn removal_and_a_new_file_ring_or_are_found() {
    let mut desk = desk();
    quiet(&mut desk);
    desk.rename("log", "log.1");
    desk.append("log", "two\n");
    let mut told = Vec::new();
    eventually("the new file is found", || {
        told.extend(poll(&mut desk));
        !told.is_empty()
    });
    assert_eq!(told, ["[rotated whole]", "two"]);
}

#[test]
fn a_storm_while_nobody_polls_is_one_ring_and_no_line_is_lost() {
    let mut desk = desk();
    quiet(&mut desk);
    for number in 0..20_000 {
        desk.append("log", format!("{number}\n"));
    }
    let mut told = 0;
    eventually("all are told", || {
        told += poll(&mut desk).len();
        told == 20_000
    });
    // Dropping the follower while its bell is held must not hang.
    quiet(&mut desk);
    desk.append("log", "last\n");
    let bell = desk.follower.bell();
    eventually("the bell rings", || bell.wait(Duration::from_secs(1)));
}

#[test]
fn others_may_ring_to_stop_the_waiting() {
    let desk = desk();
    let bell = desk.follower.bell();
    let other = std::sync::Arc::clone(&bell);
    let thread = std::thread::spawn(move || other.ring());
    eventually("it was rung", || bell.wait(Duration::from_secs(1)));
    thread.join().expect("rung");
}

#[test]
fn leaving_a_watched_file_does_not_hang() {
    let mut desk = desk();
    quiet(&mut desk);
    desk.append("log", "heard\n");
    let id = desk.id.expect("followed");
    assert!(desk.follower.leave(id).is_some());
    desk.follow();
    assert_eq!(poll(&mut desk), ["one", "heard"]);
}
