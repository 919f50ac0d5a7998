//! `/proc/PID/smaps_rollup`: memory with shared pages counted in shares (proc_pid_smaps(5)).

use super::text::keyed_number;

/// Proportional set size of a process, bytes. Costs 11-16 microseconds a MiB, so not for every
/// process every second.
pub(crate) fn read(pid: u32) -> Option<u64> {
    parse(&std::fs::read(format!("/proc/{pid}/smaps_rollup")).ok()?)
}

pub(crate) fn parse(bytes: &[u8]) -> Option<u64> {
    keyed_number(bytes, b"Pss:")?.checked_mul(1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kilobytes_become_bytes() {
        let text = b"55ec217f9000-7fffc5412000 ---p 00000000 00:00 0 [rollup]\nRss: 1748 kB\n\
            Pss:                 390 kB\nPss_Dirty: 1 kB\n";
        assert_eq!(parse(text), Some(390 * 1024), "the line Pss, not its parts");
        assert_eq!(parse(b"Rss: 1 kB\n"), None, "a kernel without it");
    }

    #[test]
    fn this_process_has_a_share() {
        let bytes = read(std::process::id()).unwrap_or_default();
        assert!(bytes > 64 * 1024, "{bytes} bytes is too little for a running program");
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_are_survived(bytes: Vec<u8>, number in ".{0,30}") {
            let _ = (parse(&bytes), parse(format!("Pss: {number} kB\n").as_bytes()));
        }
    }
}
