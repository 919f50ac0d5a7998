//! `/proc/meminfo` and `/proc/uptime` (proc_meminfo(5), proc_uptime(5)).

use crate::linux::text::{Malformed, fields, number};
use ira_model::Memory;

/// Reads memory and swap; the kernel writes KiB under the name of kB.
pub(crate) fn parse(bytes: &[u8]) -> Result<Memory, Malformed> {
    let mut memory = Memory::default();
    let (mut available, mut buffers, mut cached, mut reclaimable, mut shared) = (None, 0, 0, 0, 0);
    for line in bytes.split(|byte| *byte == b'\n') {
        let mut parts = fields(line);
        let (Some(key), Some(value)) = (parts.next(), parts.next().and_then(number)) else {
            continue;
        };
        let value = value.saturating_mul(1024);
        match key {
            b"MemTotal:" => memory.total_bytes = value,
            b"MemFree:" => memory.free_bytes = value,
            b"MemAvailable:" => available = Some(value),
            b"Buffers:" => buffers = value,
            b"Cached:" => cached = value,
            b"SReclaimable:" => reclaimable = value,
            b"Shmem:" => shared = value,
            b"SwapTotal:" => memory.swap_total_bytes = value,
            b"SwapFree:" => memory.swap_free_bytes = value,
            _ => {}
        }
    }
    if memory.total_bytes == 0 {
        return Err(Malformed::new(1, "MemTotal", bytes));
    }
    memory.cached_bytes =
        u64::saturating_add(buffers, cached).saturating_add(reclaimable).saturating_sub(shared);
    // Kernels before 3.14 do not estimate it.
    memory.available_bytes =
        available.unwrap_or_else(|| memory.free_bytes.saturating_add(memory.cached_bytes));
    Ok(memory)
}

/// The first number of `1646.55 2669.08`, milliseconds.
pub(crate) fn parse_uptime(bytes: &[u8]) -> Result<u64, Malformed> {
    fields(bytes)
        .next()
        .and_then(hundredths)
        .map(|value| value.saturating_mul(10))
        .ok_or_else(|| Malformed::new(1, "uptime", bytes))
}

/// A number with two decimals, as `/proc/uptime` and `/proc/loadavg` have them.
pub(crate) fn hundredths(field: &[u8]) -> Option<u64> {
    let dot = field.iter().position(|byte| *byte == b'.')?;
    let decimals = field.get(dot + 1..).filter(|decimals| decimals.len() == 2)?;
    number(field.get(..dot)?)?.checked_mul(100)?.checked_add(number(decimals)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kilobytes_become_bytes() {
        let text = b"MemTotal: 1000 kB\nMemFree: 100 kB\nMemAvailable: 400 kB\nBuffers: 10 kB\n\
            Cached: 200 kB\nSwapCached: 7 kB\nShmem: 50 kB\nSReclaimable: 30 kB\n\
            SwapTotal: 64 kB\nSwapFree: 32 kB\nHugePages_Total: 0\n";
        let expected = Memory {
            total_bytes: 1000 * 1024,
            available_bytes: 400 * 1024,
            free_bytes: 100 * 1024,
            cached_bytes: 190 * 1024,
            swap_total_bytes: 64 * 1024,
            swap_free_bytes: 32 * 1024,
        };
        assert_eq!(parse(text), Ok(expected), "cached leaves out shared memory");
    }

    #[test]
    fn old_kernels_and_damage() {
        let old = parse(b"MemTotal: 10 kB\nMemFree: 1 kB\nCached: 2 kB\n").unwrap();
        assert_eq!(old.available_bytes, 3 * 1024, "free and cached is the best estimate");
        assert_eq!(parse(b"MemFree: 1 kB\n").unwrap_err().item, "MemTotal", "it must be there");
    }

    #[test]
    fn uptime_has_two_decimals() {
        assert_eq!(parse_uptime(b"1646.55 2669.08\n"), Ok(1_646_550), "seconds to milliseconds");
        for bad in [&b""[..], b"12\n", b"1.5 2", b"x.00"] {
            assert!(parse_uptime(bad).is_err(), "{bad:?} is not the documented form");
        }
    }
}
