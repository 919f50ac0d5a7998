//! The cap holds, the oldest goes first, the file shrinks.

use crate::machine::{Act, BOOT, Machine};
use ira_store::{Before, Boot, Location, Metric, Reader, Retention, Writer};

#[test]
fn under_a_cap_the_oldest_seconds_go_and_the_minutes_stay() {
    let folder = tempfile::tempdir().unwrap();
    let location = Location::in_folder(folder.path());
    let retention = Retention { cap_bytes: 600_000, ..Retention::default() };
    let boot = Boot { boot_id: "b".into(), boot_ms: BOOT };
    let mut writer = Writer::open(&location, &boot, retention).unwrap();
    let mut machine = Machine::new();
    machine.at_ms = BOOT + 40_000;
    let starts: Vec<Act> = (1..40).map(|pid| Act::Start { pid }).collect();
    writer.record(&machine.full(Before::NotRunning)).unwrap();
    writer.record(&machine.second(&starts, Before::Tick)).unwrap();
    let mut largest = 0;
    for second in 0..6 * 3600_u64 {
        let noise = second.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let acts: Vec<Act> = (1..20)
            .map(|pid| Act::Work {
                pid,
                user_ms: (noise >> pid) % 100,
                write: (noise >> (pid + 3)) % 100_000,
            })
            .collect();
        if writer.record(&machine.second(&acts, Before::Tick)).unwrap() {
            largest = largest.max(std::fs::metadata(&location.database).unwrap().len());
        }
    }
    drop(writer);
    assert!(largest < 1_000_000, "near the cap at all times: {largest} bytes");
    let mut reader = Reader::new(location);
    let (from, to) = reader.range().unwrap().unwrap();
    let kept_s = (to - from) / 1000;
    assert!((900..5 * 3600).contains(&kept_s), "some seconds, not all: {kept_s}");
    let start = BOOT + 42_000;
    let series = reader.series(None, &[Metric::CpuRatio], start, to, 300).unwrap();
    let known = series.buckets[0].iter().flatten().count();
    assert!(known >= series.buckets[0].len() - 3, "the whole span is known by minutes: {known}");
}
