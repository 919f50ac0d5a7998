//! What an application used in sum: known exactly, whatever tiers answer for it.

use crate::machine::{Act, BOOT, Machine};
use ira_store::{Before, Boot, Ledger, Location, Reader, Retention, Writer};

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;
/// Blocks hold sixty ticks and reach no further than two minutes.
const STEP: i64 = 2_000;
const ID: &str = "process:/bin/p1";

/// What was done in one tick.
#[derive(Clone, Copy)]
struct Done {
    at_ms: i64,
    cpu_ms: i64,
    written: i64,
}

/// Records so long in ticks of two seconds, works unevenly, and pauses for an hour in between.
fn recorded(location: &Location, hours: i64, retention: Retention) -> Vec<Done> {
    let boot = Boot { boot_id: "b".into(), boot_ms: BOOT };
    let mut writer = Writer::open(location, &boot, retention).unwrap();
    let mut machine = Machine::new();
    // Neither at a minute nor at a quarter of this boot.
    machine.at_ms = BOOT + 137_000;
    let mut done = Vec::new();
    let start = [Act::Start { pid: 7 }, Act::Grow { pid: 7, kib: 4096 }];
    writer.record(&machine.full(Before::NotRunning)).unwrap();
    writer.record(&machine.second(&start, Before::Tick)).unwrap();
    for number in 0..hours * HOUR / STEP {
        let paused = number == 5000;
        machine.at_ms += STEP - 1000 + if paused { HOUR } else { 0 };
        let noise = (number as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40;
        let (cpu_ms, written) = ((noise % 4_000) as i64, (noise % 1_000_000) as i64);
        let work = Act::Work { pid: 7, user_ms: cpu_ms as u64, write: written as u64 };
        let before = if paused { Before::Asleep } else { Before::Tick };
        let mut tick = machine.second(&[work], before);
        tick.elapsed_ms = STEP as u64;
        writer.record(&tick).unwrap();
        // Of the first second after a pause no rates are known, nor how long it was.
        if !paused {
            done.push(Done { at_ms: BOOT + tick.since_boot_ms, cpu_ms, written });
        }
    }
    done
}

fn sums(ledgers: &[Ledger]) -> Ledger {
    let mut all = Ledger::default();
    ledgers.iter().for_each(|one| all.add(one));
    all
}

fn expected(done: &[Done], from: i64, to: i64) -> (Option<i64>, Option<i64>, i64) {
    let within: Vec<_> = done.iter().filter(|one| (from..to).contains(&one.at_ms)).collect();
    let cpu_ms: i64 = within.iter().map(|one| one.cpu_ms).sum();
    let written: i64 = within.iter().map(|one| one.written).sum();
    (Some(cpu_ms), Some(written), within.len() as i64 * STEP)
}

fn told(ledger: &Ledger) -> (Option<i64>, Option<i64>, i64) {
    (ledger.cpu_ms, ledger.written_bytes, ledger.ran_ms)
}

/// The first second, in which it started, has a length of its own.
const FIRST_MS: i64 = 1000;

#[test]
fn with_every_tier_there_each_interval_is_exact_wherever_it_is_cut() {
    let folder = tempfile::tempdir().unwrap();
    let location = Location::in_folder(folder.path());
    let done = recorded(&location, 29, Retention::default());
    let mut reader = Reader::new(location);
    let end = done.last().unwrap().at_ms + 1;
    // Cuts through a second, a minute and a quarter, in what is rolled up and in what is not yet.
    let cuts = [
        BOOT,
        BOOT + 5 * HOUR + 7 * MINUTE + 13_000,
        BOOT + 12 * HOUR,
        BOOT + 23 * HOUR + 59 * MINUTE + 59_999,
        BOOT + 25 * HOUR + 1,
        end - 90_000,
        end,
        end + HOUR,
    ];
    let (ledgers, first_ms) = reader.ledger(ID, &cuts).unwrap();
    assert_eq!(ledgers.len(), cuts.len() - 1);
    assert_eq!(first_ms, Some(BOOT), "the coarsest point begins there");
    for (number, (ledger, cut)) in ledgers.iter().zip(cuts.windows(2)).enumerate().take(6) {
        let mut wanted = expected(&done, cut[0], cut[1]);
        wanted.2 += if number == 0 { FIRST_MS } else { 0 };
        assert_eq!(told(ledger), wanted, "interval {number}");
        assert_eq!(ledger.recorded_ms, ledger.ran_ms, "it ran all the time");
    }
    let after = ledgers.last().unwrap();
    assert_eq!((after.recorded_ms, after.cpu_ms), (0, None), "not zero: not recorded");
    let all = sums(&ledgers);
    assert_eq!(all.memory.mean_bytes(), Some(4096.0 * 1024.0));
    assert_eq!((all.received_bytes, all.pss.mean_bytes()), (None, None), "never known");
    let (others, _) = reader.ledger("process:/bin/p2", &cuts).unwrap();
    assert_eq!(told(&sums(&others)), (None, None, 0), "nothing of another");
}

#[test]
fn where_only_coarse_tiers_are_left_nothing_counts_twice_or_is_lost() {
    let folder = tempfile::tempdir().unwrap();
    let location = Location::in_folder(folder.path());
    let retention =
        Retention { seconds_ms: 2 * HOUR, minutes_ms: 30 * HOUR, ..Retention::default() };
    let done = recorded(&location, 50, retention);
    let mut reader = Reader::new(location);
    let end = done.last().unwrap().at_ms + 1;
    let whole = expected(&done, BOOT, end);
    // Cuts at odd places: what a coarse point straddles goes to one side, never to both.
    for shift in [0, 1, 59_999, 7 * MINUTE, 14 * MINUTE + 31_000] {
        let mut cuts: Vec<i64> = (0..51).map(|hour| BOOT + hour * HOUR + shift).collect();
        cuts.insert(0, BOOT - HOUR);
        cuts.push(end);
        cuts.sort_unstable();
        cuts.dedup();
        let (ledgers, _) = reader.ledger(ID, &cuts).unwrap();
        let all = sums(&ledgers);
        let sum = (whole.0, whole.1, whole.2 + FIRST_MS);
        assert_eq!(told(&all), sum, "cut {shift} ms after each hour");
        assert_eq!(all.recorded_ms, sum.2, "and so does the time recorded");
    }
    // At borders of its points a coarse tier is as exact as a fine one.
    let cuts = [BOOT + 3 * HOUR, BOOT + 8 * HOUR + 45 * MINUTE, BOOT + 19 * HOUR];
    let (ledgers, _) = reader.ledger(ID, &cuts).unwrap();
    for (ledger, cut) in ledgers.iter().zip(cuts.windows(2)) {
        assert_eq!(told(ledger), expected(&done, cut[0], cut[1]));
    }
}

#[test]
fn two_boots_add_up() {
    let folder = tempfile::tempdir().unwrap();
    let location = Location::in_folder(folder.path());
    let first = recorded(&location, 3, Retention::default());
    let boot_ms = BOOT + 30 * HOUR;
    let boot = Boot { boot_id: "c".into(), boot_ms };
    let mut writer = Writer::open(&location, &boot, Retention::default()).unwrap();
    let mut machine = Machine::new();
    let begin = |machine: &mut Machine, acts: &[Act], before| {
        let mut tick = machine.second(acts, before);
        tick.boot_ms = boot_ms;
        tick
    };
    writer.record(&begin(&mut machine, &[], Before::NotRunning)).unwrap();
    writer.record(&begin(&mut machine, &[Act::Start { pid: 7 }], Before::Tick)).unwrap();
    let work = [Act::Work { pid: 7, user_ms: 700, write: 9000 }];
    for _ in 0..30 {
        writer.record(&begin(&mut machine, &work, Before::Tick)).unwrap();
    }
    let mut reader = Reader::new(location);
    let (ledgers, _) = reader.ledger(ID, &[BOOT, BOOT + 100 * HOUR]).unwrap();
    let (cpu_ms, written, _) = expected(&first, 0, i64::MAX);
    assert_eq!(ledgers[0].cpu_ms, cpu_ms.map(|ms| ms + 30 * 700));
    assert_eq!(ledgers[0].written_bytes, written.map(|bytes| bytes + 30 * 9000));
}
