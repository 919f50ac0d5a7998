//! A disk that fails at random calls for a while: it is told, recording resumes, the time between is a
//! gap, and nothing that was recorded before or after is lost.

use crate::{
    failing_disk::Disk,
    machine::{Act, BOOT, Machine, Seen, T0, seen},
};
use ira_store::{Before, Boot, Location, Reader, Retention, StoreError, StoredEventKind, Writer};

/// The recorder tries again after so many seconds.
const RETRY: u64 = 5;
/// So long seconds are kept.
const SECONDS_MS: i64 = 40 * 60_000;

fn open(location: &Location) -> Result<Writer, StoreError> {
    // Rollups and deletions go on all the time.
    let retention = Retention { seconds_ms: SECONDS_MS, ..Retention::default() };
    Writer::open(location, &Boot { boot_id: "b".into(), boot_ms: BOOT }, retention)
}

/// What a user is told names the file and is not SQLite's own language alone.
fn is_clear(error: &StoreError, location: &Location) {
    let text = error.while_recording();
    assert!(!error.to_string().contains("recorded"), "a reader is not told so: {error}");
    assert!(text.contains(location.database.to_str().unwrap()), "it says where: {text}");
    let what = ["could not be read or written", "no room is left", "nothing is recorded until"];
    assert!(what.iter().any(|what| text.contains(what)), "it says what: {text}");
}

/// What the recorder does with a writer that fails.
struct Recorder {
    location: Location,
    writer: Option<Writer>,
    retry_at: u64,
    /// Seconds that were recorded.
    kept: Vec<(i64, Seen)>,
    /// The first second after each start of recording.
    starts: Vec<i64>,
    begins: bool,
    failures: u32,
}

impl Recorder {
    fn failed(&mut self, second: u64, error: &StoreError) {
        is_clear(error, &self.location);
        self.failures += 1;
        self.writer = None;
        self.retry_at = second + RETRY;
    }

    fn second(&mut self, second: u64, machine: &mut Machine, acts: &[Act]) {
        if self.writer.is_none() && second >= self.retry_at {
            match open(&self.location) {
                Ok(writer) => {
                    assert_eq!(writer.set_aside(), None, "a whole database is not set aside");
                    self.writer = Some(writer);
                    self.begins = true;
                }
                Err(error) => self.failed(second, &error),
            }
        }
        let is_base = self.begins;
        let tick = if is_base {
            machine.full(Before::NotRunning)
        } else {
            machine.second(acts, Before::Tick)
        };
        let Some(writer) = &mut self.writer else { return };
        match writer.record(&tick) {
            Ok(_) if is_base => self.begins = false,
            Ok(_) => {
                let follows =
                    self.kept.last().is_some_and(|(last, _)| last + 1000 == machine.at_ms);
                if !follows {
                    self.starts.push(machine.at_ms);
                }
                self.kept.push((machine.at_ms, seen(machine)));
            }
            Err(error) => self.failed(second, &error),
        }
    }
}

fn check(reader: &mut Reader, at_ms: i64, expected: &Seen) -> Result<(), StoreError> {
    let frame = reader.frame_at(at_ms)?.unwrap();
    assert_eq!(frame.at_ms, at_ms, "the second asked for");
    let found: Seen = frame
        .processes
        .iter()
        .map(|p| {
            let mut sample = p.sample;
            sample.details_revision = 0;
            (sample, (*p.details).clone(), (*p.attribution).clone())
        })
        .collect();
    assert!(&found == expected, "the same table at {at_ms}");
    Ok(())
}

/// Some minutes with a disk that is well, fails, and is well again. Says how often writing failed.
fn an_hour_of_faults(seed: u64) -> u32 {
    let folder = tempfile::tempdir().unwrap();
    let location = Location::in_folder(folder.path());
    let disk = Disk::of(folder.path(), seed);
    let mut machine = Machine::new();
    let starts: Vec<Act> = (1..25).map(|pid| Act::Start { pid }).collect();
    machine.second(&starts, Before::Tick);
    let mut recorder = Recorder {
        location: location.clone(),
        writer: None,
        retry_at: 0,
        kept: Vec::new(),
        starts: Vec::new(),
        begins: false,
        failures: 0,
    };
    let mut reader = Reader::new(location.clone());
    let mut noise = seed;
    for second in 0..3600_u64 {
        noise = noise.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        let random = noise >> 33;
        // A bad while of 7 minutes in every quarter hour; the last minutes are good.
        let bad = (200..620).contains(&(second % 900));
        let one_in = [3, 20, 100, 400][(second / 900 % 4) as usize];
        disk.fail_one_in(if bad { one_in } else { 0 });
        #[cfg(target_os = "linux")]
        if bad && random.is_multiple_of(97) {
            ira_testkit::break_open_file(&location.journal(), random.is_multiple_of(2));
        }
        let pid = 1 + (random % 24) as u32;
        let act = match random % 11 {
            0 => Act::Exit { pid },
            1 => Act::Start { pid },
            2 => Act::Exec { pid },
            _ => Act::Work { pid, user_ms: random % 900, write: random },
        };
        recorder.second(second, &mut machine, &[act]);
        if random.is_multiple_of(13) && !recorder.kept.is_empty() {
            let (at_ms, expected) = &recorder.kept[(noise >> 20) as usize % recorder.kept.len()];
            // The oldest go as they should.
            if *at_ms > machine.at_ms - 1_200_000 {
                match check(&mut reader, *at_ms, expected) {
                    Err(error) if bad => is_clear(&error, &location),
                    other => other.unwrap(),
                }
            }
        }
    }
    assert!(disk.failed() > 100, "the disk failed {} times", disk.failed());
    assert!(recorder.writer.is_some(), "recording resumed by itself");
    recorder.writer.unwrap().flush().unwrap();
    assert_eq!(ira_store::check(&location).unwrap(), Vec::<String>::new(), "seed {seed}");
    let (from, to) = reader.range().unwrap().unwrap();
    let young = |(at_ms, _): &&(i64, Seen)| *at_ms > machine.at_ms - SECONDS_MS;
    assert!(from <= recorder.kept.iter().find(young).unwrap().0, "what is not too old is there");
    assert_eq!(to, machine.at_ms, "to the last second");
    let of_range = |at_ms: &i64| *at_ms >= from;
    for (at_ms, expected) in recorder.kept.iter().filter(|(at_ms, _)| of_range(at_ms)) {
        check(&mut reader, *at_ms, expected).unwrap();
    }
    let starts: Vec<i64> = recorder.starts.iter().copied().filter(of_range).collect();
    let gaps: Vec<i64> = reader.gaps(from, to).unwrap().into_iter().map(|gap| gap.to_ms).collect();
    assert_eq!(gaps, starts, "each time of failure is a gap that ends where recording resumed");
    let events = reader.events(T0, i64::MAX, None, 10_000).unwrap();
    let told: Vec<i64> = events
        .iter()
        .filter(|event| event.kind == StoredEventKind::RecordingStarted)
        .map(|event| event.at_ms)
        .collect();
    assert_eq!(told, recorder.starts, "and each resuming an event");
    recorder.failures
}

#[test]
fn a_disk_that_fails_for_a_while_loses_only_that_while() {
    // More in `make soak`.
    let soak = std::env::var("IRA_SOAK").ok().and_then(|rounds| rounds.parse().ok());
    let rounds = soak.map_or(2, |rounds: u64| rounds / 10);
    for seed in 1..=rounds {
        let failures = an_hour_of_faults(seed * 0x9e37_79b9);
        assert!(failures > 20, "writing failed {failures} times");
    }
}
