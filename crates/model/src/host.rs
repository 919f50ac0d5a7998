//! The machine as a whole at one moment, as raw counters.

/// CPU time of one logical processor since boot, milliseconds, by kind
/// (`cpuN` lines of `/proc/stat`, proc(5)). `user` and `nice` exclude guests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct CpuTimes {
    /// Programs at normal priority.
    pub user_ms: u64,
    /// Programs at lowered priority.
    pub nice_ms: u64,
    /// The kernel.
    pub system_ms: u64,
    /// Nothing to do.
    pub idle_ms: u64,
    /// Nothing to do while a device is awaited.
    pub iowait_ms: u64,
    /// Hardware interrupts.
    pub irq_ms: u64,
    /// Deferred interrupt work.
    pub softirq_ms: u64,
    /// Taken by the hypervisor for others.
    pub steal_ms: u64,
}

impl CpuTimes {
    /// The eight kinds in the order of their stored columns.
    #[must_use]
    pub fn as_array(&self) -> [u64; 8] {
        [
            self.user_ms,
            self.nice_ms,
            self.system_ms,
            self.idle_ms,
            self.iowait_ms,
            self.irq_ms,
            self.softirq_ms,
            self.steal_ms,
        ]
    }

    /// The reverse of [`Self::as_array`].
    #[must_use]
    pub fn from_array(kinds: [u64; 8]) -> Self {
        let [user_ms, nice_ms, system_ms, idle_ms, iowait_ms, irq_ms, softirq_ms, steal_ms] = kinds;
        Self { user_ms, nice_ms, system_ms, idle_ms, iowait_ms, irq_ms, softirq_ms, steal_ms }
    }

    /// All kinds together, milliseconds.
    #[must_use]
    pub fn total_ms(&self) -> u64 {
        self.as_array().into_iter().fold(0, u64::saturating_add)
    }

    /// Everything but waiting (`idle` and `iowait`), milliseconds.
    #[must_use]
    pub fn busy_ms(&self) -> u64 {
        self.total_ms().saturating_sub(self.idle_ms).saturating_sub(self.iowait_ms)
    }
}

/// Memory and swap, bytes (`/proc/meminfo`, proc(5)).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Memory {
    /// Usable memory.
    pub total_bytes: u64,
    /// What new programs could have without swapping (`MemAvailable`).
    pub available_bytes: u64,
    /// Untouched (`MemFree`).
    pub free_bytes: u64,
    /// File pages and reclaimable kernel memory (`Buffers + Cached + SReclaimable - Shmem`).
    pub cached_bytes: u64,
    /// Swap space.
    pub swap_total_bytes: u64,
    /// Swap space unused.
    pub swap_free_bytes: u64,
}

impl Memory {
    /// Memory that is not available, bytes: the figure called "used" everywhere in Ira.
    #[must_use]
    pub fn used_bytes(&self) -> u64 {
        self.total_bytes.saturating_sub(self.available_bytes)
    }

    /// Swap space in use, bytes.
    #[must_use]
    pub fn swap_used_bytes(&self) -> u64 {
        self.swap_total_bytes.saturating_sub(self.swap_free_bytes)
    }
}

/// Load averages times 100 (`/proc/loadavg`, two decimals there too).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Load {
    /// Over one minute, hundredths.
    pub one_x100: u64,
    /// Over five minutes, hundredths.
    pub five_x100: u64,
    /// Over fifteen minutes, hundredths.
    pub fifteen_x100: u64,
}

/// Pressure stall totals since boot, microseconds (`total=` of `/proc/pressure/*`, kernel document
/// "PSI"). `None` where the kernel does not keep them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Pressure {
    /// Some task waited for a CPU.
    pub cpu_some_us: u64,
    /// Some task waited for memory.
    pub memory_some_us: u64,
    /// All tasks waited for memory.
    pub memory_full_us: u64,
    /// Some task waited for a device.
    pub io_some_us: u64,
    /// All tasks waited for a device.
    pub io_full_us: u64,
}

/// One whole disk since boot (`/proc/diskstats`; a sector is 512 bytes).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DiskCounters {
    /// Kernel name, for example `nvme0n1`.
    pub name: String,
    /// Bytes read.
    pub read_bytes: u64,
    /// Bytes written.
    pub write_bytes: u64,
    /// Time with at least one request under way, milliseconds.
    pub busy_ms: u64,
}

/// One network interface since boot (`/proc/net/dev`), loopback left out.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct InterfaceCounters {
    /// Kernel name, for example `enp5s0`.
    pub name: String,
    /// Bytes received.
    pub received_bytes: u64,
    /// Bytes sent.
    pub sent_bytes: u64,
}

/// The machine as a whole at one moment.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct HostSample {
    /// One entry for each logical processor.
    pub cpus: Vec<CpuTimes>,
    /// Memory and swap.
    pub memory: Memory,
    /// Load averages, `None` where the system keeps none.
    pub load: Option<Load>,
    /// Pressure, `None` where the system keeps none.
    pub pressure: Option<Pressure>,
    /// Whole disks; partitions and loop devices are left out.
    pub disks: Vec<DiskCounters>,
    /// Interfaces but loopback.
    pub interfaces: Vec<InterfaceCounters>,
    /// Time since boot, milliseconds.
    pub uptime_ms: u64,
    /// Threads that run or wait for a processor (`procs_running` of `/proc/stat`), `None` where the
    /// system does not tell.
    pub running_threads: Option<u64>,
}

/// Which columns a [`HostSample`] has. Samples with equal layouts can be stored as columns.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct HostLayout {
    /// Number of logical processors.
    pub cpus: usize,
    /// Whether load averages exist.
    pub load: bool,
    /// Whether pressure exists.
    pub pressure: bool,
    /// Whether the number of running threads is known.
    pub running_threads: bool,
    /// Names of the disks.
    pub disks: Vec<String>,
    /// Names of the interfaces.
    pub interfaces: Vec<String>,
}

impl HostLayout {
    /// Number of values of a sample with this layout.
    #[must_use]
    pub fn width(&self) -> usize {
        7 + self.cpus * 8
            + if self.load { 3 } else { 0 }
            + if self.pressure { 5 } else { 0 }
            + usize::from(self.running_threads)
            + self.disks.len() * 3
            + self.interfaces.len() * 2
    }

    /// The sample whose values these are; `None` when their number does not fit.
    #[must_use]
    pub fn sample(&self, values: &[u64]) -> Option<HostSample> {
        if values.len() != self.width() {
            return None;
        }
        let mut next = values.iter().copied();
        let mut take = || next.next().unwrap_or_default();
        let uptime_ms = take();
        let memory = Memory {
            total_bytes: take(),
            available_bytes: take(),
            free_bytes: take(),
            cached_bytes: take(),
            swap_total_bytes: take(),
            swap_free_bytes: take(),
        };
        let cpus =
            (0..self.cpus).map(|_| CpuTimes::from_array(std::array::from_fn(|_| take()))).collect();
        let load =
            self.load.then(|| Load { one_x100: take(), five_x100: take(), fifteen_x100: take() });
        let pressure = self.pressure.then(|| Pressure {
            cpu_some_us: take(),
            memory_some_us: take(),
            memory_full_us: take(),
            io_some_us: take(),
            io_full_us: take(),
        });
        let running_threads = self.running_threads.then(&mut take);
        let disks = self
            .disks
            .iter()
            .map(|name| DiskCounters {
                name: name.clone(),
                read_bytes: take(),
                write_bytes: take(),
                busy_ms: take(),
            })
            .collect();
        let interfaces = self
            .interfaces
            .iter()
            .map(|name| InterfaceCounters {
                name: name.clone(),
                received_bytes: take(),
                sent_bytes: take(),
            })
            .collect();
        Some(HostSample {
            cpus,
            memory,
            load,
            pressure,
            disks,
            interfaces,
            uptime_ms,
            running_threads,
        })
    }
}

impl HostSample {
    /// The layout of this sample.
    #[must_use]
    pub fn layout(&self) -> HostLayout {
        HostLayout {
            cpus: self.cpus.len(),
            load: self.load.is_some(),
            pressure: self.pressure.is_some(),
            running_threads: self.running_threads.is_some(),
            disks: self.disks.iter().map(|d| d.name.clone()).collect(),
            interfaces: self.interfaces.iter().map(|i| i.name.clone()).collect(),
        }
    }

    /// Whether this sample has that layout; allocates nothing.
    #[must_use]
    pub fn fits(&self, layout: &HostLayout) -> bool {
        self.cpus.len() == layout.cpus
            && self.load.is_some() == layout.load
            && self.pressure.is_some() == layout.pressure
            && self.running_threads.is_some() == layout.running_threads
            && self.disks.iter().map(|d| &d.name).eq(&layout.disks)
            && self.interfaces.iter().map(|i| &i.name).eq(&layout.interfaces)
    }

    /// Appends all values in the order of [`HostLayout::sample`].
    pub fn append_values(&self, out: &mut Vec<u64>) {
        let m = &self.memory;
        out.extend([
            self.uptime_ms,
            m.total_bytes,
            m.available_bytes,
            m.free_bytes,
            m.cached_bytes,
            m.swap_total_bytes,
            m.swap_free_bytes,
        ]);
        for cpu in &self.cpus {
            out.extend(cpu.as_array());
        }
        if let Some(load) = self.load {
            out.extend([load.one_x100, load.five_x100, load.fifteen_x100]);
        }
        if let Some(p) = self.pressure {
            out.extend([
                p.cpu_some_us,
                p.memory_some_us,
                p.memory_full_us,
                p.io_some_us,
                p.io_full_us,
            ]);
        }
        out.extend(self.running_threads);
        for disk in &self.disks {
            out.extend([disk.read_bytes, disk.write_bytes, disk.busy_ms]);
        }
        for interface in &self.interfaces {
            out.extend([interface.received_bytes, interface.sent_bytes]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_figure_is_too_large_to_be_added() {
        let at =
            |ms| HostSample { cpus: vec![CpuTimes::from_array([ms; 8])], ..HostSample::default() };
        assert_eq!(at(u64::MAX).cpus[0].total_ms(), u64::MAX, "as a recording may say");
        let rates = crate::HostRates::between(&at(0), &at(u64::MAX), 1000);
        assert!(rates.cpu.is_some(), "and shares of it are told all the same");
    }

    #[test]
    fn values_and_layout_give_the_sample_back() {
        let sample = HostSample {
            cpus: vec![
                CpuTimes::from_array([1, 2, 3, 4, 5, 6, 7, 8]),
                CpuTimes::from_array([9, 8, 7, 6, 5, 4, 3, 2]),
            ],
            memory: Memory {
                total_bytes: 100,
                available_bytes: 40,
                free_bytes: 30,
                cached_bytes: 20,
                swap_total_bytes: 10,
                swap_free_bytes: 4,
            },
            load: Some(Load { one_x100: 7, five_x100: 8, fifteen_x100: 9 }),
            pressure: Some(Pressure { cpu_some_us: 1, io_full_us: 5, ..Default::default() }),
            disks: vec![DiskCounters {
                name: "vda".into(),
                read_bytes: 1,
                write_bytes: 2,
                busy_ms: 3,
            }],
            interfaces: vec![InterfaceCounters {
                name: "eth0".into(),
                received_bytes: 4,
                sent_bytes: 5,
            }],
            uptime_ms: 12_345,
            running_threads: Some(6),
        };
        let layout = sample.layout();
        let mut values = Vec::new();
        sample.append_values(&mut values);
        assert_eq!(values.len(), layout.width(), "the width is the number of values");
        assert_eq!(layout.sample(&values), Some(sample.clone()), "nothing is lost on the way");
        assert!(sample.fits(&layout), "a sample fits its own layout");
        values.pop();
        assert_eq!(layout.sample(&values), None, "a short row is refused, not guessed");
    }
}
