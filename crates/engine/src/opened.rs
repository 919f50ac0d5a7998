//! A recording of another machine, or of another time, opened as if it were now: its last second
//! is the present, nothing is sampled and nothing is written.

use crate::live::{Live, LiveProcess};
use anyhow::{Context as _, Result};
use ira_model::Machine;
use ira_store::{Foreign, Location, Reader};
use std::{fmt::Write as _, path::Path};

/// The machine of a recording, as lines of `name<TAB>value`.
#[must_use]
pub fn describe(machine: &Machine) -> String {
    let mut text = String::new();
    let fields = [
        ("hostname", machine.hostname.clone()),
        ("system", machine.system.clone()),
        ("kernel", machine.kernel.clone()),
        ("boot_id", machine.boot_id.clone()),
        ("cpu_count", machine.cpu_count.to_string()),
        ("memory_bytes", machine.memory_bytes.to_string()),
    ];
    for (name, value) in fields {
        let value = value.replace(['\t', '\n'], " ");
        let _ = writeln!(text, "{name}\t{value}");
    }
    text
}

/// The reverse of [`describe`]; what is missing stays empty.
fn described(text: &str) -> Machine {
    let field = |name: &str| {
        text.lines()
            .filter_map(|line| line.split_once('\t'))
            .find(|(key, _)| *key == name)
            .map_or("", |(_, value)| value)
    };
    // It comes from a file: nobody needs names longer than this.
    let short = |name: &str| field(name).chars().take(200).collect::<String>();
    Machine {
        hostname: short("hostname"),
        system: short("system"),
        kernel: short("kernel"),
        boot_id: short("boot_id"),
        cpu_count: field("cpu_count").parse().unwrap_or_default(),
        memory_bytes: field("memory_bytes").parse().unwrap_or_default(),
    }
}

/// Opens a recording: its machine, and its last second as the present.
pub(crate) fn open(path: &Path, live: &mut Live) -> Result<(Foreign, Machine)> {
    let foreign = ira_store::open_foreign(&Location { database: path.to_owned() })?;
    let mut reader = Reader::new(foreign.location.clone());
    let machine = described(&reader.setting("machine")?.unwrap_or_default());
    let last = reader
        .frame_at(i64::MAX)?
        .with_context(|| format!("{} holds no second of any machine", path.display()))?;
    live.tick = 1;
    live.at_ms = last.at_ms;
    live.boot_ms = last.boot_ms;
    live.elapsed_ms = last.elapsed_ms;
    live.host = last.host;
    live.rates = Some(last.rates);
    live.listeners = last.listeners;
    live.ended = last.ended;
    live.processes = last
        .processes
        .into_iter()
        .map(|process| {
            LiveProcess::told(process.sample, process.rates, process.details, process.attribution)
        })
        .collect();
    Ok((foreign, machine))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_machine_comes_back_and_anything_else_is_survived() {
        let machine = Machine {
            hostname: "juniper\nx\ty".into(),
            system: "Debian".into(),
            cpu_count: 16,
            memory_bytes: 1 << 35,
            ..Machine::default()
        };
        let back = described(&describe(&machine));
        assert_eq!(back.hostname, "juniper x y", "a line stays a line");
        assert_eq!((back.cpu_count, back.memory_bytes), (16, 1 << 35));
        assert_eq!(described("cpu_count\t-1\n\t\t\n"), Machine::default());
    }
}
