//! Services of a real systemd: `tests/bed/services.sh cargo test -p ira-api --test services -- --ignored`.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, missing_docs)]

use ira_api::{
    Ira, Subscription,
    wire::{
        AuditRequest, ErrorCode, Frame, Nothing, OrderAction, OrderConfirm, OrderEnd, OrderNote,
        OrderPreview, OrderRequest, OrderResult, OrderTarget, ProblemKind, ServiceRequest,
        ServiceRow, Services, Stream, UnitScope,
    },
};
use ira_engine::{Engine, Options, Sampler};
use ira_probe::services::Scope;
use std::{path::Path, process::Command, time::Duration};

struct Stage {
    sampler: Sampler,
    ira: Ira,
    _folder: tempfile::TempDir,
}

fn stage() -> Stage {
    let folder = tempfile::tempdir().unwrap();
    let options = Options { folder: Some(folder.path().to_owned()), ..Options::default() };
    let (engine, mut sampler) = Engine::by_hand(ira_probe::local().unwrap(), options).unwrap();
    sampler.tick().unwrap();
    Stage { sampler, ira: Ira::new(engine), _folder: folder }
}

fn target(unit: &str) -> OrderTarget {
    OrderTarget::Service { scope: UnitScope::System, unit: unit.into() }
}

fn bed() -> Command {
    Command::new(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/bed/systemd.sh"))
}

impl Stage {
    fn services(&self) -> Services {
        ira_api::services(&self.ira, Nothing {}).unwrap()
    }

    fn row(&self, unit: &str) -> Option<ServiceRow> {
        self.services().services.into_iter().find(|row| row.unit == unit)
    }

    fn preview(&self, unit: &str, action: OrderAction) -> OrderPreview {
        let request = OrderRequest { target: target(unit), action };
        ira_api::order_preview(&self.ira, request).unwrap()
    }

    fn give(&self, unit: &str, action: OrderAction) -> OrderEnd {
        let token = self.preview(unit, action).token;
        ira_api::order(&self.ira, OrderConfirm { token }).unwrap()
    }
}

/// Longer than a manager that went away is waited for, on a machine that is busy.
const PATIENT: Duration = Duration::from_secs(60);
const STOP: OrderAction = OrderAction::Stop { escalate: false };

/// The next frame in which a unit is as wanted; nothing is asked meanwhile.
async fn told(feed: &mut Subscription, unit: &str, is: impl Fn(&ServiceRow) -> bool) {
    let wait = async {
        while let Some(message) = feed.next().await {
            let Frame::Services(all) = message.frame else { continue };
            if all.services.iter().any(|row| row.unit == unit && is(row)) {
                return;
            }
        }
        panic!("the feed ended");
    };
    let told = tokio::time::timeout(PATIENT, wait).await;
    assert!(told.is_ok(), "{unit}: never told");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a systemd: tests/bed/services.sh"]
async fn each_order_works_is_told_live_and_is_in_the_audit() {
    let mut stage = stage();
    let all = stage.services();
    assert_eq!(all.system, None, "the manager answers");
    assert!(all.services.iter().any(|row| row.unit == "dbus.service" && row.active == "active"));
    let user = all.user.expect("there is no session here");
    assert_eq!(user.kind, ProblemKind::Absent, "{}", user.message);

    let mut feed = stage.ira.subscribe(Stream::Services);
    told(&mut feed, "dbus.socket", |row| !row.listens.is_empty()).await;
    let start = stage.preview("shop.service", OrderAction::Start);
    assert_eq!(start.calls, ["StartUnit(\"shop.service\", \"replace\")"]);
    assert_eq!(start.undo, Some(STOP));
    let row = stage.row("shop.service").expect("a unit that nobody loaded is told too");
    assert_eq!(
        (row.active.as_str(), row.load.as_str()),
        ("inactive", "unloaded"),
        "nothing is done"
    );
    assert_eq!(row.enabled.as_deref(), Some("disabled"));
    let end = ira_api::order(&stage.ira, OrderConfirm { token: start.token }).unwrap();
    assert_eq!(end.result, OrderResult::Done, "{}", end.detail);
    told(&mut feed, "shop.service", |row| row.sub == "running" && row.main_pid.is_some()).await;

    assert_eq!(stage.give("till.service", OrderAction::Start).result, OrderResult::Done);
    let stop = stage.preview("shop.service", STOP);
    assert_eq!(stop.dependents, ["till.service"], "who cannot be without it");
    let before = stage.row("shop.service").unwrap().main_pid;
    assert_eq!(stage.give("shop.service", OrderAction::Restart).result, OrderResult::Done);
    let moved = |row: &ServiceRow| row.main_pid.is_some() && row.main_pid != before;
    told(&mut feed, "shop.service", moved).await;
    assert_eq!(stage.give("shop.service", STOP).result, OrderResult::Done);
    told(&mut feed, "till.service", |row| row.active == "inactive").await;

    assert_eq!(stage.give("shop.service", OrderAction::Start).result, OrderResult::Done);
    told(&mut feed, "shop.service", |row| row.sub == "running").await;
    assert_eq!(stage.give("shop.service", OrderAction::Enable).result, OrderResult::Done);
    told(&mut feed, "shop.service", |row| row.enabled.as_deref() == Some("enabled")).await;
    assert_eq!(stage.give("shop.service", OrderAction::Disable).result, OrderResult::Done);
    told(&mut feed, "shop.service", |row| row.enabled.as_deref() == Some("disabled")).await;

    let broken = stage.give("broken.service", OrderAction::Start);
    assert_eq!(broken.result, OrderResult::Failed);
    assert!(broken.detail.contains("failed"), "{}", broken.detail);
    told(&mut feed, "broken.service", |row| row.active == "failed").await;
    let row = &stage.services().services[0];
    assert_eq!((row.unit.as_str(), row.result.as_deref()), ("broken.service", Some("exit-code")));

    assert_eq!(stage.give("tick.timer", OrderAction::Start).result, OrderResult::Done);
    told(&mut feed, "tick.timer", |row| row.next_ms.is_some()).await;
    assert_eq!(stage.row("tick.timer").unwrap().triggers, ["broken.service"]);
    assert_eq!(stage.give("looping.service", OrderAction::Start).result, OrderResult::Done);
    told(&mut feed, "looping.service", |row| row.restarts.is_some_and(|n| n > 1)).await;
    assert_eq!(stage.give("looping.service", STOP).result, OrderResult::Done);

    let audit = ira_api::audit(&stage.ira, AuditRequest { limit: 100 }).unwrap().orders;
    let told: Vec<(&str, &str, OrderResult)> = audit
        .iter()
        .rev()
        .map(|row| (row.action.as_str(), row.target.as_str(), row.result))
        .collect();
    let done = OrderResult::Done;
    let expected = [
        ("start", "shop.service", done),
        ("start", "till.service", done),
        ("restart", "shop.service", done),
        ("stop", "shop.service", done),
        ("start", "shop.service", done),
        ("enable", "shop.service", done),
        ("disable", "shop.service", done),
        ("start", "broken.service", OrderResult::Failed),
        ("start", "tick.timer", done),
        ("start", "looping.service", done),
        ("stop", "looping.service", done),
    ];
    assert_eq!(told, expected, "each order with its result");
    stage.sampler.tick().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a systemd: tests/bed/services.sh"]
async fn units_are_told_in_full_and_odd_names_never_reach_the_bus() {
    let stage = stage();
    let of = |unit: &str| {
        let request = ServiceRequest { scope: UnitScope::System, unit: unit.into() };
        ira_api::service(&stage.ira, request)
    };
    let till = of("till.service").unwrap();
    // Its file lies inside the bed; where it cannot be read the text says so.
    assert_eq!(till.path.as_deref(), Some("/etc/systemd/system/till.service"));
    assert!(till.text.starts_with("# /etc/systemd/system/till.service\n"), "{}", till.text);
    assert!(till.requires.contains(&"shop.service".to_owned()), "{:?}", till.requires);
    for odd in ["a;reboot.service", "../x.service", "a\nb.service", "", "x.mount"] {
        assert_eq!(of(odd).unwrap_err().code, Some(ErrorCode::Invalid), "{odd:?}");
        let request = OrderRequest { target: target(odd), action: OrderAction::Start };
        let error = ira_api::order_preview(&stage.ira, request).unwrap_err();
        assert_eq!(error.code, Some(ErrorCode::Invalid), "{odd:?}");
    }
    let request = OrderRequest { target: target("nobody.service"), action: OrderAction::Start };
    let error = ira_api::order_preview(&stage.ira, request).unwrap_err();
    assert_eq!(error.code, Some(ErrorCode::NotFound), "{}", error.message);
    let request = OrderRequest { target: target("shop.service"), action: OrderAction::Suspend };
    let error = ira_api::order_preview(&stage.ira, request).unwrap_err();
    assert_eq!(error.code, Some(ErrorCode::Invalid));
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a systemd: tests/bed/services.sh"]
async fn the_last_that_looks_ends_the_threads_and_a_bus_that_restarts_is_found_again() {
    let stage = stage();
    let threads = || {
        std::fs::read_dir("/proc/self/task")
            .unwrap()
            .filter_map(|task| std::fs::read_to_string(task.ok()?.path().join("comm")).ok())
            .filter(|name| name.starts_with("ira-services") || name.starts_with("ira-signals"))
            .count()
    };
    let mut feed = stage.ira.subscribe(Stream::Services);
    told(&mut feed, "dbus.service", |row| row.active == "active").await;
    assert!(threads() >= 2, "it looks");
    let folder = std::env::var("IRA_BED").unwrap();
    let restart = ["exec", &folder, "systemctl", "restart", "dbus.service"];
    assert!(bed().args(restart).status().unwrap().success());
    let lost = async {
        while let Some(message) = feed.next().await {
            if matches!(message.frame, Frame::Services(all) if all.system.is_some()) {
                return;
            }
        }
    };
    tokio::time::timeout(PATIENT, lost).await.expect("the loss is told");
    told(&mut feed, "dbus.service", |row| row.active == "active").await;
    drop(feed);
    for _ in 0..100 {
        if threads() == 0 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{} threads are left", threads());
}

/// Within the bed, as a user who may not give orders.
fn as_nobody() {
    let stage = stage();
    let all = stage.services();
    assert_eq!(all.system, None, "whoever may not give orders may look");
    let preview = stage.preview("shop.service", OrderAction::Restart);
    assert_eq!(preview.notes, [OrderNote::Password]);
    let end = ira_api::order(&stage.ira, OrderConfirm { token: preview.token }).unwrap();
    assert_eq!(end.result, OrderResult::Failed, "{}", end.detail);
    let remedy = end.remedy.unwrap();
    assert!(remedy.starts_with("pkttyagent") || remedy.starts_with("pkaction"), "{remedy}");
    let audit = ira_api::audit(&stage.ira, AuditRequest { limit: 1 }).unwrap().orders;
    assert_eq!((audit[0].action.as_str(), audit[0].result), ("restart", OrderResult::Failed));
}

#[test]
#[ignore = "needs a systemd: tests/bed/services.sh"]
fn what_polkit_denies_is_told_with_the_way_to_permit_it() {
    if std::env::var("IRA_NOBODY").is_ok() {
        return as_nobody();
    }
    let folder = std::env::var("IRA_BED").unwrap();
    let inside = "/irabed/denied";
    std::fs::copy(std::env::current_exe().unwrap(), format!("{folder}/share/denied")).unwrap();
    let ran = bed()
        .args(["exec", &folder, "setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"])
        .args(["env", "-u", "DBUS_SYSTEM_BUS_ADDRESS", "TMPDIR=/tmp", "IRA_NOBODY=1"])
        .args([inside, "--ignored", "--exact"])
        .arg("what_polkit_denies_is_told_with_the_way_to_permit_it")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&ran.stdout);
    assert!(ran.status.success() && said.contains("1 passed"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a systemd: tests/bed/services.sh"]
async fn a_unit_whose_file_changed_since_it_was_looked_at_is_left_alone() {
    let stage = stage();
    let token = stage.preview("swapped.service", OrderAction::Start).token;
    let folder = std::env::var("IRA_BED").unwrap();
    let inside = |command: &[&str]| {
        let done = bed().args(["exec", &folder]).args(command).status().unwrap();
        assert!(done.success(), "{command:?}");
    };
    let here = "/run/systemd/system/swapped.service";
    inside(&["mkdir", "-p", "/run/systemd/system"]);
    inside(&["mv", "/etc/systemd/system/swapped.service", here]);
    inside(&["systemctl", "daemon-reload"]);
    let end = ira_api::order(&stage.ira, OrderConfirm { token }).unwrap();
    assert_eq!(end.result, OrderResult::Failed);
    assert!(end.detail.contains("another file"), "{}", end.detail);
    assert_eq!(stage.row("swapped.service").unwrap().active, "inactive", "nothing was done");
    inside(&["mv", here, "/etc/systemd/system/swapped.service"]);
    inside(&["systemctl", "daemon-reload"]);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a systemd: tests/bed/services.sh"]
async fn of_several_that_are_told_the_same_one_that_is_gone_changes_nothing_for_the_others() {
    let stage = stage();
    let units = ["several-1.service", "several-2.service", "several-3.service"];
    // As the window does: all are looked at first, then each is told by its own token.
    let tokens = units.map(|unit| stage.preview(unit, OrderAction::Start).token);
    assert_ne!(tokens[0], tokens[2]);
    let folder = std::env::var("IRA_BED").unwrap();
    let inside = |command: &[&str]| {
        let done = bed().args(["exec", &folder]).args(command).status().unwrap();
        assert!(done.success(), "{command:?}");
    };
    let (there, aside) = ("/etc/systemd/system/several-2.service", "/root/several-2.service");
    inside(&["mv", there, aside]);
    inside(&["systemctl", "daemon-reload"]);
    let ends = tokens.map(|token| ira_api::order(&stage.ira, OrderConfirm { token }).unwrap());
    inside(&["mv", aside, there]);
    inside(&["systemctl", "daemon-reload"]);
    let (done, failed) = (OrderResult::Done, OrderResult::Failed);
    assert_eq!(ends.each_ref().map(|end| end.result), [done, failed, done], "{ends:?}");
    assert!(ends.iter().all(|end| end.kept) && !ends[1].detail.is_empty(), "{ends:?}");
    let active = |unit: &str| stage.row(unit).unwrap().active;
    assert_eq!(units.map(active), ["active", "inactive", "active"]);
    let audit = ira_api::audit(&stage.ira, AuditRequest { limit: 100 }).unwrap().orders;
    let audit: Vec<_> = audit.into_iter().rev().map(|row| (row.target, row.result)).collect();
    let expected = [(units[0], done), (units[1], failed), (units[2], done)]
        .map(|(unit, result)| (unit.to_owned(), result));
    assert_eq!(audit, expected, "each has its own entry");
    for unit in [units[0], units[2]] {
        assert_eq!(stage.give(unit, STOP).result, done);
    }
}

#[test]
fn a_bus_that_listens_and_says_nothing_is_not_waited_for() {
    // In a process of its own: the address of the bus is in the environment.
    if let Ok(path) = std::env::var("IRA_SILENT_BUS") {
        let error = ira_probe::services::Manager::connect(Scope::System).unwrap_err();
        assert!(error.to_string().contains("does not answer"), "{path}: {error}");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bus");
    let _silent = std::os::unix::net::UnixListener::bind(&path).unwrap();
    let mut again = Command::new(std::env::current_exe().unwrap());
    again.args(["--exact", "a_bus_that_listens_and_says_nothing_is_not_waited_for"]);
    again.env("DBUS_SYSTEM_BUS_ADDRESS", format!("unix:path={}", path.display()));
    let ran = again.env("IRA_SILENT_BUS", &path).output().unwrap();
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stdout));
}
