//! One process held by a pidfd.

use super::{IoClass, OrderError, Standing, io_priority, signal_name};
use crate::linux::stat;
use ira_model::ProcessKey;
use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    fd::OwnedFd,
    io::Errno,
    process::{Pid, PidfdFlags, Signal},
};
use std::{
    io,
    time::{Duration, Instant},
};

/// Threads of one process that a priority is set for.
const MOST_THREADS: usize = 20_000;

/// A process of this machine that nothing else can take the place of.
#[derive(Debug)]
pub struct ProcessHandle {
    key: ProcessKey,
    pid: Pid,
    pidfd: OwnedFd,
}

impl ProcessHandle {
    /// Holds the process of that pid and start.
    ///
    /// # Errors
    /// [`OrderError::Gone`] when it has ended, also when its pid is another's now.
    pub fn open(key: ProcessKey) -> Result<Self, OrderError> {
        let gone = OrderError::Gone { pid: key.pid };
        let Some(pid) = i32::try_from(key.pid).ok().and_then(Pid::from_raw) else {
            return Err(gone);
        };
        let what = || format!("pidfd_open({})", key.pid);
        let pidfd = rustix::process::pidfd_open(pid, PidfdFlags::empty())
            .map_err(|errno| told(errno, key.pid, what()))?;
        let handle = Self { key, pid, pidfd };
        // Its start is read after the descriptor is there, and the descriptor asked once more after
        // that: what was read was of the process that is held.
        if start_ms(key.pid) != Some(key.start_ms) || handle.ends_within(Duration::ZERO) {
            return Err(gone);
        }
        Ok(handle)
    }

    /// Sends a signal of [`super::signals`].
    ///
    /// # Errors
    /// See [`OrderError`].
    pub fn signal(&self, signal: u8) -> Result<(), OrderError> {
        let Some((known, name)) = Signal::from_named_raw(signal.into()).zip(signal_name(signal))
        else {
            let what = format!("kill({}, {signal})", self.key.pid);
            return Err(OrderError::Unsupported { what });
        };
        rustix::process::pidfd_send_signal(&self.pidfd, known)
            .map_err(|errno| told(errno, self.key.pid, format!("kill({}, {name})", self.key.pid)))
    }

    /// Whether it ends within that time; a zombie has ended.
    #[must_use]
    pub fn ends_within(&self, at_most: Duration) -> bool {
        let until = Instant::now() + at_most;
        loop {
            let left = until.saturating_duration_since(Instant::now());
            let timeout = Timespec {
                tv_sec: left.as_secs().cast_signed(),
                tv_nsec: left.subsec_nanos().into(),
            };
            let mut ask = [PollFd::new(&self.pidfd, PollFlags::IN)];
            match poll(&mut ask, Some(&timeout)) {
                Ok(0) => return false,
                Ok(_) => return true,
                Err(Errno::INTR) => {}
                Err(_) => return false,
            }
        }
    }

    /// How it stands now.
    ///
    /// # Errors
    /// See [`OrderError`].
    pub fn standing(&self) -> Result<Standing, OrderError> {
        let pid = self.key.pid;
        let nice = rustix::process::getpriority_process(Some(self.pid))
            .map_err(|errno| told(errno, pid, format!("getpriority({pid})")))?;
        let io_class = io_priority::get(pid).unwrap_or_default();
        self.still_there()?;
        Ok(Standing { nice, io_class })
    }

    /// Sets its priority on the processor, -20 to 19, for all its threads: the kernel keeps one for
    /// each (setpriority(2)).
    ///
    /// # Errors
    /// See [`OrderError`].
    pub fn set_nice(&self, nice: i32) -> Result<(), OrderError> {
        let what = format!("setpriority({}, {nice})", self.key.pid);
        self.each_thread(&what, |thread| {
            let thread = i32::try_from(thread).ok().and_then(Pid::from_raw);
            rustix::process::setpriority_process(thread, nice).map_err(io::Error::from)
        })
    }

    /// Sets its class of access to storage, for all its threads.
    ///
    /// # Errors
    /// See [`OrderError`].
    pub fn set_io_class(&self, class: IoClass) -> Result<(), OrderError> {
        let what = format!("ioprio_set({}, {class:?})", self.key.pid);
        self.each_thread(&what, |thread| io_priority::set(thread, class))
    }

    fn each_thread(
        &self,
        what: &str,
        set: impl Fn(u32) -> io::Result<()>,
    ) -> Result<(), OrderError> {
        self.still_there()?;
        let pid = self.key.pid;
        set(pid).map_err(|error| of_io(error, pid, what))?;
        let tasks = std::fs::read_dir(format!("/proc/{pid}/task"));
        let threads = tasks.into_iter().flatten().flatten().take(MOST_THREADS);
        for thread in threads.filter_map(|entry| entry.file_name().to_str()?.parse().ok()) {
            // A thread that ended meanwhile needs none.
            if thread != pid {
                set(thread).ok();
            }
        }
        self.still_there()
    }

    fn still_there(&self) -> Result<(), OrderError> {
        if self.ends_within(Duration::ZERO) {
            return Err(OrderError::Gone { pid: self.key.pid });
        }
        Ok(())
    }
}

pub(crate) fn start_ms(pid: u32) -> Option<u64> {
    let text = std::fs::read(format!("/proc/{pid}/stat")).ok()?;
    let ticks = stat::parse(&text).ok()?.start_ticks;
    Some(ticks.saturating_mul(1000) / rustix::param::clock_ticks_per_second().max(1))
}

fn told(errno: Errno, pid: u32, what: String) -> OrderError {
    match errno {
        Errno::SRCH => OrderError::Gone { pid },
        Errno::PERM | Errno::ACCESS => OrderError::Denied { what },
        Errno::NOSYS | Errno::INVAL => OrderError::Unsupported { what },
        other => OrderError::System { what, source: other.into() },
    }
}

fn of_io(error: io::Error, pid: u32, what: &str) -> OrderError {
    match Errno::from_io_error(&error) {
        Some(errno) => told(errno, pid, what.to_owned()),
        None => OrderError::System { what: what.to_owned(), source: error },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::{Child, Command};

    struct Sleeper(Child);

    impl Drop for Sleeper {
        fn drop(&mut self) {
            self.0.kill().ok();
            self.0.wait().ok();
        }
    }

    fn sleeper() -> (Sleeper, ProcessKey) {
        let child = Command::new("sleep").arg("1000").spawn().unwrap();
        let pid = child.id();
        (Sleeper(child), ProcessKey { pid, start_ms: start_ms(pid).unwrap() })
    }

    fn state(pid: u32) -> u8 {
        let text = std::fs::read(format!("/proc/{pid}/stat")).unwrap();
        stat::parse(&text).unwrap().state
    }

    #[test]
    fn a_signal_ends_the_process_that_is_held() {
        let (_child, key) = sleeper();
        let handle = ProcessHandle::open(key).unwrap();
        assert!(!handle.ends_within(Duration::ZERO), "it sleeps");
        handle.signal(15).unwrap();
        assert!(handle.ends_within(Duration::from_secs(5)), "SIGTERM ends a sleep");
        assert!(matches!(ProcessHandle::open(key), Err(OrderError::Gone { .. })), "a zombie");
    }

    #[test]
    fn a_reused_pid_is_not_hit() {
        let (_child, key) = sleeper();
        let earlier = ProcessKey { start_ms: key.start_ms - 10, ..key };
        let refused = ProcessHandle::open(earlier);
        assert!(matches!(refused, Err(OrderError::Gone { .. })), "{refused:?}");
        assert!(ProcessHandle::open(key).is_ok(), "the right one still sleeps");
    }

    #[test]
    fn it_is_suspended_and_goes_on() {
        let (_child, key) = sleeper();
        let handle = ProcessHandle::open(key).unwrap();
        let reaches = |wanted: u8| {
            (0..100).any(|_| {
                std::thread::sleep(Duration::from_millis(10));
                state(key.pid) == wanted
            })
        };
        handle.signal(19).unwrap();
        assert!(reaches(b'T'), "SIGSTOP");
        handle.signal(18).unwrap();
        assert!(reaches(b'S'), "SIGCONT");
        let odd = handle.signal(64).unwrap_err();
        assert!(matches!(odd, OrderError::Unsupported { .. }), "{odd}");
    }

    #[test]
    fn priorities_are_set_and_told() {
        let (_child, key) = sleeper();
        let handle = ProcessHandle::open(key).unwrap();
        let before = handle.standing().unwrap();
        handle.set_nice(before.nice + 5).unwrap();
        handle.set_io_class(IoClass::Idle).unwrap();
        let after = handle.standing().unwrap();
        assert_eq!(after.nice, before.nice + 5);
        assert_eq!(after.io_class, Some(IoClass::Idle));
        handle.set_io_class(IoClass::Normal).unwrap();
        assert_eq!(handle.standing().unwrap().io_class, Some(IoClass::Normal));
    }

    #[test]
    fn pids_that_cannot_be_are_gone() {
        for pid in [0, 4_000_000, u32::MAX] {
            let refused = ProcessHandle::open(ProcessKey { pid, start_ms: 1 });
            assert!(matches!(refused, Err(OrderError::Gone { .. })), "{pid}: {refused:?}");
        }
    }
}
