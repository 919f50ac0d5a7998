//! What was refused on this machine, found out by asking for it.

use super::source::is_denied;
use crate::{Limit, LimitKind};
use rustix::io::Errno;

/// What reading ran into so far. Each is noted once and stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Refusals {
    pub(crate) hidden_processes: bool,
    pub(crate) io_denied: bool,
    pub(crate) io_unsupported: bool,
    pub(crate) executable_denied: bool,
    pub(crate) ports_denied: bool,
    pub(crate) control_group_unsupported: bool,
    pub(crate) pss_denied: bool,
    pub(crate) pss_unsupported: bool,
    pub(crate) network_denied: bool,
    pub(crate) network_unsupported: bool,
    pub(crate) network_lost: bool,
    pub(crate) other_networks_denied: bool,
    pub(crate) other_networks_unsupported: bool,
    pub(crate) exits_denied: bool,
    pub(crate) exits_unsupported: bool,
    pub(crate) exits_lost: bool,
    pub(crate) starts_late: bool,
    pub(crate) malformed_item: Option<&'static str>,
}

impl Refusals {
    pub(crate) fn note_io(&mut self, error: Errno) {
        if is_denied(error) {
            self.io_denied = true;
        } else {
            self.io_unsupported = true;
        }
    }

    pub(crate) fn note_other_network(&mut self, error: Errno) {
        if is_denied(error) {
            self.other_networks_denied = true;
        } else {
            self.other_networks_unsupported = true;
        }
    }

    /// What to tell the user, with the remedy for a program at this path. Who has all rights and is
    /// refused is not helped by more.
    pub(crate) fn limits(&self, pressure: Option<Errno>, is_root: bool) -> Vec<Limit> {
        let mut limits = Vec::new();
        let mut add = |noted: bool, kind, code, what: &str, remedy: Option<String>| {
            if noted {
                limits.push(Limit { code, what: what.to_owned(), kind, remedy });
            }
        };
        let granted = |capabilities| (!is_root).then(|| grant_to_this_program(capabilities));
        let grant = granted("cap_sys_ptrace,cap_dac_read_search");
        let denied = LimitKind::Denied;
        add(
            self.io_denied,
            denied,
            "io_denied",
            "bytes read and written by other users' processes",
            grant.clone(),
        );
        add(
            self.executable_denied,
            denied,
            "executable_denied",
            "program and working directory of other users' processes",
            grant.clone(),
        );
        add(
            self.ports_denied,
            denied,
            "ports_denied",
            "which of other users' processes holds a listening port",
            grant.clone(),
        );
        add(
            self.pss_denied,
            denied,
            "pss_denied",
            "memory of other users' processes with shared pages in shares (PSS)",
            grant.clone(),
        );
        add(
            self.network_denied,
            denied,
            "network_denied",
            "bytes sent and received over TCP by other users' processes",
            grant.clone(),
        );
        add(
            self.other_networks_denied,
            denied,
            "other_networks_denied",
            "bytes sent and received over TCP in containers and other network namespaces",
            (!is_root).then(|| "run Ira as root".to_owned()),
        );
        add(
            self.exits_denied,
            denied,
            "exits_denied",
            crate::ENDS_UNTOLD,
            granted("cap_net_admin,cap_sys_ptrace,cap_dac_read_search"),
        );
        add(
            self.hidden_processes,
            denied,
            "hidden_processes",
            "other users' processes (/proc is mounted with hidepid)",
            Some("add this user to the group that the mount option gid= of /proc names".to_owned()),
        );
        let unsupported = LimitKind::Unsupported;
        add(
            self.io_unsupported,
            unsupported,
            "io_unsupported",
            "bytes read and written by some processes",
            Some("a kernel built with CONFIG_TASK_IO_ACCOUNTING".to_owned()),
        );
        add(
            self.control_group_unsupported,
            unsupported,
            "control_group_unsupported",
            "control groups of processes",
            None,
        );
        add(
            self.pss_unsupported,
            unsupported,
            "pss_unsupported",
            "memory of processes with shared pages in shares (PSS)",
            Some("Linux 4.14 or newer".to_owned()),
        );
        add(
            self.network_unsupported,
            unsupported,
            "network_unsupported",
            "bytes sent and received over TCP by processes",
            Some("Linux 4.2 or newer built with CONFIG_INET_DIAG".to_owned()),
        );
        add(
            self.network_lost,
            unsupported,
            "network_lost",
            "bytes of some TCP connections, of which there were too many at once",
            None,
        );
        add(
            self.other_networks_unsupported,
            unsupported,
            "other_networks_unsupported",
            "bytes sent and received over TCP in some network namespaces",
            None,
        );
        add(
            self.exits_unsupported,
            unsupported,
            "exits_unsupported",
            crate::ENDS_UNTOLD,
            Some(
                "run Ira outside of containers on Linux 5.19 or newer built with CONFIG_TASKSTATS"
                    .to_owned(),
            ),
        );
        add(
            self.exits_lost,
            unsupported,
            "exits_lost",
            "some of the processes that ended, thousands in one second, and how they did",
            None,
        );
        add(
            self.starts_late,
            unsupported,
            "starts_late",
            "the first seconds, ten at most, of processes whose pids were given out of turn",
            None,
        );
        if let Some(error) = pressure {
            let kind = if is_denied(error) { denied } else { unsupported };
            add(
                true,
                kind,
                if kind == denied { "pressure_denied" } else { "pressure_unsupported" },
                "pressure: time in which tasks waited for CPU, memory or devices",
                (kind == unsupported)
                    .then(|| "start Linux 4.20 or newer with psi=1 on its command line".to_owned()),
            );
        }
        if let Some(item) = self.malformed_item {
            let what = format!("processes whose /proc/PID/stat has an unknown form ({item})");
            add(true, unsupported, "unknown_form", &what, None);
        }
        limits
    }
}

/// The command that lets this program see what it was refused.
fn grant_to_this_program(capabilities: &str) -> String {
    let path = std::env::current_exe()
        .map_or_else(|_| "PATH-OF-IRA".to_owned(), |path| path.display().to_string());
    format!("sudo setcap {capabilities}=ep '{path}'")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_refused_is_nothing_to_say() {
        assert_eq!(Refusals::default().limits(None, false), [], "a quiet list");
    }

    /// The texts of the window.
    const WORDS: &str = include_str!("../../../../ui/src/features/doctor/missing.ts");

    #[test]
    fn the_window_has_words_for_each() {
        let refusals = Refusals {
            hidden_processes: true,
            io_denied: true,
            io_unsupported: true,
            executable_denied: true,
            ports_denied: true,
            control_group_unsupported: true,
            pss_denied: true,
            pss_unsupported: true,
            network_denied: true,
            network_unsupported: true,
            network_lost: true,
            other_networks_denied: true,
            other_networks_unsupported: true,
            exits_denied: true,
            exits_unsupported: true,
            exits_lost: true,
            starts_late: true,
            malformed_item: Some("rss"),
        };
        let limits = [Errno::NOENT, Errno::ACCESS].map(|error| refusals.limits(Some(error), false));
        for Limit { code, remedy, .. } in limits.into_iter().flatten() {
            let has = |key: &str| WORDS.matches(&format!("  {key}_{code}:")).count() == 2;
            assert!(has("what"), "{code} in both languages");
            let is_sentence = remedy.is_some_and(|remedy| !remedy.starts_with("sudo "));
            assert_eq!(has("do"), is_sentence, "{code}: commands stay as they are");
        }
    }

    #[test]
    fn denial_comes_with_its_remedy() {
        let mut refusals = Refusals::default();
        refusals.note_io(Errno::ACCESS);
        let limits = refusals.limits(Some(Errno::NOENT), false);
        let [io, pressure] = limits.as_slice() else { panic!("two limits, not {limits:?}") };
        assert_eq!(io.kind, LimitKind::Denied, "rights are missing");
        let remedy = io.remedy.as_deref().unwrap_or_default();
        assert!(remedy.contains("cap_sys_ptrace,cap_dac_read_search=ep"), "it says how: {remedy}");
        assert_eq!(pressure.kind, LimitKind::Unsupported, "the kernel has none");
        let limits = refusals.limits(None, true);
        assert_eq!(limits.first().and_then(|io| io.remedy.clone()), None, "root has all rights");
    }
}
