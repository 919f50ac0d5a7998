//! Files that only pretend to be recordings: real ones whose bytes, pages, rows and unpacked streams were
//! changed, and bombs. Whatever is asked of them, there is an answer, soon, and memory stays bounded.
//! A program of its own, since it measures itself.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    missing_docs
)]

#[path = "history/machine.rs"]
#[allow(dead_code)]
mod machine;

use ira_store::{Before, HOST_METRICS, Location, Metric, Reader, StoreError, export, open_foreign};
use machine::{Act, Machine, T0, open};
use rusqlite::Connection;
use std::{
    path::Path,
    time::{Duration, Instant},
};

/// Memory beside what was used before, whatever the file. The limits are in `codec`, `block`, `chunk`
/// and `names/weight` of the store; unpacked, with its table and its texts, a block takes no more.
const MEMORY_KIB: u64 = 640 << 10;
/// For all questions about one file, on a busy machine and not optimised.
const TIME: Duration = Duration::from_secs(60);
const PAGE: usize = 1024;
/// Streams in the counters of a block.
const STREAMS: usize = 11;

struct Noise(u64);

impl Noise {
    fn below(&mut self, below: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (self.0 >> 33) as usize % below.max(1)
    }
}

fn recording(folder: &Path) -> Vec<u8> {
    let location = Location::in_folder(folder);
    let mut machine = Machine::new();
    let mut writer = open(&location).unwrap();
    writer.record(&machine.full(Before::NotRunning)).unwrap();
    let starts: Vec<Act> = (1..20).map(|pid| Act::Start { pid }).collect();
    writer.record(&machine.second(&starts, Before::Tick)).unwrap();
    let mut noise = Noise(3);
    for _ in 0..1000 {
        let pid = 1 + noise.below(30) as u32;
        let act = match noise.below(9) {
            0 => Act::Exit { pid },
            1 => Act::Start { pid },
            2 => Act::Exec { pid },
            3 => Act::Talk { pid, sent: 77 },
            4 => Act::Grow { pid, kib: noise.below(1 << 20) as u64 },
            _ => Act::Work { pid, user_ms: 3, write: 4096 },
        };
        writer.record(&machine.second(&[act], Before::Tick)).unwrap();
    }
    let file = folder.join("whole.ira");
    export(&location, (0, i64::MAX), &file, "hostname\tx", |_| ()).unwrap();
    std::fs::read(&file).unwrap()
}

fn kib(field: &str) -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(field))?;
    line.split_whitespace().next()?.parse().ok()
}

/// Opens a file as `ira --open` does and asks everything; says whether something was refused.
fn ask(file: &Path, what: &str) -> bool {
    // proc(5): the peak begins anew.
    std::fs::write("/proc/self/clear_refs", "5").ok();
    let before = kib("VmRSS:");
    let began = Instant::now();
    let refused = match open_foreign(&Location { database: file.to_owned() }) {
        Err(error) => Some(error),
        Ok(foreign) => {
            let mut reader = Reader::new(foreign.location.clone());
            let (from, to) = (T0 - 1_000_000, T0 + 2_000_000);
            let app = Some("process:/bin/p1");
            [
                reader.setting("machine").map(drop),
                reader.frame_at(i64::MAX).map(drop),
                reader.frame_at(T0 + 400_000).map(drop),
                reader.range().map(drop),
                reader.gaps(from, to).map(drop),
                reader.events(from, to, None, 1000).map(drop),
                reader.events(from, to, app, 1000).map(drop),
                reader.applications_since(0).map(drop),
                reader.orders(100).map(drop),
                reader.corrections().map(drop),
                reader.series(None, &HOST_METRICS, from, to, 600).map(drop),
                reader.series(app, &[Metric::CpuRatio], from, to, 600).map(drop),
                reader.process_series(1, T0, from, to, 600).map(drop),
                reader.each_found(from, to, |_, _| ()),
                reader.each_second((from, to), |_| Ok::<(), StoreError>(())),
            ]
            .into_iter()
            .find_map(Result::err)
        }
    };
    assert!(began.elapsed() < TIME, "{what}: it took {:?}", began.elapsed());
    if let (Some(before), Some(peak)) = (before, kib("VmHWM:")) {
        let grown = peak.saturating_sub(before);
        assert!(grown < MEMORY_KIB, "{what}: it took {grown} KiB more");
        if std::env::var_os("IRA_SHOW").is_some() {
            println!("{what}: {grown} KiB, {:?}, {refused:?}", began.elapsed());
        }
    }
    refused.is_some()
}

/// Changes a few bytes somewhere, or the length.
fn spoil(bytes: &mut Vec<u8>, noise: &mut Noise) {
    for _ in 0..=noise.below(6) {
        if bytes.is_empty() {
            return;
        }
        let at = noise.below(bytes.len());
        match noise.below(7) {
            0 => bytes.truncate(at),
            1 => bytes[at] = 0xff,
            2 => bytes[at] = 0,
            // A number of many bytes where there was one of few.
            3 => drop(bytes.splice(at..at, [0xff, 0xff, 0xff, 0xff, 0x7f])),
            4 => {
                let end = (at + noise.below(64)).min(bytes.len());
                let again = bytes[at..end].to_vec();
                drop(bytes.splice(at..at, again));
            }
            _ => bytes[at] ^= 1 << noise.below(8),
        }
    }
}

fn spoil_pages(bytes: &mut [u8], noise: &mut Noise) {
    let pages = bytes.len() / PAGE;
    let (a, b) = (noise.below(pages) * PAGE, noise.below(pages) * PAGE);
    if noise.below(2) == 0 {
        bytes.copy_within(a..a + PAGE, b);
    } else {
        (0..PAGE).for_each(|at| bytes.swap(a + at, b + at));
    }
}

fn packed(stream: &[u8]) -> Vec<u8> {
    zstd::bulk::compress(stream, 1).unwrap()
}

/// LEB128, as in the codec of the store.
fn put(out: &mut Vec<u8>, mut number: usize) {
    while number >= 0x80 {
        out.push((number & 0x7f) as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

/// Streams that follow each other, each with its length and whether it is packed.
fn join(streams: &[Vec<u8>]) -> Vec<u8> {
    let mut out = Vec::new();
    for stream in streams {
        let stream = packed(stream);
        put(&mut out, stream.len() << 1 | 1);
        out.extend_from_slice(&stream);
    }
    out
}

/// The reverse of [`join`].
fn split(mut bytes: &[u8]) -> Vec<Vec<u8>> {
    let mut streams = Vec::new();
    while !bytes.is_empty() {
        let (mut head, mut shift) = (0, 0);
        while let Some((byte, rest)) = bytes.split_first() {
            head |= usize::from(byte & 0x7f) << shift;
            (bytes, shift) = (rest, shift + 7);
            if byte & 0x80 == 0 {
                break;
            }
        }
        let (stream, rest) = bytes.split_at(head >> 1);
        bytes = rest;
        let is_packed = head & 1 == 1;
        streams.push(if is_packed {
            zstd::bulk::decompress(stream, 1 << 24).unwrap()
        } else {
            stream.to_vec()
        });
    }
    streams
}

const BLOBS: [(&str, &str); 4] =
    [("frames", "names"), ("frames", "counters"), ("series", "host"), ("series", "applications")];

/// Changes one blob of one row within, so that it unpacks all the same.
fn spoil_row(connection: &Connection, noise: &mut Noise) {
    let (table, column) = BLOBS[noise.below(BLOBS.len())];
    let rows: Vec<i64> = connection
        .prepare(&format!("SELECT rowid FROM {table}"))
        .unwrap()
        .query_map([], |row| row.get(0))
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap();
    let row = rows[noise.below(rows.len())];
    let find = format!("SELECT {column} FROM {table} WHERE rowid = ?1");
    let blob: Vec<u8> = connection.query_row(&find, [row], |row| row.get(0)).unwrap();
    let blob = if column == "names" {
        let mut names = zstd::bulk::decompress(&blob, 1 << 24).unwrap();
        spoil(&mut names, noise);
        packed(&names)
    } else {
        let mut streams = split(&blob);
        let one = noise.below(streams.len());
        spoil(&mut streams[one], noise);
        join(&streams)
    };
    let change = format!("UPDATE {table} SET {column} = ?2 WHERE rowid = ?1");
    connection.execute(&change, (row, blob)).unwrap();
}

#[test]
fn a_hostile_file_is_refused_or_read_in_bounded_memory_and_time() {
    // More in `make soak`.
    let soak = std::env::var("IRA_SOAK").ok().and_then(|rounds| rounds.parse::<usize>().ok());
    let rounds = soak.map_or(150, |rounds| rounds * 10);
    let folder = tempfile::tempdir().unwrap();
    let whole = recording(folder.path());
    let file = folder.path().join("hostile.ira");
    std::fs::write(&file, &whole).unwrap();
    assert!(!ask(&file, "the whole one"), "nothing of it is refused");
    let mut noise = Noise(0x9e37_79b9_7f4a_7c15);
    let mut refused = [0; 3];
    for round in 0..rounds {
        let mut bytes = whole.clone();
        let way = round % 3;
        match way {
            0 => spoil(&mut bytes, &mut noise),
            1 => spoil_pages(&mut bytes, &mut noise),
            _ => {}
        }
        std::fs::write(&file, &bytes).unwrap();
        if way == 2 {
            spoil_row(&Connection::open(&file).unwrap(), &mut noise);
        }
        refused[way] += usize::from(ask(&file, &format!("round {round}")));
    }
    let each = rounds / 3;
    assert!(refused.iter().all(|refused| *refused > each / 4), "noticed: {refused:?} of {each}");

    for (what, change, blob) in bombs() {
        std::fs::write(&file, &whole).unwrap();
        let connection = Connection::open(&file).unwrap();
        connection.execute(&format!("UPDATE {change}"), [blob]).unwrap();
        drop(connection);
        assert!(ask(&file, what), "{what} is refused");
    }
}

/// Small blobs that ask for much.
fn bombs() -> Vec<(&'static str, &'static str, Vec<u8>)> {
    let zeros = vec![0; 60 << 20];
    let ones = vec![1; 60 << 20];
    let all = |stream: &Vec<u8>| join(&vec![stream.clone(); STREAMS]);
    // A layout without a disk, a base of zeros, and then what the table begins with.
    let table = |table: Vec<u8>| {
        let mut head = vec![0; 64];
        head.resize(1000, 0);
        let mut streams = vec![head, zeros[..1000].to_vec(), table];
        streams.resize(STREAMS, Vec::new());
        join(&streams)
    };
    let many = |count: usize, rest: &[u8]| {
        let mut bytes = Vec::new();
        put(&mut bytes, count);
        bytes.extend_from_slice(rest);
        bytes
    };
    // A group of tick 0 without flags that introduces one process with a long text over and over.
    let mut text = vec![0, 2];
    put(&mut text, 50 << 10);
    for ended in 0..50 << 10 {
        text.extend_from_slice(&[1, 1, 0]);
        if ended == 0 {
            text.push(0);
            put(&mut text, 10 << 20);
            text.resize(text.len() + (10 << 20), b'x');
        } else {
            text.push(1);
        }
        // User, times, status, and an application all of whose texts are that one.
        text.extend_from_slice(&[0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1]);
    }
    text.push(0);
    let chunk = |times: usize, subjects: usize| {
        let mut head = many(times, &vec![0; times]);
        head.push(0);
        put(&mut head, 256);
        put(&mut head, subjects);
        head.resize(head.len() + subjects * 257, 0);
        let mut streams = vec![head];
        streams.resize(257, Vec::new());
        join(&streams)
    };
    vec![
        ("zeros in each stream", "frames SET counters = ?1", all(&zeros)),
        ("ones in each stream", "frames SET counters = ?1", all(&ones)),
        ("a table of many rows", "frames SET counters = ?1", table(many(0, &many(4 << 20, &ones)))),
        ("names of ones", "frames SET names = ?1", packed(&ones)),
        ("names of zeros in each block", "frames SET names = ?1", packed(&zeros)),
        ("many that ended with one long text", "frames SET names = ?1", packed(&text)),
        ("a chunk of many times", "series SET host = ?1", chunk(4 << 20, 1)),
        ("a chunk of many subjects", "series SET host = ?1", chunk(4000, 10_000)),
        ("random bytes", "series SET applications = ?1", vec![0xa5; 1000]),
        ("a long row", "frames SET counters = ?1", vec![0xa5; 70 << 20]),
        ("no UTF-8", "events SET name = CAST(?1 AS TEXT)", vec![0xff; 100]),
    ]
}
