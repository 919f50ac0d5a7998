//! What one pass over all processes costs, next to the bare limit: the list of pids and one read of
//! a kept descriptor each, without looking at what was read.
//!
//!     cargo run --release -p ira-probe --example pass [CHILDREN]
//!
//! Starts that many sleeping processes (1,000) and prints microseconds a process: the median of 41
//! passes, the three kinds in turn so that all meet the same machine.
#![cfg_attr(target_os = "linux", allow(clippy::print_stdout))]

#[cfg(not(target_os = "linux"))]
fn main() {}

#[cfg(target_os = "linux")]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    linux::run()
}

#[cfg(target_os = "linux")]
mod linux {
    use ira_model::Sample;
    use ira_probe::{LinuxProbe, Moment, PortableProbe, Probe};
    use rustix::{
        fd::OwnedFd,
        fs::{Mode, OFlags, RawDir, SeekFrom},
    };
    use std::{
        error::Error,
        process::{Child, Command},
        time::{Duration, Instant},
    };

    const PASSES: usize = 41;

    pub(crate) fn run() -> Result<(), Box<dyn Error>> {
        let count = std::env::args().nth(1).map_or(Ok(1000), |count| count.parse())?;
        let mut children = Children(Vec::new());
        for _ in 0..count {
            children.0.push(Command::new("sleep").arg("600").spawn()?);
        }
        measure()
    }

    /// Sleeping processes that go with this program, however it ends.
    struct Children(Vec<Child>);

    impl Drop for Children {
        fn drop(&mut self) {
            for child in &mut self.0 {
                let _ = child.kill();
                let _ = child.wait();
            }
        }
    }

    fn measure() -> Result<(), Box<dyn Error>> {
        let mut sample = Sample::default();
        // A second passes with every pass, so that slow work comes as often as it would.
        let mut now = Moment::now();
        let clock = move || {
            now = Moment { at_ms: now.at_ms + 1000, monotonic_ms: now.monotonic_ms + 1000 };
            now
        };
        let mut probe = LinuxProbe::new("/proc".as_ref(), "/sys".as_ref())?.with_clock(clock);
        let mut first = Vec::new();
        for _ in 0..4 {
            let started = Instant::now();
            probe.sample(&mut sample)?;
            first.push(started.elapsed());
        }
        let mut bare = Bare::open(&sample)?;
        let mut portable = PortableProbe::new()?;
        let mut of_portable = Sample::default();
        portable.sample(&mut of_portable)?;

        let mut times: [Vec<Duration>; 3] = Default::default();
        for pass in 0..PASSES {
            for (kind, list) in times.iter_mut().enumerate() {
                if kind == 2 && pass % 4 != 0 {
                    continue;
                }
                let started = Instant::now();
                match kind {
                    0 => bare.pass()?,
                    1 => probe.sample(&mut sample)?,
                    _ => portable.sample(&mut of_portable)?,
                }
                list.push(started.elapsed());
            }
        }
        let processes = sample.processes.len();
        println!("{processes} processes; microseconds a process");
        let [limit, ours, theirs] = times.map(|list| Cost::of(list, processes));
        println!("bare limit      {limit}");
        println!("LinuxProbe      {ours}   {:.2} x the limit", ours.median / limit.median);
        println!("PortableProbe   {theirs}   {:.2} x the limit", theirs.median / limit.median);
        println!("LinuxProbe's first passes: {first:?}");
        println!("PSS {:?} KiB", ira_probe::own_memory_pss(std::process::id()).map(|b| b / 1024));
        for limit in probe.limits() {
            println!("not told: {} ({:?})", limit.what, limit.kind);
        }
        Ok(())
    }

    /// Median, least and most, microseconds a process.
    struct Cost {
        median: f64,
        least: f64,
        most: f64,
    }

    impl Cost {
        fn of(mut list: Vec<Duration>, processes: usize) -> Self {
            list.sort_unstable();
            #[allow(clippy::cast_precision_loss)]
            let each = |time: Option<&Duration>| {
                time.map_or(f64::NAN, |time| time.as_secs_f64() * 1e6 / processes as f64)
            };
            Self {
                median: each(list.get(list.len() / 2)),
                least: each(list.first()),
                most: each(list.last()),
            }
        }
    }

    impl std::fmt::Display for Cost {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            write!(f, "{:6.2} (from {:.2} to {:.2})", self.median, self.least, self.most)
        }
    }

    /// The least that any program must do.
    struct Bare {
        folder: OwnedFd,
        files: Vec<OwnedFd>,
        names: Vec<u8>,
        text: Vec<u8>,
    }

    impl Bare {
        fn open(sample: &Sample) -> Result<Self, Box<dyn Error>> {
            let open = |path: String, flags| rustix::fs::open(path, flags, Mode::empty());
            let files = sample.processes.iter().filter_map(|process| {
                let path = format!("/proc/{}/stat", process.key.pid);
                open(path, OFlags::RDONLY | OFlags::CLOEXEC).ok()
            });
            Ok(Self {
                files: files.collect(),
                folder: open("/proc".to_owned(), OFlags::RDONLY | OFlags::DIRECTORY)?,
                names: Vec::with_capacity(32 * 1024),
                text: vec![0; 4096],
            })
        }

        fn pass(&mut self) -> Result<(), Box<dyn Error>> {
            rustix::fs::seek(&self.folder, SeekFrom::Start(0))?;
            let mut entries = RawDir::new(&self.folder, self.names.spare_capacity_mut());
            while let Some(entry) = entries.next() {
                std::hint::black_box(entry?.file_name());
            }
            for file in &self.files {
                // A process that ended meanwhile gives an error, which is as quick.
                let _ = rustix::io::pread(file, self.text.as_mut_slice(), 0);
            }
            Ok(())
        }
    }
}
