//! Development tasks: what is generated from Rust, and the rules of the house.
//!
//! `cargo xtask bindings` writes the generated files, `check-bindings` says whether they are up to
//! date, `floors` and `sizes` judge the sources. Each prints what to do and fails when something is
//! wrong. Ira itself never depends on this crate.

#![allow(clippy::print_stdout, clippy::print_stderr)] // a terminal program

mod bench;
mod bindings;
mod floors;
mod metadata;
mod sources;

use anyhow::{Context, Result, bail};
use std::{
    env,
    path::{Path, PathBuf},
    process::ExitCode,
};

const USAGE: &str =
    "usage: cargo xtask bindings | check-bindings | floors | sizes | bench [SECONDS [SIZE…]]";

fn main() -> ExitCode {
    match run(env::args().nth(1).as_deref()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(task: Option<&str>) -> Result<()> {
    let root = root()?;
    match task {
        Some("bindings") => bindings::write(&root),
        Some("check-bindings") => judged(bindings::stale(&root)?, "generated files are up to date"),
        Some("floors") => {
            let house = metadata::read(&root)?;
            judged(floors::violations(&house), "every crate stands on its floor")
        }
        Some("sizes") => {
            let findings = sources::findings(&root)?;
            for warning in &findings.warnings {
                println!("warning: {warning}");
            }
            judged(findings.violations, "names and sizes of files are in order")
        }
        Some("bench") => {
            let numbers = env::args().skip(2).map(|number| number.parse().context(USAGE));
            let numbers = numbers.collect::<Result<Vec<usize>>>()?;
            let (seconds, sizes) = numbers.split_first().map_or((30, &[][..]), |(s, n)| (*s, n));
            let sizes = if sizes.is_empty() { &[300, 1000, 3000][..] } else { sizes };
            bench::run(&root, sizes, seconds as u64)?;
            bench::containers(&root, seconds as u64)
        }
        // The benchmark starts these beside itself.
        Some("bench-worker") => {
            bench::worker();
            Ok(())
        }
        Some("bench-containers") => {
            let seconds = env::args().nth(2).context(USAGE)?.parse().context(USAGE)?;
            bench::containers(&root, seconds)
        }
        Some("bench-limit") => bench::limit(),
        Some("bench-section") => {
            let name = env::args().nth(2).context(USAGE)?;
            bench::section(&root, &name, &std::io::read_to_string(std::io::stdin())?)
        }
        Some("bench-load") => {
            let size = env::args().nth(2).context(USAGE)?.parse().context(USAGE)?;
            bench::run_load(size)
        }
        _ => bail!(USAGE),
    }
}

fn judged(violations: Vec<String>, fine: &str) -> Result<()> {
    if violations.is_empty() {
        println!("{fine}");
        return Ok(());
    }
    bail!("{}", violations.join("\n"))
}

fn root() -> Result<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    root.canonicalize().with_context(|| format!("no workspace at {}", root.display()))
}
