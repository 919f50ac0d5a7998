//! The machine as a whole: eight files of `/proc`, kept open and read each tick.

mod cpu;
mod disks;
mod memory;
mod network;
mod pressure;

use super::source::{Source, Tree};
use crate::ProbeError;
use disks::WholeDisks;
use ira_model::{HostSample, Load};
use rustix::io::Errno;
use std::sync::Arc;

/// Reads the machine into the same sample again and again.
#[derive(Debug)]
pub(crate) struct HostReader {
    proc: Arc<Tree>,
    ticks_per_second: u64,
    buffer: Vec<u8>,
    stat: Source,
    memory: Source,
    load: Source,
    uptime: Source,
    pressure: [Source; 3],
    disks: Source,
    whole: WholeDisks,
    network: Source,
}

impl HostReader {
    /// `sys` is `None` where `/sys` cannot be read; disks are then told from partitions by name.
    pub(crate) fn new(proc: Arc<Tree>, sys: Option<Tree>) -> Self {
        Self {
            proc,
            ticks_per_second: rustix::param::clock_ticks_per_second().max(1),
            buffer: Vec::with_capacity(16 * 1024),
            stat: Source::new("stat"),
            memory: Source::new("meminfo"),
            load: Source::new("loadavg"),
            uptime: Source::new("uptime"),
            pressure: ["pressure/cpu", "pressure/memory", "pressure/io"].map(Source::new),
            disks: Source::new("diskstats"),
            whole: WholeDisks::new(sys),
            network: Source::new("net/dev"),
        }
    }

    /// Reads everything once. Processors, memory and uptime must be there; the rest is left out
    /// where the system has none.
    pub(crate) fn read(&mut self, host: &mut HostSample) -> Result<(), ProbeError> {
        let Self { proc, buffer, .. } = self;
        let bytes = self.stat.read(proc, buffer)?;
        cpu::parse(bytes, self.ticks_per_second, &mut host.cpus)
            .map_err(|malformed| malformed.at(self.stat.path(proc)))?;
        host.running_threads = cpu::parse_running(bytes);
        let bytes = self.memory.read(proc, buffer)?;
        host.memory =
            memory::parse(bytes).map_err(|malformed| malformed.at(self.memory.path(proc)))?;
        let bytes = self.uptime.read(proc, buffer)?;
        host.uptime_ms = memory::parse_uptime(bytes)
            .map_err(|malformed| malformed.at(self.uptime.path(proc)))?;
        host.load = self.load.read_optional(proc, buffer).and_then(parse_load);
        host.pressure = pressure::read(&mut self.pressure, proc, buffer);
        match self.disks.read_optional(proc, buffer) {
            Some(bytes) => self.whole.parse(bytes, &mut host.disks),
            None => host.disks.clear(),
        }
        match self.network.read_optional(proc, buffer) {
            Some(bytes) => network::parse(bytes, &mut host.interfaces),
            None => host.interfaces.clear(),
        }
        Ok(())
    }

    /// Why pressure cannot be told, if so.
    pub(crate) fn pressure_refusal(&self) -> Option<Errno> {
        self.pressure.iter().find_map(Source::refusal)
    }
}

/// `/proc/loadavg`: `0.33 0.71 0.49 1/87 18408` (proc_loadavg(5)).
fn parse_load(bytes: &[u8]) -> Option<Load> {
    let mut values = super::text::fields(bytes).map(memory::hundredths);
    let mut next = || values.next().flatten();
    Some(Load { one_x100: next()?, five_x100: next()?, fifteen_x100: next()? })
}

/// Puts a list of named things into a vector whose names are mostly the same as before, so that
/// nothing is allocated.
fn put<T>(
    list: &mut Vec<T>,
    index: usize,
    name: &[u8],
    name_of: impl Fn(&mut T) -> &mut String,
    new: impl FnOnce(String) -> T,
    set: impl FnOnce(&mut T),
) {
    if index >= list.len() {
        list.push(new(String::from_utf8_lossy(name).into_owned()));
    }
    if let Some(place) = list.get_mut(index) {
        let known = name_of(place);
        if known.as_bytes() != name {
            *known = String::from_utf8_lossy(name).into_owned();
        }
        set(place);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn load_is_in_hundredths() {
        let load = parse_load(b"0.33 10.71 0.49 1/87 18408\n");
        let expected = Load { one_x100: 33, five_x100: 1071, fifteen_x100: 49 };
        assert_eq!(load, Some(expected), "as the kernel writes it");
        assert_eq!(parse_load(b"0.33 0.71"), None, "a cut file tells nothing");
    }

    proptest! {
        #[test]
        fn any_bytes_are_survived(bytes: Vec<u8>) {
            let _ = (parse_load(&bytes), memory::parse(&bytes), memory::parse_uptime(&bytes));
            let _ = (cpu::parse(&bytes, 100, &mut Vec::new()), pressure::parse(&bytes));
            network::parse(&bytes, &mut Vec::new());
            WholeDisks::new(None).parse(&bytes, &mut Vec::new());
        }
    }
}
