//! How much history weighs and how fast it answers: `cargo run --release -p ira-store --example
//! history [HOURS [PROCESSES [WORKING]]]` records so many hours of a made-up machine of which so
//! many processes in a hundred work each second, then asks for random seconds of it. With `IRA_KEEP`
//! the database is copied there.
#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::indexing_slicing)]

use ira_model::{
    Application, ApplicationKind, Attribution, CpuTimes, Evidence, HostSample, ProcessDetails,
    ProcessKey, ProcessSample, Rule,
};
use ira_store::{Before, Boot, Introduction, Location, Metric, Reader, Retention, Tick, Writer};
use std::{sync::Arc, time::Instant};

struct Noise(u64);

impl Noise {
    fn next(&mut self, below: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % below.max(1)
    }
}

fn identity(pid: u32) -> (Arc<ProcessDetails>, Arc<Attribution>) {
    let name = format!("worker-{}", pid % 60);
    let details = ProcessDetails {
        arguments: vec![
            format!("/usr/bin/{name}"),
            "--config".into(),
            format!("/etc/x/{pid}.conf"),
        ],
        executable: Some(format!("/usr/bin/{name}")),
        working_directory: Some("/".into()),
        control_group: Some(format!("/system.slice/{name}.service")),
        user_id: Some(pid % 5),
        name: name.clone(),
        ..ProcessDetails::default()
    };
    let application =
        Application::new(ApplicationKind::Systemd, &format!("{name}.service"), name.clone());
    let evidence = [Rule::SystemdUnit, Rule::Executable].map(|rule| Evidence {
        rule,
        input: format!("/system.slice/{name}.service"),
        result: application.id.clone(),
    });
    let attribution =
        Attribution { application: Arc::new(application), evidence: Arc::from(evidence) };
    (Arc::new(details), Arc::new(attribution))
}

fn main() {
    let numbers: Vec<u64> =
        std::env::args().skip(1).map(|number| number.parse().unwrap()).collect();
    let number = |at: usize, default| numbers.get(at).copied().unwrap_or(default);
    let (hours, processes, working) = (number(0, 48), number(1, 300), number(2, 5));
    let folder = tempfile::tempdir().unwrap();
    let location = Location::in_folder(folder.path());
    // It ends now, so that whoever opens what is kept finds nothing too old in it.
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    let boot_ms = now.as_millis() as i64 - (hours * 3_600_000 + 1_000_000) as i64;
    let retention =
        Retention { seconds_ms: i64::MAX / 4, cap_bytes: u64::MAX, ..Retention::default() };
    let boot = Boot { boot_id: "b".into(), boot_ms };
    let mut writer = Writer::open(&location, &boot, retention).unwrap();
    let mut noise = Noise(0x2545_f491_4f6c_dd1d);
    let mut host = HostSample { cpus: vec![CpuTimes::default(); 2], ..HostSample::default() };
    host.memory.total_bytes = 16 << 30;
    let mut table: Vec<ProcessSample> = (1..=processes as u32)
        .map(|pid| {
            let key = ProcessKey { pid, start_ms: u64::from(pid) * 10 };
            let mut sample = ProcessSample::new(key);
            sample.memory_bytes = Some(noise.next(1 << 18) * 1024);
            sample.threads = Some(1 + noise.next(9) as u32);
            (sample.read_bytes, sample.write_bytes) = (Some(0), Some(0));
            sample
        })
        .collect();
    let mut tick = Tick { boot_ms, since_boot_ms: 1_000_000, ..Tick::default() };
    tick.host.clone_from(&host);
    tick.introduced = table
        .iter()
        .map(|sample| {
            let (details, attribution) = identity(sample.key.pid);
            Introduction { sample: *sample, details, attribution }
        })
        .collect();
    let mut short_lived = 1_000_000_u32;
    let mut in_record = std::time::Duration::ZERO;
    let mut slowest = std::time::Duration::ZERO;
    let mut previous_short = Vec::new();
    for second in 0..hours * 3600 {
        let began = Instant::now();
        writer.record(&tick).unwrap();
        let took = began.elapsed();
        in_record += took;
        slowest = slowest.max(took);
        tick.clear();
        tick.before = Before::Tick;
        tick.elapsed_ms = 1000;
        tick.since_boot_ms += 1000;
        host.uptime_ms += 1000;
        for cpu in &mut host.cpus {
            let busy = noise.next(80) * 10;
            cpu.user_ms += busy;
            cpu.idle_ms += 1000 - busy;
        }
        host.memory.available_bytes = (8 << 30) + noise.next(1 << 12) * 4096;
        tick.host.clone_from(&host);
        for sample in &mut table {
            if noise.next(100) < working {
                let (spent, grown) = (noise.next(4) * 10, noise.next(8));
                sample.user_ms += spent;
                if grown > 4 {
                    sample.memory_bytes = sample.memory_bytes.map(|bytes| bytes + (grown << 12));
                }
                if grown == 1 {
                    sample.write_bytes = sample.write_bytes.map(|bytes| bytes + 4096);
                }
                tick.changed.push(*sample);
            }
        }
        // One short-lived process in ten seconds is seen by a tick.
        tick.exited.append(&mut previous_short);
        if second % 10 == 0 {
            short_lived += 1;
            let key = ProcessKey { pid: short_lived, start_ms: tick.since_boot_ms as u64 };
            let (details, attribution) = identity(short_lived);
            tick.introduced.push(Introduction {
                sample: ProcessSample::new(key),
                details,
                attribution,
            });
            previous_short.push(key);
        }
    }
    writer.flush().unwrap();
    drop(writer);
    let bytes = std::fs::metadata(&location.database).unwrap().len();
    let process_seconds = (hours * 3600 * processes) as f64;
    println!(
        "{hours} h of {processes} processes, {working} % working: {:.1} MiB, {:.3} bytes a process-second, \
         recorder {:.0} us a tick, slowest {:.1} ms",
        bytes as f64 / f64::from(1 << 20),
        bytes as f64 / process_seconds,
        in_record.as_secs_f64() * 1e6 / (hours * 3600) as f64,
        slowest.as_secs_f64() * 1e3,
    );
    if let Ok(path) = std::env::var("IRA_KEEP") {
        std::fs::copy(&location.database, path).unwrap();
    }
    let mut reader = Reader::new(location);
    let (from, to) = reader.range().unwrap().unwrap();
    let mut times: Vec<f64> = (0..400)
        .map(|_| {
            let at_ms = from + noise.next((to - from) as u64) as i64;
            let began = Instant::now();
            let frame = reader.frame_at(at_ms).unwrap().unwrap();
            let took = began.elapsed().as_secs_f64() * 1e3;
            assert!(frame.processes.len() as u64 >= processes);
            took
        })
        .collect();
    times.sort_by(f64::total_cmp);
    println!("a random second: median {:.2} ms, p99 {:.2} ms", times[200], times[396]);
    for (name, span) in [("15 min", 900_000), ("6 h", 21_600_000), ("48 h", 172_800_000)] {
        let began = Instant::now();
        reader.series(None, &[Metric::CpuRatio], to - span, to, 600).unwrap();
        let host = began.elapsed().as_secs_f64() * 1e3;
        let began = Instant::now();
        let id = Some("systemd:worker-7.service");
        reader.series(id, &[Metric::CpuRatio], to - span, to, 600).unwrap();
        println!(
            "{name}: host {host:.1} ms, application {:.1} ms",
            began.elapsed().as_secs_f64() * 1e3
        );
    }
}
