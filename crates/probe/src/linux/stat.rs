//! `/proc/PID/stat`: counters and kinship of one process (proc_pid_stat(5)).

use super::text::{Malformed, number};

/// `PF_KTHREAD` of the flags: a thread of the kernel (include/linux/sched.h).
const KERNEL_THREAD: u64 = 0x0020_0000;

/// The fields Ira uses. Times are in clock ticks, memory in pages, as the kernel writes them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stat<'line> {
    /// Field 2 without its parentheses: at most 15 bytes for a program, more for the kernel's.
    pub(crate) comm: &'line [u8],
    pub(crate) state: u8,
    pub(crate) parent_pid: u32,
    pub(crate) process_group: u32,
    pub(crate) session: u32,
    pub(crate) has_terminal: bool,
    pub(crate) is_kernel_thread: bool,
    pub(crate) user_ticks: u64,
    pub(crate) system_ticks: u64,
    /// Of children that ended and were waited for, with theirs.
    pub(crate) children_ticks: u64,
    pub(crate) threads: u32,
    pub(crate) start_ticks: u64,
    pub(crate) resident_pages: u64,
    /// Address of the program text: 1 where it may not be seen, 0 once the program has ended.
    pub(crate) start_code: u64,
    /// Bottom of the stack: 0 where it may not be seen.
    pub(crate) start_stack: u64,
}

/// Reads one line. The name may hold blanks, parentheses and line ends, so it ends at the *last*
/// closing parenthesis; after it come numbers only.
pub(crate) fn parse(line: &[u8]) -> Result<Stat<'_>, Malformed> {
    let bad = |item, value: &[u8]| Malformed::new(1, item, value);
    let open = line.iter().position(|byte| *byte == b'(').ok_or_else(|| bad("comm", line))?;
    let close = line.iter().rposition(|byte| *byte == b')').ok_or_else(|| bad("comm", line))?;
    let comm = line.get(open + 1..close).ok_or_else(|| bad("comm", line))?;
    let rest = line.get(close + 1..).unwrap_or_default().trim_ascii();
    let mut rest = rest.split(|byte| *byte == b' ');

    let mut next = |item| rest.next().ok_or_else(|| bad(item, line));
    let value = |field: &[u8], item| number(field).ok_or_else(|| bad(item, field));

    let state = next("state")?.first().copied().ok_or_else(|| bad("state", line))?;
    let parent_pid = narrow(value(next("ppid")?, "ppid")?);
    let process_group = or_none(next("pgrp")?, "pgrp")?;
    let session = or_none(next("session")?, "session")?;
    let has_terminal = next("tty_nr")? != b"0";
    next("tpgid")?;
    let flags = value(next("flags")?, "flags")?;
    for skipped in ["minflt", "cminflt", "majflt", "cmajflt"] {
        next(skipped)?;
    }
    let user_ticks = value(next("utime")?, "utime")?;
    let system_ticks = value(next("stime")?, "stime")?;
    let mut children_ticks = 0_u64;
    for item in ["cutime", "cstime"] {
        children_ticks = children_ticks.saturating_add(value(next(item)?, item)?);
    }
    for skipped in ["priority", "nice"] {
        next(skipped)?;
    }
    let threads = narrow(value(next("num_threads")?, "num_threads")?);
    next("itrealvalue")?;
    let start_ticks = value(next("starttime")?, "starttime")?;
    next("vsize")?;
    let resident_pages = value(next("rss")?, "rss")?;
    next("rsslim")?;
    let start_code = value(next("startcode")?, "startcode")?;
    next("endcode")?;
    let start_stack = value(next("startstack")?, "startstack")?;
    Ok(Stat {
        comm,
        state,
        parent_pid,
        process_group,
        session,
        has_terminal,
        is_kernel_thread: flags & KERNEL_THREAD != 0,
        user_ticks,
        system_ticks,
        children_ticks,
        threads,
        start_ticks,
        resident_pages,
        start_code,
        start_stack,
    })
}

/// Process group and session are -1 once the process has ended.
fn or_none(field: &[u8], item: &'static str) -> Result<u32, Malformed> {
    if field.first() == Some(&b'-') {
        return Ok(0);
    }
    number(field).map(narrow).ok_or_else(|| Malformed::new(1, item, field))
}

fn narrow(value: u64) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SLEEP: &[u8] = b"18411 (sleep) S 18390 18391 16658 0 -1 4194304 76 0 1 0 7 8 0 0 20 0 1 \
        0 164655 2473984 101 18446744073709551615 94061547757568 94061547775497 140727826227456 0 \
        0 0 0 6 0 0 0 0 17 0 0 0 0 0 0 94061547789584 94061547790848 94062335614976 0 0 0 0 0\n";

    #[test]
    fn a_plain_line_is_read() {
        let stat = parse(SLEEP).unwrap();
        assert_eq!((stat.comm, stat.state), (&b"sleep"[..], b'S'), "fields 2 and 3");
        assert_eq!((stat.parent_pid, stat.process_group, stat.session), (18390, 18391, 16658));
        assert_eq!((stat.user_ticks, stat.system_ticks), (7, 8), "fields 14 and 15");
        assert_eq!(stat.children_ticks, 0, "fields 16 and 17");
        assert_eq!((stat.threads, stat.start_ticks, stat.resident_pages), (1, 164_655, 101));
        assert_eq!(stat.start_code, 94_061_547_757_568, "field 26");
        assert_eq!(stat.start_stack, 140_727_826_227_456, "field 28");
        assert!(!stat.has_terminal && !stat.is_kernel_thread, "neither here");
    }

    #[test]
    fn hostile_names_are_read() {
        for name in ["a b", "a) S 1 2 3", "(((", ")))", "a\nb", "", " ", ") R 0", "\u{fffd}"] {
            let mut line = b"7 (".to_vec();
            line.extend_from_slice(name.as_bytes());
            line.extend_from_slice(SLEEP.strip_prefix(b"18411 (sleep").unwrap());
            let stat = parse(&line).unwrap();
            assert_eq!(stat.comm, name.as_bytes(), "the last parenthesis ends {name:?}");
            assert_eq!(stat.parent_pid, 18390, "what follows is in place after {name:?}");
        }
    }

    #[test]
    fn an_ended_process_has_no_group() {
        let line = b"9 (x) X 1 -1 -1 0 -1 4 0 0 0 0 1 2 0 0 20 0 0 0 5 0 0 9 0 0 0";
        let stat = parse(line).unwrap();
        assert_eq!((stat.process_group, stat.session), (0, 0), "-1 means none");
    }

    #[test]
    fn a_cut_line_names_the_item() {
        let cut = SLEEP.get(..SLEEP.len().min(60)).unwrap();
        let error = parse(cut).unwrap_err();
        assert_eq!((error.line, error.item), (1, "cutime"), "the first item that is not there");
        for length in 0..140 {
            assert!(parse(SLEEP.get(..length).unwrap()).is_err(), "{length} bytes are too few");
        }
        let error = parse(b"1 (x) S one 1 1 0 -1 4").unwrap_err();
        assert_eq!((error.item, error.value.as_str()), ("ppid", "one"), "it quotes the value");
    }

    proptest! {
        #[test]
        fn any_bytes_are_survived(bytes: Vec<u8>) {
            let _ = parse(&bytes);
        }

        #[test]
        fn a_damaged_line_is_survived(at in 0_usize..250, byte: u8) {
            let mut line = SLEEP.to_vec();
            if let Some(place) = line.get_mut(at) {
                *place = byte;
            }
            let _ = parse(&line);
        }

        #[test]
        fn a_written_line_reads_back(
            name in proptest::collection::vec(any::<u8>(), 0..16),
            ids: (u32, u32, u32), kernel: bool, terminal in 0_u8..2,
            ticks: (u64, u64, u64), pages: u64, threads: u32, addresses: (u64, u64),
        ) {
            let flags = if kernel { 0x0020_8040 } else { 0x0040_0000 };
            let mut line = b"1 (".to_vec();
            line.extend_from_slice(&name);
            line.extend_from_slice(format!(
                ") R {} {} {} {terminal} -1 {flags} 1 2 3 4 {} {} 5 6 20 0 {threads} 0 {} 7 {pages} \
                 8 {} 9 {} 0 0\n",
                ids.0, ids.1, ids.2, ticks.0, ticks.1, ticks.2, addresses.0, addresses.1,
            ).as_bytes());
            let expected = Stat {
                comm: &name, state: b'R', parent_pid: ids.0, process_group: ids.1, session: ids.2,
                has_terminal: terminal == 1, is_kernel_thread: kernel, user_ticks: ticks.0,
                system_ticks: ticks.1, children_ticks: 11, threads, start_ticks: ticks.2, resident_pages: pages,
                start_code: addresses.0, start_stack: addresses.1,
            };
            prop_assert_eq!(parse(&line).unwrap(), expected);
        }
    }
}
