//! The Linux probe on made-up machines: what starts, ends, changes and is damaged between ticks.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use ira_model::{
    DiskCounters, InterfaceCounters, Listener, ProcessDetails, ProcessSample, ProcessState,
    Protocol, Sample,
};
use ira_probe::{LimitKind, LinuxProbe, Moment, Probe, ProbeError};
use ira_testkit::{FakeProc, FakeProcess};
use std::sync::Arc;

/// A made-up machine, the probe of it and the last sample.
struct Bench {
    fake: FakeProc,
    probe: LinuxProbe,
    sample: Sample,
}

impl Bench {
    fn new(processes: impl IntoIterator<Item = FakeProcess>) -> Self {
        let mut fake = FakeProc::new();
        for process in processes {
            fake.add(process);
        }
        let clock = fake.clock();
        let now = move || Moment { at_ms: clock.at_ms(), monotonic_ms: clock.monotonic_ms() };
        let probe = LinuxProbe::new(&fake.proc_root(), &fake.sys_root()).unwrap().with_clock(now);
        let mut bench = Self { fake, probe, sample: Sample::default() };
        bench.read();
        bench
    }

    fn read(&mut self) {
        self.probe.sample(&mut self.sample).unwrap();
    }

    /// A second passes.
    fn tick(&mut self) {
        self.fake.advance(1000);
        self.read();
    }

    fn get(&self, pid: u32) -> Option<ProcessSample> {
        let processes = &self.sample.processes;
        let index = processes.binary_search_by_key(&pid, |process| process.key.pid).ok()?;
        Some(processes[index])
    }

    fn pids(&self) -> Vec<u32> {
        self.sample.processes.iter().map(|process| process.key.pid).collect()
    }

    /// The details learnt of a process in the last tick.
    fn learnt(&self, pid: u32) -> Option<Arc<ProcessDetails>> {
        let mut found = self.sample.learnt.iter().filter(|(key, _)| key.pid == pid);
        let details = found.next().map(|(_, details)| Arc::clone(details));
        assert!(found.next().is_none(), "details of {pid} are learnt once a tick at most");
        details
    }
}

#[test]
fn the_machine_is_told() {
    let bench = Bench::new([]);
    let machine = bench.probe.machine();
    assert_eq!(machine.hostname, "fake", "from sys/kernel/hostname");
    assert_eq!(machine.kernel, "6.1.0-fake", "from sys/kernel/osrelease");
    assert_eq!(machine.boot_id, "00000000-0000-4000-8000-000000000001", "from boot_id");
    assert_eq!((machine.cpu_count, machine.memory_bytes), (2, 8 << 30), "its size");
    let host = &bench.sample.host;
    assert_eq!(bench.sample.monotonic_ms, 3_600_000, "the clock that was given");
    assert_eq!(host.uptime_ms, 3_600_000, "an hour");
    assert_eq!(host.disks.iter().map(|d| d.name.as_str()).collect::<Vec<_>>(), ["vda"]);
    assert_eq!(host.interfaces[0].name, "eth0", "without loopback");
    assert_eq!(bench.probe.limits(), [], "nothing is refused here");
}

#[test]
fn a_process_is_read_whole() {
    let process = FakeProcess::new(100, "nginx")
        .parent(1)
        .arguments(&["nginx", "-g", "daemon off;"])
        .executable(Some("/usr/sbin/nginx (deleted)"))
        .working_directory(Some("/srv"))
        .control_group("/system.slice/nginx.service")
        .user(33)
        .group(99, 98)
        .terminal()
        .threads(4)
        .memory_bytes(64 << 20)
        .cpu_ms(1500, 250)
        .io_bytes(4096, 8192)
        .start_ms(2_000_000)
        .state('R');
    let bench = Bench::new([process]);
    let sample = bench.get(100).unwrap();
    assert_eq!(sample.key.start_ms, 2_000_000, "after boot");
    assert_eq!((sample.parent_pid, sample.state), (1, ProcessState::Running));
    assert_eq!((sample.user_ms, sample.system_ms), (1500, 250), "ticks become milliseconds");
    assert_eq!((sample.threads, sample.memory_bytes), (Some(4), Some(64 << 20)));
    assert_eq!((sample.read_bytes, sample.write_bytes), (Some(4096), Some(8192)));
    assert_eq!(sample.details_revision, 1, "its details were learnt");
    let expected = ProcessDetails {
        name: "nginx".into(),
        arguments: vec!["nginx".into(), "-g".into(), "daemon off;".into()],
        executable: Some("/usr/sbin/nginx".into()),
        working_directory: Some("/srv".into()),
        control_group: Some("/system.slice/nginx.service".into()),
        user_id: Some(33),
        process_group: 99,
        session: 98,
        has_terminal: true,
        is_kernel_thread: false,
        denied: false,
    };
    assert_eq!(bench.learnt(100).as_deref(), Some(&expected));
}

#[test]
fn processes_come_and_go() {
    let mut bench = Bench::new([FakeProcess::new(50, "a"), FakeProcess::new(300, "b")]);
    assert_eq!(bench.pids(), [1, 50, 300], "ascending");
    bench.fake.exit(50);
    bench.fake.add(FakeProcess::new(20, "c"));
    bench.fake.add(FakeProcess::new(4000, "d"));
    bench.tick();
    assert_eq!(bench.pids(), [1, 20, 300, 4000], "one went, two came");
    let mut learnt: Vec<u32> = bench.sample.learnt.iter().map(|(key, _)| key.pid).collect();
    learnt.sort_unstable();
    assert_eq!(learnt, [20, 4000], "only the new ones are learnt");
    bench.tick();
    assert!(bench.sample.learnt.is_empty(), "and only once");
}

#[test]
fn what_children_used_whom_nobody_saw_is_told_by_their_parent() {
    let mut bench = Bench::new([
        FakeProcess::new(10, "make").children_ms(5000),
        FakeProcess::new(11, "cc").parent(10).cpu_ms(100, 50),
    ]);
    bench.tick();
    assert_eq!(bench.sample.ended, [], "what was before the first tick is nobody's");
    bench.fake.exit(11);
    bench.fake.change(10, |process| process.children_ms(5000 + 150 + 80));
    bench.tick();
    let told: Vec<_> =
        bench.sample.ended.iter().map(|e| (e.key.pid, e.parent_pid, e.user_ms, e.status)).collect();
    assert_eq!(told, [(0, 10, 80, None)], "150 ms of cc were seen, 80 ms of others were not");
    bench.tick();
    assert_eq!(bench.sample.ended, [], "and that once");
}

#[test]
fn a_reused_pid_is_another_process() {
    let mut bench = Bench::new([FakeProcess::new(70, "old").cpu_ms(5000, 0).io_bytes(9, 9)]);
    let old = bench.get(70).unwrap();
    bench.fake.advance(1000);
    bench.fake.reuse(FakeProcess::new(70, "new").cpu_ms(10, 0));
    bench.read();
    let new = bench.get(70).unwrap();
    assert_ne!(old.key, new.key, "the start tells them apart");
    assert_eq!((new.user_ms, new.read_bytes), (10, Some(0)), "nothing is left of the old one");
    assert_eq!((new.details_revision, bench.learnt(70).unwrap().name.as_str()), (1, "new"));

    bench.fake.advance(1000);
    bench.fake.exit(70);
    bench.fake.add(FakeProcess::new(70, "third"));
    bench.read();
    assert_ne!(bench.get(70).unwrap().key, new.key, "its folder is another one, too");
    assert_eq!(bench.learnt(70).unwrap().name, "third");
}

#[test]
fn another_program_is_learnt() {
    let mut bench = Bench::new([FakeProcess::new(80, "sh").arguments(&["sh", "-c", "x"])]);
    let key = bench.get(80).unwrap().key;
    bench.fake.execute(80, "sleep", &["sleep", "5"]);
    bench.tick();
    let sample = bench.get(80).unwrap();
    assert_eq!((sample.key, sample.details_revision), (key, 2), "the same process");
    assert_eq!(bench.learnt(80).unwrap().command(), "sleep 5", "another program");
    bench.fake.execute(80, "sleep", &["sleep", "6"]);
    bench.tick();
    assert_eq!(bench.learnt(80).unwrap().command(), "sleep 6", "under the same name, too");
}

#[test]
fn a_new_title_or_group_is_seen_within_a_minute() {
    let mut bench = Bench::new([FakeProcess::new(90, "app")]);
    bench.tick();
    bench.fake.change(90, |process| process.arguments(&["app: working"]));
    let seen = (1..=61).find(|_| {
        bench.tick();
        bench.learnt(90).is_some()
    });
    assert!(seen.is_some(), "each process has its turn once a minute");
    bench.fake.change(90, |process| process.control_group("/user.slice/app.scope"));
    let again = (1..=61).find(|_| {
        bench.tick();
        bench.learnt(90).is_some()
    });
    assert_eq!(again, Some(60), "sixty seconds later");
    assert_eq!(bench.get(90).unwrap().details_revision, 3, "learnt at first and twice again");
}

#[test]
fn a_new_process_is_looked_at_again_soon() {
    let mut bench = Bench::new([]);
    bench.fake.advance(1000);
    bench.fake.add(FakeProcess::new(91, "app"));
    bench.read();
    bench.fake.change(91, |process| process.control_group("/user.slice/app.scope").user(1000));
    bench.tick();
    assert!(bench.learnt(91).is_none(), "not at once");
    bench.tick();
    let details = bench.learnt(91).unwrap();
    assert_eq!(details.control_group.as_deref(), Some("/user.slice/app.scope"), "moved");
    assert_eq!(details.user_id, Some(1000), "and another user's");
}

#[test]
fn bytes_are_read_when_the_process_ran_or_in_turn() {
    let mut bench = Bench::new([FakeProcess::new(60, "db")]);
    bench.fake.transfer(60, 1000, 2000);
    bench.fake.spend_cpu(60, 10, 0);
    bench.tick();
    assert_eq!(bench.get(60).unwrap().write_bytes, Some(2000), "it ran, so it was read");
    bench.fake.transfer(60, 0, 500);
    let turn = (1..=10).find(|_| {
        bench.tick();
        bench.get(60).unwrap().write_bytes == Some(2500)
    });
    assert!(turn.is_some(), "its turn comes within ten seconds though it did not run");
}

#[test]
fn absent_files_are_absent_figures() {
    let process = FakeProcess::new(61, "theirs")
        .without_io()
        .executable(None)
        .working_directory(None)
        .arguments(&[]);
    let mut bench = Bench::new([process]);
    let sample = bench.get(61).unwrap();
    assert_eq!((sample.read_bytes, sample.write_bytes), (None, None), "no io");
    let details = bench.learnt(61).unwrap();
    assert_eq!((details.executable.as_deref(), details.name.as_str()), (None, "theirs"));
    assert_eq!(details.command(), "theirs", "for want of a command line");
    let limits = bench.probe.limits();
    assert_eq!(limits.len(), 1, "said once: {limits:?}");
    assert_eq!(limits[0].kind, LimitKind::Unsupported, "the file is not there at all");

    bench.fake.change(61, |process| process.io_bytes(7, 7));
    bench.fake.spend_cpu(61, 10, 0);
    bench.tick();
    assert_eq!(bench.get(61).unwrap().read_bytes, None, "what was refused is not asked again");
    bench.fake.execute(61, "mine", &["mine"]);
    bench.tick();
    assert_eq!(bench.get(61).unwrap().read_bytes, Some(7), "until it is another program");
}

#[test]
fn kernel_threads_are_cheap() {
    let mut bench = Bench::new([
        FakeProcess::kernel_thread(2, "kthreadd"),
        FakeProcess::kernel_thread(11, "kworker/0:1-events_power_efficient"),
    ]);
    let sample = bench.get(11).unwrap();
    assert_eq!((sample.parent_pid, sample.state), (2, ProcessState::Idle));
    assert_eq!(sample.read_bytes, None, "no bytes of its own");
    let details = bench.learnt(11).unwrap();
    assert!(details.is_kernel_thread && details.arguments.is_empty(), "no program");
    assert_eq!(details.command(), "[kworker/0:1-events_power_efficient]", "as people know it");
    bench.fake.change(11, |_| FakeProcess::kernel_thread(11, "kworker/0:1").start_ms(3_600_000));
    bench.tick();
    assert!(bench.learnt(11).is_none(), "another task is no other program");
    assert_eq!(bench.probe.limits(), [], "and nothing is missing");
}

#[test]
fn a_zombie_keeps_what_was_known() {
    let mut bench = Bench::new([FakeProcess::new(62, "short").cpu_ms(40, 0)]);
    bench.fake.become_zombie(62);
    for _ in 0..62 {
        bench.tick();
        assert!(bench.learnt(62).is_none(), "nothing is learnt from what is gone");
    }
    let sample = bench.get(62).unwrap();
    assert_eq!((sample.state, sample.details_revision), (ProcessState::Zombie, 1));
    assert_eq!(sample.user_ms, 40, "its figures stay");
}

#[test]
fn damaged_processes_are_left_out() {
    let names = ["a) S 1", "two words", "line\nend", "((", "ünï"];
    let hostile = names.iter().zip(200..).map(|(name, pid)| FakeProcess::new(pid, name));
    let mut bench = Bench::new(hostile.chain([FakeProcess::new(300, "cut")]));
    for (name, pid) in names.iter().zip(200..) {
        assert_eq!(bench.learnt(pid).unwrap().name, *name, "any name is a name");
    }
    bench.fake.write("300/stat", "300 (cut) S 1 300");
    bench.tick();
    assert_eq!(bench.get(300), None, "a cut line tells nothing");
    let limits = bench.probe.limits();
    assert!(limits[0].what.contains("session"), "and it is said what is missing: {limits:?}");
    bench.fake.remove("300");
    std::fs::create_dir(bench.fake.proc_root().join("301")).unwrap();
    bench.tick();
    assert_eq!(bench.get(301), None, "a folder without files is a process that just ended");
}

#[test]
fn the_machine_s_files_are_checked() {
    let bench = Bench::new([]);
    let open = || LinuxProbe::new(&bench.fake.proc_root(), &bench.fake.sys_root());
    bench.fake.write("meminfo", "MemFree: 1 kB\n");
    let error = open().unwrap_err();
    assert!(matches!(&error, ProbeError::Parse { item: "MemTotal", .. }), "{error}");
    bench.fake.remove("stat");
    let error = open().unwrap_err();
    assert!(error.to_string().contains("proc/stat"), "it names the file: {error}");
    let nowhere = LinuxProbe::new("/nonexistent".as_ref(), "/sys".as_ref()).unwrap_err();
    assert!(nowhere.to_string().contains("/nonexistent"), "it names the folder: {nowhere}");
}

#[test]
fn devices_come_and_go() {
    let mut bench = Bench::new([]);
    bench.fake.change_host(|host| {
        host.disks.push(DiskCounters {
            name: "sdb".into(),
            read_bytes: 512,
            write_bytes: 1024,
            busy_ms: 7,
        });
        host.interfaces[0].sent_bytes = 99;
        host.interfaces.push(InterfaceCounters { name: "tun0".into(), ..Default::default() });
        host.load = None;
    });
    bench.tick();
    let host = &bench.sample.host;
    assert_eq!(host.disks[1].write_bytes, 1024, "sectors become bytes");
    assert_eq!(host.interfaces.len(), 2, "an interface came");
    assert_eq!(host.interfaces[0].sent_bytes, 99, "and the other one sent something");
    bench.fake.change_host(|host| {
        host.disks.remove(0);
        host.interfaces.clear();
    });
    bench.tick();
    let host = &bench.sample.host;
    assert_eq!(host.disks.len(), 1, "a disk was pulled out");
    assert_eq!((host.disks[0].name.as_str(), host.disks[0].busy_ms), ("sdb", 7));
    assert!(host.interfaces.is_empty(), "and the cables, too");
}

fn port(protocol: Protocol, port: u16, pid: Option<u32>) -> Listener {
    let address = "0.0.0.0".parse().unwrap();
    Listener { protocol, port, address, pid, is_private: false }
}

#[test]
fn listeners_find_their_process() {
    let mut bench = Bench::new([FakeProcess::new(40, "web")]);
    assert_eq!(bench.sample.listeners, Some(vec![]), "the first list is given, though empty");
    let inode = bench.fake.listen(40, Protocol::Tcp, 8080);
    let mut lists = Vec::new();
    for _ in 0..5 {
        bench.tick();
        lists.extend(bench.sample.listeners.take());
    }
    assert_eq!(lists, [vec![port(Protocol::Tcp, 8080, Some(40))]], "within five ticks, once");
    for _ in 0..10 {
        bench.tick();
        assert_eq!(bench.sample.listeners, None, "nothing changed, nothing is given");
    }
    bench.fake.close(inode);
    let gone = (0..5).find_map(|_| {
        bench.tick();
        bench.sample.listeners.take()
    });
    assert_eq!(gone, Some(vec![]), "closed");
}

#[test]
fn the_eldest_holder_is_named() {
    let mut bench = Bench::new([FakeProcess::new(40, "web").start_ms(1_000_000)]);
    let inode = bench.fake.listen(40, Protocol::Tcp, 8080);
    for pid in [41, 42] {
        bench.fake.add(FakeProcess::new(pid, "worker").parent(40));
        bench.fake.hold(pid, inode);
    }
    for _ in 0..5 {
        bench.tick();
    }
    let expected = vec![port(Protocol::Tcp, 8080, Some(40))];
    assert_eq!(bench.sample.listeners, Some(expected), "not the workers that inherited it");
    bench.fake.exit(42);
    for _ in 0..10 {
        bench.tick();
        assert_eq!(bench.sample.listeners, None, "so workers may go without a word");
    }
    bench.fake.exit(40);
    let found = (0..5).find_map(|_| {
        bench.tick();
        bench.sample.listeners.take()
    });
    assert_eq!(found, Some(vec![port(Protocol::Tcp, 8080, Some(41))]), "now the worker has it");
}

#[test]
fn a_socket_nobody_shows_has_no_pid() {
    let mut bench = Bench::new([FakeProcess::new(40, "theirs")]);
    bench.fake.listen(40, Protocol::Tcp, 22);
    bench.fake.remove("40/fd");
    let list = (0..5).find_map(|_| {
        bench.tick();
        bench.sample.listeners.take()
    });
    assert_eq!(list, Some(vec![port(Protocol::Tcp, 22, None)]), "the port is known all the same");
}

#[test]
fn a_datagram_socket_counts_once_it_stayed() {
    let mut bench = Bench::new([FakeProcess::new(40, "dns")]);
    bench.fake.listen(40, Protocol::Udp, 53);
    let seen = (1..=10).find(|_| {
        bench.tick();
        bench.sample.listeners.is_some()
    });
    assert_eq!(seen, Some(10), "at its second reading");
    assert_eq!(bench.sample.listeners, Some(vec![port(Protocol::Udp, 53, Some(40))]));
}

#[test]
fn a_thousand_processes_tick() {
    let many = (1000..2000).map(|pid| FakeProcess::new(pid, "many").io_bytes(u64::from(pid), 0));
    let mut bench = Bench::new(many);
    assert_eq!(bench.sample.processes.len(), 1001, "all of them, and init, at once");
    assert_eq!(bench.sample.learnt.len(), 500, "details of half of them");
    bench.tick();
    assert_eq!(bench.sample.learnt.len(), 500, "of the others a tick later");
    bench.tick();
    assert_eq!(bench.sample.learnt.len(), 1, "and the newest last");
    for pid in (1000..2000).step_by(3) {
        bench.fake.spend_cpu(pid, 10, 0);
    }
    for pid in (1001..2000).step_by(3) {
        bench.fake.exit(pid);
    }
    bench.tick();
    assert_eq!(bench.sample.processes.len(), 1 + 1000 - 333, "a third went");
    for process in bench.sample.processes.iter().skip(1) {
        let pid = process.key.pid;
        let expected = if (pid - 1000).is_multiple_of(3) { 10 } else { 0 };
        assert_eq!(process.user_ms, expected, "each has its own figures, as {pid}");
        assert_eq!(process.read_bytes, Some(u64::from(pid)), "and bytes, as {pid}");
        assert_eq!(process.details_revision, 1, "and details, as {pid}");
    }
}
