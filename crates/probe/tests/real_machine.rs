//! Both probes on the machine the tests run on.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use ira_model::{
    ExitStatus, Machine, ProcessDetails, ProcessSample, ProcessState, Protocol, Sample,
};
use ira_probe::{PortableProbe, Probe, UserNames};
use std::{
    net::{IpAddr, Ipv4Addr, TcpListener},
    process::{Child, Command, Stdio, id},
    sync::Arc,
    thread::sleep,
    time::{Duration, Instant},
};

/// A probe, the last sample, and all details ever learnt.
struct Bench {
    probe: Box<dyn Probe>,
    sample: Sample,
    learnt: Vec<(ira_model::ProcessKey, Arc<ProcessDetails>)>,
}

impl Bench {
    /// On a machine with many processes the details of this one, the newest, come some ticks later.
    fn new(probe: Box<dyn Probe>) -> Self {
        let mut bench = Self { probe, sample: Sample::default(), learnt: Vec::new() };
        bench.until("this process is known", |bench| bench.known(id()));
        bench
    }

    fn local() -> Self {
        Self::new(ira_probe::local().unwrap())
    }

    fn portable() -> Self {
        Self::new(Box::new(PortableProbe::new().unwrap()))
    }

    fn read(&mut self) {
        self.probe.sample(&mut self.sample).unwrap();
        self.learnt.extend(self.sample.learnt.iter().cloned());
    }

    fn get(&self, pid: u32) -> Option<ProcessSample> {
        self.sample.processes.iter().find(|process| process.key.pid == pid).copied()
    }

    fn details(&self, pid: u32) -> Arc<ProcessDetails> {
        self.known(pid).unwrap_or_else(|| panic!("details of {pid} are known"))
    }

    fn known(&self, pid: u32) -> Option<Arc<ProcessDetails>> {
        let key = self.get(pid)?.key;
        let (_, details) = self.learnt.iter().rfind(|(learnt, _)| *learnt == key)?;
        Some(Arc::clone(details))
    }

    /// Reads until something holds, for five seconds.
    fn until<T>(&mut self, what: &str, mut holds: impl FnMut(&mut Self) -> Option<T>) -> T {
        let started = Instant::now();
        while started.elapsed() < Duration::from_secs(5) {
            self.read();
            if let Some(value) = holds(self) {
                return value;
            }
            sleep(Duration::from_millis(20));
        }
        panic!("{what} within five seconds")
    }
}

/// A child that goes with the test.
struct Running(Child);

impl Running {
    fn new(program: &str, arguments: &[&str]) -> Self {
        let mut command = Command::new(program);
        command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null());
        Self(command.spawn().unwrap())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Until this thread was given so much of a processor, however long that takes on a busy machine.
fn spin(ms: i64) {
    let spent_ms = || {
        let now = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
        now.tv_sec * 1000 + now.tv_nsec / 1_000_000
    };
    let started = spent_ms();
    while spent_ms() - started < ms {}
}

fn own_name() -> String {
    let path = std::env::current_exe().unwrap();
    path.file_name().unwrap().to_string_lossy().into_owned()
}

#[test]
fn this_process_is_found() {
    let bench = Bench::local();
    let own = bench.get(id()).unwrap();
    assert_eq!(own.parent_pid, std::os::unix::process::parent_id(), "its parent");
    assert!(own.memory_bytes.unwrap() > 1 << 20, "a program takes a MiB at least");
    assert!(own.threads.unwrap() >= 1, "and a thread");
    assert!(own.read_bytes.is_some(), "its own bytes may be seen");
    let uptime_ms = bench.sample.host.uptime_ms;
    assert!(own.key.start_ms <= uptime_ms + 10, "it started before now");
    assert!(own.key.start_ms + 600_000 > uptime_ms, "and not ten minutes ago");
    let details = bench.details(id());
    let path = std::env::current_exe().unwrap().canonicalize().unwrap();
    assert_eq!(details.executable.as_deref(), path.to_str(), "the file it runs");
    assert_eq!(details.name, own_name(), "its whole name, longer than 15 bytes");
    let folder = std::env::current_dir().unwrap();
    assert_eq!(details.working_directory.as_deref(), folder.to_str(), "the folder it is in");
    let arguments: Vec<String> = std::env::args().collect();
    assert_eq!(details.arguments, arguments, "as it sees them itself");
    let user_id = rustix::process::geteuid().as_raw();
    assert_eq!(details.user_id, Some(user_id), "its user");
    assert!(UserNames::new().name(user_id).is_some(), "who has a name");
    assert!(!details.denied && !details.is_kernel_thread, "and it is ours");
}

#[test]
fn cpu_time_grows_by_what_was_spun() {
    let mut bench = Bench::local();
    let (before, started) = (bench.get(id()).unwrap(), Instant::now());
    spin(300);
    bench.read();
    let elapsed_ms = u64::try_from(started.elapsed().as_millis()).unwrap();
    let grown_ms = bench.get(id()).unwrap().cpu_ms() - before.cpu_ms();
    assert!(grown_ms >= 280, "{grown_ms} ms is too little");
    let cores = u64::try_from(bench.sample.host.cpus.len()).unwrap();
    assert!(grown_ms <= (elapsed_ms + 20) * cores, "{grown_ms} ms in {elapsed_ms} is too much");
    let busy_ms: u64 = bench.sample.host.cpus.iter().map(|cpu| cpu.busy_ms()).sum();
    assert!(busy_ms > 100, "and the processors say so, too");
}

#[test]
fn the_machine_is_plausible() {
    let bench = Bench::local();
    let Machine { hostname, system, kernel, boot_id, cpu_count, memory_bytes } =
        bench.probe.machine();
    for (what, text) in [("hostname", hostname), ("system", system), ("kernel", kernel)] {
        assert!(!text.is_empty() && !text.contains(['\n', '"']), "{what} is {text:?}");
    }
    assert_eq!(boot_id.len(), 36, "a UUID");
    assert!(*cpu_count >= 1 && *memory_bytes > 64 << 20, "it has processors and memory");
    let host = &bench.sample.host;
    assert!(host.memory.available_bytes <= host.memory.total_bytes, "no more than there is");
    let difference = host.uptime_ms.abs_diff(bench.sample.monotonic_ms);
    assert!(difference < 1000, "uptime and clock agree, but for {difference} ms");
    assert!(bench.sample.at_ms > 1_600_000_000_000, "the wall clock is in this century");
    assert!(bench.sample.processes.is_sorted_by_key(|p| p.key.pid), "ascending by pid");
}

#[test]
fn another_program_is_noticed() {
    let mut bench = Bench::local();
    let child = Running::new("sh", &["-c", "read x </dev/null; exec sleep 5"]);
    let pid = child.0.id();
    // A tick amid execve(2) may read the old name and then the new command line; the next mends it.
    bench.until("sh becomes sleep, by command line and name", |bench| {
        let known = bench.known(pid)?;
        (known.command() == "sleep 5" && known.name == "sleep").then_some(())
    });
    let details = bench.details(pid);
    let file = details.executable.clone().unwrap();
    let is_sleep = ["sleep", "coreutils", "busybox"].iter().any(|name| file.contains(name));
    assert!(is_sleep, "and its file, though {file} may have many names");
    drop(child);
    bench.read();
    assert_eq!(bench.get(pid), None, "and once it ended it is gone");
}

#[test]
fn a_process_that_rests_is_no_other_program() {
    let mut bench = Bench::local();
    let child = Running::new("sleep", &["5"]);
    let pid = child.0.id();
    // Its command line may be read before execve(2) has moved its addresses; once it sleeps, it has.
    bench.until("sleep rests", |b| {
        let rests = b.get(pid)?.state == ProcessState::Sleeping;
        (rests && b.known(pid)?.command() == "sleep 5").then_some(())
    });
    let revision = bench.get(pid).unwrap().details_revision;
    for _ in 0..20 {
        bench.read();
    }
    assert_eq!(bench.get(pid).unwrap().details_revision, revision, "nothing new in 20 ticks");
}

#[test]
fn our_listener_is_ours() {
    let mut bench = Bench::local();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let found = bench.until("the port is found to be ours", |bench| {
        let list = bench.sample.listeners.take()?;
        // On a machine with many descriptors the port is known before its process.
        list.into_iter()
            .find(|one| one.protocol == Protocol::Tcp && one.port == port && one.pid == Some(id()))
    });
    assert_eq!(found.address, IpAddr::V4(Ipv4Addr::LOCALHOST), "where it was bound");
    drop(listener);
    bench.until("the port is given up", |bench| {
        let list = bench.sample.listeners.take()?;
        list.iter().all(|one| one.port != port).then_some(())
    });
}

#[test]
fn memory_of_this_program_is_told() {
    let bench = Bench::local();
    let share = ira_probe::own_memory_pss(id()).unwrap();
    let resident = bench.get(id()).unwrap().memory_bytes.unwrap();
    assert!(share > 0 && share < resident * 2, "{share} of {resident} bytes");
    assert_eq!(ira_probe::own_memory_pss(u32::MAX), None, "nobody has this pid");
}

#[test]
fn both_probes_agree_on_this_process() {
    let (mut linux, mut portable) = (Bench::local(), Bench::portable());
    sleep(Duration::from_millis(250)); // `sysinfo` refreshes processors no more often
    spin(100);
    linux.read();
    portable.read();
    let (ours, theirs) = (linux.get(id()).unwrap(), portable.get(id()).unwrap());
    assert_eq!(ours.parent_pid, theirs.parent_pid, "the same parent");
    let apart = ours.key.start_ms.abs_diff(theirs.key.start_ms);
    assert!(apart <= 2000, "starts {apart} ms apart, told in seconds by one of them");
    let apart = ours.cpu_ms().abs_diff(theirs.cpu_ms());
    assert!(apart <= 100 + ours.cpu_ms() / 10, "CPU times {apart} ms apart");
    let (a, b) = (ours.memory_bytes.unwrap(), theirs.memory_bytes.unwrap());
    assert!(a.abs_diff(b) < a / 4 + (4 << 20), "memory {a} and {b}");
    let (ours, theirs) = (linux.details(id()), portable.details(id()));
    assert_eq!(ours.arguments, theirs.arguments, "the same command line");
    assert_eq!(ours.executable, theirs.executable, "the same program");
    assert_eq!(ours.working_directory, theirs.working_directory, "the same folder");
    assert_eq!(ours.user_id, theirs.user_id, "the same user");

    let (ours, theirs) = (linux.probe.machine(), portable.probe.machine());
    assert_eq!(ours.hostname, theirs.hostname, "the same machine");
    assert_eq!(ours.cpu_count, theirs.cpu_count, "with as many processors");
    assert_eq!(ours.memory_bytes, theirs.memory_bytes, "and as much memory");
    let (a, b) = (linux.sample.processes.len(), portable.sample.processes.len());
    assert!(a.abs_diff(b) <= 10 + a / 10, "{a} and {b} processes");
    let busy: u64 = portable.sample.host.cpus.iter().map(|cpu| cpu.busy_ms()).sum();
    assert!(busy > 0, "processors worked while this test did");
}

#[test]
fn a_port_in_a_network_of_its_own_is_marked() {
    // Only the administrator may make one.
    let probe = Command::new("unshare").args(["-n", "true"]).stderr(Stdio::null()).status();
    if !probe.is_ok_and(|status| status.success()) {
        return;
    }
    let serve = "import socket,time;s=socket.create_server(('', 4711));time.sleep(1000)";
    let server = Running::new("unshare", &["-n", "python3", "-c", serve]);
    let pid = Some(server.0.id());
    let mut bench = Bench::local();
    let listener = bench.until("the port is told", |bench| {
        let list = bench.sample.listeners.take()?;
        list.into_iter().find(|one| one.pid == pid && one.port == 4711)
    });
    assert!(listener.namespace.is_some() && listener.protocol == Protocol::Tcp, "{listener:?}");
    drop(server);
    bench.until("and that it is gone", |bench| {
        let list = bench.sample.listeners.take()?;
        list.iter().all(|one| one.port != 4711).then_some(())
    });
}

#[test]
fn the_portable_probe_notices_another_program() {
    let mut bench = Bench::portable();
    let child = Running::new("sh", &["-c", "sleep 0.2; exec sleep 5"]);
    let pid = child.0.id();
    bench.until("sh becomes sleep", |bench| {
        let executed = bench.get(pid)?.details_revision > 1;
        (executed && bench.known(pid)?.command() == "sleep 5").then_some(())
    });
    assert!(!bench.probe.limits().is_empty(), "and it says what it cannot tell");
}

/// What the kernel tells of exits, where this user may ask.
fn told_exits() -> Option<Bench> {
    let bench = Bench::local();
    let is_told =
        !bench.probe.limits().iter().any(|limit| limit.what.contains("how processes ended"));
    is_told.then_some(bench)
}

#[test]
fn one_that_no_tick_saw_is_told_of() {
    let Some(mut bench) = told_exits() else { return };
    bench.read();
    let script = "i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done; exit 7";
    let mut child = Command::new("sh").args(["-c", script]).spawn().unwrap();
    child.wait().unwrap();
    bench.read();
    let ended = bench.sample.ended.iter().find(|ended| ended.key.pid == child.id()).unwrap();
    assert_eq!(ended.status, Some(ExitStatus::Code(7)), "how: {ended:?}");
    assert_eq!((ended.parent_pid, ended.name.as_str()), (id(), "sh"), "who: {ended:?}");
    assert!((1..1000).contains(&(ended.user_ms + ended.system_ms)), "it worked: {ended:?}");
    let age_ms = bench.sample.monotonic_ms.saturating_sub(ended.key.start_ms);
    assert!(age_ms < 2000, "it began a moment ago, {age_ms} ms");
    bench.read();
    assert!(bench.sample.ended.iter().all(|ended| ended.key.pid != child.id()), "told once");
}

#[test]
fn one_that_was_killed_is_told_of_under_its_key_once_it_leaves() {
    let Some(mut bench) = told_exits() else { return };
    let mut child = Command::new("sleep").arg("50").spawn().unwrap();
    let key = bench.until("sleep is listed", |bench| Some(bench.get(child.id())?.key));
    child.kill().unwrap();
    // Not waited for: it stays in the list.
    let is_zombie =
        |bench: &mut Bench| (bench.get(key.pid)?.state == ProcessState::Zombie).then_some(());
    bench.until("it has ended", is_zombie);
    assert!(bench.sample.ended.iter().all(|ended| ended.key != key), "it is still listed");
    child.wait().unwrap();
    bench.read();
    let ended = bench.sample.ended.iter().find(|ended| ended.key == key).unwrap();
    assert_eq!(ended.status, Some(ExitStatus::Signal(9)), "how: {ended:?}");
}

#[test]
fn threads_are_no_processes() {
    let Some(mut bench) = told_exits() else { return };
    bench.read();
    std::thread::spawn(|| spin(5)).join().unwrap();
    bench.read();
    let own = bench.sample.ended.iter().find(|ended| ended.key.pid == id());
    assert_eq!(own, None, "this process goes on");
}
