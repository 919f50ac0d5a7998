//! The files of a fake `/proc` and `/sys` that show the machine as a whole.

use crate::fake_process::tick_ms;
use ira_model::{CpuTimes, HostSample, InterfaceCounters, Load, Memory, Pressure};
use std::{fmt::Write as _, fs, path::Path};

/// A quiet machine of two processors, 8 GiB, one disk and one interface, up for an hour.
pub(crate) fn quiet() -> HostSample {
    HostSample {
        cpus: vec![CpuTimes { idle_ms: 3_600_000, ..CpuTimes::default() }; 2],
        memory: Memory {
            total_bytes: 8 << 30,
            available_bytes: 6 << 30,
            free_bytes: 4 << 30,
            cached_bytes: 2 << 30,
            swap_total_bytes: 1 << 30,
            swap_free_bytes: 1 << 30,
        },
        load: Some(Load { one_x100: 12, five_x100: 34, fifteen_x100: 56 }),
        pressure: Some(Pressure::default()),
        disks: vec![ira_model::DiskCounters { name: "vda".into(), ..Default::default() }],
        interfaces: vec![InterfaceCounters { name: "eth0".into(), ..Default::default() }],
        uptime_ms: 3_600_000,
        running_threads: Some(3),
    }
}

/// Writes every file in place. What the sample leaves out gets no file.
pub(crate) fn write(host: &HostSample, last_pid: u32, proc: &Path, sys: &Path) {
    let put = |name: &str, text: &str| {
        fs::write(proc.join(name), text).expect("a file of the machine can be written");
    };
    put("stat", &stat(host));
    put("meminfo", &meminfo(&host.memory));
    put("uptime", &format!("{} 0.00\n", decimals(host.uptime_ms / 10)));
    write_load(host, last_pid, proc);
    match host.pressure {
        Some(p) => {
            fs::create_dir_all(proc.join("pressure")).expect("a folder can be made");
            put("pressure/cpu", &pressure(p.cpu_some_us, 0));
            put("pressure/memory", &pressure(p.memory_some_us, p.memory_full_us));
            put("pressure/io", &pressure(p.io_some_us, p.io_full_us));
        }
        None => drop(fs::remove_dir_all(proc.join("pressure"))),
    }
    put("diskstats", &diskstats(host, sys));
    put("net/dev", &network(host));
}

/// Writes the file that shows load and the last pid given.
pub(crate) fn write_load(host: &HostSample, last_pid: u32, proc: &Path) {
    let path = proc.join("loadavg");
    let Some(load) = host.load else { return drop(fs::remove_file(path)) };
    let [one, five, fifteen] = [load.one_x100, load.five_x100, load.fifteen_x100].map(decimals);
    let text = format!("{one} {five} {fifteen} 1/100 {last_pid}\n");
    fs::write(path, text).expect("a file of the machine can be written");
}

fn stat(host: &HostSample) -> String {
    let mut sum = [0; 8];
    let mut lines = String::new();
    for (number, cpu) in host.cpus.iter().enumerate() {
        let ticks = cpu.as_array().map(|ms| ms / tick_ms());
        sum.iter_mut().zip(ticks).for_each(|(all, one)| *all += one);
        writeln!(lines, "cpu{number} {} 0 0", words(&ticks)).expect("a text can be written");
    }
    format!("cpu  {} 0 0\n{lines}intr 1 2 3\nctxt 4\nbtime 1767225600\n", words(&sum))
}

fn meminfo(memory: &Memory) -> String {
    let mut text = String::new();
    for (key, bytes) in [
        ("MemTotal", memory.total_bytes),
        ("MemFree", memory.free_bytes),
        ("MemAvailable", memory.available_bytes),
        ("Buffers", 0),
        ("Cached", memory.cached_bytes),
        ("SwapTotal", memory.swap_total_bytes),
        ("SwapFree", memory.swap_free_bytes),
        ("Shmem", 0),
        ("SReclaimable", 0),
    ] {
        writeln!(text, "{key}: {:>14} kB", bytes / 1024).expect("a text can be written");
    }
    text
}

fn diskstats(host: &HostSample, sys: &Path) -> String {
    let mut text = String::from("   7       0 loop0 0 0 0 0 0 0 0 0 0 0 0\n");
    for disk in &host.disks {
        fs::create_dir_all(sys.join("block").join(&disk.name)).expect("a folder can be made");
        let (read, written) = (disk.read_bytes / 512, disk.write_bytes / 512);
        for name in [disk.name.clone(), format!("{}1", disk.name)] {
            writeln!(text, " 254       0 {name} 1 0 {read} 0 1 0 {written} 0 0 {} 0", disk.busy_ms)
                .expect("a text can be written");
        }
    }
    text
}

fn network(host: &HostSample) -> String {
    let mut text = String::from(
        "Inter-|   Receive                                                |  Transmit\n face \
         |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs\n    \
         lo: 9 1 0 0 0 0 0 0 9 1 0 0 0 0 0 0\n",
    );
    for interface in &host.interfaces {
        let InterfaceCounters { name, received_bytes, sent_bytes } = interface;
        writeln!(text, "{name:>6}: {received_bytes} 1 0 0 0 0 0 0 {sent_bytes} 1 0 0 0 0 0 0")
            .expect("a text can be written");
    }
    text
}

fn pressure(some_us: u64, full_us: u64) -> String {
    let averages = "avg10=0.00 avg60=0.00 avg300=0.00";
    format!("some {averages} total={some_us}\nfull {averages} total={full_us}\n")
}

fn decimals(hundredths: u64) -> String {
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}

fn words(numbers: &[u64]) -> String {
    numbers.iter().map(u64::to_string).collect::<Vec<_>>().join(" ")
}
