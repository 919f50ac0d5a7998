//! `/proc/pressure/*`: time in which tasks waited (kernel document "PSI").

use crate::linux::{
    source::{Source, Tree},
    text::{fields, number},
};
use ira_model::Pressure;

/// Reads the files of CPU, memory and devices; `None` when one of them is not to be had.
pub(crate) fn read(
    sources: &mut [Source; 3],
    proc: &Tree,
    buffer: &mut Vec<u8>,
) -> Option<Pressure> {
    let [cpu, memory, io] = sources;
    let (cpu_some_us, _) = parse(cpu.read_optional(proc, buffer)?)?;
    let (memory_some_us, memory_full_us) = parse(memory.read_optional(proc, buffer)?)?;
    let (io_some_us, io_full_us) = parse(io.read_optional(proc, buffer)?)?;
    Some(Pressure { cpu_some_us, memory_some_us, memory_full_us, io_some_us, io_full_us })
}

/// The totals of the lines `some` and `full`, microseconds; `full` counts as 0 where it is missing,
/// as it does for CPU before Linux 5.13.
pub(crate) fn parse(bytes: &[u8]) -> Option<(u64, u64)> {
    let total = |kind: &[u8]| {
        let line = bytes.split(|byte| *byte == b'\n').find_map(|line| line.strip_prefix(kind))?;
        number(fields(line).find_map(|field| field.strip_prefix(b"total="))?)
    };
    Some((total(b"some ")?, total(b"full ").unwrap_or(0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn totals_are_taken() {
        let text = b"some avg10=0.00 avg60=0.12 avg300=0.05 total=123456\n\
            full avg10=0.00 avg60=0.00 avg300=0.00 total=789\n";
        assert_eq!(parse(text), Some((123_456, 789)), "microseconds of both lines");
        assert_eq!(parse(b"some avg10=0.00 total=5\n"), Some((5, 0)), "an older kernel");
        assert_eq!(parse(b"some avg10=0.00"), None, "a cut file tells nothing");
    }
}
