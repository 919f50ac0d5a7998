//! While the disk fails, live goes on and says why nothing is kept; recording resumes by itself.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, missing_docs)]

use ira_engine::{Engine, Options, Recording, Sampler};
use ira_probe::{LinuxProbe, Moment};
use ira_store::{Location, Reader, StoredEventKind};
use ira_testkit::{FakeProc, FakeProcess, break_open_file};
use std::time::{Duration, Instant};

const AT_MOST: Duration = Duration::from_secs(60);

/// Ticks by the manual clock until something is so.
fn tick_until(
    fake: &mut FakeProc,
    sampler: &mut Sampler,
    what: &str,
    mut so: impl FnMut() -> bool,
) {
    let began = Instant::now();
    loop {
        fake.advance(1000);
        sampler.tick().unwrap();
        if so() {
            return;
        }
        assert!(began.elapsed() < AT_MOST, "{what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn live_goes_on_while_the_disk_fails_and_recording_resumes() {
    let folder = tempfile::tempdir().unwrap();
    let location = Location::in_folder(folder.path());
    let mut fake = FakeProc::new();
    fake.add(FakeProcess::new(50, "bash").arguments(&["-bash"]).start_ms(1000));
    let clock = fake.clock();
    let now = move || Moment { at_ms: clock.at_ms(), monotonic_ms: clock.monotonic_ms() };
    let probe = LinuxProbe::new(&fake.proc_root(), &fake.sys_root()).unwrap().with_clock(now);
    let options = Options { folder: Some(folder.path().to_owned()), ..Options::default() };
    let (engine, mut sampler) = Engine::by_hand(Box::new(probe), options).unwrap();
    let mut reader = Reader::new(location.clone());
    let mut last = || reader.range().unwrap().map(|(_, last)| last);
    let kept = |at_ms: i64| Reader::new(location.clone()).frame_at(at_ms).unwrap().unwrap().at_ms;
    tick_until(&mut fake, &mut sampler, "it records", || last().is_some());

    for full in [true, false] {
        let before = engine.snapshot();
        tick_until(&mut fake, &mut sampler, "the present is kept", || {
            kept(i64::MAX) > before.at_ms
        });
        assert!(break_open_file(&location.journal(), full), "it is open");
        let mut message = String::new();
        let failed = || match engine.recording() {
            Recording::Failed { message: why } => {
                message = why;
                true
            }
            _ => false,
        };
        tick_until(&mut fake, &mut sampler, "it is told", failed);
        let what = if full { "no room is left on the disk" } else { "nothing is recorded until" };
        assert!(message.contains(what) && message.contains("ira.db.journal"), "{message}");
        let at_ms = engine.snapshot().at_ms;
        fake.advance(1000);
        sampler.tick().unwrap();
        assert!(engine.snapshot().at_ms > at_ms, "live goes on");

        tick_until(&mut fake, &mut sampler, "it resumes", || {
            engine.recording() == Recording::Recording
        });
        let resumed = engine.snapshot().at_ms;
        tick_until(&mut fake, &mut sampler, "it keeps again", || kept(i64::MAX) > resumed);
        assert!(kept(before.at_ms + 1) >= before.at_ms, "what was before is there");
    }
    engine.stop();
    let mut reader = Reader::new(location.clone());
    let gaps = reader.gaps(0, i64::MAX).unwrap();
    assert_eq!(gaps.len(), 3, "the beginning, and each failure: {gaps:?}");
    let events = reader.events(0, i64::MAX, None, 100).unwrap();
    let starts = events.iter().filter(|one| one.kind == StoredEventKind::RecordingStarted).count();
    assert_eq!(starts, 3, "each resuming is an event");
    assert_eq!(ira_store::check(&location).unwrap(), Vec::<String>::new());
}
