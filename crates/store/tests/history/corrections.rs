//! What the user says against discovery: seen in every past second at once, in the figures as they
//! are derived anew, and gone without a trace when it is taken back.

use crate::machine::{Act, Machine, T0, open};
use ira_model::{
    Action, Application, ApplicationKind, Condition, Correction, EndedProcess, ExitStatus, Field,
    Form, Matcher, Target,
};
use ira_store::{
    Before, Ended, Location, Metric, OrderResult, Reader, StoredEvent, StoredEventKind,
    StoredOrder, Writer,
};
use std::sync::Arc;

const ONE: &str = "process:/bin/p1";
const TWO: &str = "process:/bin/p2";

/// Seventy minutes, so that an hour is rolled up: pid 1 uses 100 ms each second, pid 2 uses 50.
fn hour(location: &Location) -> (Writer, Machine) {
    let mut machine = Machine::new();
    let mut writer = open(location).unwrap();
    writer.record(&machine.full(Before::NotRunning)).unwrap();
    let start = [Act::Start { pid: 1 }, Act::Start { pid: 2 }];
    writer.record(&machine.second(&start, Before::Tick)).unwrap();
    work(&mut writer, &mut machine, 130 * 60);
    (writer, machine)
}

fn work(writer: &mut Writer, machine: &mut Machine, seconds: u32) {
    let work =
        [Act::Work { pid: 1, user_ms: 100, write: 0 }, Act::Work { pid: 2, user_ms: 50, write: 0 }];
    for _ in 0..seconds {
        writer.record(&machine.second(&work, Before::Tick)).unwrap();
    }
}

fn merge() -> Correction {
    let two = Application::new(ApplicationKind::Process, "/bin/p2", "p2");
    Correction {
        id: 0,
        condition: Condition { application: Some(ONE.into()), matcher: None },
        action: Action::BelongsTo(Target(two)),
    }
}

/// Mean CPU of an application by points of a minute, and how many there are.
fn cpu(reader: &mut Reader, id: &str, seconds: i64) -> (usize, f64) {
    let metric = [Metric::CpuRatio];
    let to_ms = T0 + 130 * 60_000;
    let points = (130 * 60 / seconds) as u32;
    let series = reader.series(Some(id), &metric, T0, to_ms, points).unwrap();
    let found: Vec<f64> = series.buckets[0].iter().flatten().map(|b| b.mean()).collect();
    let mean = found.iter().sum::<f64>() / found.len().max(1) as f64;
    (found.len(), (mean * 100.0).round() / 100.0)
}

fn all_of(reader: &mut Reader, seconds: i64) -> [(usize, f64); 2] {
    [cpu(reader, ONE, seconds), cpu(reader, TWO, seconds)]
}

fn finish(writer: &mut Writer) {
    while writer.reattribute().unwrap() {}
}

#[test]
fn a_merge_moves_the_past_and_taking_it_back_restores_it() {
    let folder = tempfile::tempdir().unwrap();
    let location = Location::in_folder(folder.path());
    let (mut writer, _machine) = hour(&location);
    let mut reader = Reader::new(location);
    let before = [all_of(&mut reader, 1), all_of(&mut reader, 60)];
    let events = reader.events(0, i64::MAX, None, 100).unwrap();
    let known = |reader: &mut Reader| [ONE, TWO].map(|id| reader.application(id).unwrap());
    let known_before = known(&mut reader);
    assert_eq!((before[1][0].1, before[1][1].1), (0.1, 0.05), "{before:?}");
    let kept = writer.change_corrections(&[], vec![merge()]).unwrap();
    assert_eq!(kept[0].id, 1, "it has a number");

    let frame = reader.frame_at(T0 + 600_000).unwrap().unwrap();
    let ids: Vec<&str> =
        frame.processes.iter().map(|p| p.attribution.application.id.as_str()).collect();
    assert_eq!(ids, [TWO, TWO], "a past second shows it at once");
    let evidence = &frame.processes[0].attribution.evidence;
    assert_eq!(evidence[0].input, format!("rule 1: all of {ONE}"));
    assert_eq!(evidence.len(), 2, "what was found is still told: {evidence:?}");
    assert_eq!(all_of(&mut reader, 60)[0].1, 0.1, "figures stand until they are derived anew");

    let first = writer.reattribution().unwrap();
    assert!(first.goes_on() && first.all > 130, "{first:?}");
    assert!(writer.reattribute().unwrap());
    writer.stop_reattribution(true).unwrap();
    let stopped = writer.reattribution().unwrap();
    assert!(!stopped.goes_on() && stopped.stopped, "{stopped:?}");
    assert_eq!((stopped.done, stopped.all), (1, first.all));
    writer.stop_reattribution(false).unwrap();
    finish(&mut writer);
    let done = writer.reattribution().unwrap();
    assert_eq!((done.done, done.done_after_ms), (done.all, None));
    for seconds in [1, 60] {
        let [one, two] = all_of(&mut reader, seconds);
        // The last minute under way is not in the tables and is corrected as it is read.
        assert_eq!(one, (0, 0.0), "nothing is left of it, by {seconds} s");
        let there = before[usize::from(seconds == 60)][1].0;
        assert_eq!(two, (there, 0.15), "all of it is there, by {seconds} s");
    }
    let told = reader.events(0, i64::MAX, None, 100).unwrap();
    let starts = |id: &str| told.iter().filter(|e| e.application.as_deref() == Some(id)).count();
    assert_eq!((starts(ONE), starts(TWO)), (0, 1), "{told:?}");

    writer.change_corrections(&[1], Vec::new()).unwrap();
    finish(&mut writer);
    assert_eq!([all_of(&mut reader, 1), all_of(&mut reader, 60)], before, "as it was");
    assert_eq!(reader.events(0, i64::MAX, None, 100).unwrap(), events, "to the last event");
    assert_eq!(known(&mut reader), known_before, "and to when each was there");
    let again = writer.change_corrections(&[], vec![merge()]).unwrap();
    assert_eq!(again[0].id, 2, "a number is given once");
}

#[test]
fn what_is_split_off_has_a_past_and_loses_it_again() {
    let folder = tempfile::tempdir().unwrap();
    let location = Location::in_folder(folder.path());
    let (mut writer, mut machine) = hour(&location);
    let mut reader = Reader::new(location);
    let matcher = Matcher { field: Field::CommandLine, form: Form::Pattern, text: "^p[1]".into() };
    let split = |action| Correction {
        id: 0,
        condition: Condition { application: None, matcher: Some(matcher.clone()) },
        action,
    };
    let own = split(Action::Separate("Own".into()));
    writer.change_corrections(&[], vec![own]).unwrap();
    finish(&mut writer);
    assert_eq!(cpu(&mut reader, "custom:Own", 60).1, 0.1);
    assert_eq!(cpu(&mut reader, TWO, 60).1, 0.05, "others stay as they are");
    let kept = reader.application("custom:Own").unwrap().unwrap();
    let of_two = reader.application(TWO).unwrap().unwrap();
    assert_eq!((kept.first_seen_ms, kept.runs), (of_two.first_seen_ms, 1), "since it began");
    // What is recorded from here on is derived with it at once.
    work(&mut writer, &mut machine, 120);
    assert!(!writer.reattribution().unwrap().goes_on());
    let events = reader.events(0, i64::MAX, Some("custom:Own"), 100).unwrap();
    assert_eq!(events.len(), 1, "it began once: {events:?}");

    // Ignored, its use is with no application.
    let ignored = Correction { id: 1, ..split(Action::Ignore) };
    writer.change_corrections(&[], vec![ignored]).unwrap();
    finish(&mut writer);
    assert_eq!(cpu(&mut reader, "custom:Own", 60).0, 0);
    assert_eq!(cpu(&mut reader, ONE, 60).0, 0);
    assert_eq!(reader.application("custom:Own").unwrap(), None, "nobody asks for it any more");
    let frame = reader.frame_at(T0 + 600_000).unwrap().unwrap();
    assert!(frame.processes[0].attribution.application.is_none());
    assert_eq!(frame.processes[0].attribution.evidence[0].result, "no application");
}

#[test]
fn killed_in_the_middle_it_goes_on_where_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let location = Location::in_folder(folder.path());
    let (mut writer, _machine) = hour(&location);
    writer.change_corrections(&[], vec![merge()]).unwrap();
    for _ in 0..5 {
        assert!(writer.reattribute().unwrap());
    }
    let before = writer.reattribution().unwrap();
    // Nothing is written when it goes: what is there is what a kill leaves.
    drop(writer);
    let mut writer = open(&location).unwrap();
    assert_eq!(writer.corrections().all().len(), 1);
    let after = writer.reattribution().unwrap();
    assert!(after.goes_on() && after.done >= before.done, "{before:?} {after:?}");
    finish(&mut writer);
    let mut reader = Reader::new(location);
    for seconds in [1, 60] {
        let [one, two] = all_of(&mut reader, seconds);
        assert_eq!((one.0, two.1), (0, 0.15), "all of it followed, by {seconds} s");
    }
}

#[test]
fn orders_to_what_is_merged_stay_on_the_lane() {
    let folder = tempfile::tempdir().unwrap();
    let location = Location::in_folder(folder.path());
    let mut writer = open(&location).unwrap();
    let order = StoredOrder {
        at_ms: T0 + 5000,
        took_ms: None,
        who: "anna".into(),
        action: "stop".into(),
        target: "p1".into(),
        application: Some(ONE.into()),
        call: "pidfd_send_signal(1, SIGTERM)".into(),
        result: OrderResult::UnderWay,
        detail: String::new(),
    };
    writer.begin_order(&order).unwrap();
    let mut reader = Reader::new(location);
    let lane = |reader: &mut Reader| reader.events(0, i64::MAX, Some(TWO), 9).unwrap().len();
    assert_eq!(lane(&mut reader), 0);
    writer.change_corrections(&[], vec![merge()]).unwrap();
    assert_eq!(lane(&mut reader), 1, "it was an order to a part of it");
    writer.change_corrections(&[1], Vec::new()).unwrap();
    assert_eq!(lane(&mut reader), 0);
}

#[test]
fn a_recording_takes_its_corrections_along() {
    let folder = tempfile::tempdir().unwrap();
    let location = Location::in_folder(folder.path());
    let mut machine = Machine::new();
    let mut writer = open(&location).unwrap();
    writer.record(&machine.full(Before::NotRunning)).unwrap();
    writer.record(&machine.second(&[Act::Start { pid: 1 }], Before::Tick)).unwrap();
    work(&mut writer, &mut machine, 90);
    writer.change_corrections(&[], vec![merge()]).unwrap();
    let file = folder.path().join("x.ira");
    ira_store::export(&location, (0, i64::MAX), &file, "", |_| {}).unwrap();
    let exported = Location { database: file };
    ira_store::open_foreign(&exported).unwrap();
    let frame = Reader::new(exported).frame_at(T0 + 60_000).unwrap().unwrap();
    assert_eq!(frame.processes[0].attribution.application.id, TWO);
}

/// Ends by its own fault every 40 s and is started again, over many minutes.
fn crash(writer: &mut Writer, machine: &mut Machine, times: u32) {
    for _ in 0..times {
        writer.record(&machine.second(&[Act::Start { pid: 1 }], Before::Tick)).unwrap();
        work(writer, machine, 34);
        let (sample, details, attribution) = machine.processes[&1].clone();
        let mut tick = machine.second(&[Act::Exit { pid: 1 }], Before::Tick);
        let process = EndedProcess {
            key: sample.key,
            parent_pid: 0,
            name: details.name.clone(),
            user_id: None,
            user_ms: 0,
            system_ms: 0,
            status: Some(ExitStatus::Code(3)),
            out_of_memory: false,
        };
        let application = Arc::clone(&attribution.application);
        tick.ended.push(Ended { process, application, given_up: false });
        writer.record(&tick).unwrap();
        work(writer, machine, 4);
    }
}

#[test]
fn lives_mean_the_same_when_they_are_derived_anew() {
    let folder = tempfile::tempdir().unwrap();
    let location = Location::in_folder(folder.path());
    let mut machine = Machine::new();
    let mut writer = open(&location).unwrap();
    writer.record(&machine.full(Before::NotRunning)).unwrap();
    crash(&mut writer, &mut machine, 14);
    work(&mut writer, &mut machine, 600);
    crash(&mut writer, &mut machine, 1);
    work(&mut writer, &mut machine, 120);
    let mut reader = Reader::new(location);
    let before = reader.events(0, i64::MAX, None, 1000).unwrap();
    let kinds = |events: &[StoredEvent], kind| events.iter().filter(|e| e.kind == kind).count();
    assert_eq!(kinds(&before, StoredEventKind::CrashLoop), 1, "{before:?}");
    assert!(kinds(&before, StoredEventKind::Restarted) > 0, "{before:?}");
    let rename = Correction {
        id: 0,
        condition: Condition { application: Some(ONE.into()), matcher: None },
        action: Action::Rename("shop".into()),
    };
    for change in [vec![rename], vec![merge()]] {
        writer.change_corrections(&[], change).unwrap();
        finish(&mut writer);
        let told = reader.events(0, i64::MAX, None, 1000).unwrap();
        let meaning = |events: &[StoredEvent]| {
            let one = |e: &StoredEvent| (e.at_ms, e.kind as u8, e.detail.clone());
            events.iter().map(one).collect::<Vec<_>>()
        };
        assert_eq!(meaning(&told), meaning(&before), "only names differ");
        assert_ne!(told, before, "and those do");
    }
    writer.change_corrections(&[1, 2], Vec::new()).unwrap();
    finish(&mut writer);
    assert_eq!(reader.events(0, i64::MAX, None, 1000).unwrap(), before, "to the last event");
}
