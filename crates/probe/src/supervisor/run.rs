//! The supervisor itself.

use super::{
    Again, Work,
    children::{self, Ended},
    launch::Told,
    state::{End, Exit, State, output, output_between, status},
};
use crate::process_orders;
use ira_model::life::GIVEN_UP_AFTER;
use rustix::process::{Pid, Signal};
use signal_hook::{
    consts::{SIGCHLD, SIGHUP, SIGINT, SIGTERM},
    iterator::Signals,
};
use std::{
    collections::HashSet,
    fs::OpenOptions,
    io::{self, Read as _, Write as _},
    os::unix::{
        fs::{DirBuilderExt as _, OpenOptionsExt as _},
        process::CommandExt as _,
    },
    path::{Path, PathBuf},
    process::{Command, ExitCode, Stdio},
    sync::mpsc::{Receiver, RecvTimeoutError, sync_channel},
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

/// The second start of this program, which stays.
const STAY: &str = "--stay";
/// A longer work is none.
const LONGEST: u64 = 8 << 20;
/// One that ran so long is no failure at the start.
const GOOD: Duration = Duration::from_secs(60);
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(60);
/// Whoever started it is told so long whether it stays.
const AT_ONCE: Duration = Duration::from_millis(700);
/// How long it may take to end after SIGTERM.
const PATIENCE: Duration = Duration::from_secs(10);
/// How often the size of the output is looked at, while something runs.
const LOOK: Duration = Duration::from_secs(60);
/// Output beyond this is moved to a second file, which replaces the one before.
const OUTPUT_BYTES: u64 = 16 << 20;
/// Lines of what did not stay, and characters of each, for whoever started it.
const LAST_WORDS: usize = 3;
const LONGEST_WORD: usize = 300;

pub(super) fn run(arguments: &[String]) -> ExitCode {
    match serve(arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            Told::Fault(error.to_string()).tell();
            ExitCode::FAILURE
        }
    }
}

fn serve(arguments: &[String]) -> io::Result<()> {
    let bad = |text: &str| io::Error::new(io::ErrorKind::InvalidInput, text.to_owned());
    let usage = "supervise --application ID --name NAME --folder FOLDER, the work as JSON on standard input";
    let folder = match arguments {
        [_, _, a, _, n, _, f, folder, ..]
            if [a, n, f] == ["--application", "--name", "--folder"] =>
        {
            PathBuf::from(folder)
        }
        _ => return Err(bad(usage)),
    };
    if arguments.last().is_none_or(|last| last != STAY) {
        // Whoever started this waits for it; what stays is nobody's child.
        let own = std::env::current_exe()?;
        Command::new(own).args(arguments.get(1..).unwrap_or_default()).arg(STAY).spawn()?;
        return Ok(());
    }
    rustix::process::setsid()?;
    rustix::process::set_child_subreaper(Some(rustix::process::getpid()))?;
    Told::Stays(std::process::id()).tell();
    let mut text = Vec::new();
    io::stdin().take(LONGEST).read_to_end(&mut text)?;
    if text.is_empty() {
        return Err(bad("there was no work on standard input"));
    }
    let work: Work = serde_json::from_slice(&text)?;
    drop(text);
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(&folder)?;
    let woken = signals()?;
    // It must not keep a file system from being unmounted.
    std::env::set_current_dir("/")?;
    Supervisor::new(work, folder).run(&woken);
    Ok(())
}

/// Signals as they come.
fn signals() -> io::Result<Receiver<i32>> {
    let mut signals = Signals::new([SIGCHLD, SIGHUP, SIGINT, SIGTERM])?;
    let (sender, woken) = sync_channel(16);
    std::thread::Builder::new().name("ira-signals".to_owned()).spawn(move || {
        for signal in signals.forever() {
            if sender.send(signal).is_err() {
                return;
            }
        }
    })?;
    Ok(woken)
}

struct Supervisor {
    work: Work,
    folder: PathBuf,
    state: State,
    began: Instant,
    /// When that process began, milliseconds since boot.
    start_ms: Option<u64>,
    /// Length of the output when it began.
    output_from: u64,
    /// Failures at the start in a row.
    failures: u32,
    again_at: Option<Instant>,
    stopping: Option<Stopping>,
    /// Whether the one who started this waits to be told whether it stays.
    is_awaited: bool,
}

/// Everything is to end.
struct Stopping {
    told: HashSet<Pid>,
    /// When those that are left are killed; `None` where they are not.
    kill_at: Option<Instant>,
}

impl Supervisor {
    fn new(work: Work, folder: PathBuf) -> Self {
        Self {
            work,
            folder,
            state: State { supervisor: std::process::id(), ..State::default() },
            began: Instant::now(),
            start_ms: None,
            output_from: 0,
            failures: 0,
            again_at: None,
            stopping: None,
            is_awaited: true,
        }
    }

    fn run(mut self, woken: &Receiver<i32>) {
        self.start();
        loop {
            // Kept before its pid is gone, so that whoever sees it gone finds how it ended.
            if let Some(one) = self.state.pid.and_then(children::ended) {
                self.ended(&one);
            }
            let (ended, has_children) = children::reap();
            ended.iter().for_each(|one| self.ended(one));
            self.is_due();
            if self.is_over(has_children) {
                break;
            }
            let signal = match self.pause() {
                Some(pause) => woken.recv_timeout(pause),
                None => woken.recv().map_err(|_| RecvTimeoutError::Disconnected),
            };
            match signal {
                Ok(SIGTERM) => self.stop(Some(Instant::now() + PATIENCE)),
                Ok(SIGINT) => self.stop(None),
                // A session has no terminal that could hang up.
                Ok(_) | Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break,
            }
        }
        self.state.pid = None;
        self.state.again_at_ms = None;
        self.keep();
        self.answer("it was stopped");
    }

    /// Until when there is nothing to do but to wait for signals.
    fn pause(&self) -> Option<Duration> {
        let now = Instant::now();
        let left = |at: Instant| at.saturating_duration_since(now);
        let awaited = self.is_awaited.then(|| left(self.began + AT_ONCE));
        let again = self.again_at.map(left);
        let kill = self.stopping.as_ref().and_then(|one| one.kill_at).map(left);
        let look = self.state.pid.map(|_| LOOK);
        [awaited, again, kill, look].into_iter().flatten().min()
    }

    fn is_due(&mut self) {
        let now = Instant::now();
        if self.is_awaited && self.state.pid.is_some() && now >= self.began + AT_ONCE {
            self.tell(Told::Runs);
        }
        if self.again_at.is_some_and(|at| now >= at) {
            self.again_at = None;
            self.state.again_at_ms = None;
            self.state.restarts = self.state.restarts.saturating_add(1);
            self.start();
        }
        if let Some(stopping) = &mut self.stopping {
            if stopping.kill_at.is_some_and(|at| now >= at) {
                stopping.told.clear();
                children::tell(Signal::KILL, &mut stopping.told);
                stopping.kill_at = Some(now + FIRST_PAUSE);
            } else {
                // What those who ended left behind.
                children::tell(Signal::TERM, &mut stopping.told);
            }
        }
        if self.state.pid.is_some() {
            keep_small(&output(&self.folder)).ok();
        }
    }

    /// Nothing runs any more, and nothing is to be started again.
    fn is_over(&self, has_children: bool) -> bool {
        !has_children && self.state.pid.is_none() && self.again_at.is_none()
    }

    fn start(&mut self) {
        self.began = Instant::now();
        match self.spawn() {
            Ok(pid) => {
                self.start_ms = process_orders::start_ms(pid);
                self.state.pid = Some(pid);
            }
            Err(error) => {
                let program = self.work.command.first().map_or("", String::as_str);
                let fault = format!("{program}: {error}");
                self.answer(&fault);
                self.over(None, None, Some(fault));
            }
        }
        self.keep();
    }

    fn spawn(&mut self) -> io::Result<u32> {
        let [program, arguments @ ..] = self.work.command.as_slice() else {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "there is no command"));
        };
        if let Some(folder) = &self.work.working_directory
            && !Path::new(folder).is_dir()
        {
            // The system would say that the program is missing.
            return Err(io::Error::other(format!("there is no folder {folder}")));
        }
        let output =
            OpenOptions::new().create(true).append(true).mode(0o600).open(output(&self.folder))?;
        self.output_from = output.metadata()?.len();
        let mut command = Command::new(program);
        command
            .args(arguments)
            .envs(&self.work.environment)
            .stdin(Stdio::null())
            .stdout(output.try_clone()?)
            .stderr(output)
            .process_group(0);
        if let Some(folder) = &self.work.working_directory {
            command.current_dir(folder);
        }
        // It is waited for with all others.
        command.spawn().map(|child| child.id())
    }

    fn ended(&mut self, one: &Ended) {
        if self.state.pid != Some(one.pid) {
            return;
        }
        if let (Some(start_ms), Some(status)) = (self.start_ms.take(), status(one.code, one.signal))
        {
            self.state.ended(Exit { pid: one.pid, start_ms, status: status.to_wait() });
        }
        self.over(one.code, one.signal, None);
        if self.is_awaited {
            self.answer(&self.how_it_ended(one));
        }
        self.keep();
    }

    /// For whoever waits to hear that it runs: how it ended, what it wrote, whether that is all.
    fn how_it_ended(&self, one: &Ended) -> String {
        let mut text = match (one.code, one.signal) {
            (Some(code), _) => format!("it ended at once, with exit code {code}"),
            (None, Some(signal)) => format!("it ended at once, by signal {signal}"),
            (None, None) => "it ended at once".to_owned(),
        };
        if self.again_at.is_some() {
            text.push_str("; it is started again, as it is kept to be");
        }
        let end = self.state.last_end.as_ref().map_or(0, |end| end.output_bytes);
        if let Ok(lines) = output_between(&self.folder, (self.output_from, end), LAST_WORDS)
            && !lines.is_empty()
        {
            let short = |line: &String| line.chars().take(LONGEST_WORD).collect::<String>();
            let lines: Vec<_> = lines.iter().map(short).collect();
            text.push_str(&format!("; it wrote: {}", lines.join("\n")));
        }
        text
    }

    /// A run is over; decides whether there is another.
    fn over(&mut self, code: Option<i32>, signal: Option<i32>, fault: Option<String>) {
        let output_bytes = std::fs::metadata(output(&self.folder)).map_or(0, |at| at.len());
        let end = End { at_ms: now_ms(), code, signal, fault, output_bytes };
        let again = match self.work.again {
            Again::Never => false,
            Again::OnFailure => end.code != Some(0),
            Again::Always => true,
        };
        self.state.pid = None;
        self.state.last_end = Some(end);
        if !again || self.stopping.is_some() {
            return;
        }
        self.failures = if self.began.elapsed() >= GOOD { 1 } else { self.failures + 1 };
        if self.failures >= GIVEN_UP_AFTER {
            self.state.gave_up = true;
            return;
        }
        let pause = FIRST_PAUSE.saturating_mul(1 << (self.failures - 1).min(6)).min(LONGEST_PAUSE);
        self.again_at = Some(Instant::now() + pause);
        self.state.again_at_ms = Some(now_ms().saturating_add(pause.as_millis() as i64));
    }

    fn stop(&mut self, kill_at: Option<Instant>) {
        self.again_at = None;
        self.state.again_at_ms = None;
        let mut told = HashSet::new();
        children::tell(Signal::TERM, &mut told);
        self.stopping = Some(Stopping { told, kill_at });
    }

    fn keep(&self) {
        // A full disk must not end what runs; the next one is kept again.
        self.state.keep(&self.folder).ok();
    }

    fn answer(&mut self, fault: &str) {
        self.tell(Told::Fault(fault.to_owned()));
    }

    fn tell(&mut self, told: Told) {
        if std::mem::take(&mut self.is_awaited) {
            told.tell();
            hang_up().ok();
        }
    }
}

/// Lets go of whoever started this: nobody reads there any more.
fn hang_up() -> io::Result<()> {
    io::stdout().flush()?;
    let nothing = OpenOptions::new().read(true).write(true).open("/dev/null")?;
    rustix::stdio::dup2_stdin(&nothing)?;
    rustix::stdio::dup2_stdout(&nothing)?;
    Ok(rustix::stdio::dup2_stderr(&nothing)?)
}

/// Moves what was written into a second file when it grew too large. Whoever writes goes on at the new
/// end, as the file was opened to append; a line of the moment in between may be lost.
fn keep_small(path: &Path) -> io::Result<()> {
    if std::fs::metadata(path)?.len() <= OUTPUT_BYTES {
        return Ok(());
    }
    std::fs::copy(path, path.with_extension("log.1"))?;
    OpenOptions::new().write(true).open(path)?.set_len(0)
}

fn now_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}
