//! The part a process plays in the tree, by what it is called.

use super::launch;
use ira_model::ProcessDetails;

/// The part a process plays in the tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// Starts programs that have nothing to do with each other: init, a terminal, a log-in shell.
    Manager,
    /// Runs one other program and stays beside it: `sudo`, `timeout`. It belongs to that program.
    Wrapper,
    /// A program.
    Program,
}

const MANAGERS: &[&str] = &[
    // First processes and supervisors.
    "init",
    "systemd",
    "launchd",
    "runit",
    "runsvdir",
    "runsv",
    "s6-svscan",
    "s6-supervise",
    "svscan",
    "supervise",
    "openrc-init",
    "supervise-daemon",
    "supervisord",
    "monit",
    "circusd",
    "procd",
    // Containers.
    "conmon",
    "lxc-start",
    "lxd",
    "systemd-nspawn",
    // Ways in.
    "sshd",
    "sshd-session",
    "dropbear",
    "mosh-server",
    "telnetd",
    "login",
    "agetty",
    "getty",
    "mingetty",
    "xrdp-sesman",
    // Timed work.
    "cron",
    "crond",
    "anacron",
    "atd",
    "fcron",
    "dcron",
    "supercronic",
    // Screens within a terminal.
    "tmux",
    "tmux: server",
    "tmux: client",
    "screen",
    "SCREEN",
    "zellij",
    "dtach",
    "abduco",
    // Log-in screens, sessions and shells of desktops.
    "gdm",
    "gdm3",
    "gdm-session-worker",
    "gdm-wayland-session",
    "gdm-x-session",
    "sddm",
    "sddm-helper",
    "lightdm",
    "greetd",
    "gnome-session-binary",
    "gnome-session-service",
    "plasma_session",
    "ksmserver",
    "kdeinit5",
    "startplasma-wayland",
    "startplasma-x11",
    "cosmic-session",
    "xfce4-session",
    "cinnamon-session-binary",
    "mate-session",
    "lxqt-session",
    "lxsession",
];

/// Shells of desktops: what is started from them is no part of them.
const DESKTOPS: &[&str] = &[
    "gnome-shell",
    "plasmashell",
    "kwin_wayland",
    "kwin_wayland_wrapper",
    "kwin_x11",
    "krunner",
    "kglobalacceld",
    "sway",
    "Hyprland",
    "niri",
    "river",
    "i3",
    "openbox",
    "awesome",
    "bspwm",
    "sxhkd",
    "dwm",
    "labwc",
    "wayfire",
    "cosmic-comp",
    "xfce4-panel",
    "xfdesktop",
    "cinnamon",
    "mate-panel",
    "lxqt-panel",
    "budgie-panel",
    "budgie-wm",
    "rofi",
    "wofi",
    "dmenu",
    "fuzzel",
    "ulauncher",
    "albert",
];

const TERMINALS: &[&str] = &[
    "gnome-terminal-server",
    "gnome-terminal-",
    "konsole",
    "yakuake",
    "xterm",
    "uxterm",
    "alacritty",
    "kitty",
    "wezterm-gui",
    "foot",
    "footclient",
    "ptyxis",
    "ptyxis-agent",
    "tilix",
    "terminator",
    "xfce4-terminal",
    "mate-terminal",
    "lxterminal",
    "qterminal",
    "deepin-terminal",
    "urxvt",
    "urxvtd",
    "rxvt",
    "st",
    "ghostty",
    "kgx",
    "gnome-console",
    "cosmic-term",
    "tabby",
    "hyper",
    "warp-terminal",
    "guake",
    "tilda",
    "ttyd",
    "gotty",
    "asciinema",
    "script",
];

const WRAPPERS: &[&str] = &[
    "sudo",
    "su",
    "doas",
    "runuser",
    "pkexec",
    "run0",
    "timeout",
    "time",
    "flock",
    "strace",
    "ltrace",
    "setsid",
    "stdbuf",
    "unbuffer",
    "bwrap",
    "firejail",
    "fakeroot",
    "faketime",
    "proot",
    "unshare",
    "nsenter",
    "chroot",
    "tini",
    "tini-static",
    "dumb-init",
    "docker-init",
    "catatonit",
    "dbus-run-session",
    "dbus-launch",
    "ssh-agent",
    "xvfb-run",
    "systemd-inhibit",
    "caffeinate",
    "chpst",
    "envdir",
    "setuidgid",
    "gosu",
    "su-exec",
    "start-stop-daemon",
    "daemonize",
];

const EDITORS: &[&str] = &[
    "code",
    "code-insiders",
    "codium",
    "code-oss",
    "cursor",
    "windsurf",
    "zed-editor",
    "zed",
    "sublime_text",
    "atom",
    "kate",
    "kdevelop",
    "qtcreator",
    "gnome-builder",
    "emacs",
    "idea",
    "webstorm",
    "pycharm",
    "goland",
    "rubymine",
    "phpstorm",
    "clion",
    "rustrover",
    "rider",
    "studio",
    "datagrip",
    "eclipse",
    "netbeans",
    "fleet",
];

pub(super) const SHELLS: &[&str] = &[
    "sh", "bash", "dash", "zsh", "fish", "ksh", "ksh93", "mksh", "ash", "tcsh", "csh", "nu",
    "xonsh", "elvish", "pwsh", "busybox",
];

/// The part a process plays.
pub(super) fn role(details: &ProcessDetails) -> Role {
    let program = launch::program(details);
    // A log-in shell has a dash before its name; a title ends at its colon.
    let is = |name: &&str| program == *name || details.name == **name;
    let title = details.arguments.first().map_or("", |title| title.as_str());
    if MANAGERS.iter().chain(TERMINALS).chain(DESKTOPS).any(&is)
        || program.starts_with("containerd-shim")
        || ["PM2 ", "sshd: ", "SCREEN ", "CRON"].iter().any(|start| title.starts_with(start))
        || scripted_manager(details)
    {
        return Role::Manager;
    }
    if WRAPPERS.iter().any(is) {
        return Role::Wrapper;
    }
    if is_shell(details) && waits(&details.arguments) {
        return Role::Manager;
    }
    Role::Program
}

/// A manager that an interpreter runs: its script is called like one.
fn scripted_manager(details: &ProcessDetails) -> bool {
    let script = details.arguments.get(1).map_or("", |script| launch::file_name(script));
    let interpreted = launch::runtime(details).is_some();
    interpreted && ["supervisord", "circusd", "guake", "terminator", "ulauncher"].contains(&script)
}

/// Whether it is a shell, whatever it runs.
pub(super) fn is_shell(details: &ProcessDetails) -> bool {
    let program = launch::program(details);
    SHELLS.iter().any(|name| program == *name || details.name == *name)
}

/// Whether it is a terminal, a screen within one, or a shell that waits for its user.
pub(super) fn is_terminal(details: &ProcessDetails) -> bool {
    let program = launch::program(details);
    let is = |name: &&str| program == *name || details.name == **name;
    TERMINALS.iter().any(&is)
        || ["tmux", "tmux: server", "screen", "SCREEN", "zellij"].iter().any(is)
        || (is_shell(details) && waits(&details.arguments))
}

/// Whether it is a window of a terminal or the shell of a desktop.
pub(super) fn is_desktop(details: &ProcessDetails) -> bool {
    const WITHOUT_WINDOW: &[&str] = &["script", "ttyd", "gotty", "asciinema"];
    let program = launch::program(details);
    DESKTOPS.contains(&program)
        || (TERMINALS.contains(&program) && !WITHOUT_WINDOW.contains(&program))
}

/// Whether it starts the programs of a log-in, as sessions of desktops do.
pub(super) fn is_session(details: &ProcessDetails) -> bool {
    let program = launch::program(details);
    let of_desktop =
        ["gnome-session", "gdm-", "sddm-", "startplasma-", "plasma_session", "ksmserver"];
    of_desktop.iter().any(|start| program.starts_with(start))
        || (["-session", "-session-binary"].iter().any(|end| program.ends_with(end))
            && MANAGERS.contains(&program))
}

/// Whether it is a program people write programs in.
pub(super) fn is_editor(details: &ProcessDetails) -> bool {
    let program = launch::program(details);
    EDITORS.contains(&program)
        || details.arguments.iter().any(|argument| argument == "com.intellij.idea.Main")
}

/// A shell that was given nothing to run, or reads what to run from whoever started it.
fn waits(arguments: &[String]) -> bool {
    let mut arguments = arguments.iter().skip(1);
    while let Some(argument) = arguments.next() {
        if launch::SHELL_OPTIONS_WITH_VALUE.contains(&argument.as_str()) {
            arguments.next();
        } else if !launch::is_descriptor(argument)
            && (!argument.starts_with('-') || launch::is_command_option(argument))
        {
            return false;
        }
    }
    true
}
