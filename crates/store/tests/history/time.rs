//! Clocks that are set, machines that restart: the past keeps its order.

use crate::machine::{Act, BOOT, Machine, T0};
use ira_store::{Before, Boot, Location, Metric, Reader, Retention, Writer};

const HOUR: i64 = 3_600_000;

fn open(location: &Location, id: &str, boot_ms: i64) -> Writer {
    let boot = Boot { boot_id: id.into(), boot_ms };
    Writer::open(location, &boot, Retention::default()).unwrap()
}

/// Records so many seconds by a clock that puts the start of the machine there.
fn record(writer: &mut Writer, machine: &mut Machine, seconds: u32, boot_ms: i64) {
    for _ in 0..seconds {
        let mut tick = machine.second(&[], Before::Tick);
        tick.boot_ms = boot_ms;
        writer.record(&tick).unwrap();
    }
}

fn times(reader: &mut Reader, from_ms: i64, to_ms: i64) -> Vec<i64> {
    let mut times: Vec<i64> = (from_ms..=to_ms)
        .step_by(1000)
        .filter_map(|at| reader.frame_at(at).unwrap().map(|frame| frame.at_ms))
        .collect();
    assert!(times.is_sorted(), "the past never reorders: {times:?}");
    times.dedup();
    times
}

#[test]
fn a_clock_set_while_recording_moves_what_was_recorded_in_this_boot() {
    for step_ms in [-HOUR, HOUR, 50 * 365 * 24 * HOUR] {
        let folder = tempfile::tempdir().unwrap();
        let location = Location::in_folder(folder.path());
        let mut machine = Machine::new();
        let mut writer = open(&location, "a", BOOT);
        writer.record(&machine.full(Before::NotRunning)).unwrap();
        record(&mut writer, &mut machine, 100, BOOT);
        record(&mut writer, &mut machine, 100, BOOT + step_ms);
        let mut reader = Reader::new(location.clone());
        let first = T0 + 2000 + step_ms;
        assert_eq!(reader.range().unwrap().unwrap().0, first, "dated by the new clock");
        let seen = times(&mut reader, first, first + 199_000);
        assert_eq!(seen.len(), 200, "every second once, step {step_ms}");
        assert_eq!(reader.gaps(0, i64::MAX).unwrap().len(), 1, "a set clock is no gap");
        let load = [Metric::CpuRatio];
        let series = reader.series(None, &load, first, first + 199_000, 1000).unwrap();
        assert_eq!(series.buckets[0].iter().flatten().count(), 200, "nor in the series");
    }
}

#[test]
fn a_clock_of_1970_at_boot_is_corrected_when_it_is_set() {
    let folder = tempfile::tempdir().unwrap();
    let location = Location::in_folder(folder.path());
    let mut machine = Machine::new();
    let mut writer = open(&location, "a", 0);
    let mut first = machine.full(Before::NotRunning);
    first.boot_ms = 0;
    writer.record(&first).unwrap();
    record(&mut writer, &mut machine, 70, 0);
    let mut reader = Reader::new(location.clone());
    assert!(reader.range().unwrap().unwrap().1 < 100 * HOUR, "dated in 1970 so far");
    record(&mut writer, &mut machine, 10, BOOT);
    assert_eq!(reader.range().unwrap().unwrap().0, T0 + 2000, "all of it is dated right now");
    assert_eq!(times(&mut reader, T0 + 2000, T0 + 81_000).len(), 80);
}

#[test]
fn a_boot_whose_clock_lies_before_the_last_one_comes_after_it() {
    let folder = tempfile::tempdir().unwrap();
    let location = Location::in_folder(folder.path());
    let mut machine = Machine::new();
    let mut writer = open(&location, "a", BOOT);
    writer.record(&machine.full(Before::NotRunning)).unwrap();
    record(&mut writer, &mut machine, 65, BOOT);
    drop(writer);
    let mut reader = Reader::new(location.clone());
    let end_ms = reader.range().unwrap().unwrap().1;
    let mut writer = open(&location, "b", 0);
    let (boot_ms, floor_ms) = writer.boot_ms();
    assert!(boot_ms > end_ms && floor_ms > end_ms, "after all that is kept");
    let mut second = Machine::new();
    second.at_ms = BOOT + 5000;
    let mut tick = second.full(Before::NotRunning);
    tick.boot_ms = boot_ms;
    writer.record(&tick).unwrap();
    record(&mut writer, &mut second, 5, boot_ms);
    let all = times(&mut reader, T0, boot_ms + 12_000);
    assert_eq!(all.len(), 70, "65 seconds of the first boot, then 5 of the second");
}

#[test]
fn nothing_is_attributed_across_a_boot() {
    let folder = tempfile::tempdir().unwrap();
    let location = Location::in_folder(folder.path());
    let mut machine = Machine::new();
    let mut writer = open(&location, "a", BOOT);
    writer.record(&machine.full(Before::NotRunning)).unwrap();
    writer.record(&machine.second(&[Act::Start { pid: 7 }], Before::Tick)).unwrap();
    let work = Act::Work { pid: 7, user_ms: 900, write: 1 << 30 };
    for _ in 0..5 {
        writer.record(&machine.second(std::slice::from_ref(&work), Before::Tick)).unwrap();
    }
    drop(writer);
    // The next boot has a process of the same pid that used less.
    let boot_ms = BOOT + 10 * HOUR;
    let mut writer = open(&location, "b", boot_ms);
    let mut second = Machine::new();
    second.second(&[Act::Start { pid: 7 }], Before::Tick);
    let mut tick = second.full(Before::NotRunning);
    tick.boot_ms = boot_ms;
    writer.record(&tick).unwrap();
    let mut tick = second.second(&[], Before::Tick);
    tick.boot_ms = boot_ms;
    writer.record(&tick).unwrap();
    let mut reader = Reader::new(location);
    let frame = reader.frame_at(i64::MAX).unwrap().unwrap();
    assert_eq!(
        frame.processes[0].rates.cpu_ratio,
        Some(0.0),
        "no rate from another boot's counter"
    );
    let gaps = reader.gaps(0, i64::MAX).unwrap();
    assert_eq!(gaps.len(), 2, "the time between the boots is a gap: {gaps:?}");
    assert_eq!(gaps[1].before, Before::NotRunning);
}
