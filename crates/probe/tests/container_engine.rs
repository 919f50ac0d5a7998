//! A container engine that is asked, hangs, lies and goes away.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, missing_docs)]

use ira_probe::containers::engine::{
    Again, Change, ContainerAction, Engine, EngineError, Inventory, carry_out, inspect, sizes,
};
use ira_testkit::{FakeEngine, Say};
use std::{
    path::Path,
    time::{Duration, Instant},
};

const ID: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
const STARTED: &str = "2026-11-25T08:00:00Z";

async fn look(fake: &FakeEngine) -> Result<Inventory, EngineError> {
    Engine::connect(fake.socket()).await?.inventory(&Again::everything()).await
}

#[tokio::test]
async fn everything_is_asked_once_and_then_only_what_changed() {
    let fake = FakeEngine::start();
    fake.container(ID, "web", "running");
    fake.say(
        "GET /images/json",
        Say::Json(
            r#"[{"Id":"sha256:1","RepoTags":["busybox:1"],"Size":5},
        {"Id":"sha256:2","RepoTags":["<none>:<none>"],"Size":7},{"Id":"sha256:2","RepoTags":null}]"#
                .into(),
        ),
    );
    fake.say("GET /volumes", Say::Json(r#"{"Volumes":[{"Name":"data","Driver":"local"}]}"#.into()));
    let mut engine = Engine::connect(fake.socket()).await.unwrap();
    let mut events = engine.events().await.unwrap();
    let all = engine.inventory(&Again::everything()).await.unwrap();
    let one = &all.containers[0];
    assert_eq!((one.name.as_str(), one.state.as_str(), one.restarts), ("web", "running", Some(2)));
    assert_eq!(
        (one.volumes.as_slice(), one.networks.as_slice()),
        (&["data".into()][..], &["bridge".into()][..])
    );
    assert_eq!(one.started_ms, Some(1_795_593_600_000));
    assert_eq!(one.exit_code, None, "it runs");
    assert_eq!(all.images.len(), 2, "each once");
    assert!(all.images[1].tags.is_empty(), "replaced by a newer build");
    assert_eq!((all.volumes[0].name.as_str(), all.left_out), ("data", 0));

    fake.happens("container", "exec_start: true", ID);
    fake.happens("network", "connect", "n");
    fake.happens("container", "die", ID);
    assert_eq!(events.next().await.unwrap(), Change::Networks, "health checks are no news");
    let change = events.next().await.unwrap();
    assert_eq!(change, Change::Container(ID.into()));
    let before = fake.asked().len();
    fake.container(ID, "web", "exited");
    let all = engine.inventory(&Again::of(change)).await.unwrap();
    assert_eq!(
        (all.containers[0].state.as_str(), all.containers[0].exit_code),
        ("exited", Some(0))
    );
    let asked = fake.asked().split_off(before);
    assert_eq!(asked, ["GET /containers/json".to_owned(), format!("GET /containers/{ID}/json")]);
    fake.hang_up();
    assert!(events.next().await.unwrap_err().to_string().contains("went away"));
}

#[tokio::test]
async fn podman_is_known_and_its_own_words_are_kept() {
    let fake = FakeEngine::start();
    let version =
        r#"{"Version":"4.3.1","ApiVersion":"1.41","Components":[{"Name":"Podman Engine"}]}"#;
    fake.say("GET /version", Say::Json(version.into()));
    fake.container(ID, "web", "stopped");
    let all = look(&fake).await.unwrap();
    assert_eq!(all.kind, ira_probe::containers::engine::EngineKind::Podman);
    assert_eq!(all.containers[0].state, "stopped", "a word that Docker does not have");
}

/// Each with the question it is the answer to, and what is told of it.
#[tokio::test]
async fn what_no_engine_says_is_told_with_the_question() {
    let list = "GET /containers/json";
    let cases: [(&str, Say, &str); 14] = [
        (list, Say::Json("{".into()), "something else than expected"),
        (list, Say::Json(r#"{"message":"x"}"#.into()), "expected a list"),
        (list, Say::Json(r#"[{"Id":7}]"#.into()), "invalid type"),
        (list, Say::Json(r#"[{"State":{"a":1}}]"#.into()), "invalid type"),
        (list, Say::Json("[".repeat(100_000)), "something else than expected"),
        (list, Say::Json(r#"["\ud800"]"#.into()), "something else than expected"),
        (list, Say::Raw(b"\x16\x03\x01\x02\x00"), "something else than HTTP"),
        (list, Say::Raw(b""), "something else than HTTP"),
        (list, Say::Raw(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n[]"), "in part only"),
        (list, Say::Endless(b"[[[[[[[[[[[[[[[[[[[[[[[["), "more than 8192 KiB"),
        (list, Say::Refusal(500, "the disk is full"), "the disk is full"),
        ("GET /version", Say::Json(r#"{"Version":"1","ApiVersion":"../x"}"#.into()), "../x"),
        ("GET /version", Say::Json("[]".into()), "something else than expected"),
        ("GET /volumes", Say::Json("7".into()), "GET /v1.41/volumes"),
    ];
    for (question, say, expected) in cases {
        let fake = FakeEngine::start();
        fake.say(question, say.clone());
        let error = look(&fake).await.unwrap_err();
        assert!(matches!(error, EngineError::Failed(_)), "{error:?}");
        let said = error.to_string();
        assert!(said.contains(expected), "{expected:?}: {said}");
        assert!(said.len() < 1000, "bounded");
    }
}

#[tokio::test]
async fn heads_without_end_and_silence_end() {
    for say in [Say::Silence, Say::Raw(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n")] {
        let fake = FakeEngine::start();
        fake.say("GET /version", say);
        let began = Instant::now();
        let error = look(&fake).await.unwrap_err().to_string();
        assert!(began.elapsed() < Duration::from_secs(30), "in bounded time");
        assert!(
            error.contains("not answered within 5 s") || error.contains("in part only"),
            "{error}"
        );
    }
    static HEAD: [u8; 200_000] = [b'x'; 200_000];
    let fake = FakeEngine::start();
    fake.say("GET /version", Say::Raw(&HEAD));
    let error = look(&fake).await.unwrap_err().to_string();
    assert!(error.contains("something else than HTTP"), "{error}");
}

#[tokio::test]
async fn lists_are_cut_and_odd_rows_left_out() {
    let fake = FakeEngine::start();
    let many = vec!["{}"; 200_000].join(",");
    fake.say("GET /images/json", Say::Json(format!("[{many}]")));
    let row = |id: &str| format!(r#"{{"Id":"{id}","Names":null,"Labels":null,"Mounts":null}}"#);
    let rows = [row(ID), row(ID), row("../../etc"), row(""), row("%2e%2e")].join(",");
    fake.say("GET /containers/json", Say::Json(format!("[{rows}]")));
    let all = look(&fake).await.unwrap();
    assert_eq!(all.containers.len(), 1, "each once, and only with an identifier");
    assert_eq!(all.left_out, 4, "and that is told");
    assert!(fake.asked().iter().all(|asked| !asked.contains("..")), "{:?}", fake.asked());
    let inner = vec!["{}"; 300_000].join(",");
    let row = format!(r#"[{{"Id":"{ID}","Mounts":[{inner}],"Ports":null}}]"#);
    fake.say("GET /containers/json", Say::Json(row));
    assert!(look(&fake).await.unwrap().containers[0].volumes.is_empty());
    let long = "é".repeat(100_000);
    fake.say(
        "GET /containers/json",
        Say::Json(format!(r#"[{{"Id":"{ID}","Names":["/{long}"]}}]"#)),
    );
    assert!(look(&fake).await.unwrap().containers[0].name.chars().count() <= 300);
}

#[tokio::test(flavor = "multi_thread")]
async fn events_that_are_none_end_the_connection() {
    for (bytes, expected) in [
        (b"no json\n".to_vec(), "no event"),
        (vec![b'x'; 300_000], "a line without end"),
        (b"[1]\n".to_vec(), "no event"),
    ] {
        let fake = FakeEngine::start();
        let engine = Engine::connect(fake.socket()).await.unwrap();
        let mut events = engine.events().await.unwrap();
        while fake.listeners() == 0 {
            tokio::task::yield_now().await;
        }
        let teller = std::thread::spawn(move || {
            fake.utter(&bytes);
            fake
        });
        let error = events.next().await.unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
        drop(events);
        teller.join().unwrap();
    }
}

#[test]
fn who_is_not_there_or_does_not_let_in_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.sock");
    assert!(matches!(inspect(&path, ID), Err(EngineError::Absent(_))));
    drop(std::os::unix::net::UnixListener::bind(&path).unwrap());
    assert!(matches!(inspect(&path, ID), Err(EngineError::Absent(_))), "nobody listens");
    assert!(matches!(inspect(Path::new("/x"), "../x"), Err(EngineError::NotFound(_))));
}

#[test]
fn orders_reach_the_container_that_was_looked_at_only() {
    let fake = FakeEngine::start();
    fake.container(ID, "web", "running");
    let give = |action| carry_out(fake.socket(), ID, STARTED, action);
    assert_eq!(inspect(fake.socket(), ID).unwrap().started, STARTED);
    fake.say(&format!("POST /containers/{ID}/stop"), Say::Refusal(204, ""));
    assert_eq!(give(ContainerAction::Stop), Ok(()));
    fake.say(&format!("POST /containers/{ID}/stop"), Say::Refusal(304, ""));
    assert_eq!(give(ContainerAction::Stop), Ok(()), "it had stopped already");
    fake.say(&format!("DELETE /containers/{ID}"), Say::Refusal(409, "it runs"));
    assert_eq!(give(ContainerAction::Remove), Err(EngineError::Failed("it runs".into())));
    fake.say(&format!("POST /containers/{ID}/start"), Say::Refusal(403, "not you"));
    assert_eq!(give(ContainerAction::Start), Err(EngineError::Denied("not you".into())));

    fake.inspected(ID, "web", "running", "2026-11-25T09:00:00Z");
    let before = fake.asked().len();
    let error = give(ContainerAction::Restart).unwrap_err().to_string();
    assert!(error.contains("started again since"), "{error}");
    let asked = fake.asked().split_off(before);
    assert!(asked.iter().all(|one| one.starts_with("GET ")), "nothing was ordered: {asked:?}");
    fake.inspected(ID, "web", "running", STARTED);
    let other = ID.replace('0', "f");
    fake.say(
        &format!("GET /containers/{other}/json"),
        Say::Json(format!(r#"{{"Id":"{ID}","State":{{}}}}"#)),
    );
    assert!(inspect(fake.socket(), &other).unwrap_err().to_string().contains("another container"));
}

#[test]
fn what_takes_room_is_measured_when_it_is_asked_for() {
    let fake = FakeEngine::start();
    let told = format!(
        r#"{{"Volumes":[{{"Name":"data","UsageData":{{"Size":4096,"RefCount":1}}}},
        {{"Name":"x","UsageData":{{"Size":-1}}}},{{"Name":"y"}}],"Containers":[{{"Id":"{ID}","SizeRw":7}}]}}"#
    );
    fake.say("GET /system/df", Say::Json(told));
    let told = sizes(fake.socket()).unwrap();
    assert_eq!(told.volumes, [("data".to_owned(), 4096)], "unknown is not zero");
    assert_eq!(told.containers, [(ID.to_owned(), 7)]);
}
