//! Whatever a request holds, it is answered: soon, without a panic, with an error that says what is wrong.

use super::{JSON, TOKEN, post, schema};
use crate::{BODY_BYTES, Guard, Host, router};
use axum::{Router, body::Body, http::StatusCode};
use ira_api::{Ira, commands::COMMANDS, wire::ApiError};
use ira_engine::{Engine, Options};
use serde_json::{Value, json};
use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};
use tower::ServiceExt as _;

/// Longer than any question waits for those it asks.
const PATIENCE: Duration = Duration::from_secs(60);
/// In a text it stands for half of a surrogate pair, which no Rust string can hold.
const LONE: &str = "@lone@";

struct Stage {
    router: Router,
    engine: Engine,
    _sampler: ira_engine::Sampler,
    folder: tempfile::TempDir,
}

impl Drop for Stage {
    fn drop(&mut self) {
        self.engine.stop();
    }
}

/// A server that records.
fn stage() -> Stage {
    let folder = tempfile::tempdir().unwrap();
    let options = Options { folder: Some(folder.path().join("data")), ..Options::default() };
    let (engine, mut sampler) = Engine::by_hand(ira_probe::local().unwrap(), options).unwrap();
    sampler.tick().unwrap();
    sampler.tick().unwrap();
    let guard = Arc::new(Guard::new("secret".into(), "127.0.0.1:7411".parse().unwrap(), false));
    let router = router(Host { ira: Ira::new(engine.clone()), guard });
    Stage { router, engine, _sampler: sampler, folder }
}

async fn ask(
    router: &Router,
    name: &str,
    headers: &[(&str, &str)],
    body: Body,
) -> (StatusCode, String) {
    let request = post(&format!("/api/{name}"), headers, body);
    let answer = async {
        let response = router.clone().oneshot(request).await.unwrap();
        let status = response.status();
        let bytes = axum::body::to_bytes(response.into_body(), 64 << 20).await.unwrap();
        (status, String::from_utf8_lossy(&bytes).into_owned())
    };
    let answer = tokio::time::timeout(PATIENCE, answer).await;
    answer.unwrap_or_else(|_| panic!("{name} hangs"))
}

/// It was done, or refused with a sentence; never did it end badly.
fn fine(what: &str, (status, text): &(StatusCode, String)) -> Result<(), String> {
    if status.is_success() {
        return Ok(());
    }
    let short: String = text.chars().take(300).collect();
    let told: Result<ApiError, _> = serde_json::from_str(text);
    let is_told = told.is_ok_and(|error| !error.message.trim().is_empty());
    if status.is_client_error() && is_told && text.len() < 8 << 10 {
        return Ok(());
    }
    Err(format!("{what}: {status}, {} bytes: {short}", text.len()))
}

/// Names of files that are none, or should not be read.
fn paths(folder: &Path) -> Vec<String> {
    let made = std::process::Command::new("mkfifo").arg(folder.join("Procfile")).status().unwrap();
    assert!(made.success());
    for (name, to) in [
        ("Procfile.zero", "/dev/zero"),
        ("Procfile.self", "Procfile.self"),
        ("Procfile.kernel", "/proc/kmsg"),
    ] {
        std::os::unix::fs::symlink(to, folder.join(name)).unwrap();
    }
    let here = |name: &str| folder.join(name).display().to_string();
    let mut all: Vec<String> = [
        "../../../../etc/passwd",
        "/",
        "//",
        ".",
        "/dev/zero",
        "/dev/null",
        "/dev/tty",
        "/proc/kmsg",
        "/proc/self/mem",
        "/proc/self/fd/0",
        "/etc/../etc/shadow",
        "~",
        "file:///etc/passwd",
        "/var/run/docker.sock",
        "/a\0b",
    ]
    .map(str::to_owned)
    .to_vec();
    all.extend(
        ["Procfile", "Procfile.zero", "Procfile.self", "Procfile.kernel", "", "none/../Procfile"]
            .map(here),
    );
    all.push(format!("/{}", "a/".repeat(5000)));
    all
}

/// Values that no field expects.
fn odd() -> Vec<Value> {
    let mut deep = json!([]);
    for _ in 0..100 {
        deep = json!([deep]);
    }
    let texts = [
        "",
        " ",
        "x",
        "\0",
        "a\0b",
        LONE,
        "\u{202e}\u{2066}gpj.exe",
        "\u{feff}\u{200b}",
        "\u{1b}[31m\u{7}\r\n",
        "<img src=x onerror=alert(1)>",
        "'; DROP TABLE events; --",
        "$(id)`id`",
        "%s%n%99999999d",
        "((((((((((((((((((((",
        "(a{1000}){1000}{1000}",
        "-9223372036854775808",
        "NaN",
    ];
    let mut all: Vec<Value> = texts.map(Value::from).to_vec();
    all.push(Value::from("\u{1f4a3}".repeat(1 << 18)));
    all.push(Value::from("[".repeat(100_000)));
    all.push(Value::from("(".repeat(100_000)));
    all.extend([json!(null), json!(true), json!(0), json!(-1), json!(1.5), json!(1e308)]);
    all.extend([json!(i64::MIN), json!(i64::MAX), json!(u64::MAX), json!(u32::MAX)]);
    all.extend([json!([]), json!({}), deep, json!({ "kind": "x" }), json!({ "__proto__": {} })]);
    all.push(json!(vec![json!(null); 10_000]));
    all.push(json!(vec![json!("x"); 10_000]));
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn every_field_of_every_command_takes_whatever_comes() {
    let stage = stage();
    let mut values = odd();
    values.extend(paths(stage.folder.path()).into_iter().map(Value::from));
    let requests = schema::requests();
    assert_eq!(requests.len(), COMMANDS.len(), "each command is there");
    let mut faults = Vec::new();
    for (name, samples) in requests {
        for sample in &samples {
            let answer =
                ask(&stage.router, &name, &[TOKEN, JSON], Body::from(sample.to_string())).await;
            faults.extend(fine(&format!("{name} {sample}"), &answer).err());
        }
        let sample = |place: &str| samples.iter().find(|one| one.pointer(place).is_some());
        let mut places: Vec<String> = samples.iter().flat_map(schema::places).collect();
        places.sort();
        places.dedup();
        for place in places {
            for value in &values {
                let mut request = sample(&place).unwrap().clone();
                *request.pointer_mut(&place).unwrap() = value.clone();
                let body = request.to_string().replace(LONE, "\\ud800");
                let answer = ask(&stage.router, &name, &[TOKEN, JSON], Body::from(body)).await;
                let short: String = value.to_string().chars().take(60).collect();
                faults.extend(fine(&format!("{name}{place} = {short}"), &answer).err());
            }
        }
    }
    assert!(faults.is_empty(), "{} faults\n{}", faults.len(), faults.join("\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn no_command_is_for_strangers_and_none_reads_what_is_huge() {
    let stage = stage();
    let read = Arc::new(AtomicUsize::new(0));
    let huge = || {
        read.store(0, Ordering::Relaxed);
        let read = Arc::clone(&read);
        let chunks = (0..1600).map(move |_| {
            read.fetch_add(64 << 10, Ordering::Relaxed);
            Ok::<_, std::io::Error>(vec![b' '; 64 << 10])
        });
        Body::from_stream(futures_util::stream::iter(chunks))
    };
    for command in COMMANDS {
        let name = command.name;
        for (headers, status) in [
            (vec![JSON], 401),
            (vec![JSON, ("authorization", "Bearer")], 401),
            (vec![JSON, ("authorization", "Bearer secre")], 401),
            (vec![JSON, ("authorization", "Bearer secrets")], 401),
            (vec![JSON, ("cookie", "token=secret")], 401),
            (vec![JSON, TOKEN, ("origin", "http://evil.example")], 403),
            (vec![JSON, TOKEN, ("origin", "http://127.0.0.1:7411.evil.example")], 403),
        ] {
            let answer = ask(&stage.router, name, &headers, huge()).await;
            assert_eq!(answer.0.as_u16(), status, "{name} {headers:?}");
            fine(name, &answer).unwrap();
            assert!(
                read.load(Ordering::Relaxed) <= BODY_BYTES + (128 << 10),
                "{name}: it was read"
            );
        }
        for kind in ["text/plain", "application/x-www-form-urlencoded"] {
            let headers = [TOKEN, ("content-type", kind)];
            let answer = ask(&stage.router, name, &headers, Body::from("{}")).await;
            assert_eq!(
                answer.0.as_u16(),
                if name == "health" { 200 } else { 400 },
                "{name} {kind}"
            );
        }
        let (status, _) = ask(&stage.router, name, &[TOKEN, JSON], huge()).await;
        assert!(read.load(Ordering::Relaxed) <= BODY_BYTES + (128 << 10), "{name}: it was read");
        let is_health = name == "health"; // which has no parameters and reads no body
        assert_eq!(status.as_u16(), if is_health { 200 } else { 413 }, "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn deep_json_is_refused_by_every_command() {
    let stage = stage();
    let deep = |open: &str| open.repeat(100_000);
    for command in COMMANDS.iter().filter(|command| command.name != "health") {
        let name = command.name;
        for body in [
            deep("["),
            deep("{\"a\":"),
            format!("{{\"a\":{}", deep("[")),
            format!("{{\"id\":{}", deep("{\"id\":")),
        ] {
            let answer = ask(&stage.router, name, &[TOKEN, JSON], Body::from(body)).await;
            assert_eq!(answer.0, StatusCode::BAD_REQUEST, "{name}: {}", answer.1);
            fine(name, &answer).unwrap();
        }
    }
}
