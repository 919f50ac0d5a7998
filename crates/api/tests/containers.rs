//! Containers of an engine that is made up, and of a real one:
//! `tests/bed/containers.sh cargo test -p ira-api --test containers -- --ignored`.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, missing_docs)]

use ira_api::{
    Ira, Subscription,
    wire::{
        AuditRequest, ContainerRequest, ContainerRow, Containers, ErrorCode, Frame, Nothing,
        OrderAction, OrderConfirm, OrderEnd, OrderNote, OrderPreview, OrderRequest, OrderResult,
        OrderTarget, ProblemKind, Stream,
    },
};
use ira_engine::{Engine, Options, Sampler};
use ira_testkit::{FakeEngine, Say};
use std::{path::Path, process::Command, time::Duration};

const ID: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
/// Longer than an engine that went away is waited for, on a machine that is busy.
const PATIENT: Duration = Duration::from_secs(60);
const STOP: OrderAction = OrderAction::Stop { escalate: true };

struct Stage {
    sampler: Sampler,
    ira: Ira,
    engine: String,
    _folder: tempfile::TempDir,
}

fn stage() -> Stage {
    let folder = tempfile::tempdir().unwrap();
    let options = Options { folder: Some(folder.path().to_owned()), ..Options::default() };
    let (engine, mut sampler) = Engine::by_hand(ira_probe::local().unwrap(), options).unwrap();
    sampler.tick().unwrap();
    let host = std::env::var("DOCKER_HOST").unwrap();
    let socket = host.strip_prefix("unix://").unwrap().to_owned();
    Stage { sampler, ira: Ira::new(engine), engine: socket, _folder: folder }
}

impl Stage {
    fn all(&self) -> Containers {
        ira_api::containers(&self.ira, Nothing {}).unwrap()
    }

    fn row(&self, name: &str) -> ContainerRow {
        self.all().containers.into_iter().find(|row| row.name == name).unwrap()
    }

    fn look(&self, id: &str, action: OrderAction) -> Result<OrderPreview, ira_api::wire::ApiError> {
        let target = OrderTarget::Container { engine: self.engine.clone(), id: id.to_owned() };
        ira_api::order_preview(&self.ira, OrderRequest { target, action })
    }

    fn order(&self, preview: OrderPreview) -> OrderEnd {
        ira_api::order(&self.ira, OrderConfirm { token: preview.token }).unwrap()
    }

    fn give(&self, name: &str, action: OrderAction) {
        let preview = self.look(&self.row(name).id, action).unwrap();
        let end = self.order(preview);
        assert_eq!(end.result, OrderResult::Done, "{name}: {}", end.detail);
    }

    fn audit(&self) -> Vec<(String, String, OrderResult)> {
        let audit = ira_api::audit(&self.ira, AuditRequest { limit: 100 }).unwrap().orders;
        audit.into_iter().rev().map(|row| (row.action, row.target, row.result)).collect()
    }
}

/// The next frame that is as wanted; nothing is asked meanwhile.
async fn told(feed: &mut Subscription, what: &str, is: impl Fn(&Containers) -> bool) {
    let wait = async {
        while let Some(message) = feed.next().await {
            if matches!(&message.frame, Frame::Containers(all) if is(all)) {
                return;
            }
        }
        panic!("the feed ended");
    };
    assert!(tokio::time::timeout(PATIENT, wait).await.is_ok(), "never told: {what}");
}

async fn row_is(feed: &mut Subscription, name: &str, is: impl Fn(&ContainerRow) -> bool) {
    told(feed, name, |all| all.containers.iter().any(|row| row.name == name && is(row))).await;
}

fn threads() -> usize {
    std::fs::read_dir("/proc/self/task")
        .unwrap()
        .filter_map(|task| std::fs::read_to_string(task.ok()?.path().join("comm")).ok())
        .filter(|name| name.starts_with("ira-containers"))
        .count()
}

async fn until(what: &str, is: impl Fn() -> bool) {
    for _ in 0..3000 {
        if is() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("never: {what}");
}

/// The place of the socket is in the environment, so each runs in a process of its own.
fn alone(test: &str) -> bool {
    if std::env::var("IRA_ALONE").is_ok() {
        return true;
    }
    let folder = tempfile::tempdir().unwrap();
    let ran = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", test])
        .env("DOCKER_HOST", format!("unix://{}/engine.sock", folder.path().display()))
        .env("IRA_ALONE", "1")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&ran.stdout);
    assert!(ran.status.success() && said.contains("1 passed"), "{said}");
    false
}

#[tokio::test(flavor = "multi_thread")]
async fn an_engine_comes_tells_lies_and_goes_and_nobody_asks_it_by_a_clock() {
    if !alone("an_engine_comes_tells_lies_and_goes_and_nobody_asks_it_by_a_clock") {
        return;
    }
    let stage = stage();
    let problem = stage.all().problem.unwrap();
    assert_eq!(problem.kind, ProblemKind::Absent);
    assert!(problem.message.contains("engine.sock") && problem.remedy.is_some(), "{problem:?}");

    let mut feed = stage.ira.subscribe(Stream::Containers);
    told(&mut feed, "nobody is there", |all| all.problem.is_some()).await;
    let fake = FakeEngine::at(Path::new(&stage.engine));
    fake.container(ID, "web", "running");
    row_is(&mut feed, "web", |row| row.state == "running").await;
    assert_eq!(threads(), 1, "it looks");
    let row = stage.row("web");
    assert_eq!(
        (row.project.as_deref(), row.application.as_str()),
        (Some("shop"), "docker:shop/web")
    );
    let asked = fake.asked().len();
    fake.container(ID, "web", "exited");
    fake.happens("container", "die", ID);
    row_is(&mut feed, "web", |row| row.state == "exited" && row.exit_code == Some(0)).await;
    assert_eq!(fake.asked().len(), asked + 2, "the list and the one that changed");

    fake.say("GET /containers/json", Say::Json(r#"[{"Id":[]}]"#.into()));
    fake.happens("container", "start", ID);
    told(&mut feed, "the lie", |all| {
        let failed = |problem: &ira_api::wire::Problem| {
            problem.kind == ProblemKind::Failed && problem.message.contains("/containers/json")
        };
        all.problem.as_ref().is_some_and(failed)
    })
    .await;
    fake.containers(&[]);
    told(&mut feed, "it mended", |all| all.problem.is_none() && all.containers.is_empty()).await;
    fake.hang_up();
    told(&mut feed, "it went away", |all| all.problem.is_some()).await;
    told(&mut feed, "it is back", |all| all.problem.is_none()).await;
    drop(feed);
    until("the thread ends", || threads() == 0).await;
    until("the engine is let go", || fake.listeners() == 0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_is_for_the_container_that_was_looked_at() {
    if !alone("an_order_is_for_the_container_that_was_looked_at") {
        return;
    }
    let stage = stage();
    let fake = FakeEngine::at(Path::new(&stage.engine));
    fake.container(ID, "web", "running");
    let stop = format!("POST /containers/{ID}/stop");
    fake.say(&stop, Say::Refusal(204, ""));
    let preview = stage.look(ID, STOP).unwrap();
    assert_eq!(preview.calls, [format!("{stop}?t=10")]);
    assert_eq!((preview.target.as_str(), preview.undo.clone()), ("web", Some(OrderAction::Start)));
    assert!(!fake.asked().contains(&stop), "nothing is done by looking");
    assert_eq!(stage.order(preview).result, OrderResult::Done);
    assert!(fake.asked().contains(&stop));

    let restart = stage.look(ID, OrderAction::Restart).unwrap();
    fake.inspected(ID, "web", "running", "2026-11-25T09:00:00Z");
    let end = stage.order(restart);
    assert_eq!(end.result, OrderResult::Failed);
    assert!(end.detail.contains("started again since"), "{}", end.detail);
    let denied = stage.look(ID, OrderAction::Suspend).unwrap();
    fake.say(&format!("POST /containers/{ID}/pause"), Say::Refusal(403, "not you"));
    let end = stage.order(denied);
    assert_eq!((end.result, end.detail.as_str()), (OrderResult::Failed, "not you"));
    assert!(end.remedy.unwrap().contains("usermod -aG docker"));
    let gone = stage.look(ID, OrderAction::Restart).unwrap();
    fake.say(&format!("GET /containers/{ID}/json"), Say::Refusal(404, "No such container"));
    assert_eq!(stage.order(gone).detail, "No such container");

    for (id, action, expected) in [
        (ID, OrderAction::Restart, ErrorCode::NotFound),
        ("../../etc", OrderAction::Restart, ErrorCode::NotFound),
        (ID, OrderAction::Enable, ErrorCode::Invalid),
        (ID, OrderAction::Stop { escalate: false }, ErrorCode::Invalid),
    ] {
        assert_eq!(stage.look(id, action).unwrap_err().code, Some(expected), "{id}");
    }
    fake.inspected(ID, "web", "running", "x");
    let error = stage.look(ID, OrderAction::Remove).unwrap_err();
    assert_eq!(error.code, Some(ErrorCode::Invalid), "{}", error.message);
    let request = ContainerRequest { engine: "/etc/passwd".into(), id: ID.into() };
    let error = ira_api::container(&stage.ira, request).unwrap_err();
    assert_eq!(error.code, Some(ErrorCode::Invalid), "only sockets of engines: {}", error.message);
    let expected = [
        ("stop, kill", OrderResult::Done),
        ("restart", OrderResult::Failed),
        ("suspend", OrderResult::Failed),
        ("restart", OrderResult::Failed),
    ];
    let told = stage.audit();
    assert_eq!(told.iter().map(|row| (row.0.as_str(), row.2)).collect::<Vec<_>>(), expected);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a Docker engine: tests/bed/containers.sh"]
async fn each_order_works_on_a_real_engine_is_told_live_and_is_in_the_audit() {
    let began = std::time::Instant::now();
    let mut stage = stage();
    let mut feed = stage.ira.subscribe(Stream::Containers);
    row_is(&mut feed, "shop-web-1", |row| row.health.as_deref() == Some("healthy")).await;
    let all = stage.all();
    assert_eq!((all.problem.clone(), all.engines.len()), (None, 1));
    assert!(all.engines[0].version.as_ref().is_some_and(|version| !version.is_empty()));
    let db = stage.row("shop-db-1");
    assert_eq!((db.project.as_deref(), db.service.as_deref()), (Some("shop"), Some("db")));
    assert_eq!((db.state.as_str(), db.volumes.as_slice()), ("running", &["shop_data".into()][..]));
    assert_eq!(stage.row("spare").state, "created");
    let volume = |name: &str| all.volumes.iter().find(|one| one.name == name).unwrap();
    assert!(volume("orphan").used_by.is_empty(), "nobody mounts it");
    assert_eq!(volume("shop_data").used_by, ["shop-db-1"]);
    let image = &all.images[0];
    assert_eq!((image.tags.as_slice(), image.used_by.len()), (&["local/busybox:1".into()][..], 4));
    assert!(image.size_bytes.is_some_and(|bytes| bytes > 100_000));
    let host = all.networks.iter().find(|one| one.name == "host").unwrap();
    assert!(host.is_built_in && host.used_by.contains(&"shop-db-1".to_owned()), "{host:?}");
    let sizes = ira_api::container_sizes(&stage.ira, Nothing {}).unwrap();
    assert!(sizes.sizes.iter().any(|one| one.name == "orphan"), "{sizes:?}");

    let mut uses = stage.ira.subscribe(Stream::ContainerUses);
    let used = loop {
        // Of thousands of processes on a busy machine not all are known at the first look.
        stage.sampler.tick().unwrap();
        let next = tokio::time::timeout(PATIENT, uses.next()).await.expect("a frame each tick");
        let Frame::ContainerUses(uses) = next.unwrap().frame else { panic!("a frame") };
        let by_group = uses.containers.into_iter().find(|one| one.id == db.id);
        if let Some(used) = by_group.filter(|used| used.memory_bytes.is_some()) {
            break used;
        }
        assert!(began.elapsed() < PATIENT, "never: the use of {}", db.id);
    };
    assert!(used.process_count >= 1 && used.memory_bytes.is_some_and(|bytes| bytes > 0));

    let stop = stage.look(&db.id, STOP).unwrap();
    assert_eq!(stop.dependents, ["shop-web-1"], "who needs it");
    assert!(stop.process_count >= 1, "the processes within");
    assert_eq!(stage.order(stop).result, OrderResult::Done);
    row_is(&mut feed, "shop-db-1", |row| row.state == "exited" && row.exit_code.is_some()).await;
    stage.give("shop-db-1", OrderAction::Start);
    row_is(&mut feed, "shop-db-1", |row| row.state == "running").await;
    let before = stage.row("shop-db-1").started_ms;
    stage.give("shop-db-1", OrderAction::Restart);
    row_is(&mut feed, "shop-db-1", |row| row.started_ms > before && row.state == "running").await;
    stage.give("shop-db-1", OrderAction::Suspend);
    row_is(&mut feed, "shop-db-1", |row| row.state == "paused").await;
    stage.give("shop-db-1", OrderAction::Resume);
    row_is(&mut feed, "shop-db-1", |row| row.state == "running").await;
    stage.give("spare", OrderAction::Start);
    row_is(&mut feed, "spare", |row| row.exit_code == Some(3)).await;
    let remove = stage.look(&stage.row("spare").id, OrderAction::Remove).unwrap();
    assert_eq!((remove.notes.as_slice(), remove.undo.clone()), (&[OrderNote::FilesLost][..], None));
    assert_eq!(stage.order(remove).result, OrderResult::Done);
    told(&mut feed, "spare is gone", |all| all.containers.iter().all(|row| row.name != "spare"))
        .await;

    let done =
        |action: &str, target: &str| (action.to_owned(), target.to_owned(), OrderResult::Done);
    let expected = [
        done("stop, kill", "shop-db-1"),
        done("start", "shop-db-1"),
        done("restart", "shop-db-1"),
        done("suspend", "shop-db-1"),
        done("resume", "shop-db-1"),
        done("start", "spare"),
        done("remove", "spare"),
    ];
    assert_eq!(stage.audit(), expected, "each order with its result");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a Docker engine: tests/bed/containers.sh"]
async fn of_several_that_are_told_the_same_one_that_is_gone_changes_nothing_for_the_others() {
    let docker = |arguments: &[&str]| {
        let ran = Command::new("docker").args(arguments).output().unwrap();
        assert!(ran.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&ran.stderr));
    };
    let names = ["several-1", "several-2", "several-3"];
    for name in names {
        docker(&["create", "--network=host", "--name", name, "local/busybox:1", "sleep", "1000"]);
    }
    let stage = stage();
    // As the window does: all are looked at first, then each is told by its own token.
    let looked = names.map(|name| stage.look(&stage.row(name).id, OrderAction::Start).unwrap());
    docker(&["rm", names[1]]);
    let ends = looked.map(|preview| stage.order(preview));
    let (done, failed) = (OrderResult::Done, OrderResult::Failed);
    assert_eq!(ends.each_ref().map(|end| end.result), [done, failed, done], "{ends:?}");
    assert!(ends.iter().all(|end| end.kept) && !ends[1].detail.is_empty(), "{ends:?}");
    let all = stage.all().containers;
    let told = names.map(|name| {
        all.iter().find(|row| row.name == name).map_or("gone", |row| row.state.as_str())
    });
    assert_eq!(told, ["running", "gone", "running"]);
    let start = |name: &str, result| ("start".to_owned(), name.to_owned(), result);
    let expected = [start(names[0], done), start(names[1], failed), start(names[2], done)];
    assert_eq!(stage.audit(), expected, "each has its own entry");
    docker(&["rm", "-f", names[0], names[2]]);
}

/// Runs one of these tests as a user whose only right is to be in a group, if any, with the engine's
/// socket at a place it can reach.
fn as_nobody(test: &str, group: Option<u32>) {
    let folder = tempfile::Builder::new()
        .permissions(std::os::unix::fs::PermissionsExt::from_mode(0o755))
        .tempdir_in("/tmp")
        .unwrap();
    let program = folder.path().join("nobody");
    std::fs::copy(std::env::current_exe().unwrap(), &program).unwrap();
    let socket = folder.path().join("docker.sock");
    let host = std::env::var("DOCKER_HOST").unwrap();
    std::fs::hard_link(host.strip_prefix("unix://").unwrap(), &socket).unwrap();
    if group.is_some() {
        std::os::unix::fs::chown(&socket, None, group).unwrap();
    }
    let groups = group.map_or("--clear-groups".to_owned(), |group| format!("--groups={group}"));
    let ran = Command::new("setpriv")
        .args(["--reuid=65534", "--regid=65534", &groups, "env", "TMPDIR=/tmp", "HOME=/tmp"])
        .arg("IRA_NOBODY=1")
        .arg(format!("DOCKER_HOST=unix://{}", socket.display()))
        .arg(&program)
        .args(["--ignored", "--exact", test])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&ran.stdout);
    assert!(ran.status.success() && said.contains("1 passed"), "{said}");
}

/// Ticks until a process of a container counts under an application; gives what its rule looked at.
fn counts_under(sampler: &mut Sampler, engine: &Engine, id: &str) -> Vec<String> {
    let mut seen = std::collections::BTreeSet::new();
    for _ in 0..60 {
        sampler.tick().unwrap();
        sampler.wait_for_facts(Duration::from_secs(5));
        let found = engine.live(|live| {
            let processes = live.snapshot().processes;
            seen.extend(processes.iter().map(|one| one.attribution.application.id.clone()));
            let one = processes.iter().find(|one| one.attribution.application.id == id)?;
            let evidence = one.attribution.evidence.iter();
            let of_container = evidence.filter(|one| one.result == id && one.rule as u8 == 2);
            Some(of_container.map(|one| one.input.clone()).collect())
        });
        if let Some(found) = found {
            return found;
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    panic!("never: {id}, but {seen:?}");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a Docker engine: tests/bed/containers.sh"]
async fn names_are_from_a_file_or_the_socket_and_follow_a_rename() {
    const TEST: &str = "names_are_from_a_file_or_the_socket_and_follow_a_rename";
    const GROUP: u32 = 60_123;
    let is_nobody = std::env::var("IRA_NOBODY").is_ok();
    let docker = |arguments: &[&str]| {
        let ran = Command::new("docker").args(arguments).output().unwrap();
        assert!(ran.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&ran.stderr));
    };
    let name = if is_nobody { "plain-nobody" } else { "plain-root" };
    docker(&["run", "-d", "--network=host", "--name", name, "local/busybox:1", "sleep", "300"]);
    let folder = tempfile::tempdir().unwrap();
    let options = Options { folder: Some(folder.path().to_owned()), ..Options::default() };
    let (engine, mut sampler) = Engine::by_hand(ira_probe::local().unwrap(), options).unwrap();
    let looked_at = counts_under(&mut sampler, &engine, "docker:shop/db");
    let from = looked_at[0].split_once(", named by ").unwrap().1;
    counts_under(&mut sampler, &engine, &format!("docker:{name}"));
    let socket = std::env::var("DOCKER_HOST").unwrap();
    if is_nobody {
        assert_eq!(socket.strip_prefix("unix://"), Some(from), "its files are closed");
    } else {
        // Where its files are is known once the engine itself was seen.
        assert!(from.ends_with("config.v2.json") || socket.ends_with(from), "{from}");
    }
    let ira = Ira::new(engine.clone());
    let mut feed = ira.subscribe(Stream::Containers);
    row_is(&mut feed, name, |row| row.state == "running").await;
    let renamed = format!("{name}-renamed");
    docker(&["rename", name, &renamed]);
    row_is(&mut feed, &renamed, |row| row.state == "running").await;
    counts_under(&mut sampler, &engine, &format!("docker:{renamed}"));
    docker(&["rm", "-f", &renamed]);
    if !is_nobody {
        as_nobody(TEST, Some(GROUP));
    }
}

#[test]
#[ignore = "needs a Docker engine: tests/bed/containers.sh"]
fn whom_the_socket_denies_is_told_how_to_get_in() {
    if std::env::var("IRA_NOBODY").is_ok() {
        let problem = stage().all().problem.unwrap();
        assert_eq!(problem.kind, ProblemKind::Denied, "{problem:?}");
        assert!(problem.remedy.unwrap().contains("usermod -aG docker"));
        return;
    }
    as_nobody("whom_the_socket_denies_is_told_how_to_get_in", None);
}
