//! Whatever bytes are in a file.

use crate::desk::{Desk, settings};
use ira_logs::follow::{Settings, What};
use std::{
    fs::OpenOptions,
    io::{Seek, Write},
};

const MIB: usize = 1024 * 1024;

fn texts(desk: &mut Desk) -> Vec<Vec<u8>> {
    desk.pass(std::time::Duration::from_secs(1));
    let mut texts = Vec::new();
    loop {
        desk.follower.poll(desk.now, &mut desk.batch);
        for entry in desk.batch.entries() {
            if let What::Line(line) = entry.what {
                texts.push(desk.batch.text(line).to_vec());
            }
        }
        if !desk.batch.more() {
            return texts;
        }
    }
}

#[test]
fn bytes_are_handed_on_as_they_are() {
    let mut desk = Desk::new();
    let lines: [&[u8]; 4] = [b"\xff\x00\xfe", b"\0\0nul\0", b"\x1b[31mred\x1b[0m", b"caf\xc3"];
    for line in lines {
        desk.append("log", line);
        desk.append("log", b"\n");
    }
    desk.follow();
    assert_eq!(texts(&mut desk), lines);
}

#[test]
fn crlf_ends_a_line_and_a_lone_return_does_not() {
    let mut desk = Desk::new();
    desk.append("log", "one\r\n10%\r20%\r\n\r\nlast\n");
    desk.follow();
    assert_eq!(desk.poll(), ["one", "10%\r20%", "", "last"]);
}

fn utf_16(text: &str, big: bool) -> Vec<u8> {
    let bytes = |unit: u16| if big { unit.to_be_bytes() } else { unit.to_le_bytes() };
    text.encode_utf16().flat_map(bytes).collect()
}

#[test]
fn utf_16_is_decoded_in_whatever_pieces_it_comes() {
    for big in [false, true] {
        let mut desk = Desk::new();
        desk.follow();
        let bytes = utf_16("\u{feff}größer ਊ 😀\r\nzwei\nunfertig 😀", big);
        let mut told = Vec::new();
        for byte in bytes {
            desk.append("log", [byte]);
            told.extend(desk.poll_now());
            desk.pass(desk.settings.quick);
        }
        told.extend(desk.poll());
        let joined = told.join("|").replace("~|~", "").replace("~|", "|");
        assert_eq!(joined, "größer ਊ 😀|zwei|unfertig 😀~", "big end first: {big}");
    }
}

#[test]
fn a_mark_of_utf_8_is_no_text() {
    let mut desk = Desk::new();
    desk.append("log", "\u{feff}one\ntwo\n");
    desk.follow();
    assert_eq!(desk.poll(), ["one", "two"]);
}

#[test]
fn a_line_of_a_mebibyte_is_whole_and_a_longer_one_is_cut() {
    let mut desk = Desk::new();
    desk.append("log", vec![b'a'; MIB]);
    desk.append("log", "\n");
    desk.append("log", vec![b'b'; MIB + 7]);
    desk.append("log", "\nshort\n");
    desk.follow();
    let told = desk.poll();
    let lengths: Vec<usize> = told.iter().map(String::len).collect();
    assert_eq!(lengths, [MIB, MIB + 1, "[left out 7]".len(), 5]);
    assert_eq!(told.get(2..), Some(["[left out 7]".to_owned(), "short".to_owned()].as_slice()));
}

#[test]
fn a_hundred_mebibytes_without_a_newline_cost_one_line() {
    let mut desk = Desk::new();
    let file = OpenOptions::new().create_new(true).write(true).open(desk.path("log")).expect("it");
    (&file).write_all(b"x").expect("written");
    file.set_len(100 * MIB as u64).expect("room");
    desk.append("log", "\nnext\n");
    desk.follow();
    let (mut told, mut most) = (Vec::new(), 0);
    loop {
        desk.follower.poll(desk.now, &mut desk.batch);
        let words = crate::desk::words(&desk.batch);
        most = most.max(words.iter().map(String::len).sum());
        told.extend(words.into_iter().map(|word| word.chars().take(20).collect::<String>()));
        if !desk.batch.more() {
            break;
        }
    }
    assert!(most <= MIB + 64, "{most} bytes in one batch");
    let left_out = format!("[left out {}]", 99 * MIB);
    assert_eq!(told.get(1..), Some([left_out, "next".to_owned()].as_slice()));
}

#[test]
fn a_long_line_that_drips_is_told_whole_or_in_pieces() {
    let mut desk = Desk::with(Settings { line_limit: 4096, ..settings() });
    desk.follow();
    for _ in 0..100 {
        desk.append("log", "0123456789".repeat(3));
        desk.pass(desk.settings.quick / 2);
        desk.poll_now();
    }
    desk.append("log", "end\nnext\n");
    let told = desk.poll().join("");
    assert!(told.starts_with('~') && told.ends_with("endnext"), "{told}");
}

#[test]
fn a_hole_where_a_file_was_emptied_under_its_writer_is_passed_over() {
    let mut desk = Desk::new();
    let path = desk.path("log");
    let mut writer = OpenOptions::new().create_new(true).write(true).open(path).expect("it");
    writer.write_all("before\n".repeat(100_000).as_bytes()).expect("written");
    desk.follow();
    assert_eq!(desk.poll().len(), 100_000);
    desk.empty("log");
    assert_eq!(desk.poll(), ["[truncated]"]);
    writer.write_all(b"after\n").expect("written");
    assert_eq!(writer.stream_position().expect("place"), 700_006);
    assert_eq!(desk.poll(), ["[hole 700000]", "after"]);
}

#[test]
fn a_few_nuls_at_the_beginning_are_text() {
    let mut desk = Desk::new();
    desk.append("log", "\0\0\0one\n");
    desk.follow();
    assert_eq!(desk.poll(), ["\0\0\0one"]);
}
