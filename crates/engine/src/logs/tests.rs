//! Pages and streams over real files that are written, rotated and replaced meanwhile.

use super::*;
use std::{
    fs::{self, OpenOptions},
    io::Write as _,
};

struct Desk {
    folder: tempfile::TempDir,
}

impl Desk {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().canonicalize().unwrap().join(name)
    }

    fn write(&self, name: &str, numbers: impl Iterator<Item = u32>) {
        let mut file = OpenOptions::new().create(true).append(true).open(self.path(name)).unwrap();
        for number in numbers {
            writeln!(file, "{} INFO number {number}", stamp(number)).unwrap();
        }
    }

    fn source(&self, name: &str) -> SourceAt {
        let path = self.path(name);
        let source = Source {
            id: format!("file:{}", path.display()),
            kind: Kind::File,
            name: name.to_owned(),
            application: None,
            evidence: Evidence::Appended,
            pid: None,
            size_bytes: None,
            modified_ms: None,
            refusal: None,
            reel: Reel::File(path),
        };
        (Arc::new(source), None)
    }
}

/// Seconds of one hour.
fn stamp(number: u32) -> String {
    format!("2026-11-24T10:{:02}:{:02}Z", number / 60, number % 60)
}

fn at_ms(number: u32) -> i64 {
    let at: jiff::Timestamp = stamp(number).parse().unwrap();
    at.as_millisecond()
}

fn number(item: &Item) -> u32 {
    item.entry.message.rsplit(' ').next().unwrap().parse().unwrap()
}

fn ask(sources: &[SourceAt], direction: Direction, at_ms: Option<i64>, limit: usize) -> Answer {
    let filter = Filter::default();
    page(&PageRequest { sources, at_ms, direction, filter: &filter, limit, boot_ms: 0 })
}

fn go_on(sources: &mut [SourceAt], answer: &Answer) {
    for ((_, place), next) in sources.iter_mut().zip(&answer.places) {
        place.clone_from(next);
    }
}

/// Everything in that direction, in the order of the pages, each in order of time.
fn all(mut sources: Vec<SourceAt>, direction: Direction, at_ms: Option<i64>) -> Vec<u32> {
    let mut found: Vec<u32> = Vec::new();
    for _ in 0..1000 {
        let answer = ask(&sources, direction, at_ms, 7);
        assert_eq!(answer.problems, []);
        let numbers = answer.entries.iter().map(number);
        match direction {
            Direction::Older => found.extend(numbers.rev()),
            Direction::Newer => found.extend(numbers),
        }
        if answer.is_end {
            return found;
        }
        go_on(&mut sources, &answer);
    }
    panic!("it does not end");
}

#[test]
fn sources_are_merged_by_time_in_both_directions_and_from_a_moment() {
    let desk = Desk::new();
    desk.write("even.log", (0..200).filter(|n| n % 2 == 0));
    desk.write("odd.log", (0..200).filter(|n| n % 2 == 1));
    let sources = vec![desk.source("even.log"), desk.source("odd.log")];
    assert_eq!(all(sources.clone(), Direction::Older, None), (0..200).rev().collect::<Vec<_>>());
    let from = all(sources.clone(), Direction::Newer, Some(at_ms(77)));
    assert_eq!(from, (77..200).collect::<Vec<_>>());
    let before = all(sources, Direction::Older, Some(at_ms(77)));
    assert_eq!(before, (0..77).rev().collect::<Vec<_>>());
}

#[test]
fn rotation_between_two_pages_loses_nothing_and_older_files_follow() {
    let desk = Desk::new();
    desk.write("app.log", 0..50);
    let mut sources = vec![desk.source("app.log")];
    let first = ask(&sources, Direction::Older, None, 20);
    assert_eq!(first.entries.iter().map(number).collect::<Vec<_>>(), (30..50).collect::<Vec<_>>());
    fs::rename(desk.path("app.log"), desk.path("app.log.1")).unwrap();
    desk.write("app.log", 50..60);
    go_on(&mut sources, &first);
    let rest = all(sources, Direction::Older, None);
    assert_eq!(rest, (0..30).rev().collect::<Vec<_>>());
    let sources = vec![desk.source("app.log")];
    assert_eq!(all(sources.clone(), Direction::Older, None), (0..60).rev().collect::<Vec<_>>());
    assert_eq!(all(sources, Direction::Newer, Some(at_ms(45))), (45..60).collect::<Vec<_>>());
}

#[cfg(unix)]
#[test]
fn a_link_in_the_place_of_a_log_is_refused_and_the_others_are_read() {
    let desk = Desk::new();
    desk.write("good.log", 0..3);
    std::os::unix::fs::symlink("/etc/passwd", desk.path("bad.log")).unwrap();
    let sources = vec![desk.source("bad.log"), desk.source("good.log")];
    let answer = ask(&sources, Direction::Older, None, 10);
    assert_eq!(answer.entries.len(), 3);
    assert!(answer.entries.iter().all(|item| item.source == 1));
    assert!(matches!(answer.problems.as_slice(), [(0, Refusal::Outside(_))]), "{answer:?}");
}

/// What a stream tells until so many entries came.
fn until(tail: &mut Tail, count: usize) -> (Vec<Item>, Vec<Notice>, u32) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let (mut entries, mut notices, mut left_out) = (Vec::new(), Vec::new(), 0);
    runtime.block_on(async {
        let patience = Duration::from_secs(30);
        let gather = async {
            while entries.len() + (left_out as usize) < count {
                let frame = tail.next().await.unwrap();
                assert!(frame.entries.len() <= 500);
                entries.extend(frame.entries);
                notices.extend(frame.notices);
                left_out += frame.left_out;
            }
        };
        tokio::time::timeout(patience, gather).await.unwrap();
    });
    (entries, notices, left_out)
}

#[test]
fn the_stream_goes_on_where_the_page_ended_through_rotation() {
    let desk = Desk::new();
    desk.write("app.log", 0..10);
    let mut sources = vec![desk.source("app.log")];
    let answer = ask(&sources, Direction::Older, None, 100);
    assert_eq!(answer.entries.len(), 10);
    desk.write("app.log", 10..20);
    for ((_, place), end) in sources.iter_mut().zip(&answer.ends) {
        place.clone_from(end);
    }
    let mut tail = Tail::start(&sources, Filter::default(), 0).unwrap();
    let (entries, notices, _) = until(&mut tail, 10);
    assert_eq!(notices, [], "it is the same file");
    assert_eq!(entries.iter().map(number).collect::<Vec<_>>(), (10..20).collect::<Vec<_>>());
    fs::rename(desk.path("app.log"), desk.path("app.log.1")).unwrap();
    desk.write("app.log", 20..30);
    let (entries, notices, left_out) = until(&mut tail, 10);
    assert_eq!(entries.iter().map(number).collect::<Vec<_>>(), (20..30).collect::<Vec<_>>());
    assert_eq!(notices.iter().map(|one| one.kind).collect::<Vec<_>>(), [NoticeKind::Rotated]);
    assert_eq!(left_out, 0);
    // What the stream told is a place to read around.
    let place = entries.first().map(|item| item.place.clone());
    sources.iter_mut().for_each(|(_, one)| one.clone_from(&place));
    let around = ask(&sources, Direction::Newer, None, 3);
    assert_eq!(around.entries.iter().map(number).collect::<Vec<_>>(), [20, 21, 22]);
}

#[test]
fn rotation_between_page_and_stream_is_one_notice_and_loses_nothing() {
    let desk = Desk::new();
    desk.write("app.log", 0..10);
    let mut sources = vec![desk.source("app.log")];
    let answer = ask(&sources, Direction::Older, None, 100);
    for ((_, place), end) in sources.iter_mut().zip(&answer.ends) {
        place.clone_from(end);
    }
    desk.write("app.log", 10..15);
    fs::rename(desk.path("app.log"), desk.path("app.log.1")).unwrap();
    desk.write("app.log", 15..20);
    let mut tail = Tail::start(&sources, Filter::default(), 0).unwrap();
    let (entries, notices, _) = until(&mut tail, 10);
    assert_eq!(entries.iter().map(number).collect::<Vec<_>>(), (10..20).collect::<Vec<_>>());
    assert_eq!(notices.iter().map(|one| one.kind).collect::<Vec<_>>(), [NoticeKind::Rotated]);
}

#[test]
fn what_nobody_can_read_in_time_is_counted() {
    let desk = Desk::new();
    fs::write(desk.path("app.log"), "").unwrap();
    let sources = vec![desk.source("app.log")];
    let answer = ask(&sources, Direction::Older, None, 1);
    let sources: Vec<_> =
        sources.into_iter().zip(answer.ends).map(|((source, _), end)| (source, end)).collect();
    desk.write("app.log", (0..20_000).map(|n| n % 3600));
    let mut tail = Tail::start(&sources, Filter::default(), 0).unwrap();
    let (entries, _, left_out) = until(&mut tail, 20_000);
    assert_eq!(entries.len() + left_out as usize, 20_000);
    assert!(left_out > 0);
}

#[test]
fn counts_are_those_of_the_span_in_all_files_of_a_name() {
    let desk = Desk::new();
    desk.write("app.log.1", 0..1800);
    desk.write("app.log", 1800..3600);
    fs::write(desk.path("other.log"), format!("{} ERROR no\n", stamp(900))).unwrap();
    let sources: Vec<_> = ["app.log", "other.log"].iter().map(|name| desk.source(name).0).collect();
    let span = Span { from_ms: at_ms(600), to_ms: at_ms(3000), parts: 4 };
    let counted = count(&sources, span, &Filter::default(), 0);
    let parts: Vec<_> = counted.parts.iter().map(|part| (part.info, part.error)).collect();
    assert_eq!(parts, [(600, 1), (600, 0), (600, 0), (600, 0)]);
    let by_source: Vec<_> = counted.sources.iter().map(|one| (one.info, one.error)).collect();
    assert_eq!(by_source, [(2400, 0), (0, 1)]);
    assert_eq!(counted.counted_from_ms, at_ms(600));
}

#[test]
fn only_what_is_written_to_as_logs_are_is_one() {
    let found = |path: &str, descriptor: u32, write: bool, append: bool| {
        sources::evidence(&ira_probe::OpenFile {
            descriptor,
            path: path.to_owned(),
            kind: ira_probe::FileKind::Regular,
            access: ira_probe::FileAccess { read: !write, write, append },
            identity: None,
            size_bytes: None,
            disk_bytes: None,
            position_bytes: None,
            is_deleted: false,
            file_system: None,
        })
    };
    assert_eq!(found("/srv/a/out.txt", 1, true, false), Some(Evidence::Output));
    assert_eq!(found("/srv/a/events", 7, true, true), Some(Evidence::Appended));
    assert_eq!(found("/srv/a/a.log", 7, true, false), Some(Evidence::Named));
    assert_eq!(found("/var/log/a/current", 7, true, false), Some(Evidence::Named));
    assert_eq!(found("/srv/a/data.db", 7, true, false), None);
    assert_eq!(found("/srv/a/a.log", 7, false, false), None);
    assert_eq!(found("/var/log/journal/1/system.journal", 7, true, true), None);
}
