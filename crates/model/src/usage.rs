//! Sums over processes, and the rest that no application accounts for.

use crate::{ProcessRates, ProcessSample};

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
    /// Bytes a second received over TCP; `None` when no process told.
    pub received_bytes_per_sec: Option<f64>,
    /// Bytes a second sent over TCP; `None` when no process told.
    pub sent_bytes_per_sec: Option<f64>,
    /// Memory with shared pages in shares, bytes; `None` when no process was measured.
    pub pss_bytes: Option<u64>,
}

impl Usage {
    /// Adds one process. A missing figure adds nothing and leaves a present one as it is.
    pub fn add(&mut self, rates: &ProcessRates, sample: &ProcessSample) {
        self.add_rates(rates);
        for (total, part) in
            [(&mut self.memory_bytes, sample.memory_bytes), (&mut self.pss_bytes, sample.pss_bytes)]
        {
            if let Some(bytes) = part {
                *total = Some(total.unwrap_or_default().saturating_add(bytes));
            }
        }
    }

    /// Adds what a process did that is no more and so holds nothing.
    pub fn add_rates(&mut self, rates: &ProcessRates) {
        for (total, part) in [
            (&mut self.cpu_ratio, rates.cpu_ratio),
            (&mut self.read_bytes_per_sec, rates.read_bytes_per_sec),
            (&mut self.write_bytes_per_sec, rates.write_bytes_per_sec),
            (&mut self.received_bytes_per_sec, rates.received_bytes_per_sec),
            (&mut self.sent_bytes_per_sec, rates.sent_bytes_per_sec),
        ] {
            if let Some(part) = part {
                *total = Some(total.unwrap_or_default() + part);
            }
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
    /// Bytes a second received: other protocols than TCP, and what was not told.
    pub received_bytes_per_sec: Option<f64>,
    /// Bytes a second sent: other protocols than TCP, and what was not told.
    pub sent_bytes_per_sec: Option<f64>,
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
            received_bytes_per_sec: rest(
                machine.received_bytes_per_sec,
                applications.received_bytes_per_sec,
            ),
            sent_bytes_per_sec: rest(machine.sent_bytes_per_sec, applications.sent_bytes_per_sec),
        }
    }
}
