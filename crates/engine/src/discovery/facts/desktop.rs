//! Rule 7: the desktop entry that starts a program.

use crate::discovery::{launch, roles};
use ira_model::ProcessDetails;
use ira_probe::DesktopEntry;

/// What the desktop says of an application.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DesktopName {
    /// Identifier of the entry.
    pub id: String,
    /// Name in the user's language.
    pub name: String,
    /// Icon.
    pub icon: Option<String>,
    /// The command that made it match.
    pub exec: String,
}

impl DesktopName {
    fn of(entry: &DesktopEntry) -> Self {
        Self {
            id: entry.id.clone(),
            name: entry.name.clone(),
            icon: entry.icon.clone(),
            exec: entry.exec.join(" "),
        }
    }
}

/// Programs that start others; an entry that runs one says nothing of it.
const LAUNCHERS: &[&str] = &[
    "env",
    "sudo",
    "pkexec",
    "gksu",
    "xdg-open",
    "gio",
    "gtk-launch",
    "dbus-launch",
    "dbus-send",
    "gapplication",
    "flatpak",
    "snap",
    "systemd-run",
    "nice",
    "nohup",
    "setsid",
    "wine",
    "true",
    "kioclient",
    "kioclient5",
    "kstart",
    "kstart5",
    "exo-open",
    "x-terminal-emulator",
    "sensible-browser",
    "x-www-browser",
];

/// The entry of an identifier; a snap is found by its name alone.
pub(super) fn by_id(entries: &[DesktopEntry], id: &str) -> Option<DesktopName> {
    let exact = entries.iter().find(|entry| entry.id == id);
    let folded = || entries.iter().find(|entry| entry.id.eq_ignore_ascii_case(id));
    let snap = || {
        let snap = id.strip_prefix("snap.")?;
        let main = format!("{snap}_{snap}");
        let of_snap =
            |entry: &&DesktopEntry| entry.id.split_once('_').is_some_and(|(name, _)| name == snap);
        entries.iter().find(|entry| entry.id == main).or_else(|| entries.iter().find(of_snap))
    };
    exact.or_else(folded).or_else(snap).map(DesktopName::of)
}

/// The entry whose command starts this process: the one all of whose arguments are in the command
/// line and that has most of them. A tie decides nothing.
pub(super) fn by_program(
    entries: &[DesktopEntry],
    details: &ProcessDetails,
) -> Option<DesktopName> {
    let executable = launch::executable(details)?;
    if roles::is_shell(details) {
        return None;
    }
    let is_interpreted = launch::runtime(details).is_some();
    let mut best: Option<(u8, usize, &DesktopEntry)> = None;
    let mut tie = false;
    for entry in entries.iter().filter(|entry| !entry.in_terminal) {
        let mut words = entry.exec.iter().skip_while(|word| {
            word.as_str() == "env" || word.ends_with("/env") || word.contains('=')
        });
        let Some(program) = words.next() else { continue };
        let name = launch::file_name(program);
        if LAUNCHERS.contains(&name) || roles::SHELLS.contains(&name) {
            continue;
        }
        let Some(strength) = likeness(executable, entry, name, details, is_interpreted) else {
            continue;
        };
        let wanted: Vec<&String> = words.collect();
        let all = wanted.iter().all(|word| details.arguments.contains(word));
        if !all || (is_interpreted && strength == EXACT && wanted.is_empty()) {
            continue;
        }
        let rank = (strength, wanted.len());
        match best {
            Some((s, n, _)) if (s, n) > rank => {}
            Some((s, n, other)) if (s, n) == rank => {
                // Two entries of one name are two doors to one room; a hidden one is no door.
                if other.is_hidden && !entry.is_hidden {
                    best = Some((strength, wanted.len(), entry));
                } else if other.name != entry.name && other.is_hidden == entry.is_hidden {
                    tie = true;
                }
            }
            _ => {
                best = Some((strength, wanted.len(), entry));
                tie = false;
            }
        }
    }
    best.filter(|_| !tie).map(|(_, _, entry)| DesktopName::of(entry))
}

const EXACT: u8 = 3;

/// How much the program of an entry is that of a process: the same file; a script it was started
/// with; a starter in the same folder of its own; a file of the same name in a folder of its own,
/// or there what watches it for crashes, which has left it.
fn likeness(
    executable: &str,
    entry: &DesktopEntry,
    name: &str,
    details: &ProcessDetails,
    is_interpreted: bool,
) -> Option<u8> {
    let program = entry.program.as_deref();
    if program == Some(executable) {
        return Some(EXACT);
    }
    if is_interpreted {
        let script = details.arguments.iter().skip(1).find(|argument| argument.starts_with('/'))?;
        let is_script = program == Some(script.as_str())
            || (program.is_some() && launch::file_name(script) == name);
        return is_script.then_some(EXACT - 1);
    }
    let folder = launch::folder(executable);
    let is_own = !matches!(folder, "/usr/bin" | "/bin" | "/usr/local/bin" | "/usr/sbin" | "/sbin");
    if is_own && program.is_some_and(|program| launch::folder(program) == folder) {
        return Some(2);
    }
    let file = launch::file_name(executable);
    let same = file == name
        || file.contains("crash")
        || details.arguments.first().is_some_and(|said| said == &entry.exec.join(" "));
    (is_own && same && launch::file_name(folder) == name).then_some(1)
}
