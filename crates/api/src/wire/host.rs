use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// The machine and the program that looks at it; does not change while it runs.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct Machine {
    /// Name of the machine.
    pub hostname: String,
    /// Operating system with its version.
    pub system: String,
    /// Kernel release.
    pub kernel: String,
    /// Logical processors.
    pub cpu_count: u32,
    /// Usable memory.
    pub memory_bytes: u64,
    /// When it was started.
    pub boot_ms: i64,
    /// Version of Ira.
    pub ira_version: String,
    /// The user Ira runs as.
    pub user: String,
    /// Pid of the Ira that answers.
    pub pid: u32,
}

/// Shares of all processors' time, 0 to 1; together 1.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, TS)]
pub struct CpuKinds {
    /// Programs at normal priority.
    pub user_ratio: f64,
    /// Programs at lowered priority.
    pub nice_ratio: f64,
    /// The kernel.
    pub system_ratio: f64,
    /// Nothing to do.
    pub idle_ratio: f64,
    /// Nothing to do while a device is awaited.
    pub iowait_ratio: f64,
    /// Hardware interrupts.
    pub irq_ratio: f64,
    /// Deferred interrupt work.
    pub softirq_ratio: f64,
    /// Taken by the hypervisor.
    pub steal_ratio: f64,
}

/// The machine as a whole at one moment.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct Host {
    /// Busy CPU as a share of one core: 0 to the number of processors.
    pub cpu_ratio: Option<f64>,
    /// Logical processors.
    pub cpu_count: u32,
    /// How processor time was spent.
    pub cpu_kinds: Option<CpuKinds>,
    /// Busy share of each processor, 0 to 1.
    pub cores_busy_ratio: Vec<Option<f64>>,
    /// Memory that is not available to new programs.
    pub memory_used_bytes: u64,
    /// Usable memory.
    pub memory_total_bytes: u64,
    /// What new programs could have without swapping.
    pub memory_available_bytes: u64,
    /// File pages and reclaimable kernel memory.
    pub memory_cached_bytes: u64,
    /// Swap in use.
    pub swap_used_bytes: u64,
    /// Swap space; 0 for none.
    pub swap_total_bytes: u64,
    /// Load averages over 1, 5 and 15 minutes.
    pub load: Option<[f64; 3]>,
    /// Share of time some task waited for a CPU, 0 to 1.
    pub cpu_pressure_ratio: Option<f64>,
    /// Share of time some task waited for memory, 0 to 1.
    pub memory_pressure_ratio: Option<f64>,
    /// Share of time some task waited for a device, 0 to 1.
    pub io_pressure_ratio: Option<f64>,
    /// All disks together.
    pub disk_read_bytes_per_sec: Option<f64>,
    /// All disks together.
    pub disk_write_bytes_per_sec: Option<f64>,
    /// Busy share of the busiest disk, 0 to 1.
    pub disk_busy_ratio: Option<f64>,
    /// Its name.
    pub busiest_disk: Option<String>,
    /// All interfaces but loopback.
    pub received_bytes_per_sec: Option<f64>,
    /// All interfaces but loopback.
    pub sent_bytes_per_sec: Option<f64>,
    /// Name of the interface that carries most.
    pub busiest_interface: Option<String>,
    /// The time bar's figure: the largest of CPU, memory pressure and disk busy, 0 to 1.
    pub load_ratio: Option<f64>,
    /// Time since boot.
    pub uptime_ms: u64,
    /// Processes, kernel threads included.
    pub process_count: u32,
    /// Threads of all processes whose number is known.
    pub thread_count: u32,
    /// Threads that run or wait for a processor, where the system tells.
    pub running_thread_count: Option<u32>,
    /// Processes that ended and were not collected.
    pub zombie_count: u32,
}

/// Whether what happens is kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Recording {
    /// Kept by this program.
    Recording,
    /// Kept by another Ira that holds the data folder.
    Elsewhere {
        /// Its pid, where it told.
        pid: Option<u32>,
    },
    /// Not kept, as what is shown is a recording: its last second stands for now, and it takes no orders.
    Opened {
        /// Its file.
        file: String,
        /// The machine it is of.
        hostname: String,
    },
    /// Not kept; live goes on.
    Failed {
        /// What is wrong and what to do.
        message: String,
    },
}

/// What Ira itself costs.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct OwnCost {
    /// CPU of Ira's processes as a share of one core, mean of the last minute.
    pub cpu_ratio: Option<f64>,
    /// Resident memory of Ira's processes (the window's web processes included).
    pub memory_bytes: Option<u64>,
    /// Bytes written to storage a second, mean of the last minute.
    pub write_bytes_per_sec: Option<f64>,
    /// Memory of this process with shared pages in shares; measured once a minute.
    pub pss_bytes: Option<u64>,
    /// Time the last tick took.
    pub tick_ms: f64,
    /// Of it: reading the machine.
    pub read_ms: f64,
    /// Of it: rates, discovery, what changed.
    pub derive_ms: f64,
    /// Time the recorder took for its last tick, on its own thread.
    pub record_ms: f64,
    /// Ticks that took longer than their period, since the start.
    pub overruns: u32,
    /// CPU Ira allows itself, share of one core.
    pub budget_cpu_ratio: f64,
    /// Memory Ira allows itself.
    pub budget_memory_bytes: u64,
}
