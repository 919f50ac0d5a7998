//! What following costs beside `tail -F`: a writer appends 100,000 lines a second for some seconds,
//! both follow, and the processor time of each is printed. `cargo run --release -p ira-logs --example follow_cost`

use ira_logs::follow::{Batch, Follower, Settings, Start, What, as_named};
use std::{
    fs::File,
    io::{self, Write},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

const LINES_PER_SEC: u64 = 100_000;
const SECONDS: u64 = 20;
/// Writes a second.
const WRITES: u64 = 1000;

/// User and system time of a process with all its threads, ticks of 10 ms.
fn ticks(pid: u32) -> io::Result<u64> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat"))?;
    let behind = stat.rsplit(") ").next().unwrap_or_default();
    let times = behind.split(' ').skip(11).take(2);
    Ok(times.filter_map(|number| number.parse::<u64>().ok()).sum())
}

fn write(mut file: File) -> io::Result<()> {
    let line = format!("2026-11-25T12:00:00.000Z INFO request served {}\n", "x".repeat(56));
    let piece = line.repeat(usize::try_from(LINES_PER_SEC / WRITES).unwrap_or_default());
    let start = Instant::now();
    for number in 0..SECONDS * WRITES {
        let due = Duration::from_micros(number * 1_000_000 / WRITES);
        std::thread::sleep(due.saturating_sub(start.elapsed()));
        file.write_all(piece.as_bytes())?;
    }
    Ok(())
}

fn follow(path: &std::path::Path, bell: bool) -> io::Result<(u64, Duration)> {
    let mut follower = Follower::new(Settings { bell, ..Settings::default() }, as_named());
    let start = Instant::now();
    follower.follow(path, Start::Beginning, start).map_err(io::Error::other)?;
    let (ringing, mut batch, mut lines) = (follower.bell(), Batch::new(), 0);
    while lines < LINES_PER_SEC * SECONDS && start.elapsed() < Duration::from_secs(SECONDS * 3) {
        let idle = follower.idle(Instant::now());
        if !idle.is_zero() {
            ringing.wait(idle);
        }
        follower.poll(Instant::now(), &mut batch);
        let told = batch.entries().iter().filter(|entry| matches!(entry.what, What::Line(_)));
        lines += told.count() as u64;
    }
    Ok((lines, start.elapsed()))
}

fn main() -> io::Result<()> {
    let mut arguments = std::env::args().skip(1);
    if let Some(role) = arguments.next() {
        let path = std::path::PathBuf::from(arguments.next().unwrap_or_default());
        if role == "write" {
            return write(File::options().append(true).open(path)?);
        }
        let (lines, elapsed) = follow(&path, role == "follow")?;
        let own = ticks(std::process::id())?;
        let status = std::fs::read_to_string("/proc/self/status")?;
        let peak = status.lines().find(|line| line.starts_with("VmHWM")).unwrap_or_default();
        return writeln!(
            io::stdout(),
            "{role}: {lines} lines in {elapsed:.1?}, {own} ticks, {peak}"
        );
    }
    let path =
        std::env::temp_dir().canonicalize()?.join(format!("follow_cost_{}", std::process::id()));
    File::create(&path)?;
    let own = std::env::current_exe()?;
    let mut tail = Command::new("tail")
        .arg("-n")
        .arg("+1")
        .arg("-F")
        .arg(&path)
        .stdout(Stdio::null())
        .spawn()?;
    let mut check = Command::new(&own).arg("check").arg(&path).spawn()?;
    let mut follow = Command::new(&own).arg("follow").arg(&path).spawn()?;
    let mut write = Command::new(&own).arg("write").arg(&path).spawn()?;
    let written = write.wait();
    let ended = follow.wait().and(check.wait());
    let spent = ticks(tail.id());
    tail.kill()?;
    tail.wait()?;
    std::fs::remove_file(&path)?;
    written.and(ended)?;
    writeln!(io::stdout(), "tail -F: {} ticks", spent?)
}
