//! The load: sleeping processes, one in ten of them working a little each second, and short-lived
//! ones; and the least that reading all of them every second can cost.

use super::groups::Groups;
use anyhow::{Context, Result};
use std::{
    collections::HashMap,
    fs::File,
    os::unix::fs::FileExt,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

/// Working processes among all.
const WORKING: usize = 10;
/// Short-lived processes a second.
const SHORT_LIVED: u32 = 10;

/// A running load; it ends with this value.
pub(super) struct Load {
    children: Vec<Child>,
    groups: Option<Groups>,
}

impl Load {
    /// With `groups`, those that work share control groups, and those that sleep do.
    pub(super) fn start(size: usize, groups: Option<Groups>) -> Result<Self> {
        let own = std::env::current_exe()?;
        let mut load = Self { children: Vec::with_capacity(size), groups };
        let mut of_kind = [0, 0];
        for number in 0..size {
            let works = number % WORKING == 0;
            let mut command = if works {
                let mut command = Command::new(&own);
                command.arg("bench-worker");
                command
            } else {
                let mut command = Command::new("sleep");
                command.arg("100000");
                command
            };
            let child = command
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .spawn()
                .with_context(|| format!("cannot start process {number} of the load"))?;
            let pid = child.id();
            load.children.push(child);
            let [sleeping, working] = &mut of_kind;
            let (kind, nth) = if works { ("works", working) } else { ("sleeps", sleeping) };
            if let Some(groups) = &mut load.groups {
                groups.add(pid, kind, *nth)?;
            }
            *nth += 1;
        }
        Ok(load)
    }

    /// Starts short-lived processes for a while.
    pub(super) fn keep_going(&mut self, time: Duration) {
        let end = Instant::now() + time;
        while Instant::now() < end {
            Command::new("true").status().ok();
            thread::sleep(Duration::from_secs(1) / SHORT_LIVED);
        }
    }
}

impl Drop for Load {
    fn drop(&mut self) {
        for child in &mut self.children {
            child.kill().ok();
        }
        for child in &mut self.children {
            child.wait().ok();
        }
        self.groups.take(); // empty only now
    }
}

/// The load by itself, until whoever started it closes its input.
pub(crate) fn run_load(size: usize) -> Result<()> {
    let mut load = Load::start(size, None)?;
    let closed = thread::spawn(|| std::io::copy(&mut std::io::stdin(), &mut std::io::sink()));
    while !closed.is_finished() {
        load.keep_going(Duration::from_millis(500));
    }
    Ok(())
}

/// One working process: half a millisecond of work a second.
pub(crate) fn worker() {
    let mut x = u64::from(std::process::id());
    loop {
        let end = Instant::now() + Duration::from_micros(500);
        while Instant::now() < end {
            x = x.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        }
        std::hint::black_box(x);
        thread::sleep(Duration::from_millis(990 + x % 20));
    }
}

/// Lists all processes and reads the kept `stat` of each once a second, and does nothing with it.
pub(crate) fn limit() -> Result<()> {
    let mut kept: HashMap<u32, File> = HashMap::new();
    let mut buffer = [0; 1024];
    loop {
        let began = Instant::now();
        for entry in std::fs::read_dir("/proc")?.flatten() {
            let Some(pid) = entry.file_name().to_str().and_then(|name| name.parse().ok()) else {
                continue;
            };
            let read = match kept.get(&pid) {
                Some(file) => file.read_at(&mut buffer, 0).is_ok(),
                None => match File::open(entry.path().join("stat")) {
                    Ok(file) => {
                        let read = file.read_at(&mut buffer, 0).is_ok();
                        kept.insert(pid, file);
                        read
                    }
                    Err(_) => false,
                },
            };
            if !read {
                kept.remove(&pid);
            }
        }
        thread::sleep(Duration::from_secs(1).saturating_sub(began.elapsed()));
    }
}
