//! A `/proc` and a `/sys` in a temporary folder, which a test changes between ticks.

use crate::{
    FakeProcess, ManualClock,
    fake_groups::FakeGroups,
    fake_host,
    fake_process::{OWN_NETWORK, link_network},
};
use ira_model::{HostSample, Protocol};
use std::{collections::BTreeMap, fmt::Write as _, fs, path::PathBuf};
use tempfile::TempDir;

/// What it costs to begin, to end or to execute another program, microseconds.
const FORK_US: u64 = 300;

/// A made-up machine. Its files show every change at once, through open descriptors too.
///
/// ```
/// use ira_testkit::{FakeProc, FakeProcess};
///
/// let mut machine = FakeProc::new();
/// machine.add(FakeProcess::new(100, "nginx").control_group("/system.slice/nginx.service"));
/// machine.spend_cpu(100, 20, 10);
/// machine.advance(1000);
/// assert!(machine.proc_root().join("100/stat").exists());
/// ```
#[derive(Debug)]
pub struct FakeProc {
    root: TempDir,
    clock: ManualClock,
    host: HostSample,
    processes: BTreeMap<u32, FakeProcess>,
    sockets: BTreeMap<u64, Listening>,
    next_inode: u64,
    last_pid: u32,
    groups: Option<FakeGroups>,
}

#[derive(Debug)]
struct Listening {
    protocol: Protocol,
    port: u16,
    /// Its network namespace.
    network: u64,
}

/// In memory where there is such a place, as these are many small files and many changes.
fn folder_in_memory() -> std::io::Result<TempDir> {
    TempDir::new_in("/dev/shm").or_else(|_| TempDir::new())
}

impl Default for FakeProc {
    fn default() -> Self {
        Self::new()
    }
}

impl FakeProc {
    /// A quiet machine, up for an hour, with `init` as its only process.
    #[must_use]
    pub fn new() -> Self {
        let host = fake_host::quiet();
        let mut fake = Self {
            root: folder_in_memory().expect("a temporary folder can be made"),
            clock: ManualClock::at(host.uptime_ms),
            host,
            processes: BTreeMap::new(),
            sockets: BTreeMap::new(),
            next_inode: 1000,
            last_pid: 0,
            groups: None,
        };
        for folder in ["proc/net", "proc/sys/kernel/random", "sys/block"] {
            fs::create_dir_all(fake.root.path().join(folder)).expect("a folder can be made");
        }
        fake.write("sys/kernel/hostname", "fake\n");
        fake.write("sys/kernel/osrelease", "6.1.0-fake\n");
        fake.write("sys/kernel/random/boot_id", "00000000-0000-4000-8000-000000000001\n");
        fake.write_host();
        link_network(&fake.proc_root().join("self"), OWN_NETWORK);
        fake.write_sockets();
        fake.add(FakeProcess::new(1, "init").start_ms(0));
        fake
    }

    /// From now on `/sys/fs/cgroup` is a hierarchy of version 2 with CPU times, which shows the
    /// group each process says it is in.
    pub fn account_groups(&mut self) {
        let mut groups = FakeGroups::new(self.sys_root().join("fs/cgroup"));
        for (pid, process) in &self.processes {
            groups.enter(*pid, &process.control_groups);
        }
        self.groups = Some(groups);
    }

    /// A group goes, as its last process has.
    pub fn remove_group(&mut self, path: &str) {
        if let Some(groups) = &mut self.groups {
            groups.remove(path);
        }
    }

    /// The folder to use as `/proc`.
    #[must_use]
    pub fn proc_root(&self) -> PathBuf {
        self.root.path().join("proc")
    }

    /// The folder to use as `/sys`.
    #[must_use]
    pub fn sys_root(&self) -> PathBuf {
        self.root.path().join("sys")
    }

    /// The clock of this machine, to be given to what reads it.
    #[must_use]
    pub fn clock(&self) -> ManualClock {
        self.clock.clone()
    }

    /// Lets time pass for its clock, its uptime and its processors, which do nothing meanwhile;
    /// milliseconds.
    pub fn advance(&mut self, ms: u64) {
        self.clock.advance(ms);
        self.change_host(|host| {
            host.uptime_ms += ms;
            host.cpus.iter_mut().for_each(|cpu| cpu.idle_ms += ms);
        });
    }

    /// Changes the machine as a whole; disks and interfaces may come and go.
    pub fn change_host(&mut self, change: impl FnOnce(&mut HostSample)) {
        change(&mut self.host);
        self.write_host();
    }

    /// Starts a process; gives its pid.
    pub fn add(&mut self, mut process: FakeProcess) -> u32 {
        let pid = process.pid;
        process.start_ms.get_or_insert(self.clock.monotonic_ms());
        process.write(&self.folder(pid));
        if let Some(groups) = &mut self.groups {
            groups.leave(pid);
            groups.enter(pid, &process.control_groups);
            groups.charge(pid, FORK_US);
        }
        let is_elsewhere = process.network != OWN_NETWORK;
        self.processes.insert(pid, process);
        if is_elsewhere {
            self.write_sockets();
        }
        self.last_pid = pid;
        fake_host::write_load(&self.host, pid, &self.proc_root());
        pid
    }

    /// Pids up to this one were given; of whom is not to be seen, or not yet.
    pub fn give_pids_up_to(&mut self, pid: u32) {
        self.last_pid = pid;
        self.write_host();
    }

    /// Ends a process and starts another one under the same pid. It must start at least a clock
    /// tick later, so let time pass before.
    pub fn reuse(&mut self, process: FakeProcess) -> u32 {
        self.add(process)
    }

    /// Ends a process: its folder goes, and what is kept open of it reads as empty.
    pub fn exit(&mut self, pid: u32) {
        if let Some(groups) = &mut self.groups {
            groups.charge(pid, FORK_US);
            groups.leave(pid);
        }
        let folder = self.folder(pid);
        for name in ["stat", "io"] {
            if folder.join(name).exists() {
                fs::write(folder.join(name), "").expect("a file can be emptied");
            }
        }
        fs::remove_dir_all(folder).expect("the folder of a process can be removed");
        self.processes.remove(&pid);
    }

    /// Changes anything about a process.
    pub fn change(&mut self, pid: u32, change: impl FnOnce(FakeProcess) -> FakeProcess) {
        let process = self.processes.remove(&pid).expect("this process is there");
        let (groups, programs) = (process.control_groups.clone(), process.programs);
        let spent = (process.user_ms, process.system_ms, process.state);
        let process = change(process);
        process.write(&self.folder(pid));
        if let Some(fake) = &mut self.groups {
            if groups != process.control_groups {
                fake.leave(pid);
                fake.enter(pid, &process.control_groups);
            }
            let ms = (process.user_ms + process.system_ms).saturating_sub(spent.0 + spent.1);
            let acted = programs != process.programs || spent.2 != process.state;
            fake.charge(pid, ms * 1000 + if acted { FORK_US } else { 0 });
            if process.state == 'Z' {
                fake.leave(pid);
            }
        }
        self.processes.insert(pid, process);
    }

    /// A process uses CPU time, milliseconds; whole clock ticks only.
    pub fn spend_cpu(&mut self, pid: u32, user_ms: u64, system_ms: u64) {
        self.change(pid, |mut process| {
            process.user_ms += user_ms;
            process.system_ms += system_ms;
            process
        });
    }

    /// A process reads and writes storage, bytes.
    pub fn transfer(&mut self, pid: u32, read_bytes: u64, write_bytes: u64) {
        self.change(pid, |mut process| {
            let (read, written) = process.io_bytes.unwrap_or_default();
            process.io_bytes = Some((read + read_bytes, written + write_bytes));
            process
        });
    }

    /// A process executes another program, `/usr/bin/NAME`.
    pub fn execute(&mut self, pid: u32, name: &str, arguments: &[&str]) {
        self.change(pid, |process| FakeProcess {
            name: name.to_owned(),
            executable: Some(format!("/usr/bin/{name}")),
            programs: process.programs + 1,
            ..process.arguments(arguments)
        });
    }

    /// A process has ended and its parent has not yet asked how.
    pub fn become_zombie(&mut self, pid: u32) {
        self.change(pid, |process| FakeProcess {
            memory_bytes: 0,
            executable: None,
            working_directory: None,
            sockets: Vec::new(),
            ..process.state('Z').arguments(&[])
        });
    }

    /// A process listens on 0.0.0.0 in its network; gives the socket's inode.
    pub fn listen(&mut self, pid: u32, protocol: Protocol, port: u16) -> u64 {
        let inode = self.next_inode;
        self.next_inode += 1;
        let network = self.processes.get(&pid).map_or(OWN_NETWORK, |process| process.network);
        self.sockets.insert(inode, Listening { protocol, port, network });
        self.write_sockets();
        self.hold(pid, inode);
        inode
    }

    /// A process holds a socket, too, as children of its owner do.
    pub fn hold(&mut self, pid: u32, inode: u64) {
        self.change(pid, |mut process| {
            process.sockets.push(inode);
            process
        });
    }

    /// A socket is closed by everyone.
    pub fn close(&mut self, inode: u64) {
        self.sockets.remove(&inode);
        self.write_sockets();
        let pids: Vec<u32> = self.processes.keys().copied().collect();
        for pid in pids {
            self.change(pid, |mut process| {
                for held in process.sockets.iter_mut().filter(|held| **held == inode) {
                    *held = 0;
                }
                process
            });
        }
    }

    /// Writes any file below `/proc` in place, to damage it for example.
    pub fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        fs::write(self.proc_root().join(name), text).expect("a file can be written");
    }

    /// Removes any file or folder below `/proc`.
    pub fn remove(&self, name: &str) {
        let path = self.proc_root().join(name);
        if path.is_dir() {
            fs::remove_dir_all(path).expect("a folder can be removed");
        } else {
            fs::remove_file(path).expect("a file can be removed");
        }
    }

    fn folder(&self, pid: u32) -> PathBuf {
        self.proc_root().join(pid.to_string())
    }

    fn write_host(&self) {
        fake_host::write(&self.host, self.last_pid, &self.proc_root(), &self.sys_root());
    }

    /// The tables of the machine's network, and at each process of another one those of that.
    fn write_sockets(&self) {
        self.write_tables("net", OWN_NETWORK);
        for (pid, process) in self.processes.iter().filter(|(_, one)| one.network != OWN_NETWORK) {
            let folder = format!("{pid}/net");
            fs::create_dir_all(self.proc_root().join(&folder)).expect("a folder can be made");
            self.write_tables(&folder, process.network);
        }
    }

    fn write_tables(&self, folder: &str, network: u64) {
        for (protocol, name) in [(Protocol::Tcp, "tcp"), (Protocol::Udp, "udp")] {
            let state = if protocol == Protocol::Tcp { "0A" } else { "07" };
            let mut text = String::from("  sl  local_address rem_address   st\n");
            let here = |one: &&Listening| one.protocol == protocol && one.network == network;
            for (inode, one) in self.sockets.iter().filter(|(_, one)| here(one)) {
                writeln!(
                    text,
                    "   0: 00000000:{:04X} 00000000:0000 {state} 00000000:00000000 \
                     00:00000000 00000000     0        0 {inode} 1 0 100 0 0 10 0",
                    one.port
                )
                .expect("a text can be written");
            }
            self.write(&format!("{folder}/{name}"), text);
        }
    }
}
