//! What is never opened, and never waited for.

use crate::desk::{Desk, is_refused, settings};
use ira_logs::follow::{
    FollowError, Follower, LogFile, Refusal, Settings, Start, State, as_named, below,
};
use std::{
    path::{Path, PathBuf},
    process::Command,
    time::Instant,
};

fn refusal_of(path: &Path, allowed: fn() -> ira_logs::follow::Allowed) -> Refusal {
    let mut desk = Desk::new();
    desk.follower = Follower::new(settings(), allowed());
    desk.id = Some(desk.follower.follow(path, Start::Beginning, desk.now).expect("room"));
    assert_eq!(desk.poll(), [""; 0]);
    let State::Refused(refusal) = desk.state() else { panic!("{} is followed", path.display()) };
    assert!(is_refused(path, &allowed()), "and neither is it read backwards");
    refusal
}

fn anything() -> ira_logs::follow::Allowed {
    Box::new(|_, _| true)
}

#[test]
fn pipes_devices_folders_and_files_of_the_kernel_are_no_logs() {
    let desk = Desk::new();
    let pipe = desk.path("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().expect("mkfifo").success());
    let socket = desk.path("socket");
    let _listener = std::os::unix::net::UnixListener::bind(&socket).expect("bound");
    desk.link("pipe", "link");
    let others =
        ["/dev/null", "/dev/zero", "/proc/self/environ", "/proc/kmsg", "/sys/kernel/uevent_seqnum"];
    let mut paths: Vec<PathBuf> = others.iter().map(PathBuf::from).collect();
    paths.extend([pipe, socket, desk.path("link"), desk.root.clone()]);
    for path in paths.iter().filter(|path| path.exists()) {
        assert_eq!(refusal_of(path, anything), Refusal::NotPlain, "{}", path.display());
    }
}

#[test]
fn a_pipe_put_in_the_place_of_a_file_keeps_nobody_waiting() {
    let mut desk = Desk::new();
    desk.append("log", "one\n");
    desk.follow();
    assert_eq!(desk.poll(), ["one"]);
    desk.remove("log");
    assert!(Command::new("mkfifo").arg(desk.path("log")).status().expect("mkfifo").success());
    assert_eq!(desk.poll(), [""; 0]);
    assert_eq!(desk.state(), State::Refused(Refusal::NotPlain));
    desk.remove("log");
    desk.append("log", "two\n");
    assert_eq!(desk.poll(), ["[removed]", "two"]);
}

#[test]
fn links_out_of_what_is_allowed_are_refused() {
    let outside = Desk::new();
    outside.append("secret", "secret\n");
    let mut desk = Desk::new();
    let target = outside.path("secret");
    std::os::unix::fs::symlink(&target, desk.path("log")).expect("linked");
    desk.follow();
    assert_eq!(desk.poll(), [""; 0]);
    assert_eq!(desk.state(), State::Refused(Refusal::Outside(target)));
    // Through a folder, too.
    std::os::unix::fs::symlink(&outside.root, desk.path("folder")).expect("linked");
    let through = desk.path("folder").join("secret");
    assert!(LogFile::open(&through, &below(vec![desk.root.clone()])).is_err());
    assert!(LogFile::open(&desk.path("folder/../log"), &below(vec![desk.root.clone()])).is_err());
}

#[test]
fn a_link_that_is_turned_out_later_is_refused_then() {
    let outside = Desk::new();
    outside.append("secret", "secret\n");
    let mut desk = Desk::new();
    desk.append("inside", "one\n");
    desk.link("inside", "log");
    desk.follow();
    assert_eq!(desk.poll(), ["one"]);
    desk.link(&outside.path("secret").to_string_lossy(), "log");
    assert_eq!(desk.poll(), [""; 0]);
    assert!(matches!(desk.state(), State::Refused(Refusal::Outside(_))));
    desk.link("inside", "log");
    desk.append("inside", "two\n");
    assert_eq!(desk.poll(), ["two"]);
}

#[test]
fn an_archive_that_leads_out_is_not_read() {
    let outside = Desk::new();
    outside.append("secret", "a line of the first file\nsecret\n");
    let mut desk = Desk::new();
    desk.append("log", "a line of the first file\n");
    desk.follow();
    desk.poll();
    std::os::unix::fs::symlink(outside.path("secret"), desk.path("log.1")).expect("linked");
    desk.empty("log");
    desk.append("log", "new\n");
    assert_eq!(desk.poll(), ["[truncated]", "new"]);
}

#[test]
fn by_name_alone_no_link_is_followed() {
    let desk = Desk::new();
    desk.append("real", "one\n");
    desk.link("real", "log");
    assert!(is_refused(&desk.path("log"), &as_named()));
    assert!(!is_refused(&desk.path("real"), &as_named()));
}

#[test]
fn names_are_absolute_and_bounded() {
    let mut follower = Follower::new(Settings { most_files: 2, ..settings() }, as_named());
    let now = Instant::now();
    let mut follow = |path: &str| follower.follow(Path::new(path), Start::Beginning, now);
    assert_eq!(follow("var/log"), Err(FollowError::Relative("var/log".into())));
    let first = follow("/a").expect("room");
    follow("/b").expect("room");
    assert_eq!(follow("/c"), Err(FollowError::TooMany(2)));
    assert!(follower.leave(first).is_some());
    assert!(follower.follow(Path::new("/c"), Start::Beginning, now).is_ok());
}
