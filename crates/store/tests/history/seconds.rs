//! What goes in as ticks comes out as the same machine at every second.

use crate::machine::{Act, BOOT, Machine, Seen, T0, acts, open, seen};
use ira_store::{Before, Location, Metric, Reader};
use proptest::prelude::*;

fn check(reader: &mut Reader, expected: &[(i64, Seen)]) {
    for (at_ms, expected) in expected {
        let frame = reader.frame_at(*at_ms).unwrap().unwrap();
        assert_eq!(frame.at_ms, *at_ms, "the second asked for");
        let mut found: Seen = frame
            .processes
            .iter()
            .map(|p| (p.sample, (*p.details).clone(), (*p.attribution).clone()))
            .collect();
        // The revision is the sampler's own and is not kept.
        found.iter_mut().for_each(|(sample, ..)| sample.details_revision = 0);
        assert_eq!(&found, expected, "at {at_ms}");
        assert_eq!(frame.rates.cpu.map(|cpu| (cpu.busy_ratio() * 100.0).round()), Some(30.0));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn every_second_comes_back(seconds in acts(), restart_at in 0_usize..140, crash: bool) {
        let folder = tempfile::tempdir().unwrap();
        let location = Location::in_folder(folder.path());
        let mut machine = Machine::new();
        let mut writer = open(&location).unwrap();
        writer.record(&machine.full(Before::NotRunning)).unwrap();
        let mut reader = Reader::new(location.clone());
        let mut expected = Vec::new();
        for (number, acts) in seconds.iter().enumerate() {
            if number == restart_at {
                if !crash {
                    writer.flush().unwrap();
                }
                drop(writer);
                writer = open(&location).unwrap();
                writer.record(&machine.full(Before::NotRunning)).unwrap();
            }
            writer.record(&machine.second(acts, Before::Tick)).unwrap();
            expected.push((machine.at_ms, seen(&machine)));
        }
        check(&mut reader, &expected);
        // The minute is in the tables then, and in the journal still.
        writer.flush().unwrap();
        check(&mut reader, &expected);
        drop(writer);
        let mut after = Reader::new(location.clone());
        check(&mut after, &expected);
        let first = expected.first().map(|(at_ms, _)| *at_ms);
        prop_assert_eq!(after.range().unwrap().map(|r| r.0), first);
        let gaps = after.gaps(0, i64::MAX).unwrap();
        prop_assert_eq!(gaps.len(), if restart_at > 0 && restart_at < seconds.len() { 2 } else { 1 });
    }
}

#[test]
fn before_the_first_second_there_is_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let location = Location::in_folder(folder.path());
    let mut reader = Reader::new(location.clone());
    assert!(reader.frame_at(T0).unwrap().is_none(), "no database yet");
    assert!(reader.range().unwrap().is_none());
    let mut machine = Machine::new();
    let mut writer = open(&location).unwrap();
    writer.record(&machine.full(Before::NotRunning)).unwrap();
    writer.record(&machine.second(&[], Before::Tick)).unwrap();
    assert!(reader.frame_at(T0).unwrap().is_none(), "before the first second");
    assert_eq!(reader.frame_at(i64::MAX).unwrap().unwrap().at_ms, T0 + 2000, "the last one");
}

#[test]
fn series_of_a_day_come_from_rollups_and_agree_with_the_seconds() {
    let folder = tempfile::tempdir().unwrap();
    let location = Location::in_folder(folder.path());
    let mut machine = Machine::new();
    machine.at_ms = BOOT + 5 * 3_600_000 + 40_000;
    let start = machine.at_ms;
    let mut writer = open(&location).unwrap();
    writer.record(&machine.full(Before::NotRunning)).unwrap();
    writer.record(&machine.second(&[Act::Start { pid: 7 }], Before::Tick)).unwrap();
    for second in 0..2 * 3600 + 300_u64 {
        let user_ms = if second % 60 == 5 { 900 } else { 100 };
        let work = Act::Work { pid: 7, user_ms, write: 512 };
        writer.record(&machine.second(&[work], Before::Tick)).unwrap();
    }
    let mut reader = Reader::new(location.clone());
    let mut mean = |points| {
        let series = reader
            .series(Some("process:/bin/p1"), &[Metric::CpuRatio], start, machine.at_ms, points)
            .unwrap();
        let buckets: Vec<_> = series.buckets[0].iter().flatten().collect();
        let mean = buckets.iter().map(|b| b.mean()).sum::<f64>() / buckets.len() as f64;
        let max = buckets.iter().map(|b| b.max).fold(0.0, f64::max);
        (series.resolution_ms, mean, max)
    };
    let (fine, fine_mean, fine_max) = mean(4000);
    let (coarse, coarse_mean, coarse_max) = mean(100);
    assert_eq!((fine, coarse), (1000, 60_000), "each span has its tier");
    assert!((fine_mean - 0.1133).abs() < 0.002, "58 x 0.1 and 1 x 0.9 a minute: {fine_mean}");
    assert!((fine_mean - coarse_mean).abs() < 0.002, "{fine_mean} and {coarse_mean} agree");
    assert!((fine_max - 0.9).abs() < 0.001 && (coarse_max - 0.9).abs() < 0.001, "peaks stay");
    let events = reader.events(0, i64::MAX, Some("process:/bin/p1"), 10).unwrap();
    assert_eq!(events.len(), 1, "it started once: {events:?}");
}
