//! Lines before a place, and the place of a time.

use crate::desk::Desk;
use ira_logs::follow::{LogFile, OldLine, as_named};

fn open(desk: &Desk, name: &str) -> LogFile {
    LogFile::open(&desk.path(name), &as_named()).expect("a log")
}

fn texts(lines: &[OldLine]) -> Vec<String> {
    lines.iter().map(|line| String::from_utf8_lossy(&line.bytes).into_owned()).collect()
}

#[test]
fn the_last_lines_before_any_place() {
    let desk = Desk::new();
    desk.append("log", "one\r\ntwo\n\nfour\nunfinished");
    let log = open(&desk, "log");
    let end = log.length().expect("length");
    let last = log.lines_before(end, 3, 1000).expect("lines");
    assert_eq!(texts(&last), ["", "four", "unfinished"]);
    assert_eq!(last.iter().map(|line| line.whole).collect::<Vec<_>>(), [true, true, false]);
    let offset = last.first().expect("a line").offset;
    assert_eq!(texts(&log.lines_before(offset, 9, 1000).expect("lines")), ["one", "two"]);
    assert_eq!(texts(&log.lines_before(0, 9, 1000).expect("lines")), [""; 0]);
    assert_eq!(texts(&log.lines_before(7, 1, 1000).expect("lines")), ["tw"]);
}

#[test]
fn page_by_page_it_is_the_whole_file_whatever_the_lengths() {
    let desk = Desk::new();
    let all: Vec<String> = (0..3000_usize)
        .map(|number| format!("{number} {}", "x".repeat(number * number % 997)))
        .collect();
    desk.append("log", all.join("\n") + "\n");
    let log = open(&desk, "log");
    let (mut at, mut pages) = (log.length().expect("length"), Vec::new());
    while at > 0 {
        let page = log.lines_before(at, 100, 40_000).expect("lines");
        at = page.first().expect("something before").offset;
        pages.push(texts(&page));
    }
    pages.reverse();
    assert_eq!(pages.concat(), all);
    let mut forwards = Vec::new();
    let mut at = 0;
    loop {
        let page = log.lines_from(at, 100, 40_000).expect("lines");
        let Some(last) = page.last() else { break };
        at = last.next;
        forwards.extend(texts(&page));
    }
    assert_eq!(forwards, all);
}

#[test]
fn utf_16_backwards() {
    let desk = Desk::new();
    let text = "\u{feff}eins\r\nzw\u{0a0a}ei\n";
    let bytes: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    desk.append("log", bytes);
    let log = open(&desk, "log");
    let lines = log.lines_before(u64::MAX, 9, 1000).expect("lines");
    assert_eq!(texts(&lines), ["eins", "zw\u{0a0a}ei"]);
}

#[test]
fn a_line_longer_than_is_looked_back_is_shown_in_part() {
    let desk = Desk::new();
    desk.append("log", vec![b'x'; 5_000_000]);
    desk.append("log", "\nlast\n");
    let log = open(&desk, "log");
    let lines = log.lines_before(u64::MAX, 1, 1000).expect("lines");
    assert_eq!(texts(&lines), ["last"]);
    let offset = lines.first().expect("a line").offset;
    let lines = log.lines_before(offset, 1, 1000).expect("lines");
    let line = lines.first().expect("part of a line");
    assert_eq!((line.bytes.len(), line.whole, line.next), (999, false, offset));
    let lines = log.lines_from(0, 10, 10_000_000).expect("lines");
    let line = lines.first().expect("part of a line");
    assert_eq!((line.bytes.len(), line.whole), (1024 * 1024, false));
}

fn time_of(line: &[u8]) -> Option<u64> {
    let text = std::str::from_utf8(line).ok()?;
    text.strip_prefix("t=")?.split(' ').next()?.parse().ok()
}

#[test]
fn a_time_is_found_among_lines_roughly_sorted_and_lines_without_one() {
    let desk = Desk::new();
    let mut text = String::new();
    for number in 0..60_000_u64 {
        // Neighbours are out of order, and every third line is followed by a stack trace.
        let time = 10 * (number ^ 7);
        text.push_str(&format!("t={time} {}\n", "x".repeat((number % 90) as usize)));
        if number % 3 == 0 {
            text.push_str(&"    at somewhere\n".repeat((number % 40) as usize));
        }
    }
    desk.append("log", &text);
    let log = open(&desk, "log");
    for target in [0, 5, 10, 77_770, 123_456, 299_999, 599_990, 599_993, 10_000_000] {
        let mut asked = 0;
        let found = log.offset_at(&target, |line| {
            asked += 1;
            time_of(line)
        });
        let mut offset = 0;
        let expected = text.split_inclusive('\n').find_map(|line| {
            let here = offset;
            offset += line.len() as u64;
            (time_of(line.trim_end().as_bytes())? >= target).then_some(here)
        });
        let expected = expected.unwrap_or(text.len() as u64);
        assert_eq!(found.expect("readable"), expected, "time {target}");
        assert!(asked < 20_000, "{asked} lines asked for {target}");
    }
}

#[test]
fn a_time_in_a_file_without_any_is_its_end() {
    let desk = Desk::new();
    desk.append("log", "no time\n".repeat(100_000));
    let log = open(&desk, "log");
    assert!(log.offset_at(&5, time_of).expect("readable") <= 800_000);
    desk.append("empty", "");
    assert_eq!(open(&desk, "empty").offset_at(&5, time_of).expect("readable"), 0);
}
