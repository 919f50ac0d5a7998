//! The machine as a whole.

use crate::{
    Ira,
    moment::Moment,
    wire::{ApiError, CpuKinds, Host, Machine, Nothing, OwnCost, Recording},
};
use ira_model::{CpuShares, ProcessState};

/// The machine and the program that looks at it.
///
/// # Errors
/// None today.
#[allow(clippy::needless_pass_by_value)] // every command takes its request
pub fn machine(ira: &Ira, _: Nothing) -> Result<Machine, ApiError> {
    let machine = ira.engine.machine();
    Ok(Machine {
        hostname: machine.hostname.clone(),
        system: machine.system.clone(),
        kernel: machine.kernel.clone(),
        cpu_count: machine.cpu_count,
        memory_bytes: machine.memory_bytes,
        boot_ms: ira.engine.live(|live| live.boot_ms),
        ira_version: env!("CARGO_PKG_VERSION").to_owned(),
        user: ira_engine::identity(),
        pid: std::process::id(),
    })
}

impl Moment<'_> {
    /// The machine as a whole, for the wire.
    pub(crate) fn host(&self) -> Host {
        let (host, rates) = (self.host, self.rates);
        let cpu_count = u32::try_from(host.cpus.len()).unwrap_or(u32::MAX);
        Host {
            cpu_ratio: rates.and_then(|r| r.cpu).map(|cpu| cpu.busy_ratio() * f64::from(cpu_count)),
            cpu_count,
            cpu_kinds: rates.and_then(|r| r.cpu).map(cpu_kinds),
            cores_busy_ratio: rates.map(|r| r.cores_busy_ratio.clone()).unwrap_or_default(),
            memory_used_bytes: host.memory.used_bytes(),
            memory_total_bytes: host.memory.total_bytes,
            memory_available_bytes: host.memory.available_bytes,
            memory_cached_bytes: host.memory.cached_bytes,
            swap_used_bytes: host.memory.swap_used_bytes(),
            swap_total_bytes: host.memory.swap_total_bytes,
            load: host.load.map(|load| {
                [load.one_x100, load.five_x100, load.fifteen_x100].map(|x100| x100 as f64 / 100.0)
            }),
            cpu_pressure_ratio: rates.and_then(|r| r.cpu_pressure_ratio),
            memory_pressure_ratio: rates.and_then(|r| r.memory_pressure_ratio),
            io_pressure_ratio: rates.and_then(|r| r.io_pressure_ratio),
            disk_read_bytes_per_sec: rates.and_then(|r| r.disk_read_bytes_per_sec),
            disk_write_bytes_per_sec: rates.and_then(|r| r.disk_write_bytes_per_sec),
            disk_busy_ratio: rates.and_then(|r| r.disk_busy_ratio),
            busiest_disk: rates.and_then(|r| r.busiest_disk.clone()),
            received_bytes_per_sec: rates.and_then(|r| r.received_bytes_per_sec),
            sent_bytes_per_sec: rates.and_then(|r| r.sent_bytes_per_sec),
            busiest_interface: rates.and_then(|r| r.busiest_interface.clone()),
            load_ratio: rates.and_then(ira_model::HostRates::load_ratio),
            uptime_ms: host.uptime_ms,
            process_count: self.processes.len() as u32,
            thread_count: self
                .processes
                .iter()
                .filter_map(|p| p.sample.threads)
                .fold(0, u32::saturating_add),
            running_thread_count: host
                .running_threads
                .map(|count| u32::try_from(count).unwrap_or(u32::MAX)),
            zombie_count: self
                .processes
                .iter()
                .filter(|p| p.sample.state == ProcessState::Zombie)
                .count() as u32,
        }
    }
}

fn cpu_kinds(shares: CpuShares) -> CpuKinds {
    let [
        user_ratio,
        nice_ratio,
        system_ratio,
        idle_ratio,
        iowait_ratio,
        irq_ratio,
        softirq_ratio,
        steal_ratio,
    ] = shares.kinds;
    CpuKinds {
        user_ratio,
        nice_ratio,
        system_ratio,
        idle_ratio,
        iowait_ratio,
        irq_ratio,
        softirq_ratio,
        steal_ratio,
    }
}

impl Ira {
    /// What Ira itself costs, for the wire.
    pub(crate) fn own(&self) -> OwnCost {
        let cost = self.engine.own_cost();
        let budget = self.engine.options().budget;
        OwnCost {
            cpu_ratio: cost.cpu_ratio,
            memory_bytes: cost.memory_bytes,
            write_bytes_per_sec: cost.write_bytes_per_sec,
            pss_bytes: cost.pss_bytes,
            tick_ms: cost.tick.as_secs_f64() * 1000.0,
            read_ms: cost.read.as_secs_f64() * 1000.0,
            derive_ms: cost.derive.as_secs_f64() * 1000.0,
            record_ms: cost.record.as_secs_f64() * 1000.0,
            overruns: cost.overruns,
            budget_cpu_ratio: budget.cpu_ratio,
            budget_memory_bytes: budget.memory_bytes,
        }
    }

    /// Whether what happens is kept, for the wire.
    pub(crate) fn recording(&self) -> Recording {
        match self.engine.recording() {
            ira_engine::Recording::Recording => Recording::Recording,
            ira_engine::Recording::Elsewhere { pid } => Recording::Elsewhere { pid },
            ira_engine::Recording::Opened { file, hostname } => {
                Recording::Opened { file, hostname }
            }
            ira_engine::Recording::Failed { message } => Recording::Failed { message },
        }
    }
}
