//! Other systems, over the crate `sysinfo`.
//!
//! The same facade as the Linux probe, with less to tell: CPU time of a process is one figure, that
//! of processors is made from their load, and there are no pressure, busy disks or ports. Compiled
//! and tested on Linux too, so that it cannot rot.

mod host;

use crate::{Limit, LimitKind, Probe, ProbeError};
use host::HostReader;
use ira_model::{
    HostSample, Machine, ProcessDetails, ProcessKey, ProcessSample, ProcessState, Sample,
};
use std::{
    collections::HashMap,
    fmt,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Instant, SystemTime, UNIX_EPOCH},
};
use sysinfo::{
    Process, ProcessRefreshKind, ProcessStatus, ProcessesToUpdate, System, ThreadKind, UpdateKind,
};

/// Reads a machine through `sysinfo`.
pub struct PortableProbe {
    machine: Machine,
    system: System,
    host: HostReader,
    boot_s: u64,
    started: Instant,
    uptime_at_start_ms: u64,
    known: HashMap<u32, Known>,
}

/// What is kept of a process.
struct Known {
    key: ProcessKey,
    revision: u32,
    executable: Option<PathBuf>,
}

impl PortableProbe {
    /// A probe of this machine.
    ///
    /// # Errors
    /// When the system is not supported or its first reading fails.
    pub fn new() -> Result<Self, ProbeError> {
        let mut system = System::new().map_err(|error| failed("open the system", error))?;
        let boot_s = System::boot_time().map_err(|error| failed("read the boot time", error))?;
        let uptime_s = System::uptime().map_err(|error| failed("read the uptime", error))?;
        let mut host = HostReader::new()?;
        let mut first = HostSample::default();
        host.read(&mut system, 0, &mut first);
        let machine = Machine {
            hostname: System::host_name().unwrap_or_default(),
            system: System::long_os_version().or_else(|_| System::name()).unwrap_or_default(),
            kernel: System::kernel_version().unwrap_or_default(),
            // For want of a real one: two boots differ in their second.
            boot_id: format!("boot-{boot_s}"),
            cpu_count: u32::try_from(first.cpus.len()).unwrap_or(u32::MAX),
            memory_bytes: first.memory.total_bytes,
        };
        Ok(Self {
            machine,
            system,
            host,
            boot_s,
            started: Instant::now(),
            uptime_at_start_ms: uptime_s.saturating_mul(1000),
            known: HashMap::new(),
        })
    }

    fn read_processes(&mut self, sample: &mut Sample) {
        let kind = ProcessRefreshKind::nothing()
            .with_cpu()
            .with_memory()
            .with_disk_usage()
            .with_user(UpdateKind::OnlyIfNotSet)
            .with_cmd(UpdateKind::OnlyIfNotSet)
            .with_cwd(UpdateKind::OnlyIfNotSet)
            .with_exe(UpdateKind::Always); // how another program is noticed
        self.system.refresh_processes_specifics(ProcessesToUpdate::All, true, kind);
        sample.processes.clear();
        sample.learnt.clear();
        let mut executed = Vec::new();
        for (pid, process) in self.system.processes() {
            if process.thread_kind() == Some(ThreadKind::Userland) {
                continue;
            }
            let key = ProcessKey {
                pid: pid.as_u32(),
                start_ms: process.start_time().saturating_sub(self.boot_s).saturating_mul(1000),
            };
            let known = self.known.entry(key.pid).or_insert_with(|| Known::new(key));
            if known.key != key {
                *known = Known::new(key);
            }
            if known.revision == 0 {
                known.learn(process);
                sample.learnt.push((key, Arc::new(details(process, None))));
            } else if known.executable.as_deref() != process.exe() && process.exe().is_some() {
                known.learn(process);
                executed.push(*pid);
            }
            sample.processes.push(counters(key, process, known.revision));
        }
        self.learn_again(&executed, sample);
        sample.processes.sort_unstable_by_key(|process| process.key);
        if self.known.len() > sample.processes.len() {
            let processes = &sample.processes;
            self.known.retain(|_, known| {
                processes.binary_search_by_key(&known.key, |process| process.key).is_ok()
            });
        }
    }

    fn learn_again(&mut self, executed: &[sysinfo::Pid], sample: &mut Sample) {
        if executed.is_empty() {
            return;
        }
        let kind = ProcessRefreshKind::nothing()
            .with_user(UpdateKind::Always)
            .with_cmd(UpdateKind::Always)
            .with_cwd(UpdateKind::Always);
        self.system.refresh_processes_specifics(ProcessesToUpdate::Some(executed), false, kind);
        for pid in executed {
            if let (Some(process), Some(known)) =
                (self.system.process(*pid), self.known.get(&pid.as_u32()))
            {
                // `sysinfo` reads the name once only.
                let name = process.exe().and_then(Path::file_name);
                let name = name.map(|name| name.to_string_lossy().into_owned());
                sample.learnt.push((known.key, Arc::new(details(process, name))));
            }
        }
    }
}

impl Probe for PortableProbe {
    fn machine(&self) -> &Machine {
        &self.machine
    }

    fn sample(&mut self, sample: &mut Sample) -> Result<(), ProbeError> {
        let elapsed = u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX);
        let wall = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        sample.at_ms = i64::try_from(wall.as_millis()).unwrap_or(i64::MAX);
        sample.monotonic_ms = self.uptime_at_start_ms.saturating_add(elapsed);
        self.host.read(&mut self.system, sample.monotonic_ms, &mut sample.host);
        self.read_processes(sample);
        sample.listeners = None;
        Ok(())
    }

    fn limits(&self) -> Vec<Limit> {
        [
            ("cpu_kinds_unsupported", "CPU time of processes and processors by kind"),
            (
                "pressure_unsupported",
                "pressure: time in which tasks waited for CPU, memory or devices",
            ),
            ("disk_busy_unsupported", "time in which disks were busy"),
            ("ports_unsupported", "listening ports"),
            ("control_group_unsupported", "control groups of processes"),
        ]
        .into_iter()
        .map(|(code, what)| Limit {
            code,
            what: what.to_owned(),
            kind: LimitKind::Unsupported,
            remedy: None,
        })
        .collect()
    }
}

impl fmt::Debug for PortableProbe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PortableProbe").field("machine", &self.machine).finish_non_exhaustive()
    }
}

impl Known {
    fn new(key: ProcessKey) -> Self {
        Self { key, revision: 0, executable: None }
    }

    fn learn(&mut self, process: &Process) {
        self.revision = self.revision.saturating_add(1);
        self.executable = process.exe().map(Path::to_owned);
    }
}

fn counters(key: ProcessKey, process: &Process, details_revision: u32) -> ProcessSample {
    let disk = process.disk_usage();
    ProcessSample {
        parent_pid: process.parent().map_or(0, sysinfo::Pid::as_u32),
        state: state(process.status()),
        // The only figure there is; it is mostly time of the program itself.
        user_ms: process.accumulated_cpu_time(),
        memory_bytes: Some(process.memory()),
        read_bytes: Some(disk.total_read_bytes),
        write_bytes: Some(disk.total_written_bytes),
        details_revision,
        ..ProcessSample::new(key)
    }
}

fn state(status: ProcessStatus) -> ProcessState {
    match status {
        ProcessStatus::Run => ProcessState::Running,
        ProcessStatus::Sleep => ProcessState::Sleeping,
        ProcessStatus::UninterruptibleDiskSleep => ProcessState::DiskSleep,
        ProcessStatus::Stop => ProcessState::Stopped,
        ProcessStatus::Tracing => ProcessState::Traced,
        ProcessStatus::Zombie => ProcessState::Zombie,
        ProcessStatus::Dead => ProcessState::Dead,
        ProcessStatus::Idle => ProcessState::Idle,
        ProcessStatus::Parked => ProcessState::Parked,
        _ => ProcessState::Unknown,
    }
}

fn details(process: &Process, name: Option<String>) -> ProcessDetails {
    let path = |path: Option<&Path>| path.map(|path| path.to_string_lossy().into_owned());
    ProcessDetails {
        name: name.unwrap_or_else(|| process.name().to_string_lossy().into_owned()),
        arguments: process
            .cmd()
            .iter()
            .map(|argument| argument.to_string_lossy().into_owned())
            .collect(),
        executable: path(process.exe()).filter(|path| !path.is_empty()),
        working_directory: path(process.cwd()).filter(|path| !path.is_empty()),
        control_group: None,
        // Windows has no numbers for users; their text form is no number there.
        user_id: process
            .effective_user_id()
            .or_else(|| process.user_id())
            .and_then(|id| id.to_string().parse().ok()),
        process_group: 0,
        session: process.session_id().map_or(0, sysinfo::Pid::as_u32),
        has_terminal: false,
        is_kernel_thread: process.thread_kind() == Some(ThreadKind::Kernel),
        denied: process.exe().is_none() && process.thread_kind() != Some(ThreadKind::Kernel),
    }
}

fn failed(what: &'static str, error: sysinfo::Error) -> ProbeError {
    ProbeError::System { what, source: std::io::Error::other(error.to_string()) }
}
