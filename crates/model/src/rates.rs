//! Rates from two samples and the time between them. Pure: the same input gives the same output.

use crate::{CpuTimes, HostSample, ProcessSample};

/// Growth of a counter a second. `None` when it ran backwards (reset) or no time passed.
#[must_use]
pub fn per_second(previous: u64, current: u64, elapsed_ms: u64) -> Option<f64> {
    if elapsed_ms == 0 {
        return None;
    }
    let grown = current.checked_sub(previous)?;
    #[allow(clippy::cast_precision_loss)] // counters stay far below 2^53 within one tick
    Some(grown as f64 * 1000.0 / elapsed_ms as f64)
}

/// What one process used a second.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct ProcessRates {
    /// CPU as a share of one core: 1.0 is one core fully used, 4.0 four of them.
    pub cpu_ratio: Option<f64>,
    /// Bytes a second from storage.
    pub read_bytes_per_sec: Option<f64>,
    /// Bytes a second to storage.
    pub write_bytes_per_sec: Option<f64>,
    /// Bytes a second received over TCP.
    pub received_bytes_per_sec: Option<f64>,
    /// Bytes a second sent over TCP.
    pub sent_bytes_per_sec: Option<f64>,
}

impl ProcessRates {
    /// Rates of a process between two of its samples.
    #[must_use]
    pub fn between(previous: &ProcessSample, current: &ProcessSample, elapsed_ms: u64) -> Self {
        let both =
            |before: Option<u64>, after: Option<u64>| per_second(before?, after?, elapsed_ms);
        Self {
            cpu_ratio: per_second(previous.cpu_ms(), current.cpu_ms(), elapsed_ms)
                .map(|ms| ms / 1000.0),
            read_bytes_per_sec: both(previous.read_bytes, current.read_bytes),
            write_bytes_per_sec: both(previous.write_bytes, current.write_bytes),
            received_bytes_per_sec: both(previous.received_bytes, current.received_bytes),
            sent_bytes_per_sec: both(previous.sent_bytes, current.sent_bytes),
        }
    }

    /// Rates of a process that started within the tick: all it has used, it used now.
    #[must_use]
    pub fn since_start(current: &ProcessSample, elapsed_ms: u64) -> Self {
        let mut zero = *current;
        zero.user_ms = 0;
        zero.system_ms = 0;
        zero.read_bytes = current.read_bytes.map(|_| 0);
        zero.write_bytes = current.write_bytes.map(|_| 0);
        zero.received_bytes = current.received_bytes.map(|_| 0);
        zero.sent_bytes = current.sent_bytes.map(|_| 0);
        Self::between(&zero, current, elapsed_ms)
    }
}

/// How the time of processors was spent, shares of 0 to 1 that add up to 1.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct CpuShares {
    /// In the order of [`CpuTimes::as_array`].
    pub kinds: [f64; 8],
}

impl CpuShares {
    fn between(previous: &CpuTimes, current: &CpuTimes) -> Option<Self> {
        let (before, after) = (previous.as_array(), current.as_array());
        // `iowait` and `idle` are known to step back by a tick (proc(5)); that counts as no growth.
        let grown: [u64; 8] =
            std::array::from_fn(|kind| match (after.get(kind), before.get(kind)) {
                (Some(a), Some(b)) => a.saturating_sub(*b),
                _ => 0,
            });
        // A file from elsewhere may say anything.
        let total = grown.into_iter().fold(0, u64::saturating_add);
        #[allow(clippy::cast_precision_loss)]
        (total > 0).then(|| Self { kinds: grown.map(|ms| ms as f64 / total as f64) })
    }

    /// Share of time that was not waiting.
    #[must_use]
    pub fn busy_ratio(&self) -> f64 {
        let [user, nice, system, _, _, irq, softirq, steal] = self.kinds;
        (user + nice + system + irq + softirq + steal).clamp(0.0, 1.0)
    }
}

/// What the machine as a whole did between two samples.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct HostRates {
    /// All processors together.
    pub cpu: Option<CpuShares>,
    /// Share of time not waiting, a processor each.
    pub cores_busy_ratio: Vec<Option<f64>>,
    /// Share of time in which some task waited for a CPU, 0 to 1.
    pub cpu_pressure_ratio: Option<f64>,
    /// Share of time in which some task waited for memory, 0 to 1.
    pub memory_pressure_ratio: Option<f64>,
    /// Share of time in which some task waited for a device, 0 to 1.
    pub io_pressure_ratio: Option<f64>,
    /// Bytes a second read by all disks.
    pub disk_read_bytes_per_sec: Option<f64>,
    /// Bytes a second written by all disks.
    pub disk_write_bytes_per_sec: Option<f64>,
    /// Share of time the busiest disk had work, 0 to 1.
    pub disk_busy_ratio: Option<f64>,
    /// Name of that disk.
    pub busiest_disk: Option<String>,
    /// Bytes a second received by all interfaces.
    pub received_bytes_per_sec: Option<f64>,
    /// Bytes a second sent by all interfaces.
    pub sent_bytes_per_sec: Option<f64>,
    /// Name of the interface that carried most.
    pub busiest_interface: Option<String>,
}

impl HostRates {
    /// Rates of the machine between two samples.
    #[must_use]
    pub fn between(previous: &HostSample, current: &HostSample, elapsed_ms: u64) -> Self {
        let sum = |cpus: &[CpuTimes]| {
            let mut kinds = [0_u64; 8];
            for cpu in cpus {
                for (all, one) in kinds.iter_mut().zip(cpu.as_array()) {
                    *all = all.saturating_add(one);
                }
            }
            CpuTimes::from_array(kinds)
        };
        let same_cpus = previous.cpus.len() == current.cpus.len();
        let mut rates = Self {
            cpu: same_cpus
                .then(|| CpuShares::between(&sum(&previous.cpus), &sum(&current.cpus)))
                .flatten(),
            cores_busy_ratio: if same_cpus {
                previous
                    .cpus
                    .iter()
                    .zip(&current.cpus)
                    .map(|(before, after)| {
                        CpuShares::between(before, after).map(|shares| shares.busy_ratio())
                    })
                    .collect()
            } else {
                vec![None; current.cpus.len()]
            },
            ..Self::default()
        };
        if let (Some(before), Some(after)) = (previous.pressure, current.pressure) {
            let share =
                |b, a| per_second(b, a, elapsed_ms).map(|us| (us / 1_000_000.0).clamp(0.0, 1.0));
            rates.cpu_pressure_ratio = share(before.cpu_some_us, after.cpu_some_us);
            rates.memory_pressure_ratio = share(before.memory_some_us, after.memory_some_us);
            rates.io_pressure_ratio = share(before.io_some_us, after.io_some_us);
        }
        rates.add_disks(previous, current, elapsed_ms);
        rates.add_interfaces(previous, current, elapsed_ms);
        rates
    }

    fn add_disks(&mut self, previous: &HostSample, current: &HostSample, elapsed_ms: u64) {
        for disk in &current.disks {
            let Some(before) = previous.disks.iter().find(|d| d.name == disk.name) else {
                continue;
            };
            let rate = |b, a| per_second(b, a, elapsed_ms);
            add(&mut self.disk_read_bytes_per_sec, rate(before.read_bytes, disk.read_bytes));
            add(&mut self.disk_write_bytes_per_sec, rate(before.write_bytes, disk.write_bytes));
            let busy = rate(before.busy_ms, disk.busy_ms).map(|ms| (ms / 1000.0).clamp(0.0, 1.0));
            if busy.is_some() && busy >= self.disk_busy_ratio {
                self.disk_busy_ratio = busy;
                self.busiest_disk = Some(disk.name.clone());
            }
        }
    }

    fn add_interfaces(&mut self, previous: &HostSample, current: &HostSample, elapsed_ms: u64) {
        let mut most = -1.0;
        for interface in &current.interfaces {
            let Some(before) = previous.interfaces.iter().find(|i| i.name == interface.name) else {
                continue;
            };
            let received = per_second(before.received_bytes, interface.received_bytes, elapsed_ms);
            let sent = per_second(before.sent_bytes, interface.sent_bytes, elapsed_ms);
            add(&mut self.received_bytes_per_sec, received);
            add(&mut self.sent_bytes_per_sec, sent);
            let carried = received.unwrap_or_default() + sent.unwrap_or_default();
            if carried > most {
                most = carried;
                self.busiest_interface = Some(interface.name.clone());
            }
        }
    }

    /// The machine's load as the time bar draws it: the largest of CPU, memory pressure and disk
    /// busy, 0 to 1.
    #[must_use]
    pub fn load_ratio(&self) -> Option<f64> {
        [self.cpu.map(|cpu| cpu.busy_ratio()), self.memory_pressure_ratio, self.disk_busy_ratio]
            .into_iter()
            .flatten()
            .reduce(f64::max)
    }
}

fn add(total: &mut Option<f64>, part: Option<f64>) {
    if let Some(part) = part {
        *total = Some(total.unwrap_or_default() + part);
    }
}
