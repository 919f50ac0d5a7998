//! Orders on real child processes, from the preview to the audit.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, missing_docs)]

use ira_api::{
    Ira,
    wire::{
        AuditRequest, ErrorCode, EventKind, EventsRequest, OrderAction, OrderConfirm, OrderEnd,
        OrderNote, OrderPreview, OrderRequest, OrderResult, OrderTarget, ProcessRef,
    },
};
use ira_engine::{Engine, Options, Sampler};
use std::{
    io::{BufRead as _, BufReader},
    net::{TcpListener, TcpStream},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

struct Stage {
    sampler: Sampler,
    ira: Ira,
    _folder: tempfile::TempDir,
}

fn stage() -> Stage {
    let folder = tempfile::tempdir().unwrap();
    let options = Options { folder: Some(folder.path().to_owned()), ..Options::default() };
    let probe = ira_probe::local().unwrap();
    let (engine, sampler) = Engine::by_hand(probe, options).unwrap();
    Stage { sampler, ira: Ira::new(engine), _folder: folder }
}

/// A child that ends with the test whatever happens to it.
struct Kept(Child);

impl Drop for Kept {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

/// A shell that says when it is ready; `script` is its text. What it starts would outlive it.
fn shell(script: &str) -> Kept {
    let mut command = Command::new("sh");
    command.args(["-c", script]).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
    assert_eq!(line, "ready\n");
    Kept(child)
}

impl Stage {
    /// The process of a pid as Ira sees it once it has looked.
    fn seen(&mut self, pid: u32) -> ProcessRef {
        let until = Instant::now() + Duration::from_secs(10);
        while Instant::now() < until {
            self.sampler.tick().unwrap();
            let all = ira_api::processes(&self.ira, Default::default()).unwrap().processes;
            // Details are learnt a tick later when many processes are new.
            if let Some(row) = all.iter().find(|row| row.pid == pid && !row.name.is_empty()) {
                return ProcessRef { pid, start_time_ms: row.start_time_ms };
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        panic!("the process {pid} was never seen");
    }

    fn preview(&self, one: ProcessRef, action: OrderAction) -> OrderPreview {
        let target = OrderTarget::Processes { processes: vec![one] };
        ira_api::order_preview(&self.ira, OrderRequest { target, action }).unwrap()
    }

    fn give(&self, one: ProcessRef, action: OrderAction) -> OrderEnd {
        let token = self.preview(one, action).token;
        ira_api::order(&self.ira, OrderConfirm { token }).unwrap()
    }

    fn audit(&self) -> Vec<(String, OrderResult, String)> {
        let audit = ira_api::audit(&self.ira, AuditRequest { limit: 100 }).unwrap();
        audit.orders.into_iter().map(|row| (row.action, row.result, row.call)).collect()
    }
}

fn state(pid: u32) -> char {
    let text = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    text.rsplit(") ").next().unwrap().chars().next().unwrap()
}

fn until(what: &str, is: impl Fn() -> bool) {
    let end = Instant::now() + Duration::from_secs(5);
    while !is() {
        assert!(Instant::now() < end, "never: {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn each_order_works_and_is_in_the_audit() {
    let mut stage = stage();
    let child = shell("echo ready; read _");
    let pid = child.0.id();
    let one = stage.seen(pid);
    let suspend = stage.preview(one, OrderAction::Suspend);
    assert_eq!(suspend.calls, [format!("kill({pid}, SIGSTOP)")], "the exact call");
    assert_eq!(suspend.undo, Some(OrderAction::Resume));
    assert_eq!(suspend.processes[0].name, "sh");
    assert_eq!(state(pid), 'S', "nothing is done by looking");
    let end = ira_api::order(&stage.ira, OrderConfirm { token: suspend.token.clone() }).unwrap();
    assert_eq!((end.result, end.kept), (OrderResult::Done, true), "{}", end.detail);
    until("suspended", || state(pid) == 'T');
    let twice = ira_api::order(&stage.ira, OrderConfirm { token: suspend.token }).unwrap_err();
    assert_eq!(twice.code, Some(ErrorCode::Expired), "a preview is good for once");
    let nice = stage.preview(one, OrderAction::Priority { nice: 7 });
    let before = nice.undo.clone();
    assert!(matches!(before, Some(OrderAction::Priority { .. })), "{before:?}");
    assert_eq!(stage.give(one, OrderAction::Priority { nice: 7 }).result, OrderResult::Done);
    assert_eq!(
        stage.preview(one, OrderAction::Priority { nice: 0 }).undo,
        Some(OrderAction::Priority { nice: 7 }),
        "what it is now"
    );
    assert_eq!(stage.give(one, OrderAction::Resume).result, OrderResult::Done);
    until("goes on", || state(pid) == 'S');
    let stop = stage.give(one, OrderAction::Stop { escalate: false });
    assert_eq!(stop.result, OrderResult::Done, "{}", stop.detail);
    until("ended", || state(pid) == 'Z');
    let expected = [
        ("stop", format!("kill({pid}, SIGTERM)")),
        ("resume", format!("kill({pid}, SIGCONT)")),
        ("priority 7", format!("setpriority({pid}, 7)")),
        ("suspend", format!("kill({pid}, SIGSTOP)")),
    ]
    .map(|(action, call)| (action.to_owned(), OrderResult::Done, call));
    let calls_only = |(action, result, call): (String, OrderResult, String)| {
        (action, result, call.split("    # ").next().unwrap().to_owned())
    };
    let audit: Vec<_> = stage.audit().into_iter().map(calls_only).collect();
    assert_eq!(audit, expected, "each, the newest first, and no preview");
    let span = EventsRequest { from_ms: 0, to_ms: i64::MAX / 2, application: None, limit: 100 };
    let events = ira_api::events(&stage.ira, span).unwrap().events;
    let marks: Vec<_> = events.iter().filter(|one| one.kind == EventKind::Ordered).collect();
    assert_eq!(marks.len(), 4, "each is on the lane");
    assert_eq!(marks[0].detail.as_deref(), Some("suspend"));
}

#[test]
fn one_that_does_not_listen_is_killed_only_when_that_was_asked_for() {
    let mut stage = stage();
    let child = shell("trap '' TERM; echo ready; while :; do sleep 0.1; done");
    let pid = child.0.id();
    let one = stage.seen(pid);
    let kill = stage.preview(one, OrderAction::Stop { escalate: true });
    assert_eq!(kill.calls[1], format!("kill({pid}, SIGKILL) after 10 s"));
    assert!(kill.notes.contains(&OrderNote::Abrupt), "{:?}", kill.notes);
    let began = Instant::now();
    let asked = stage.give(one, OrderAction::Stop { escalate: false });
    assert_eq!(asked.result, OrderResult::Failed);
    assert!(asked.still_runs, "{}", asked.detail);
    assert!(began.elapsed() >= Duration::from_secs(10), "it was given time");
    let hit = stage.give(one, OrderAction::Signal { signal: 9 });
    assert_eq!(hit.result, OrderResult::Done);
    until("killed", || state(pid) == 'Z');
    assert_eq!(stage.audit()[1].1, OrderResult::Failed, "what did not work is there too");
}

#[test]
fn an_order_to_several_is_one_entry_that_names_each_with_its_start_and_what_went_wrong() {
    let mut stage = stage();
    let mut children = [(); 3].map(|()| shell("echo ready; read _"));
    let pids = children.each_ref().map(|child| child.0.id());
    let processes: Vec<_> = pids.iter().map(|pid| stage.seen(*pid)).collect();
    let target = OrderTarget::Processes { processes: processes.clone() };
    let request = OrderRequest { target, action: OrderAction::Suspend };
    let preview = ira_api::order_preview(&stage.ira, request).unwrap();
    assert_eq!(preview.calls, pids.map(|pid| format!("kill({pid}, SIGSTOP)")), "what is called");
    children[1].0.kill().unwrap();
    children[1].0.wait().unwrap();
    let end = ira_api::order(&stage.ira, OrderConfirm { token: preview.token }).unwrap();
    assert_eq!(end.result, OrderResult::Partly);
    for pid in [pids[0], pids[2]] {
        until("suspended", || state(pid) == 'T');
    }
    let audit = ira_api::audit(&stage.ira, AuditRequest { limit: 100 }).unwrap().orders;
    assert_eq!(audit.len(), 1);
    let lines: Vec<&str> = audit[0].call.lines().collect();
    assert_eq!(lines.len(), 3);
    for (line, one) in lines.iter().zip(&processes) {
        // A date that is known from elsewhere: `date -u`.
        let seconds = (one.start_time_ms / 1000).to_string();
        let date = Command::new("date")
            .args(["-u", "+%Y-%m-%dT%H:%M:%S", "-d", &format!("@{seconds}")])
            .output();
        let date = String::from_utf8(date.unwrap().stdout).unwrap();
        let expected = format!(
            "kill({}, SIGSTOP)    # sh, since {}.{:03}Z",
            one.pid,
            date.trim(),
            one.start_time_ms % 1000
        );
        assert_eq!(*line, expected, "{:?}", audit[0]);
    }
    assert_eq!(audit[0].result, OrderResult::Partly);
    let failed: Vec<&str> = audit[0].detail.lines().collect();
    assert_eq!(failed.len(), 1, "{failed:?}");
    assert!(failed[0].starts_with(&format!("{}: ", pids[1])), "{failed:?}");
}

#[test]
fn a_pid_that_ended_between_look_and_order_is_not_hit() {
    let mut stage = stage();
    let mut child = shell("echo ready; exec sleep 1000");
    let one = stage.seen(child.0.id());
    let token = stage.preview(one, OrderAction::Suspend).token;
    child.0.kill().unwrap();
    child.0.wait().unwrap();
    let end = ira_api::order(&stage.ira, OrderConfirm { token }).unwrap();
    assert_eq!(end.result, OrderResult::Failed);
    assert!(end.detail.contains("has ended"), "{}", end.detail);
    let stop = OrderTarget::Processes { processes: vec![one] };
    let request = OrderRequest { target: stop, action: OrderAction::Resume };
    stage.sampler.tick().unwrap();
    let gone = ira_api::order_preview(&stage.ira, request).unwrap_err();
    assert_eq!(gone.code, Some(ErrorCode::NotFound));
}

#[test]
fn who_is_connected_is_told_before() {
    let mut stage = stage();
    // The listening socket is the child's alone, the connection to it is this test's.
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let script = format!(
        "exec python3 -uc 'import socket,time;s=socket.create_server((\"127.0.0.1\",{port}));\
         print(\"ready\");c=s.accept();time.sleep(1000)'"
    );
    let child = shell(&script);
    let _client = TcpStream::connect(("127.0.0.1", port)).unwrap();
    let one = stage.seen(child.0.id());
    let mut preview = stage.preview(one, OrderAction::Stop { escalate: false });
    for _ in 0..100 {
        if preview.ports == [port] && !preview.peers.is_empty() {
            break;
        }
        std::thread::sleep(Duration::from_millis(100));
        stage.sampler.tick().unwrap();
        preview = stage.preview(one, OrderAction::Stop { escalate: false });
    }
    assert_eq!(preview.ports, [port]);
    let pids: Vec<_> = preview.peers.iter().map(|peer| peer.pid).collect();
    assert_eq!(pids, [Some(std::process::id())], "{:?}", preview.peers);
}

#[test]
fn orders_that_make_no_sense_are_refused() {
    let mut stage = stage();
    let own = stage.seen(std::process::id());
    let child = shell("echo ready; exec sleep 1000");
    let one = stage.seen(child.0.id());
    let first = stage.seen(1);
    let refused = |processes: Vec<ProcessRef>, action: OrderAction| {
        let target = OrderTarget::Processes { processes };
        let error = ira_api::order_preview(&stage.ira, OrderRequest { target, action });
        let error = error.unwrap_err();
        assert_eq!(error.code, Some(ErrorCode::Invalid), "{}", error.message);
        error.message
    };
    let stop = OrderAction::Stop { escalate: false };
    assert!(refused(vec![own], stop.clone()).contains("Ira itself"));
    assert!(refused(vec![one, first], stop.clone()).contains("runs all others"));
    refused(vec![], stop);
    assert!(refused(vec![one], OrderAction::Signal { signal: 0 }).contains("SIGTERM"));
    refused(vec![one], OrderAction::Signal { signal: 200 });
    refused(vec![one], OrderAction::Priority { nice: 20 });
    let unknown = OrderTarget::Application { id: "process:/nobody".into() };
    let request = OrderRequest { target: unknown, action: OrderAction::Suspend };
    let error = ira_api::order_preview(&stage.ira, request).unwrap_err();
    assert_eq!(error.code, Some(ErrorCode::NotFound));
    assert_eq!(stage.audit(), [], "nothing was ordered");
}
