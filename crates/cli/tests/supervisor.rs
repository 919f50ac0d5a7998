//! The supervisor, by the program that is one, with real commands.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use ira_model::{ExitStatus, ProcessKey};
use ira_probe::supervisor::{
    Again, End, Started, State, Work, launch, output, output_before, state,
};
use std::{
    collections::BTreeMap,
    path::Path,
    process::Command,
    time::{Duration, Instant},
};
use tempfile::TempDir;

fn kill(pid: u32, signal: &str) {
    let status = Command::new("kill").args([signal, &pid.to_string()]).status();
    assert!(status.unwrap().success(), "kill {signal} {pid}");
}

/// Whether it is there and has not ended; where nobody asks for it, the rest of it stays.
fn runs(pid: u32) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat"));
    stat.is_ok_and(|stat| !stat.contains(") Z "))
}

struct Supervised {
    folder: TempDir,
    pid: u32,
}

impl Drop for Supervised {
    fn drop(&mut self) {
        // Nothing of it may outlive the test.
        if runs(self.pid) {
            kill(self.pid, "-TERM");
        }
        let until = Instant::now() + Duration::from_secs(15);
        while runs(self.pid) && Instant::now() < until {
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

fn work(command: &[&str]) -> Work {
    Work {
        command: command.iter().map(|part| (*part).to_owned()).collect(),
        working_directory: None,
        environment: BTreeMap::new(),
        again: Again::Never,
    }
}

fn try_start(folder: &Path, work: &Work) -> std::io::Result<Started> {
    let program = Path::new(env!("CARGO_BIN_EXE_ira"));
    launch(program, "custom:a test", "A \"test\"\nof it", folder, work)
}

fn start(work: &Work) -> Supervised {
    let folder = tempfile::tempdir().unwrap();
    let started = try_start(folder.path(), work).unwrap();
    Supervised { folder, pid: started.supervisor }
}

impl Supervised {
    fn state(&self) -> State {
        state(self.folder.path()).unwrap().unwrap_or_default()
    }

    fn output(&self) -> String {
        std::fs::read_to_string(output(self.folder.path())).unwrap_or_default()
    }

    fn is_there(&self) -> bool {
        runs(self.pid)
    }

    fn until(&self, what: &str, holds: impl Fn(&Self) -> bool) {
        let until = Instant::now() + Duration::from_secs(20);
        while !holds(self) {
            assert!(Instant::now() < until, "{what}: {:?}, {:?}", self.state(), self.output());
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

#[test]
fn what_is_given_arrives_as_it_is() {
    let odd = "a 'b' \"c\"\n$HOME `id` ; | * é";
    let mut work =
        work(&["sh", "-c", r#"printf '%s|%s|%s\n' "$1" "$ODD" "$PWD"; sleep 100"#, "sh", odd]);
    let folder = tempfile::tempdir().unwrap();
    work.working_directory = Some(folder.path().display().to_string());
    work.environment.insert("ODD".into(), odd.into());
    let one = start(&work);
    let whole = format!("{odd}|{odd}|{}\n", folder.path().display());
    one.until("its output is there", |one| one.output() == whole);
}

#[test]
fn an_environment_of_a_mebibyte_is_taken() {
    let mut work = work(&["sh", "-c", "echo $(( ${#A0} + ${#A7} )); sleep 100"]);
    for number in 0..8 {
        work.environment.insert(format!("A{number}"), "x".repeat(127 << 10));
    }
    let one = start(&work);
    one.until("both are whole", |one| one.output() == format!("{}\n", 254 << 10));
}

#[test]
fn what_does_not_run_is_told_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let fault = |work: &Work| try_start(folder.path(), work).unwrap_err().to_string();
    let missing = fault(&work(&["no-such-program-at-all"]));
    assert!(missing.starts_with("no-such-program-at-all: No such file"), "{missing}");
    let folderless = Work { working_directory: Some("/no/such".into()), ..work(&["sh"]) };
    assert_eq!(fault(&folderless), "sh: there is no folder /no/such");
    assert_eq!(fault(&work(&["sh", "-c", "exit 7"])), "it ended at once, with exit code 7");
    assert_eq!(fault(&work(&["sh", "-c", "kill -9 $$"])), "it ended at once, by signal 9");
    assert_eq!(fault(&work(&[])), ": there is no command");
    let told =
        fault(&work(&["sh", "-c", "echo early; seq 4; echo 'port 80 is taken' >&2; exit 1"]));
    let words = "3\n4\nport 80 is taken";
    assert_eq!(told, format!("it ended at once, with exit code 1; it wrote: {words}"));
    assert_eq!(fault(&work(&["sh", "-c", "exit 1"])), "it ended at once, with exit code 1");
    let again = Work { again: Again::OnFailure, ..work(&["sh", "-c", "exit 1"]) };
    let told = fault(&again);
    let one = Supervised { pid: state(folder.path()).unwrap().unwrap().supervisor, folder };
    assert!(told.ends_with("; it is started again, as it is kept to be"), "{told}");
    assert!(one.is_there(), "it goes on to try");
}

#[test]
fn it_is_started_again_by_its_rules_only() {
    let again = |again, code: u8| {
        let script = format!("echo run; sleep 1; exit {code}");
        start(&Work { again, ..work(&["sh", "-c", &script]) })
    };
    let failed = again(Again::OnFailure, 3);
    let always = again(Again::Always, 0);
    let fine = again(Again::OnFailure, 0);
    failed.until("a second run", |one| one.output() == "run\nrun\n");
    always.until("a second run", |one| one.output() == "run\nrun\n");
    fine.until("its end", |one| !one.is_there());
    assert_eq!(fine.output(), "run\n", "it ended as it should");
    let State { restarts, last_end, gave_up, .. } = failed.state();
    assert_eq!((restarts, gave_up), (1, false));
    assert!(matches!(last_end, Some(End { code: Some(3), signal: None, .. })), "{last_end:?}");
}

#[test]
fn a_stop_ends_what_was_left_behind_too() {
    // The first process ends; what it leaves in another session counts on.
    let one = start(&work(&["sh", "-c", "setsid sh -c 'echo $$; exec sleep 1000' & sleep 1"]));
    one.until("the first has ended", |one| one.state().last_end.is_some());
    assert!(one.is_there(), "the other runs");
    let other: u32 = one.output().trim().parse().unwrap();
    kill(one.pid, "-TERM");
    one.until("it ends", |one| !one.is_there());
    assert!(!runs(other), "and so did the other");
}

#[test]
fn a_polite_stop_kills_nothing_and_starts_nothing_again() {
    let script = "trap 'echo told' TERM; echo ready; while :; do sleep 0.1; done";
    let one = start(&Work { again: Again::Always, ..work(&["sh", "-c", script]) });
    one.until("it listens", |one| one.output() == "ready\n");
    kill(one.pid, "-INT");
    one.until("it was told", |one| one.output().contains("told"));
    kill(one.state().pid.unwrap(), "-KILL");
    one.until("it ends", |one| !one.is_there());
    assert_eq!(one.state().restarts, 0);
}

#[test]
fn what_does_not_listen_is_killed() {
    let one = start(&work(&["sh", "-c", "trap '' TERM; echo ready; while :; do sleep 0.1; done"]));
    one.until("it does not listen", |one| one.output() == "ready\n");
    kill(one.pid, "-TERM");
    one.until("it ends all the same", |one| !one.is_there());
    assert!(matches!(one.state().last_end, Some(End { signal: Some(9), .. })));
}

#[test]
fn the_last_lines_before_an_end_are_found_again() {
    let script = "for n in 1 2 3 4; do echo line $n; done; sleep 1; exit 3";
    let one = start(&Work { again: Again::OnFailure, ..work(&["sh", "-c", script]) });
    one.until("a second run", |one| one.output().lines().count() == 8);
    let end = one.state().last_end.unwrap();
    let last = output_before(one.folder.path(), end.output_bytes, 2).unwrap();
    assert_eq!(last, ["line 3", "line 4"]);
    let all = output_before(one.folder.path(), end.output_bytes, 100).unwrap();
    assert_eq!(all.len(), 4, "not those of the run after it");
}

#[test]
fn how_it_ended_is_kept_before_its_pid_is_gone() {
    for round in 0..3 {
        let wait = "until [ -e go ]; do sleep 0.05; done; exit 5";
        let folder = tempfile::tempdir().unwrap();
        let working_directory = Some(folder.path().display().to_string());
        let one = start(&Work { working_directory, ..work(&["sh", "-c", wait]) });
        let pid = one.state().pid.unwrap();
        let key = ProcessKey { pid, start_ms: start_ms(pid) };
        std::fs::write(folder.path().join("go"), "").unwrap();
        let stat = format!("/proc/{pid}/stat");
        while Path::new(&stat).exists() {
            std::thread::yield_now();
        }
        // No waiting here: whoever sees it gone must find how it ended.
        let exits = one.state().exits;
        assert_eq!(one.state().exit_of(key), Some(ExitStatus::Code(5)), "{round}: {exits:?}");
    }
}

/// As the table of processes tells it.
fn start_ms(pid: u32) -> u64 {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    let ticks = stat.rsplit(')').next().unwrap().split_whitespace().nth(19).unwrap();
    ticks.parse::<u64>().unwrap() * 10
}
