//! Open files of a real application of two processes, one of which ends.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, missing_docs)]

use ira_api::{
    Ira,
    wire::{ApplicationRef, ErrorCode, OpenFileKind, OpenFileRow},
};
use ira_engine::{Engine, Options};
use std::{
    io::{BufRead as _, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

/// A child that ends with the test whatever happens to it.
struct Kept(Child);

impl Drop for Kept {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

/// Holds one file open for appending and one that is deleted, and says so.
fn holder(folder: &Path) -> Kept {
    let script = r#"exec 5>>"$0/log" 6>"$0/gone"
        echo line >&5
        head -c 3000000 /dev/zero >&6
        rm "$0/gone"
        echo ready
        read -r line"#;
    let program = folder.join("files-program");
    std::fs::copy("/bin/sh", &program).unwrap();
    let mut command = Command::new(program);
    command.arg("-c").arg(script).arg(folder).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
    assert_eq!(line, "ready\n");
    Kept(child)
}

#[test]
fn a_deleted_and_an_appended_file_are_told_with_what_they_keep() {
    let folder = tempfile::tempdir().unwrap();
    let data = tempfile::tempdir().unwrap();
    let mut child = holder(folder.path());
    let pid = child.0.id();
    let options = Options { folder: Some(data.path().to_owned()), ..Options::default() };
    let (engine, mut sampler) = Engine::by_hand(ira_probe::local().unwrap(), options).unwrap();
    let ira = Ira::new(engine);
    let until = Instant::now() + Duration::from_secs(30);
    let id = loop {
        sampler.tick().unwrap();
        sampler.wait_for_facts(Duration::from_secs(10));
        let all = ira_api::processes(&ira, Default::default()).unwrap().processes;
        // It is this test's child, so whichever application that is.
        let found = all.into_iter().find(|row| row.pid == pid).and_then(|row| row.application);
        if let Some(id) = found.filter(|id| !id.is_empty()) {
            break id;
        }
        assert!(Instant::now() < until, "it never was an application");
    };
    let files = ira_api::application_files(&ira, ApplicationRef { id: id.clone() }).unwrap();
    assert!(!files.timed_out && files.process_count > 0);
    let path = |name: &str| folder.path().join(name).to_string_lossy().into_owned();
    let find = |name: &str| -> &OpenFileRow {
        files.files.iter().find(|row| row.path == path(name)).unwrap()
    };
    assert!(files.files[0].is_deleted, "what keeps a disk full is first");
    let gone = find("gone");
    assert!(gone.is_deleted && gone.write && !gone.append);
    assert_eq!(gone.size_bytes, Some(3_000_000));
    assert!(gone.kept_bytes.unwrap() >= 2_900_000, "{gone:?}");
    let log = find("log");
    assert!(log.append && !log.is_deleted && log.kept_bytes.is_none());
    assert_eq!((log.kind, log.size_bytes), (OpenFileKind::Regular, Some(5)));
    assert_eq!(log.holders[0].pid, pid);

    // Still the processes of the last look, but no longer there: nothing of another is shown.
    child.0.kill().unwrap();
    child.0.wait().unwrap();
    let files = ira_api::application_files(&ira, ApplicationRef { id }).unwrap();
    assert!(files.files.iter().all(|row| row.holders.iter().all(|one| one.pid != pid)));
    let nobody = ApplicationRef { id: "process:/nobody".to_owned() };
    let error = ira_api::application_files(&ira, nobody).unwrap_err();
    assert_eq!(error.code, Some(ErrorCode::NotFound));
}
