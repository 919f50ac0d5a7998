#[cfg(target_os = "linux")]
mod hostile;
#[cfg(target_os = "linux")]
mod schema;

use super::*;
use axum::{body::Body, http::Request};
use ira_engine::{Engine, Options};
use tower::ServiceExt;

fn host() -> (Router, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let options =
        Options { folder: Some(folder.path().to_owned()), record: false, ..Options::default() };
    let (engine, mut sampler) = Engine::by_hand(ira_probe::local().unwrap(), options).unwrap();
    sampler.tick().unwrap();
    let address = "127.0.0.1:7411".parse().unwrap();
    let guard = Arc::new(Guard::new("secret".into(), address, false));
    (router(Host { ira: Ira::new(engine), guard }), folder)
}

async fn ask(request: Request<Body>) -> (StatusCode, String) {
    let (router, _folder) = host();
    let response = router.oneshot(request).await.unwrap();
    let status = response.status();
    let bytes = axum::body::to_bytes(response.into_body(), 1 << 20).await.unwrap();
    (status, String::from_utf8_lossy(&bytes).into_owned())
}

fn post(path: &str, headers: &[(&str, &str)], body: impl Into<Body>) -> Request<Body> {
    let mut request = Request::post(path).header("host", "127.0.0.1:7411");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(body.into()).unwrap()
}

const TOKEN: (&str, &str) = ("authorization", "Bearer secret");
const JSON: (&str, &str) = ("content-type", "application/json");

#[tokio::test]
async fn commands_answer_who_has_the_token() {
    let (status, body) = ask(post("/api/machine", &[TOKEN, JSON], "{}")).await;
    assert_eq!(status, StatusCode::OK, "{body}");
    assert!(body.contains("\"hostname\""), "{body}");
    let (status, body) = ask(post("/api/applications", &[TOKEN], "")).await;
    assert_eq!(status, StatusCode::OK, "an empty body is an empty request: {body}");
}

#[tokio::test]
async fn others_are_refused_and_told_why() {
    for (headers, status, part) in [
        (vec![], 401, "a token is needed"),
        (vec![("authorization", "Bearer wrong!")], 401, "not the one"),
        (vec![("authorization", "Basic secret")], 401, "a token is needed"),
        (vec![TOKEN, ("origin", "https://evil.example")], 403, "another web site"),
        (vec![TOKEN, ("origin", "null")], 403, "another web site"),
        (vec![TOKEN, ("origin", "http://127.0.0.1:7412")], 403, "another web site"),
        (vec![TOKEN, ("content-type", "text/plain")], 400, "application/json"),
    ] {
        let (found, body) = ask(post("/api/machine", &headers, "{}")).await;
        assert_eq!(found.as_u16(), status, "{headers:?}: {body}");
        assert!(body.contains(part), "{headers:?}: {body}");
    }
}

#[tokio::test]
async fn other_names_for_this_address_are_refused() {
    for host in ["evil.example", "127.0.0.1", "127.0.0.1:80", "a@127.0.0.1:7411", "", "[::1"] {
        let request = Request::get("/api/health").header("host", host).body(Body::empty()).unwrap();
        let (status, body) = ask(request).await;
        assert_eq!(status, StatusCode::FORBIDDEN, "{host:?}: {body}");
    }
    for host in ["localhost:7411", "[::1]:7411", "127.0.0.1:7411"] {
        let request = Request::get("/api/health").header("host", host).body(Body::empty()).unwrap();
        assert_eq!(ask(request).await.0, StatusCode::OK, "{host}: health needs no token");
    }
}

#[tokio::test]
async fn bad_requests_get_clear_errors() {
    let deep = "[".repeat(20_000);
    for (path, body, status, part) in [
        ("/api/nonsense", "{}", 404, "there is no command"),
        ("/api/../etc/passwd", "{}", 404, "no such command"),
        ("/api/machine", "{", 400, "not as it should be"),
        ("/api/machine", "{\"x\":1}", 400, "unknown field `x`"),
        ("/api/process", "{\"pid\":\"1\"}", 400, "invalid type"),
        ("/api/applications", "{\"at_ms\":1}", 404, "nothing is recorded"),
        ("/api/applications", deep.as_str(), 400, "not as it should be"),
        ("/api/timeline", "{\"from_ms\":5,\"to_ms\":5,\"points\":1}", 400, "after from_ms"),
        (
            "/api/timeline",
            "{\"from_ms\":-9223372036854775808,\"to_ms\":9223372036854775807,\"points\":1}",
            400,
            "longer than",
        ),
        ("/api/timeline", "{\"from_ms\":0,\"to_ms\":5,\"points\":0}", 400, "points must be"),
        ("/api/events", "{\"from_ms\":0,\"to_ms\":5,\"limit\":0}", 400, "limit must be"),
        ("/api/save_settings", "{\"span_s\":1}", 400, "span_s"),
    ] {
        let (found, text) = ask(post(path, &[TOKEN, JSON], body.to_owned())).await;
        assert_eq!(found.as_u16(), status, "{path} {text}");
        assert!(text.contains(part), "{path}: {text}");
    }
}

#[tokio::test]
async fn a_huge_body_is_not_read() {
    let (status, _) = ask(post("/api/machine", &[TOKEN, JSON], vec![b' '; BODY_BYTES + 1])).await;
    assert_eq!(status, StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test]
async fn only_loopback_without_asking_for_more() {
    let folder = tempfile::tempdir().unwrap();
    let options =
        Options { folder: Some(folder.path().to_owned()), record: false, ..Options::default() };
    let (engine, _sampler) = Engine::by_hand(ira_probe::local().unwrap(), options).unwrap();
    let ira = Ira::new(engine);
    let error = Server::bind(ira.clone(), "0.0.0.0:0".parse().unwrap(), false).await.unwrap_err();
    assert!(error.to_string().contains("--allow-remote"), "{error}");
    let server = Server::bind(ira, "127.0.0.1:0".parse().unwrap(), false).await.unwrap();
    let (_, token) =
        server.url().split_once("#token=").map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap();
    assert_eq!(token.len(), 32, "128 bits");
}
