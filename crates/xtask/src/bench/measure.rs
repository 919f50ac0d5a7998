//! What a running program used, as the kernel counts it.

use anyhow::{Context, Result};
use std::{fs, process::Child, time::Instant};

/// `USER_HZ`, 100 on every architecture Linux is common on.
const TICKS_A_SECOND: f64 = 100.0;

/// A program under measurement; it ends with this value.
pub(super) struct Watched {
    pub(super) name: &'static str,
    child: Child,
    began: Instant,
    before: (f64, f64),
}

/// What it used between [`Watched::begin`] and [`Watched::used`].
#[derive(Debug, Clone, Copy)]
pub(super) struct Used {
    pub(super) cpu_percent: f64,
    pub(super) pss_mib: f64,
    pub(super) written_mb_per_hour: f64,
}

impl Watched {
    pub(super) fn new(name: &'static str, child: Child) -> Self {
        Self { name, child, began: Instant::now(), before: (0.0, 0.0) }
    }

    pub(super) fn begin(&mut self) -> Result<()> {
        self.before = self.counters()?;
        self.began = Instant::now();
        Ok(())
    }

    pub(super) fn used(&self) -> Result<Used> {
        let (cpu, written) = self.counters()?;
        let seconds = self.began.elapsed().as_secs_f64();
        Ok(Used {
            cpu_percent: (cpu - self.before.0) / TICKS_A_SECOND / seconds * 100.0,
            pss_mib: self.field("smaps_rollup", "Pss:")? / 1024.0,
            written_mb_per_hour: (written - self.before.1) / 1e6 / seconds * 3600.0,
        })
    }

    fn read(&self, file: &str) -> Result<String> {
        let path = format!("/proc/{}/{file}", self.child.id());
        fs::read_to_string(&path).with_context(|| format!("{} has ended: {path}", self.name))
    }

    fn counters(&self) -> Result<(f64, f64)> {
        let stat = self.read("stat")?;
        let after_name = stat.rsplit(')').next().unwrap_or_default();
        let field = |number: usize| -> f64 {
            // The state is field 3 of proc(5) and the first one after the name.
            after_name
                .split_whitespace()
                .nth(number - 3)
                .and_then(|f| f.parse().ok())
                .unwrap_or(0.0)
        };
        Ok((field(14) + field(15), self.field("io", "write_bytes:")?))
    }

    fn field(&self, file: &str, name: &str) -> Result<f64> {
        let text = self.read(file)?;
        let line = text.lines().find_map(|line| line.strip_prefix(name)).unwrap_or("0");
        Ok(line.split_whitespace().next().and_then(|value| value.parse().ok()).unwrap_or(0.0))
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}
