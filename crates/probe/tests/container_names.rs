//! How a container is called, by files and by engines that answer, hang and lie.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, missing_docs)]

use ira_probe::{ContainerNames, ContainerPlaces};
use ira_testkit::{FakeEngine, Say};
use std::{
    os::unix::net::UnixListener,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

const ID: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
const OTHER: &str = "1123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

fn ask() -> String {
    format!("GET /containers/{ID}/json")
}

fn asking(sockets: &[&Path]) -> ContainerPlaces {
    ContainerPlaces {
        sockets: sockets.iter().map(PathBuf::from).collect(),
        ..ContainerPlaces::default()
    }
}

fn write(root: &Path, name: &str) {
    let folder = root.join("containers").join(ID);
    std::fs::create_dir_all(&folder).unwrap();
    // As Docker does: a new file in the place of the old.
    let text = format!(r#"{{"Name":"/{name}","Config":{{"Image":"busybox:1"}}}}"#);
    std::fs::write(folder.join("new"), text).unwrap();
    std::fs::rename(folder.join("new"), folder.join("config.v2.json")).unwrap();
}

#[test]
fn the_file_is_read_where_it_may_be_and_the_engine_is_left_alone() {
    let (engine, root) = (FakeEngine::start(), tempfile::tempdir().unwrap());
    write(root.path(), "web");
    let mut places = asking(&[engine.socket()]);
    places.docker_roots = vec![root.path().to_owned()];
    let mut names = ContainerNames::default();
    let first = names.describe(&places, ID).unwrap();
    assert_eq!((first.label.name.as_str(), first.label.image.as_str()), ("web", "busybox:1"));
    assert!(first.from.ends_with("config.v2.json") && first.read.is_some());
    assert_eq!(names.describe(&places, ID), Ok(first), "as it was");
    write(root.path(), "renamed");
    assert_eq!(names.describe(&places, ID).unwrap().label.name, "renamed");
    assert!(engine.asked().is_empty(), "{:?}", engine.asked());

    std::fs::remove_dir_all(root.path().join("containers")).unwrap();
    engine.inspected(ID, "still", "running", "x");
    let told = names.describe(&places, ID).unwrap();
    assert_eq!((told.label.name.as_str(), told.from.as_path()), ("still", engine.socket()));
    assert_eq!(engine.asked(), [ask()], "one question");
}

#[test]
fn a_service_of_a_project_is_known_over_the_socket() {
    let engine = FakeEngine::start();
    let body = format!(
        r#"{{"Id":"{ID}","Name":"/shop-db-1","Config":{{"Image":"postgres:16","Labels":{{"x":"y",
        "com.docker.compose.project":"shop","com.docker.compose.service":"db"}}}}}}"#
    );
    engine.say(&ask(), Say::Json(body));
    let absent = Path::new("/nowhere/docker.sock");
    let places = asking(&[absent, engine.socket()]);
    let told = ContainerNames::default().describe(&places, ID).unwrap();
    let label = told.label;
    assert_eq!((label.name.as_str(), label.image.as_str()), ("shop-db-1", "postgres:16"));
    assert_eq!(
        (label.compose_project.as_deref(), label.compose_service.as_deref()),
        (Some("shop"), Some("db"))
    );
    assert_eq!((told.from.as_path(), told.read), (engine.socket(), None));
}

#[test]
fn one_that_hangs_holds_up_once_and_hides_no_other() {
    let (hanging, good) = (FakeEngine::start(), FakeEngine::start());
    hanging.say(&ask(), Say::Silence);
    hanging.say(&format!("GET /containers/{OTHER}/json"), Say::Silence);
    good.inspected(ID, "web", "running", "x");
    let mut names = ContainerNames::default();
    let places = asking(&[hanging.socket(), good.socket()]);
    let before = Instant::now();
    assert_eq!(names.describe(&places, ID).unwrap().label.name, "web");
    for _ in 0..5 {
        assert_eq!(names.describe(&places, ID).unwrap().label.name, "web");
        let why = names.describe(&places, OTHER).unwrap_err();
        assert!(why.contains("not answered"), "{why}");
    }
    assert_eq!(hanging.asked(), [ask()], "not asked again for a while");
    assert!(before.elapsed() < Duration::from_secs(5), "held up for {:?}", before.elapsed());
}

#[test]
fn many_that_hang_are_given_up_together() {
    let all: Vec<FakeEngine> = (0..4).map(|_| FakeEngine::start()).collect();
    all.iter().for_each(|one| one.say(&ask(), Say::Silence));
    // Nobody takes connections here.
    let folder = tempfile::tempdir().unwrap();
    let deaf = folder.path().join("deaf.sock");
    let _listener = UnixListener::bind(&deaf).unwrap();
    let sockets: Vec<&Path> =
        std::iter::once(&*deaf).chain(all.iter().map(FakeEngine::socket)).collect();
    let before = Instant::now();
    let why = ContainerNames::default().describe(&asking(&sockets), ID).unwrap_err();
    assert!(why.contains("was not asked: others took too long"), "{why}");
    assert!(before.elapsed() < Duration::from_secs(5), "held up for {:?}", before.elapsed());
}

#[test]
fn lies_name_nothing_and_are_told_as_the_reason() {
    let other = format!(r#"{{"Id":"{OTHER}","Name":"/web"}}"#);
    let nameless = format!(r#"{{"Id":"{ID}","Name":"/"}}"#);
    let odd = format!(r#"{{"Id":"{ID}","Name":"/web","Config":{{"Labels":7}}}}"#);
    for (say, reason) in [
        (Say::Json(other), "another container"),
        (Say::Json(nameless), "without a name"),
        (Say::Json(odd), "something else than expected"),
        (Say::Json("[]".into()), "something else than expected"),
        (Say::Raw(b"220 ready\r\n"), "something else than HTTP"),
        (Say::Endless(b"{\"Id\":"), ""),
        (Say::Refusal(403, "authorization denied"), "authorization denied"),
        (Say::Refusal(500, "broken"), "broken"),
    ] {
        let engine = FakeEngine::start();
        engine.say(&ask(), say.clone());
        let mut names = ContainerNames::default();
        let places = asking(&[engine.socket()]);
        let why = names.describe(&places, ID).unwrap_err();
        assert!(why.contains(reason), "{say:?}: {why}");
        assert_eq!(names.describe(&places, ID), Err(why), "the same, unasked");
        assert_eq!(engine.asked().len(), 1, "{say:?}");
    }
    let engine = FakeEngine::start();
    let why = ContainerNames::default().describe(&asking(&[engine.socket()]), ID).unwrap_err();
    assert_eq!(why, "no engine here knows it");
    engine.inspected(ID, &"x".repeat(5000), "running", "x");
    let long = ContainerNames::default().describe(&asking(&[engine.socket()]), ID).unwrap();
    assert!(long.label.name.len() <= 300, "cut");
    let none = ContainerNames::default().describe(&asking(&[engine.socket()]), "../../etc");
    assert!(none.is_err(), "no identifier");
}

#[test]
fn a_pipe_in_the_place_of_the_file_holds_up_nobody() {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("containers").join(ID);
    std::fs::create_dir_all(&folder).unwrap();
    let pipe = folder.join("config.v2.json");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let places = ContainerPlaces {
        docker_roots: vec![root.path().to_owned()],
        ..ContainerPlaces::default()
    };
    assert!(ContainerNames::default().describe(&places, ID).is_err());
}
