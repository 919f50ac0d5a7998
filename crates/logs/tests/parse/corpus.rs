//! Lines as programs write them, with the entries they become.
//!
//! A file of `corpus/` has cases: after `#` its name, after `>` a line of log (`\e` is ESC), then the entries that are
//! expected, as [`render`] writes them. With `IRA_BLESS=1` the files are written anew: read what changed before you commit it.

use std::fmt::Write as _;
use std::path::Path;

use ira_logs::parse::Entry;

use crate::entries;

fn render(entry: &Entry) -> String {
    let mut text = format!("= {:?}", entry.format);
    if let Some(wrapper) = entry.wrapper {
        write!(text, " in {wrapper:?}").unwrap();
    }
    let level = entry.level.map_or("-", |l| l.as_str());
    let guessed = if entry.level.is_some() && !entry.level_told { "?" } else { "" };
    write!(text, " {level}{guessed}").unwrap();
    match entry.time {
        None => text.push_str(" -"),
        Some(time) => {
            let at = jiff::Timestamp::from_millisecond(time.at_ms).unwrap();
            write!(text, " {at:.3}").unwrap();
            for (assumed, name) in [
                (time.assumed.zone, "zone"),
                (time.assumed.year, "year"),
                (time.assumed.date, "date"),
            ] {
                if assumed {
                    write!(text, " ~{name}").unwrap();
                }
            }
        }
    }
    if entry.cut {
        text.push_str(" cut");
    }
    write!(text, "\n  {}\n", entry.message).unwrap();
    for (name, value) in entry.fields.iter() {
        writeln!(text, "  .{name} {value:?}").unwrap();
    }
    for style in &entry.styles {
        let part = &entry.message[style.start..style.end];
        writeln!(text, "  ~{part:?} {:?} bold={}", style.look.foreground, style.look.bold).unwrap();
    }
    for line in entry.continuation.split('\n').filter(|_| entry.continuation_lines > 0) {
        writeln!(text, "  + {line}").unwrap();
    }
    for style in &entry.continuation_styles {
        let part = &entry.continuation[style.start..style.end];
        writeln!(text, "  +~{part:?} {:?}", style.look.foreground).unwrap();
    }
    text
}

#[test]
fn lines_become_the_entries_that_are_expected() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/parse/corpus");
    let bless = std::env::var_os("IRA_BLESS").is_some();
    let (mut files, mut cases, mut wrong) = (0, 0, String::new());
    for file in std::fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        files += 1;
        let mut blessed = String::new();
        for case in text.split("\n# ") {
            let case = case.trim_start_matches("# ");
            let name = case.lines().next().unwrap_or_default();
            let lines: Vec<String> = case
                .lines()
                .filter_map(|l| l.strip_prefix("> ").or((l == ">").then_some("")))
                .map(|l| l.replace("\\e", "\u{1b}"))
                .collect();
            let expected: String = case
                .lines()
                .skip(1)
                .filter(|l| !l.starts_with('>') && !l.is_empty())
                .map(|l| format!("{l}\n"))
                .collect();
            let found: String =
                entries(lines.iter().map(String::as_bytes)).iter().map(render).collect();
            cases += 1;
            if found != expected {
                writeln!(wrong, "{}: {name}\nexpected\n{expected}found\n{found}", path.display())
                    .unwrap();
            }
            writeln!(blessed, "# {name}").unwrap();
            for line in case.lines().filter(|l| l.starts_with('>')) {
                writeln!(blessed, "{line}").unwrap();
            }
            writeln!(blessed, "{found}").unwrap();
        }
        if bless {
            std::fs::write(&path, blessed.trim_end().to_owned() + "\n").unwrap();
        }
    }
    assert!(bless || wrong.is_empty(), "{wrong}");
    assert!(files >= 5 && cases >= 50, "the corpus is there: {files} files, {cases} cases");
}
