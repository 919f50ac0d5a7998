//! Discovery against the tables in `tests/discovery`: situations and the one right answer each.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stderr
)]

mod case;
mod files;
#[cfg(target_os = "linux")]
mod machines;
mod world;

use case::Case;
use std::path::{Path, PathBuf};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/discovery")
}

fn cases() -> Vec<(String, Case)> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder().join("cases"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "txt"))
        .collect();
    files.sort();
    files
        .iter()
        .flat_map(|path| {
            let text = std::fs::read_to_string(path).unwrap();
            let file = path.file_name().unwrap().to_string_lossy().into_owned();
            case::parse(&text).into_iter().map(move |case| (file.clone(), case))
        })
        .collect()
}

#[test]
fn every_case_is_told_rightly() {
    let cases = cases();
    let only = std::env::var("IRA_CASE").unwrap_or_default();
    let mut wrong = 0;
    for (file, case) in &cases {
        if !case.title.contains(&only) {
            continue;
        }
        let told = world::World::of(case).decide();
        let expected = &case.expected;
        let found = case::Expected::of(&told.application, expected);
        if found != *expected {
            wrong += 1;
            eprintln!("{file}: {}\n  expected {expected}\n  found    {found}", case.title);
            for one in told.evidence.iter() {
                eprintln!("    rule {} {} => {}", one.rule as u8, one.input, one.result);
            }
        } else if let Some(first) = told.evidence.first() {
            let id = told.application.id.as_str();
            assert_eq!(first.result, id, "{}: the strongest evidence names it", case.title);
        }
    }
    eprintln!("{} cases, {} right", cases.len(), cases.len() - wrong);
    assert!(cases.len() >= 300, "only {} cases", cases.len());
    assert_eq!(wrong, 0, "cases that are told wrongly");
}

#[test]
fn what_is_decided_stays_decided() {
    for (file, case) in cases() {
        let mut world = world::World::of(&case);
        let first = world.decide();
        let again = world.decide();
        assert_eq!(first, again, "{file}: {}", case.title);
    }
}
