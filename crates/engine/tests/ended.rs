//! Whom short-lived processes count under.
#![allow(clippy::unwrap_used)]

use ira_engine::{
    Live,
    discovery::{Discovery, NoFacts},
};
use ira_model::{EndedProcess, ProcessDetails, ProcessKey, ProcessSample, Sample};
use ira_store::Tick;
use std::sync::Arc;

const MINUTE_MS: u64 = 60_000;

fn key(pid: u32, start_ms: u64) -> ProcessKey {
    ProcessKey { pid, start_ms }
}

fn process(pid: u32, parent_pid: u32, start_ms: u64) -> ProcessSample {
    ProcessSample { parent_pid, ..ProcessSample::new(key(pid, start_ms)) }
}

fn ended(pid: u32, parent_pid: u32) -> EndedProcess {
    EndedProcess {
        key: key(pid, MINUTE_MS),
        parent_pid,
        name: "cc".into(),
        user_id: Some(0),
        user_ms: 10,
        system_ms: 0,
        status: None,
        out_of_memory: false,
    }
}

#[test]
fn the_children_of_a_short_lived_one_count_with_it() {
    let mut live = Live::new((0, i64::MIN), Discovery::new(Box::new(NoFacts::default())));
    let mut tick = Tick::default();
    let init = process(1, 0, 0);
    let mut sample = Sample { processes: vec![init, process(50, 1, 1000)], ..Sample::default() };
    let details = |name: &str| ProcessDetails {
        name: name.into(),
        arguments: vec![name.into()],
        executable: Some(format!("/usr/bin/{name}")),
        ..ProcessDetails::default()
    };
    sample.learnt =
        vec![(init.key, Arc::new(details("init"))), (key(50, 1000), Arc::new(details("make")))];
    // Files are asked at a certain age, and the answer comes a tick later.
    for second in 0..8 {
        sample.monotonic_ms = MINUTE_MS + second * 1000;
        sample.host.uptime_ms = sample.monotonic_ms;
        live.take(&sample, 0, false, &mut tick);
        sample.learnt.clear();
    }
    let make = live.process(50).unwrap().attribution.application.id.clone();
    assert!(make.contains("make"), "it is an application: {make:?}");

    sample.monotonic_ms += 1000;
    sample.processes.push(process(70, 50, MINUTE_MS));
    // 62 of 61 of 60 of make, told in the order in which they end; 71 of 70, which still runs; and
    // one of a parent that nobody knows.
    sample.ended = vec![
        ended(62, 61),
        ended(61, 60),
        ended(60, 50),
        ended(71, 70),
        ended(81, 80),
        ended(9, 0),
    ];
    live.take(&sample, 0, false, &mut tick);
    let whose: Vec<&str> = live.ended.iter().map(|one| one.application.id.as_str()).collect();
    let make = make.as_str();
    assert_eq!(whose, [make, make, make, make, "", ""], "as far as somebody knows them");
}
