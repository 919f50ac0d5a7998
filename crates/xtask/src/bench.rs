//! `cargo xtask bench`: what recording costs, beside peers, in one run.
//!
//! A load of sleeping, working and short-lived processes is made; then Ira, its peers and the bare
//! limit of our way of reading run together over the same seconds, and the kernel's own figures of
//! each are compared. Only ratios are meant to be quoted.

mod groups;
mod load;
mod measure;

pub(crate) use load::{limit, run_load, worker};

use anyhow::{Context, Result};
use groups::{Groups, Of};
use load::Load;
use measure::{Used, Watched};
use std::{
    fmt::Write as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread,
    time::Duration,
};

/// Everything settles before the measured seconds begin.
const SETTLE: Duration = Duration::from_secs(8);

struct Row {
    processes: usize,
    grouped: bool,
    name: &'static str,
    used: Used,
}

/// Runs it and writes `docs/benchmarks.md`. `seconds` are measured for each size.
pub(crate) fn run(root: &Path, sizes: &[usize], seconds: u64) -> Result<()> {
    let ira = root.join("target/release/ira");
    anyhow::ensure!(ira.exists(), "{} is missing: cargo build --release -p ira-cli", ira.display());
    let mut rows = Vec::new();
    for size in sizes {
        for grouped in [false, true] {
            let groups = if grouped { Groups::make(Of::Services) } else { None };
            if grouped && groups.is_none() {
                println!("control groups cannot be made here: that part is left out");
                continue;
            }
            let arranged = if grouped { "in control groups" } else { "in one control group" };
            println!(
                "{size} processes {arranged}: settling {} s, measuring {seconds} s",
                SETTLE.as_secs()
            );
            rows.extend(one_size(&ira, *size, groups, Duration::from_secs(seconds))?);
        }
    }
    let text = table(&rows, seconds);
    println!("\n{text}");
    section(root, "recorder", &text)
}

/// Containers of [`containers`], and what their figures may cost while nobody looks, % of a core.
const CONTAINERS: usize = 100;
const CONTAINERS_BAR: f64 = 1.0;

/// What the figures of containers cost the recorder while nobody looks at them: the same recorder
/// without and with them. Writes `docs/benchmarks.md`.
pub(crate) fn containers(root: &Path, seconds: u64) -> Result<()> {
    let Some(groups) = Groups::make(Of::Containers) else {
        println!(
            "control groups cannot be made here, or Docker has its own: containers are left out"
        );
        return Ok(());
    };
    let folder = tempfile::tempdir()?;
    let mut recorder = recorder(&root.join("target/release/ira"), folder.path())?;
    let mut percent = |load: &str| -> Result<f64> {
        println!("{load}: settling {} s, measuring {seconds} s", SETTLE.as_secs());
        thread::sleep(SETTLE);
        recorder.begin()?;
        thread::sleep(Duration::from_secs(seconds));
        Ok(recorder.used()?.cpu_percent)
    };
    let without = percent("no containers")?;
    let load = Load::start(CONTAINERS, Some(groups))?;
    let with = percent(&format!("{CONTAINERS} containers"))?;
    let found = found(&root.join("target/release/ira"), folder.path());
    drop(load);
    let found = found?;
    anyhow::ensure!(
        found == CONTAINERS,
        "discovery took {found} of {CONTAINERS} control groups for containers: the figure would be of \
         something else; look at crates/engine/src/discovery/control_group.rs"
    );
    let more = with - without;
    let met = if more <= CONTAINERS_BAR { "yes" } else { "**no**" };
    let text = format!(
        "| stats of {CONTAINERS} containers, nobody looks | with | without | they cost | bar | met |\n\
         |---|---|---|---|---|---|\n\
         | `ira serve`, CPU, % of a core | {with:.2} | {without:.2} | {more:.2} | under {CONTAINERS_BAR} | {met} |\n\n\
         Control groups called as Docker calls them, with one process each that sleeps, one in ten working; no \
         engine runs.\nThe same recorder over {seconds} s without and then with them, {} s apart; a clock tick is {:.2} %.\n",
        SETTLE.as_secs(),
        1.0 / seconds as f64,
    );
    println!("\n{text}");
    section(root, "containers", &text)
}

/// How many containers the recorder took for applications a moment ago, by what it kept.
fn found(ira: &Path, folder: &Path) -> Result<usize> {
    let mut command = Command::new(ira);
    let asked = command.args(["at", "-3s", "--json", "--data"]).arg(folder.join("ira")).output()?;
    anyhow::ensure!(
        asked.status.success(),
        "ira at -3s: {}",
        String::from_utf8_lossy(&asked.stderr)
    );
    let told: serde_json::Value = serde_json::from_slice(&asked.stdout)?;
    let all = told.get("applications").and_then(serde_json::Value::as_array);
    let kind = |one: &&serde_json::Value| {
        let kind = one.get("kind").and_then(serde_json::Value::as_str);
        matches!(kind, Some("docker" | "container"))
    };
    Ok(all.map_or(0, |all| all.iter().filter(kind).count()))
}

fn recorder(ira: &Path, folder: &Path) -> Result<Watched> {
    let mut command = Command::new(ira);
    command.arg("--data").arg(folder.join("ira"));
    Watched::start("ira serve", command.args(["serve", "--listen", "127.0.0.1:0"]))
}

/// Replaces a section of `docs/benchmarks.md`: what stands between `<!-- NAME -->` and
/// `<!-- /NAME -->`.
pub(crate) fn section(root: &Path, name: &str, text: &str) -> Result<()> {
    let path = root.join("docs/benchmarks.md");
    let page = std::fs::read_to_string(&path).with_context(|| path.display().to_string())?;
    let page = replaced(&page, name, text)
        .with_context(|| format!("{} has no section {name}", path.display()))?;
    std::fs::write(&path, page).with_context(|| path.display().to_string())
}

fn replaced(page: &str, name: &str, text: &str) -> Option<String> {
    let (before, rest) = page.split_once(&format!("<!-- {name} -->"))?;
    let (_, after) = rest.split_once(&format!("<!-- /{name} -->"))?;
    Some(format!("{before}<!-- {name} -->\n{}\n<!-- /{name} -->{after}", text.trim_end()))
}

fn one_size(
    ira: &Path,
    size: usize,
    groups: Option<Groups>,
    measured: Duration,
) -> Result<Vec<Row>> {
    let grouped = groups.is_some();
    let mut load = Load::start(size, groups)?;
    let folder = tempfile::tempdir()?;
    let path = |name: &str| -> PathBuf { folder.path().join(name) };
    let mut watched = vec![
        recorder(ira, folder.path())?,
        Watched::start("limit", Command::new(std::env::current_exe()?).arg("bench-limit"))?,
        Watched::start(
            "top -b -d 1",
            Command::new("top").args(["-b", "-d", "1"]).env("TERM", "dumb"),
        )?,
    ];
    // A peer that is not installed is left out of the table, not guessed.
    if let Ok(atop) =
        Watched::start("atop -w 1", Command::new("atop").arg("-w").arg(path("atop.raw")).arg("1"))
    {
        watched.push(atop);
    }
    load.keep_going(SETTLE);
    for one in &mut watched {
        one.begin()?;
    }
    load.keep_going(measured);
    let rows = watched
        .iter()
        .map(|one| Ok(Row { processes: size, grouped, name: one.name, used: one.used()? }))
        .collect::<Result<Vec<_>>>()?;
    let kept = std::fs::metadata(path("ira/ira.db")).map_or(0, |file| file.len());
    println!(
        "  database {:.0} KiB after {} s",
        kept as f64 / 1024.0,
        (SETTLE + measured).as_secs()
    );
    Ok(rows)
}

fn table(rows: &[Row], seconds: u64) -> String {
    let mut out = String::new();
    let _ = writeln!(
        out,
        "| processes | program | CPU, % of a core | / top | PSS, MiB | written, MB/h | / atop |\n|---|---|---|---|---|---|---|"
    );
    for row in rows {
        let peer = |name: &str| {
            rows.iter()
                .find(|one| {
                    (one.processes, one.grouped, one.name) == (row.processes, row.grouped, name)
                })
                .map(|one| one.used)
        };
        let ratio = |a: f64, b: Option<f64>| {
            b.filter(|b| *b > 0.0).map_or_else(|| "-".to_owned(), |b| format!("{:.2}", a / b))
        };
        let _ = writeln!(
            out,
            "| {}{} | {} | {:.2} | {} | {:.1} | {:.1} | {} |",
            row.processes,
            if row.grouped { " in groups" } else { "" },
            row.name,
            row.used.cpu_percent,
            ratio(row.used.cpu_percent, peer("top -b -d 1").map(|top| top.cpu_percent)),
            row.used.pss_mib,
            row.used.written_mb_per_hour,
            ratio(
                row.used.written_mb_per_hour,
                peer("atop -w 1").map(|atop| atop.written_mb_per_hour)
            ),
        );
    }
    let _ = writeln!(
        out,
        "\nEach over {seconds} s, together, the kernel's own figures (`/proc/PID/stat`, `io`, `smaps_rollup`)."
    );
    out
}

impl Watched {
    fn start(name: &'static str, command: &mut Command) -> Result<Self> {
        let child = command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .with_context(|| format!("cannot start {name}"))?;
        Ok(Self::new(name, child))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_section_is_replaced_and_the_rest_stays() {
        let page = "a\n<!-- x -->\nold\n<!-- /x -->\nb\n";
        let new = replaced(page, "x", "new\n");
        assert_eq!(new.as_deref(), Some("a\n<!-- x -->\nnew\n<!-- /x -->\nb\n"));
        assert_eq!(replaced(page, "y", "new"), None, "a section that is not there is no place");
    }
}
