//! What a command line says: the part a process plays, and the program it really runs.

use ira_model::{Application, ApplicationKind, ProcessDetails};
use std::path::{Component, Path, PathBuf};

/// The part a process plays in the tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// Starts programs that have nothing to do with each other: init, a terminal, a log-in shell.
    Manager,
    /// A program.
    Program,
}

const MANAGERS: &[&str] = &[
    "init",
    "systemd",
    "launchd",
    "runit",
    "runsvdir",
    "runsv",
    "s6-svscan",
    "s6-supervise",
    "openrc-init",
    "supervise-daemon",
    "tini",
    "dumb-init",
    "docker-init",
    "catatonit",
    "conmon",
    "sshd",
    "sshd-session",
    "dropbear",
    "login",
    "agetty",
    "getty",
    "cron",
    "crond",
    "anacron",
    "atd",
    "su",
    "sudo",
    "doas",
    "tmux",
    "tmux: server",
    "screen",
    "SCREEN",
    "zellij",
    "gdm",
    "gdm-session-worker",
    "sddm",
    "lightdm",
    "gnome-shell",
    "gnome-session-binary",
    "plasmashell",
    "kwin_wayland",
    "kwin_x11",
    "startplasma-wayland",
    "sway",
    "Hyprland",
    "xfce4-session",
    "cinnamon",
    "mate-session",
    "lxqt-session",
    "budgie-panel",
    "gnome-terminal-server",
    "gnome-terminal-",
    "konsole",
    "xterm",
    "alacritty",
    "kitty",
    "wezterm-gui",
    "foot",
    "ptyxis",
    "tilix",
    "terminator",
    "xfce4-terminal",
    "lxterminal",
    "urxvt",
    "st",
    "ghostty",
    "kgx",
];

const SHELLS: &[&str] = &["sh", "bash", "dash", "zsh", "fish", "ksh", "mksh", "ash", "tcsh", "nu"];

/// Interpreters by the beginning of their file name; what they run is their first argument that is
/// no option. The options listed take a value of their own.
const INTERPRETERS: &[(&str, &[&str])] = &[
    ("python", &["-W", "-X", "--check-hash-based-pycs"]),
    ("node", &["-r", "--require", "--import", "--loader", "-C", "--conditions"]),
    ("nodejs", &["-r", "--require", "--import", "--loader"]),
    ("bun", &[]),
    ("deno", &[]),
    ("perl", &["-I"]),
    ("ruby", &["-I", "-r", "-C", "-E"]),
    ("php", &["-d", "-c", "-S", "-t"]),
    ("java", &["-cp", "-classpath", "--class-path", "-p", "--module-path"]),
    ("dotnet", &[]),
    ("lua", &["-l"]),
    ("sh", &["-o"]),
    ("bash", &["-o", "-O", "--rcfile", "--init-file"]),
    ("dash", &["-o"]),
    ("zsh", &["-o"]),
    ("fish", &["-C"]),
    ("ksh", &["-o"]),
];

/// File names that say nothing; the folder above does.
const PLAIN: &[&str] =
    &["index", "main", "server", "app", "start", "run", "cli", "__main__", "manage"];

fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// The program's file, where it has one: one that lives in memory only has no name that lasts.
fn executable(details: &ProcessDetails) -> Option<&str> {
    details.executable.as_deref().filter(|path| !path.starts_with("/memfd:"))
}

/// The name a process is known by to the kernel and its user: of its file, else as it says itself.
fn program(details: &ProcessDetails) -> &str {
    match (executable(details), &details.executable, details.arguments.first()) {
        (Some(path), ..) => file_name(path),
        (None, Some(_), Some(said)) => file_name(said),
        _ => &details.name,
    }
}

fn interpreter(program: &str) -> Option<&'static [&'static str]> {
    INTERPRETERS.iter().find_map(|(name, with_value)| {
        let version = program.strip_prefix(name)?;
        version.bytes().all(|b| b.is_ascii_digit() || b == b'.').then_some(*with_value)
    })
}

/// The part a process plays.
pub(super) fn role(details: &ProcessDetails) -> Role {
    let program = program(details);
    let is = |name: &str| program == name || details.name == name;
    if MANAGERS.iter().any(|name| is(name)) || program.starts_with("containerd-shim") {
        return Role::Manager;
    }
    // A shell that was given nothing to run, or reads what to run from whoever started it.
    let waits = |arguments: &[String]| {
        arguments
            .iter()
            .skip(1)
            .all(|a| (a.starts_with('-') && !is_command_option(a)) || is_descriptor(a))
    };
    if SHELLS.iter().any(|name| is(name)) && waits(&details.arguments) {
        return Role::Manager;
    }
    Role::Program
}

/// A file that is only a descriptor of the process and has no name of its own.
fn is_descriptor(argument: &str) -> bool {
    argument.starts_with("/dev/fd/") || argument.starts_with("/proc/self/fd/")
}

fn is_command_option(argument: &str) -> bool {
    argument.starts_with('-') && !argument.starts_with("--") && argument.contains('c')
}

/// The application a process would be by itself: its script where it interprets one, what a shell
/// was told to run, else its program.
pub(super) fn identify(details: &ProcessDetails) -> Application {
    let target = script(details).or_else(|| shell_command(details));
    let path = match target {
        Some(target) => target,
        None => executable(details).unwrap_or_else(|| program(details)).to_owned(),
    };
    let name = if executable(details) == Some(&path) || !path.contains('/') {
        let own = program(details);
        if path.contains('/') { own.to_owned() } else { path.clone() }
    } else {
        script_name(&path)
    };
    Application::new(ApplicationKind::Process, &path, name)
}

/// The script, module or archive an interpreter runs, as an absolute path where it is a file.
fn script(details: &ProcessDetails) -> Option<String> {
    let with_value = interpreter(program(details))?;
    let mut arguments = details.arguments.iter().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            // Python: a module; Java: an archive, which is a file like a script.
            "-m" => return arguments.next().cloned(),
            "-jar" => return arguments.next().map(|jar| absolute(details, jar)),
            "-c" | "-e" | "--eval" | "-" | "--" => return None,
            option if is_command_option(option) && SHELLS.contains(&program(details)) => {
                return None;
            }
            option if option.starts_with('-') || option.starts_with('+') => {
                if with_value.contains(&option) {
                    arguments.next();
                }
            }
            file if is_descriptor(file) => return None,
            file if file.contains(['/', '.']) || details.working_directory.is_some() => {
                return Some(absolute(details, file));
            }
            file => return Some(file.to_owned()),
        }
    }
    None
}

/// The program a shell was told to run by `-c`.
fn shell_command(details: &ProcessDetails) -> Option<String> {
    if !SHELLS.contains(&program(details)) {
        return None;
    }
    let at = details.arguments.iter().skip(1).position(|a| is_command_option(a))?;
    let command = details.arguments.get(at + 2)?;
    let word = command.split_whitespace().find(|word| {
        !word.contains('=') && !matches!(*word, "exec" | "env" | "nohup" | "cd" | "set" | "&&")
    })?;
    let word = word.trim_matches(|c: char| !c.is_alphanumeric() && !"/._-".contains(c));
    (!word.is_empty()).then(|| word.to_owned())
}

fn absolute(details: &ProcessDetails, path: &str) -> String {
    let path = match &details.working_directory {
        Some(folder) => Path::new(folder).join(path),
        None => PathBuf::from(path),
    };
    // By text alone: the file may be in another root, and links are a name people chose.
    let mut clean = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                clean.pop();
            }
            part => clean.push(part),
        }
    }
    clean.to_string_lossy().into_owned()
}

fn script_name(path: &str) -> String {
    let file = file_name(path);
    let stem = file.split('.').next().filter(|stem| !stem.is_empty()).unwrap_or(file);
    let folder = path.rsplit('/').nth(1).filter(|folder| !folder.is_empty());
    match folder {
        Some(folder) if PLAIN.contains(&stem) => format!("{folder} / {file}"),
        _ => file.to_owned(),
    }
}
