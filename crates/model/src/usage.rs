//! Sums over processes, and the rest that no application accounts for.

use crate::ProcessRates;

/// What an application, or everything together, uses.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Usage {
    /// CPU as a share of one core.
    pub cpu_ratio: Option<f64>,
    /// Resident memory, bytes.
    pub memory_bytes: Option<u64>,
    /// Bytes a second from storage; `None` when no process told.
    pub read_bytes_per_sec: Option<f64>,
    /// Bytes a second to storage; `None` when no process told.
    pub write_bytes_per_sec: Option<f64>,
}

impl Usage {
    /// Adds one process. A missing figure adds nothing and leaves a present one as it is.
    pub fn add(&mut self, rates: &ProcessRates, memory_bytes: Option<u64>) {
        let sum = |total: &mut Option<f64>, part: Option<f64>| {
            if let Some(part) = part {
                *total = Some(total.unwrap_or_default() + part);
            }
        };
        sum(&mut self.cpu_ratio, rates.cpu_ratio);
        sum(&mut self.read_bytes_per_sec, rates.read_bytes_per_sec);
        sum(&mut self.write_bytes_per_sec, rates.write_bytes_per_sec);
        if let Some(bytes) = memory_bytes {
            self.memory_bytes = Some(self.memory_bytes.unwrap_or_default().saturating_add(bytes));
        }
    }
}

/// A signed remainder: machine minus the sum over applications. Adding both gives the machine,
/// exactly. It is negative where processes share memory pages, which each of them counts, and
/// where writes wait in the page cache and have not reached a disk yet.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Totals {
    /// CPU as a share of one core.
    pub cpu_ratio: Option<f64>,
    /// Memory, bytes.
    pub memory_bytes: Option<i64>,
    /// Bytes a second from storage.
    pub read_bytes_per_sec: Option<f64>,
    /// Bytes a second to storage.
    pub write_bytes_per_sec: Option<f64>,
}

impl Totals {
    /// The remainder of a machine after what its applications use.
    #[must_use]
    pub fn unattributed(machine: &Usage, applications: &Usage) -> Self {
        let rest = |all: Option<f64>, part: Option<f64>| Some(all? - part.unwrap_or_default());
        Self {
            cpu_ratio: rest(machine.cpu_ratio, applications.cpu_ratio),
            memory_bytes: machine.memory_bytes.map(|all| {
                let signed = |bytes: u64| i64::try_from(bytes).unwrap_or(i64::MAX);
                signed(all).saturating_sub(signed(applications.memory_bytes.unwrap_or_default()))
            }),
            read_bytes_per_sec: rest(machine.read_bytes_per_sec, applications.read_bytes_per_sec),
            write_bytes_per_sec: rest(
                machine.write_bytes_per_sec,
                applications.write_bytes_per_sec,
            ),
        }
    }
}
