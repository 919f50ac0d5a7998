//! `/proc/stat`: time of each processor by kind (proc_stat(5)).

use crate::linux::text::{Malformed, fields, keyed_number, lines, number};
use ira_model::CpuTimes;

/// Reads the `cpuN` lines. Columns are clock ticks: user, nice, system, idle, iowait, irq, softirq,
/// steal, guest, guest_nice; the last two are counted in the first two as well. Kernels before
/// 2.6.33 write fewer columns, which count as 0.
pub(crate) fn parse(
    bytes: &[u8],
    ticks_per_second: u64,
    cpus: &mut Vec<CpuTimes>,
) -> Result<(), Malformed> {
    cpus.clear();
    for (line_number, line) in lines(bytes) {
        let Some(rest) = line.strip_prefix(b"cpu") else { break };
        let mut parts = fields(rest);
        if rest.first() == Some(&b' ') {
            continue; // the sum over all
        }
        parts.next();
        let mut ticks = [0_u64; 10];
        let mut seen = 0;
        for (place, field) in ticks.iter_mut().zip(&mut parts) {
            *place = number(field).ok_or_else(|| Malformed::new(line_number, "cpu time", field))?;
            seen += 1;
        }
        if seen < 4 {
            return Err(Malformed::new(line_number, "cpu times", line));
        }
        let [user, nice, system, idle, iowait, irq, softirq, steal, guest, guest_nice] = ticks;
        let user = user.saturating_sub(guest);
        let nice = nice.saturating_sub(guest_nice);
        cpus.push(CpuTimes::from_array(
            [user, nice, system, idle, iowait, irq, softirq, steal]
                .map(|ticks| ticks.saturating_mul(1000) / ticks_per_second),
        ));
    }
    if cpus.is_empty() {
        return Err(Malformed::new(1, "cpu0", bytes));
    }
    Ok(())
}

/// Threads that run or wait for a processor now (`procs_running`, Linux 2.5.45).
pub(crate) fn parse_running(bytes: &[u8]) -> Option<u64> {
    keyed_number(bytes, b"procs_running ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn threads_that_run_are_told_or_missing() {
        let text = b"cpu0 1 2 3 4\nprocesses 99\nprocs_running 7\nprocs_blocked 0\n";
        assert_eq!(parse_running(text), Some(7), "not only main threads");
        assert_eq!(parse_running(b"cpu0 1 2 3 4\nprocs_running x\n"), None);
        assert_eq!(parse_running(b"cpu0 1 2 3 4\n"), None, "missing is missing");
    }

    #[test]
    fn guests_are_counted_once() {
        let text = b"cpu  9 9 9 9 9 9 9 9 9 9\ncpu0 10 20 30 40 50 60 70 80 4 5\n\
            cpu3 1 2 3 4 5 6 7 8 0 0\nintr 1 2 3\ncpu9 1 1 1 1\n";
        let mut cpus = Vec::new();
        parse(text, 100, &mut cpus).unwrap();
        let expected = [
            CpuTimes::from_array([60, 150, 300, 400, 500, 600, 700, 800]),
            CpuTimes::from_array([10, 20, 30, 40, 50, 60, 70, 80]),
        ];
        assert_eq!(cpus, expected, "two processors; one of four is switched off");
    }

    #[test]
    fn a_damaged_line_is_named() {
        let mut cpus = Vec::new();
        let error = parse(b"cpu  1 1 1 1\ncpu0 1 2 x 4\n", 100, &mut cpus).unwrap_err();
        assert_eq!((error.line, error.value.as_str()), (2, "x"), "where and what");
        assert!(parse(b"", 100, &mut cpus).is_err(), "an empty file has no processor");
        assert!(parse(b"cpu0 1 2\n", 100, &mut cpus).is_err(), "a cut line has too few kinds");
    }
}
