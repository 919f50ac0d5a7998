//! Which pids may have been given to a new process since the last tick.
//!
//! The kernel gives pids in ascending order and begins again at the end (`idr_alloc_cyclic` in
//! kernel/pid.c), so that those given within a tick are the ones between the last pid then and now,
//! which is the last field of `/proc/loadavg` (proc_loadavg(5)). Only by clone3(2) with a wanted pid,
//! as checkpoint programs use it, is another one given.

use super::{
    source::{Source, Tree},
    text::{fields, number},
};
use std::ops::RangeInclusive;

/// After a longer pause the pids may have gone round once, milliseconds. 32,768 of them in this time
/// would be more than a machine with so few pids can fork.
const LONGEST_MS: u64 = 3_000;

/// Pids given since the last tick.
#[derive(Debug)]
pub(crate) struct RecentPids {
    source: Source,
    last: Option<u32>,
    at_ms: u64,
    /// The last pid given at the tick before and at this one; `None` where that is not known.
    given: Option<(u32, u32)>,
    /// The same from the tick before.
    given_before: Option<(u32, u32)>,
}

impl RecentPids {
    pub(crate) fn new() -> Self {
        Self {
            source: Source::new("loadavg"),
            last: None,
            at_ms: 0,
            given: None,
            given_before: None,
        }
    }

    /// Is called once a tick, before processes are listed.
    pub(crate) fn tick(&mut self, proc: &Tree, buffer: &mut Vec<u8>, now_ms: u64) {
        let last = self.source.read_optional(proc, buffer).and_then(last_pid);
        let is_short = now_ms.saturating_sub(self.at_ms) <= LONGEST_MS;
        self.given_before = self.given;
        self.given = self.last.zip(last).filter(|_| is_short);
        self.last = last;
        self.at_ms = now_ms;
    }

    /// The pids that processes which came since the last tick have, where that is known. A pid is
    /// given before its process is listed, a moment in which either may be held up, so those given in
    /// the tick before are among them.
    pub(crate) fn part(&self) -> Option<RangeInclusive<u32>> {
        let ((before, middle), (_, now)) = (self.given_before?, self.given?);
        (before <= middle && middle <= now).then(|| before.saturating_add(1)..=now)
    }

    /// Whether a process of this pid may be younger than the last tick.
    pub(crate) fn may_hold(&self, pid: u32) -> bool {
        match self.given {
            None => true,
            Some((before, now)) if before <= now => pid > before && pid <= now,
            Some((before, now)) => pid > before || pid <= now,
        }
    }
}

fn last_pid(bytes: &[u8]) -> Option<u32> {
    number(fields(bytes.trim_ascii()).nth(4)?).and_then(|pid| u32::try_from(pid).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given(before: u32, now: u32) -> RecentPids {
        RecentPids { given: Some((before, now)), ..RecentPids::new() }
    }

    #[test]
    fn pids_go_round() {
        let among = |recent: &RecentPids| (1..=10).filter(|p| recent.may_hold(*p)).collect();
        let cases: [(u32, u32, Vec<u32>); 3] =
            [(3, 3, vec![]), (3, 5, vec![4, 5]), (8, 2, vec![1, 2, 9, 10])];
        for (before, now, expected) in cases {
            let found: Vec<u32> = among(&given(before, now));
            assert_eq!(found, expected, "given after {before} up to {now}");
        }
        assert!(RecentPids::new().may_hold(7), "what is not known may be");
    }

    #[test]
    fn those_of_two_ticks_are_a_part() {
        let part = |first, second| {
            RecentPids { given_before: first, given: second, ..RecentPids::new() }.part()
        };
        assert_eq!(part(Some((3, 5)), Some((5, 9))), Some(4..=9), "of both");
        let none = part(Some((5, 5)), Some((5, 5)));
        assert!(none.is_some_and(|none| none.is_empty()), "nobody came");
        for (first, second) in [((3, 5), (5, 2)), ((5, 2), (2, 3))] {
            assert_eq!(part(Some(first), Some(second)), None, "they went round");
        }
        assert_eq!(part(None, Some((5, 9))), None, "not known");
    }

    #[test]
    fn the_last_pid_is_the_fifth_field() {
        assert_eq!(last_pid(b"0.33 0.71 0.49 1/87 18408\n"), Some(18408), "as the kernel has it");
        assert_eq!(last_pid(b"0.33 0.71 0.49 1/87"), None, "a cut file tells nothing");
    }
}
