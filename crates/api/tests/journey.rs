//! From a made-up /proc to the answers of the commands and back in time, by a manual clock.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, missing_docs)]

use ira_api::{
    Ira,
    wire::{
        ApplicationRequest, At, ErrorCode, EventKind, EventsRequest, Frame, Metric, Nothing,
        ProcessRequest, ProcessSeriesRequest, SeriesRequest, Settings, SparklinesRequest, Stream,
        Theme, TimelineRequest,
    },
};
use ira_engine::{Engine, Options, Recording, Sampler};
use ira_model::Protocol;
use ira_probe::{LinuxProbe, Moment};
use ira_testkit::{FakeProc, FakeProcess};
use std::path::Path;

struct Journey {
    fake: FakeProc,
    sampler: Sampler,
    ira: Ira,
}

fn start(fake: FakeProc, folder: &Path) -> Journey {
    let clock = fake.clock();
    let now = move || Moment { at_ms: clock.at_ms(), monotonic_ms: clock.monotonic_ms() };
    let probe = LinuxProbe::new(&fake.proc_root(), &fake.sys_root()).unwrap().with_clock(now);
    let options = Options { folder: Some(folder.to_owned()), ..Options::default() };
    let (engine, sampler) = Engine::by_hand(Box::new(probe), options).unwrap();
    Journey { fake, sampler, ira: Ira::new(engine) }
}

/// init, a log-in shell, a server that is old enough, and an nginx of systemd.
fn machine() -> FakeProc {
    let mut fake = FakeProc::new();
    fake.advance(100_000);
    fake.add(FakeProcess::new(1, "systemd").parent(0));
    fake.add(FakeProcess::kernel_thread(2, "kthreadd"));
    fake.add(FakeProcess::new(50, "bash").parent(1).arguments(&["-bash"]));
    fake.add(
        FakeProcess::new(60, "node")
            .parent(50)
            .arguments(&["node", "server.js"])
            .working_directory(Some("/srv/shop")),
    );
    fake.add(FakeProcess::new(70, "nginx").parent(1).control_group("/system.slice/nginx.service"));
    fake.listen(60, Protocol::Tcp, 3000);
    fake.advance(60_000);
    fake
}

impl Journey {
    /// One second in which `pid` works for `cpu_ms`.
    fn second(&mut self, pid: u32, cpu_ms: u64) {
        self.fake.advance(1000);
        if cpu_ms > 0 {
            self.fake.spend_cpu(pid, cpu_ms, 0);
            // The host's own counter moves with it, so that totals add up here as they do for real.
            self.fake.change_host(|host| host.cpus[0].user_ms += cpu_ms);
        }
        self.sampler.tick().unwrap();
        // The hand-off is bounded; a test goes faster than any clock.
        std::thread::sleep(std::time::Duration::from_millis(2));
    }

    fn now_ms(&self) -> i64 {
        self.fake.clock().at_ms()
    }
}

fn cpu_of(ira: &Ira, at_ms: Option<i64>, id: &str) -> Option<f64> {
    let answer = ira_api::applications(ira, At { at_ms }).unwrap();
    let row = answer.applications.iter().find(|row| row.id == id)?;
    row.cpu_ratio.map(|ratio| (ratio * 100.0).round() / 100.0)
}

const SHOP: &str = "process:/srv/shop/server.js";

#[test]
fn the_present_is_the_past_a_moment_later() {
    let folder = tempfile::tempdir().unwrap();
    let mut journey = start(machine(), folder.path());
    journey.sampler.tick().unwrap();
    assert_eq!(cpu_of(&journey.ira, None, SHOP), None, "no rate after one sample");
    for second in 0..130_u64 {
        journey.second(60, if second == 40 { 750 } else { 100 });
    }
    let busy_ms = journey.now_ms() - 89_000;
    assert_eq!(cpu_of(&journey.ira, None, SHOP), Some(0.1), "now");
    assert_eq!(cpu_of(&journey.ira, Some(busy_ms), SHOP), Some(0.75), "the busy second");
    assert_eq!(cpu_of(&journey.ira, Some(busy_ms + 999), SHOP), Some(0.75), "until the next one");
    assert_eq!(cpu_of(&journey.ira, Some(busy_ms + 1000), SHOP), Some(0.1), "and after it");
    let live = ira_api::processes(&journey.ira, At::default()).unwrap();
    let past = ira_api::processes(&journey.ira, At { at_ms: Some(journey.now_ms()) }).unwrap();
    let text = |value| serde_json::to_value::<&Vec<_>>(value).unwrap();
    assert_eq!(text(&live.processes), text(&past.processes), "the same rows, to the last field");
    assert_eq!(
        serde_json::to_value(&live.host).unwrap(),
        serde_json::to_value(&past.host).unwrap(),
        "the same machine"
    );
    let detail = ApplicationRequest { id: SHOP.into(), at_ms: Some(busy_ms) };
    let detail = ira_api::application(&journey.ira, detail).unwrap();
    assert_eq!(detail.row.ports, [3000], "ports are kept too");
    assert!(detail.evidence[0].names_it, "{:?}", detail.evidence);
    let early = ira_api::applications(&journey.ira, At { at_ms: Some(1) }).unwrap_err();
    assert_eq!(early.code, Some(ErrorCode::NotRecorded));
}

#[test]
fn totals_add_up_to_the_machine() {
    let folder = tempfile::tempdir().unwrap();
    let mut journey = start(machine(), folder.path());
    journey.sampler.tick().unwrap();
    for _ in 0..3 {
        journey.second(60, 300);
    }
    for at_ms in [None, Some(journey.now_ms())] {
        let answer = ira_api::applications(&journey.ira, At { at_ms }).unwrap();
        let cpu: f64 = answer.applications.iter().filter_map(|row| row.cpu_ratio).sum();
        let rest = answer.unattributed.cpu_ratio.unwrap();
        assert!((cpu + rest - answer.host.cpu_ratio.unwrap()).abs() < 1e-9, "CPU");
        let memory: u64 = answer.applications.iter().filter_map(|row| row.memory_bytes).sum();
        let rest = answer.unattributed.memory_bytes.unwrap();
        assert_eq!(memory.cast_signed() + rest, answer.host.memory_used_bytes.cast_signed());
    }
}

#[test]
fn a_process_that_ended_is_found_again() {
    let folder = tempfile::tempdir().unwrap();
    let mut journey = start(machine(), folder.path());
    journey.sampler.tick().unwrap();
    journey.second(60, 0);
    journey.fake.add(FakeProcess::new(80, "burner").parent(50).arguments(&["burner", "--hot"]));
    for _ in 0..20 {
        journey.second(80, 900);
    }
    let during_ms = journey.now_ms();
    journey.fake.exit(80);
    for _ in 0..90 {
        journey.second(60, 0);
    }
    let live = ira_api::processes(&journey.ira, At::default()).unwrap();
    assert!(live.processes.iter().all(|row| row.name != "burner"), "it is gone now");
    let past = ira_api::processes(&journey.ira, At { at_ms: Some(during_ms) }).unwrap();
    let row = past.processes.iter().find(|row| row.name == "burner").unwrap();
    assert_eq!(row.cpu_ratio, Some(0.9), "and was busy then");
    let request =
        ProcessRequest { pid: 80, start_time_ms: row.start_time_ms, at_ms: Some(during_ms) };
    let detail = ira_api::process(&journey.ira, request.clone()).unwrap();
    assert_eq!(detail.arguments, ["burner", "--hot"]);
    let gone =
        ira_api::process(&journey.ira, ProcessRequest { at_ms: None, ..request }).unwrap_err();
    assert_eq!(gone.code, Some(ErrorCode::NotFound), "{gone}");
    let series = ProcessSeriesRequest {
        pid: 80,
        start_time_ms: row.start_time_ms,
        from_ms: during_ms - 30_000,
        to_ms: journey.now_ms(),
        points: 1000,
    };
    let series = ira_api::process_series(&journey.ira, series).unwrap();
    let seconds = series.series[0].mean.iter().flatten().count();
    assert_eq!(seconds, 20, "its history has the seconds it ran, and gaps around them");
    let (from_ms, to_ms) = (during_ms - 60_000, journey.now_ms());
    let events = EventsRequest { from_ms, to_ms, application: None, limit: 100 };
    let events = ira_api::events(&journey.ira, events).unwrap().events;
    let kinds = |name: &str| -> Vec<EventKind> {
        events.iter().filter(|e| e.name.as_deref() == Some(name)).map(|e| e.kind).collect()
    };
    assert_eq!(kinds("burner"), [EventKind::Started, EventKind::Stopped], "{events:?}");
}

#[test]
fn killed_at_any_moment_nothing_but_the_second_under_way_is_lost() {
    let folder = tempfile::tempdir().unwrap();
    let mut journey = start(machine(), folder.path());
    journey.sampler.tick().unwrap();
    for _ in 0..75 {
        journey.second(60, 100);
    }
    let last_ms = journey.now_ms();
    // What a kill leaves: the files as they are. The lock goes with its holder.
    let copy = tempfile::tempdir().unwrap();
    for file in std::fs::read_dir(folder.path()).unwrap().flatten() {
        std::fs::copy(file.path(), copy.path().join(file.file_name())).unwrap();
    }
    let Journey { fake, .. } = journey;
    let again = start(fake, copy.path());
    assert_eq!(again.ira.engine().recording(), Recording::Recording);
    assert_eq!(cpu_of(&again.ira, Some(last_ms), SHOP), Some(0.1), "the last second is there");
    assert_eq!(cpu_of(&again.ira, Some(last_ms - 70_000), SHOP), Some(0.1), "and the first minute");
}

#[test]
fn a_second_ira_reads_what_the_first_records() {
    let folder = tempfile::tempdir().unwrap();
    let mut first = start(machine(), folder.path());
    first.sampler.tick().unwrap();
    for _ in 0..5 {
        first.second(60, 100);
    }
    let last_ms = first.now_ms();
    let second = start(machine(), folder.path());
    let pid = Some(std::process::id());
    assert_eq!(second.ira.engine().recording(), Recording::Elsewhere { pid }, "it knows who");
    assert_eq!(cpu_of(&second.ira, Some(last_ms), SHOP), Some(0.1), "and reads the last second");
}

#[test]
fn sleep_is_a_gap_and_no_rate_crosses_it() {
    let folder = tempfile::tempdir().unwrap();
    let mut journey = start(machine(), folder.path());
    journey.sampler.tick().unwrap();
    for _ in 0..5 {
        journey.second(60, 100);
    }
    let before_ms = journey.now_ms();
    journey.fake.advance(3_600_000);
    journey.second(60, 100);
    for _ in 0..5 {
        journey.second(60, 100);
    }
    let request =
        TimelineRequest { from_ms: before_ms - 5000, to_ms: journey.now_ms(), points: 4000 };
    let timeline = ira_api::timeline(&journey.ira, request).unwrap();
    let gaps: Vec<_> =
        timeline.gaps.iter().filter(|gap| gap.to_ms - gap.from_ms > 60_000).collect();
    assert_eq!(gaps.len(), 1, "{:?}", timeline.gaps);
    assert_eq!(gaps[0].from_ms, before_ms, "from the last second before");
    let inside = ira_api::applications(&journey.ira, At { at_ms: Some(before_ms + 60_000) });
    assert_eq!(inside.unwrap().at_ms, before_ms, "a moment inside shows the last one before");
}

#[test]
fn series_sparklines_and_settings() {
    let folder = tempfile::tempdir().unwrap();
    let mut journey = start(machine(), folder.path());
    journey.sampler.tick().unwrap();
    for _ in 0..70 {
        journey.second(60, 250);
    }
    let (from_ms, to_ms) = (journey.now_ms() - 65_000, journey.now_ms());
    let request = SeriesRequest {
        application: Some(SHOP.into()),
        metrics: vec![Metric::CpuRatio, Metric::MemoryBytes],
        from_ms,
        to_ms,
        points: 1000,
    };
    let answer = ira_api::series(&journey.ira, request).unwrap();
    assert_eq!(answer.step_ms, 1000);
    let values: Vec<f64> = answer.series[0].mean.iter().flatten().copied().collect();
    assert!(values.len() >= 65, "a value for each second: {}", values.len());
    assert!(values.iter().all(|v| (v - 0.25).abs() < 0.001), "{values:?}");
    let request = SparklinesRequest { metric: Metric::CpuRatio, from_ms, to_ms, points: 100 };
    let lines = ira_api::sparklines(&journey.ira, request).unwrap().sparklines;
    assert!(lines.iter().any(|line| line.application == SHOP), "{lines:?}");

    let chosen = Settings { theme: Theme::Light, ..Settings::default() };
    ira_api::save_settings(&journey.ira, chosen.clone()).unwrap();
    let again = Ira::new(journey.ira.engine().clone());
    assert_eq!(ira_api::settings(&again, Nothing {}).unwrap(), chosen, "kept in the database");
}

#[tokio::test]
async fn streams_tell_what_changed_and_skip_for_the_slow() {
    let folder = tempfile::tempdir().unwrap();
    let mut journey = start(machine(), folder.path());
    journey.sampler.tick().unwrap();
    for _ in 0..3 {
        // What files tell comes when it comes, and may change a row.
        journey.sampler.wait_for_facts(std::time::Duration::from_secs(5));
        journey.second(60, 100);
    }
    let mut feed = journey.ira.subscribe(Stream::Processes);
    let mut next = async || {
        let told = feed.next().await.unwrap();
        match told.frame {
            Frame::Processes(processes) => (told.skipped, processes),
            other => panic!("another frame: {other:?}"),
        }
    };
    let (_, first) = next().await;
    assert!(first.full, "all rows once");
    assert_eq!(first.rows.len(), 5);
    journey.fake.exit(70);
    journey.second(60, 900);
    journey.second(60, 100);
    journey.second(60, 100);
    let (skipped, later) = next().await;
    assert_eq!(skipped, 2, "it slept for three ticks and got one frame");
    assert!(!later.full);
    let changed: Vec<u32> = later.rows.iter().map(|row| row.pid).collect();
    assert_eq!(changed, [60], "only what changed since");
    assert_eq!(later.gone.iter().map(|gone| gone.pid).collect::<Vec<_>>(), [70]);
}

#[test]
fn orders_are_off_where_the_processes_are_not_this_machines() {
    use ira_api::wire::{OrderAction, OrderRequest, OrderTarget, ProcessRef};
    let folder = tempfile::tempdir().unwrap();
    let mut journey = start(machine(), folder.path());
    journey.sampler.tick().unwrap();
    let row = ira_api::processes(&journey.ira, At::default()).unwrap().processes.remove(2);
    let one = ProcessRef { pid: row.pid, start_time_ms: row.start_time_ms };
    let target = OrderTarget::Processes { processes: vec![one] };
    let request = OrderRequest { target, action: OrderAction::Suspend };
    let error = ira_api::order_preview(&journey.ira, request).unwrap_err();
    assert_eq!(error.code, Some(ErrorCode::Refused), "{}", error.message);
}
