//! The card of an end, on real child processes.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, missing_docs)]

use ira_api::{
    Ira,
    wire::{
        CardLogSource, CrashCardRequest, ErrorCode, Event, EventKind, EventsRequest, ExitStatus,
        OrderAction, OrderConfirm, OrderRequest, OrderTarget,
    },
};
use ira_engine::{Engine, Options, Sampler};
use std::{
    os::unix::fs::PermissionsExt as _,
    path::PathBuf,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

struct Stage {
    sampler: Sampler,
    ira: Ira,
    folder: tempfile::TempDir,
    program: PathBuf,
}

/// A program of its own, so that it is an application of its own: a copy of a shell.
fn stage() -> Stage {
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("life-test");
    std::fs::copy("/bin/sh", &program).unwrap();
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
    let options = Options { folder: Some(folder.path().to_owned()), ..Options::default() };
    let (engine, sampler) = Engine::by_hand(ira_probe::local().unwrap(), options).unwrap();
    Stage { sampler, ira: Ira::new(engine), folder, program }
}

/// A program that ends with the test whatever happens to it.
struct Kept {
    pid: u32,
    release: PathBuf,
}

impl Drop for Kept {
    fn drop(&mut self) {
        let pid = self.pid.to_string();
        Command::new("sh").args(["-c", "kill -9 $0 2>/dev/null", &pid]).status().ok();
    }
}

impl Kept {
    /// Lets it go on.
    fn release(&self) {
        std::fs::write(&self.release, "go\n").unwrap();
    }
}

impl Stage {
    /// Starts it as nobody's child, so that it counts under nobody. It waits to be released before it
    /// does the rest.
    fn start(&self, rest: &str) -> Kept {
        let release = self.folder.path().join("release");
        let script = format!("read line <'{}'; {rest}", release.display());
        let made = Command::new("mkfifo").arg(&release).status().unwrap();
        assert!(made.success());
        let outer = Command::new("sh")
            .args(["-c", "\"$0\" -c \"$1\" >/dev/null 2>&1 & echo $!"])
            .arg(&self.program)
            .arg(script)
            .stderr(Stdio::inherit())
            .output()
            .unwrap();
        let pid = String::from_utf8(outer.stdout).unwrap().trim().parse().unwrap();
        Kept { pid, release }
    }

    fn application(&self, pid: u32) -> Option<String> {
        let all = ira_api::processes(&self.ira, Default::default()).unwrap().processes;
        all.iter().find(|row| row.pid == pid)?.application.clone()
    }

    /// Ticks until that is true.
    fn until<T>(&mut self, what: &str, find: impl Fn(&Self) -> Option<T>) -> T {
        let end = Instant::now() + Duration::from_secs(20);
        loop {
            self.sampler.tick().unwrap();
            if let Some(found) = find(self) {
                return found;
            }
            assert!(Instant::now() < end, "never: {what}");
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    fn events(&self) -> Vec<Event> {
        let request =
            EventsRequest { from_ms: 0, to_ms: i64::MAX / 2, application: None, limit: 2000 };
        ira_api::events(&self.ira, request).unwrap().events
    }

    fn ended(&mut self, id: &str, kinds: &[EventKind]) -> Event {
        let (id, kinds) = (id.to_owned(), kinds.to_vec());
        self.until("it ended", |stage| {
            let mut events = stage.events().into_iter().rev();
            let is_it =
                |one: &Event| one.application.as_ref() == Some(&id) && kinds.contains(&one.kind);
            events.find(is_it)
        })
    }
}

/// Whether the kernel tells this user how processes end.
fn is_told(ira: &Ira) -> bool {
    let limits = ira.engine().limits();
    limits.iter().all(|limit| limit.what != ira_probe::ENDS_UNTOLD)
}

#[test]
fn the_card_tells_how_it_ended_and_what_was_before() {
    let mut stage = stage();
    let child = stage.start("exit 3");
    let pid = child.pid;
    let id = stage.until("it is an application", |stage| {
        stage.application(pid).filter(|id| id.contains("life-test"))
    });
    // One more second in which it is known.
    stage.until("a second", |_| Some(()));
    child.release();
    let ended = stage.ended(&id, &[EventKind::Crashed, EventKind::Stopped]);
    let request = CrashCardRequest { application: id.clone(), at_ms: ended.at_ms };
    let card = ira_api::crash_card(&stage.ira, request).unwrap();
    let note = card.event.note.unwrap();
    if is_told(&stage.ira) {
        assert_eq!(card.event.kind, EventKind::Crashed);
        assert_eq!(note.status, Some(ExitStatus::Code(3)));
        assert_eq!(card.unknown, None);
    } else {
        assert!(card.unknown.is_some(), "it says why it does not know");
    }
    assert_eq!(note.pid, Some(pid));
    let command = card.command.unwrap();
    assert!(command.starts_with(&format!("{} -c read line", stage.program.display())), "{command}");
    assert_eq!(card.ports.map(|ports| ports.len()), Some(0));
    let memory = &card.minute.series[1].mean;
    assert!(memory.iter().flatten().any(|bytes| *bytes > 0.0), "{:?}", card.minute);
    assert_eq!(card.log.source, CardLogSource::NotFollowed, "it is no unit");
    assert!(card.changes.iter().any(|one| one.kind == EventKind::RecordingStarted));
    let nobody = CrashCardRequest { application: "process:/nobody".into(), at_ms: ended.at_ms };
    let error = ira_api::crash_card(&stage.ira, nobody).unwrap_err();
    assert_eq!(error.code, Some(ErrorCode::NotFound));
    let never = CrashCardRequest { application: id, at_ms: i64::MAX };
    assert_eq!(ira_api::crash_card(&stage.ira, never).unwrap_err().code, Some(ErrorCode::NotFound));
}

#[test]
fn what_was_ordered_is_a_stop_and_on_the_card() {
    let mut stage = stage();
    let child = stage.start(":");
    let pid = child.pid;
    let id = stage.until("it is an application", |stage| {
        stage.application(pid).filter(|id| id.contains("life-test"))
    });
    let target = OrderTarget::Application { id: id.clone() };
    let request = OrderRequest { target, action: OrderAction::Signal { signal: 9 } };
    let token = ira_api::order_preview(&stage.ira, request).unwrap().token;
    ira_api::order(&stage.ira, OrderConfirm { token }).unwrap();
    let ended = stage.ended(&id, &[EventKind::Crashed, EventKind::Stopped]);
    assert_eq!(ended.kind, EventKind::Stopped, "no crash: {ended:?}");
    assert!(ended.note.unwrap().ordered);
    let request = CrashCardRequest { application: id, at_ms: ended.at_ms };
    let card = ira_api::crash_card(&stage.ira, request).unwrap();
    assert_eq!(card.orders.len(), 1, "{:?}", card.orders);
    assert_eq!(card.orders[0].action, "SIGKILL");
}
