//! The machine as a whole, over `sysinfo`.

use super::failed;
use crate::ProbeError;
use ira_model::{CpuTimes, DiskCounters, HostSample, InterfaceCounters, Load, Memory};
use sysinfo::{DiskRefreshKind, Disks, Networks, System};

/// Reads the machine; keeps what `sysinfo` needs between two readings.
pub(super) struct HostReader {
    disks: Disks,
    networks: Networks,
    cpus: Vec<CpuTimes>,
    at_ms: Option<u64>,
}

impl HostReader {
    pub(super) fn new() -> Result<Self, ProbeError> {
        Ok(Self {
            disks: Disks::new().map_err(|error| failed("list the disks", error))?,
            networks: Networks::new().map_err(|error| failed("list the interfaces", error))?,
            cpus: Vec::new(),
            at_ms: None,
        })
    }

    pub(super) fn read(&mut self, system: &mut System, now_ms: u64, host: &mut HostSample) {
        system.refresh_cpu_usage();
        system.refresh_memory();
        self.read_cpus(system, now_ms);
        host.cpus.clone_from(&self.cpus);
        host.memory = Memory {
            total_bytes: system.total_memory(),
            available_bytes: system.available_memory(),
            free_bytes: system.free_memory(),
            cached_bytes: system.available_memory().saturating_sub(system.free_memory()),
            swap_total_bytes: system.total_swap(),
            swap_free_bytes: system.free_swap(),
        };
        host.load = System::load_average().ok().map(|load| Load {
            one_x100: hundredths(load.one),
            five_x100: hundredths(load.five),
            fifteen_x100: hundredths(load.fifteen),
        });
        host.pressure = None;
        host.running_threads = None;
        host.uptime_ms = System::uptime().unwrap_or_default().saturating_mul(1000);
        self.read_disks(&mut host.disks);
        self.read_interfaces(&mut host.interfaces);
    }

    /// `sysinfo` gives each processor's load since the last reading; counters are made of it.
    fn read_cpus(&mut self, system: &System, now_ms: u64) {
        let elapsed_ms = now_ms.saturating_sub(self.at_ms.unwrap_or(now_ms));
        self.at_ms = Some(now_ms);
        self.cpus.resize(system.cpus().len(), CpuTimes::default());
        for (times, cpu) in self.cpus.iter_mut().zip(system.cpus()) {
            #[allow(clippy::cast_precision_loss)] // a tick is a few thousand milliseconds
            let busy_ms =
                rounded(elapsed_ms as f64 * f64::from(cpu.usage()) / 100.0).min(elapsed_ms);
            times.user_ms = times.user_ms.saturating_add(busy_ms);
            times.idle_ms = times.idle_ms.saturating_add(elapsed_ms - busy_ms);
        }
    }

    fn read_disks(&mut self, out: &mut Vec<DiskCounters>) {
        self.disks.refresh_specifics(true, DiskRefreshKind::nothing().with_io_usage());
        out.clear();
        for disk in self.disks.iter() {
            let name = disk.name().to_string_lossy();
            let name = name.strip_prefix("/dev/").unwrap_or(&name);
            // One device may be mounted at several places.
            if name.is_empty() || out.iter().any(|known| known.name == name) {
                continue;
            }
            let usage = disk.usage();
            out.push(DiskCounters {
                name: name.to_owned(),
                read_bytes: usage.total_read_bytes,
                write_bytes: usage.total_written_bytes,
                busy_ms: 0,
            });
        }
        out.sort_unstable_by(|a, b| a.name.cmp(&b.name));
    }

    fn read_interfaces(&mut self, out: &mut Vec<InterfaceCounters>) {
        self.networks.refresh(true);
        out.clear();
        for (name, network) in &self.networks {
            let name = name.to_string_lossy();
            if is_loopback(&name) {
                continue;
            }
            out.push(InterfaceCounters {
                name: name.into_owned(),
                received_bytes: network.total_received(),
                sent_bytes: network.total_transmitted(),
            });
        }
        out.sort_unstable_by(|a, b| a.name.cmp(&b.name));
    }
}

fn is_loopback(name: &str) -> bool {
    name == "lo" || name == "lo0" || name.starts_with("Loopback")
}

fn hundredths(value: f64) -> u64 {
    rounded(value * 100.0)
}

fn rounded(value: f64) -> u64 {
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // never negative
    let whole = value.max(0.0).round() as u64;
    whole
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loopback_is_known_by_its_names() {
        for name in ["lo", "lo0", "Loopback Pseudo-Interface 1"] {
            assert!(is_loopback(name), "{name} is loopback");
        }
        assert!(!is_loopback("lowpan0"), "this one is not");
    }

    #[test]
    fn hundredths_round() {
        assert_eq!((hundredths(1.239), hundredths(-1.0), hundredths(f64::NAN)), (124, 0, 0));
    }
}
