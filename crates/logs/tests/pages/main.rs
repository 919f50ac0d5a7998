//! Pages of a log beside what one reading from its beginning to its end says.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use ira_logs::{
    filter::{Filter, Search},
    follow::{LogFile, as_named},
    pages::{Allowance, Found, Pages, When},
    parse::{Level, Settings},
};
use jiff::tz::TimeZone;
use proptest::prelude::*;
use std::{fmt::Write as _, fs, time::Duration};

fn settings() -> Settings {
    Settings { zone: TimeZone::UTC, reference_ms: 1_795_600_000_000, boot_ms: None }
}

fn open(folder: &tempfile::TempDir, text: &[u8]) -> LogFile {
    let path = folder.path().canonicalize().unwrap().join("app.log");
    fs::write(&path, text).unwrap();
    LogFile::open(&path, &as_named()).unwrap()
}

fn plenty() -> Allowance {
    Allowance::new(u64::MAX, Duration::from_secs(60))
}

fn filter(text: &str, hidden: Vec<Level>) -> Filter {
    let search = Search { text: text.to_owned(), ..Search::default() };
    Filter::new(&search, hidden, false, Vec::new()).unwrap()
}

fn all_older(pages: &Pages<'_>, most: usize) -> Vec<Found> {
    let mut found = Vec::new();
    let mut place = u64::MAX;
    loop {
        let page = pages.older(place, most, &mut plenty()).unwrap();
        assert!(page.place < place, "a page goes on");
        assert!(page.found.len() <= most);
        found.extend(page.found.into_iter().rev());
        place = page.place;
        if page.is_end {
            found.reverse();
            return found;
        }
    }
}

fn all_newer(pages: &Pages<'_>, from: u64, most: usize) -> Vec<Found> {
    let mut found = Vec::new();
    let mut place = from;
    loop {
        let page = pages.newer(place, most, &mut plenty()).unwrap();
        assert!(page.place > place || page.is_end, "a page goes on");
        assert!(page.found.len() <= most);
        found.extend(page.found);
        place = page.place;
        if page.is_end {
            return found;
        }
    }
}

/// What was logged: a level, a word, how much of it, and how many lines of a trace behind it.
type Logged = (u8, u8, u16, u8);

fn write(logged: &[Logged]) -> String {
    let mut text = String::new();
    for (i, (level, word, length, trace)) in logged.iter().enumerate() {
        let level = ["INFO", "WARN", "ERROR"][usize::from(*level) % 3];
        let word = ["wool", "soap", "tea"][usize::from(*word) % 3];
        let second = i / 1000;
        let filling = "x".repeat(usize::from(*length));
        writeln!(
            text,
            "2026-11-24 10:{:02}:{:02}.{:03} {level} {word} {i} {filling}",
            second / 60,
            second % 60,
            i % 1000
        )
        .unwrap();
        for line in 0..*trace {
            writeln!(text, "\tat shop.{word}.line{line}(Shop.java:{i})").unwrap();
        }
    }
    text
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]
    #[test]
    fn pages_are_the_whole(
        logged in prop::collection::vec((0_u8..3, 0_u8..3, prop_oneof![9 => 0_u16..80, 1 => 80_u16..60_000], prop_oneof![8 => Just(0_u8), 2 => 1_u8..40]), 1..400),
        word in prop_oneof![Just(""), Just("wool"), Just("TEA"), Just("line7"), Just("nowhere")],
        hide in any::<bool>(),
        most in 1_usize..60,
    ) {
        let folder = tempfile::tempdir().unwrap();
        let text = write(&logged);
        let file = open(&folder, text.as_bytes());
        let filter = filter(word, if hide { vec![Level::Info] } else { Vec::new() });
        let settings = settings();
        let pages = Pages { file: &file, settings: &settings, filter: &filter };
        let wanted: Vec<usize> = logged
            .iter()
            .enumerate()
            .filter(|(_, (level, said, length, trace))| {
                let says = ["wool", "soap", "tea"][usize::from(*said) % 3];
                let _ = length;
                let hit = word.is_empty() || word.eq_ignore_ascii_case(says)
                    || (word == "line7" && *trace > 7);
                hit && !(hide && level % 3 == 0)
            })
            .map(|(i, _)| i)
            .collect();
        let number = |found: &Found| -> usize {
            found.entry.message.split(' ').nth(1).unwrap().parse().unwrap()
        };
        let older = all_older(&pages, most);
        prop_assert_eq!(older.iter().map(number).collect::<Vec<_>>(), wanted.clone());
        let newer = all_newer(&pages, 0, most);
        prop_assert_eq!(newer.iter().map(number).collect::<Vec<_>>(), wanted.clone());
        for (one, other) in older.iter().zip(&newer) {
            prop_assert_eq!((one.offset, one.next), (other.offset, other.next));
            prop_assert_eq!(one.entry.continuation_lines, u32::from(logged[number(one)].3));
            prop_assert_eq!(one.when, When::Assumed);
        }
        if let Some(middle) = newer.get(newer.len() / 2) {
            let place = pages.place_at(middle.at_ms).unwrap();
            let from_there: Vec<_> = all_newer(&pages, place, most);
            prop_assert_eq!(from_there.first().map(|one| one.offset), Some(middle.offset));
        }
        let mut counted = 0;
        let whole = pages.visit(0, file.length().unwrap(), &mut plenty(), |_, _| counted += 1).unwrap();
        prop_assert!(whole);
        prop_assert_eq!(counted, wanted.len());
    }
}

#[test]
fn one_line_of_many_mebibytes_is_passed_over_in_pieces() {
    let folder = tempfile::tempdir().unwrap();
    let mut text = b"first\n".to_vec();
    text.extend(std::iter::repeat_n(b'x', 20 << 20));
    text.extend(b"\nlast\n");
    let file = open(&folder, &text);
    let settings = settings();
    let filter = Filter::default();
    let pages = Pages { file: &file, settings: &settings, filter: &filter };
    let older = all_older(&pages, 100);
    assert_eq!(older.first().map(|one| one.entry.message.as_str()), Some("first"));
    assert_eq!(older.last().map(|one| one.entry.message.as_str()), Some("last"));
    assert!(older.iter().all(|one| one.entry.message.len() <= 16 << 10));
    let newer = all_newer(&pages, 0, 100);
    assert_eq!(newer.last().map(|one| one.entry.message.as_str()), Some("last"));
}

#[test]
fn what_was_spent_is_where_the_next_page_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let logged: Vec<Logged> = (0..60_000).map(|i| (0, u8::from(i == 7), 60, 0)).collect();
    let file = open(&folder, write(&logged).as_bytes());
    let settings = settings();
    let filter = filter("soap", Vec::new());
    let pages = Pages { file: &file, settings: &settings, filter: &filter };
    let mut place = u64::MAX;
    let mut asked = 0;
    let found = loop {
        let mut little = Allowance::new(1 << 20, Duration::from_secs(60));
        let page = pages.older(place, 10, &mut little).unwrap();
        assert!(page.place < place);
        place = page.place;
        asked += 1;
        if !page.found.is_empty() || page.is_end {
            break page.found;
        }
    };
    assert!(asked > 3, "{asked}");
    assert!(found[0].entry.message.starts_with("soap 7 "));
}

#[test]
fn lines_without_a_time_have_that_of_those_before() {
    let folder = tempfile::tempdir().unwrap();
    let text = "no time yet\n2026-11-24T10:00:00Z INFO begun\nall is well\n";
    let file = open(&folder, text.as_bytes());
    let settings = settings();
    let filter = Filter::default();
    let pages = Pages { file: &file, settings: &settings, filter: &filter };
    let found = all_older(&pages, 10);
    let times: Vec<_> = found.iter().map(|one| one.when).collect();
    assert_eq!(times.first(), Some(&When::Arrived));
    assert_eq!(times.get(1), Some(&When::Told));
}

#[test]
fn databases_are_no_text_and_what_terminals_draw_is() {
    let folder = tempfile::tempdir().unwrap();
    let is_text = |bytes: &[u8]| open(&folder, bytes).is_text().unwrap();
    assert!(is_text(b""));
    assert!(is_text("\u{1b}[31mné\u{1b}[0m\tx\r\n".as_bytes()));
    assert!(is_text(b"\0\0\0\0written on at the old place\n"), "a hole");
    assert!(is_text(b"\xff\xfea\0\n\0"), "UTF-16");
    assert!(!is_text(b"\x56\xf9\xb8\xf8\x1c\0\x01\x01\x1aleveldb.BytewiseComparator"));
}
