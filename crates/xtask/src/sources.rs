//! Names and sizes of source files.

use anyhow::{Context, Result, bail};
use std::{fs, path::Path, process::Command};

/// Written by `make bindings`, not by hand.
const GENERATED: &str = "ui/src/bindings/";

/// Names that say nothing of what is inside.
const EMPTY_NAMES: &[&str] =
    &["util", "utils", "helper", "helpers", "common", "manager", "managers", "misc"];

/// Longest files: ending, lines from which to warn, lines from which to refuse.
const LIMITS: &[(&str, usize, usize)] =
    &[("rs", 350, 500), ("svelte", 250, 300), ("ts", 250, 300), ("mjs", 250, 300)];

/// What was found.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Findings {
    /// Must be mended.
    pub(crate) violations: Vec<String>,
    /// May grow no more.
    pub(crate) warnings: Vec<String>,
}

/// Judges every file that git knows or would take.
pub(crate) fn findings(root: &Path) -> Result<Findings> {
    let output = Command::new("git")
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .current_dir(root)
        .output()
        .context("cannot run git")?;
    if !output.status.success() {
        bail!("git ls-files: {}", String::from_utf8_lossy(&output.stderr));
    }
    let list = String::from_utf8(output.stdout).context("git ls-files")?;
    let mut findings = Findings::default();
    for path in list.split_terminator('\0') {
        // Listed and absent: deleted, and not committed yet.
        if let Ok(text) = fs::read(root.join(path)) {
            judge(path, text.iter().filter(|byte| **byte == b'\n').count(), &mut findings);
        }
    }
    Ok(findings)
}

fn judge(path: &str, lines: usize, findings: &mut Findings) {
    let Some((_, warn, refuse)) = LIMITS.iter().find(|(ending, ..)| has_ending(path, ending))
    else {
        return;
    };
    if path.starts_with(GENERATED) {
        return;
    }
    if path.ends_with("/mod.rs") {
        findings.violations.push(format!(
            "{path}: no mod.rs; name the file after the module and put it beside its folder"
        ));
    }
    if let Some(name) = path.split(['/', '.']).find(|part| EMPTY_NAMES.contains(part)) {
        findings.violations.push(format!(
            "{path}: `{name}` says nothing of what is inside; name it after the noun it serves"
        ));
    }
    if lines > *refuse {
        findings.violations.push(format!(
            "{path}: {lines} lines, {refuse} at most; it holds two things: give each its own file"
        ));
    } else if lines > *warn {
        findings.warnings.push(format!("{path}: {lines} lines of {refuse}"));
    }
}

fn has_ending(path: &str, ending: &str) -> bool {
    Path::new(path).extension().is_some_and(|found| found == ending)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(path: &str, lines: usize) -> Findings {
        let mut findings = Findings::default();
        judge(path, lines, &mut findings);
        findings
    }

    fn refused(path: &str, lines: usize, because: &str) {
        let found = judged(path, lines);
        assert!(found.violations.iter().any(|line| line.contains(because)), "{path}: {found:?}");
    }

    #[test]
    fn long_files_are_warned_of_then_refused() {
        assert_eq!(judged("crates/model/src/lib.rs", 350), Findings::default());
        assert_eq!(judged("crates/model/src/lib.rs", 351).warnings.len(), 1);
        assert_eq!(judged("crates/model/src/lib.rs", 500).violations.len(), 0);
        refused("crates/model/src/lib.rs", 501, "500 at most");
        refused("ui/src/App.svelte", 301, "300 at most");
        refused("ui/src/platform/http.ts", 301, "300 at most");
        refused("tests/window/opens.test.mjs", 301, "300 at most");
    }

    #[test]
    fn generated_and_foreign_files_may_be_long() {
        assert_eq!(judged("ui/src/bindings/commands.ts", 5_000), Findings::default());
        assert_eq!(judged("Cargo.lock", 9_000), Findings::default());
    }

    #[test]
    fn names_that_say_nothing_are_refused() {
        refused("crates/store/src/utils.rs", 1, "`utils` says nothing");
        refused("ui/src/shared/helpers/format.ts", 1, "`helpers` says nothing");
        refused("ui/src/common.svelte.ts", 1, "`common` says nothing");
        assert_eq!(judged("crates/model/src/uncommon.rs", 1), Findings::default());
    }

    #[test]
    fn mod_rs_is_refused() {
        refused("crates/probe/src/linux/mod.rs", 1, "no mod.rs");
    }
}
