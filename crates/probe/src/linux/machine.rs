//! What does not change while the machine is up.

use super::source::Tree;
use ira_model::{HostSample, Machine};

/// Reads names and sizes; what is missing stays empty.
pub(crate) fn read(proc: &Tree, host: &HostSample) -> Machine {
    let names = rustix::system::uname();
    let or_uname = |file: &str, name: &std::ffi::CStr| {
        proc.text(file)
            .filter(|text| !text.is_empty())
            .unwrap_or_else(|| name.to_string_lossy().into_owned())
    };
    Machine {
        hostname: or_uname("sys/kernel/hostname", names.nodename()),
        system: ["/etc/os-release", "/usr/lib/os-release"]
            .into_iter()
            .find_map(|path| pretty_name(&std::fs::read_to_string(path).ok()?))
            .unwrap_or_else(|| names.sysname().to_string_lossy().into_owned()),
        kernel: or_uname("sys/kernel/osrelease", names.release()),
        boot_id: proc.text("sys/kernel/random/boot_id").unwrap_or_default(),
        cpu_count: u32::try_from(host.cpus.len()).unwrap_or(u32::MAX),
        memory_bytes: host.memory.total_bytes,
    }
}

/// `PRETTY_NAME` of os-release(5), without the quotes of a shell.
fn pretty_name(text: &str) -> Option<String> {
    let value = text.lines().find_map(|line| line.trim().strip_prefix("PRETTY_NAME="))?;
    let value = ['"', '\'']
        .into_iter()
        .find_map(|quote| value.strip_prefix(quote)?.strip_suffix(quote))
        .unwrap_or(value);
    (!value.is_empty()).then(|| value.replace('\\', ""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_loses_its_quotes() {
        let debian = "NAME=\"Debian\"\nPRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\n";
        assert_eq!(pretty_name(debian).as_deref(), Some("Debian GNU/Linux 12 (bookworm)"));
        assert_eq!(pretty_name("PRETTY_NAME=Plain\n").as_deref(), Some("Plain"), "or has none");
        assert_eq!(pretty_name("PRETTY_NAME=\"\"\n"), None, "an empty one is none");
    }
}
