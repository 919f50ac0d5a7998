//! One process of a fake `/proc`, and the files that show it.

use std::{fmt::Write as _, fs, os::unix::fs::symlink, path::Path};

/// A process to put into a [`FakeProc`](crate::FakeProc). Everything has a likely value until it is
/// said otherwise.
#[derive(Debug, Clone)]
pub struct FakeProcess {
    pub(crate) pid: u32,
    pub(crate) name: String,
    pub(crate) parent_pid: u32,
    pub(crate) state: char,
    pub(crate) arguments: Vec<String>,
    pub(crate) executable: Option<String>,
    pub(crate) working_directory: Option<String>,
    pub(crate) control_groups: String,
    pub(crate) user_id: u32,
    pub(crate) process_group: u32,
    pub(crate) session: u32,
    pub(crate) has_terminal: bool,
    pub(crate) is_kernel_thread: bool,
    pub(crate) threads: u32,
    pub(crate) memory_bytes: u64,
    pub(crate) user_ms: u64,
    pub(crate) system_ms: u64,
    pub(crate) children_ms: u64,
    pub(crate) pss_bytes: Option<u64>,
    pub(crate) io_bytes: Option<(u64, u64)>,
    pub(crate) start_ms: Option<u64>,
    /// Grows with each program it executes and shows as other addresses.
    pub(crate) programs: u64,
    pub(crate) sockets: Vec<u64>,
    /// Number of its network namespace.
    pub(crate) network: u64,
}

/// The network namespace of the machine itself, as the kernel numbers it.
pub(crate) const OWN_NETWORK: u64 = 4_026_531_840;

impl FakeProcess {
    /// A process with this name, child of 1, of user 0, in its own group and session.
    #[must_use]
    pub fn new(pid: u32, name: &str) -> Self {
        Self {
            pid,
            name: name.to_owned(),
            parent_pid: u32::from(pid != 1),
            state: 'S',
            arguments: vec![name.to_owned()],
            executable: Some(format!("/usr/bin/{name}")),
            working_directory: Some("/".to_owned()),
            control_groups: "0::/\n".to_owned(),
            user_id: 0,
            process_group: pid,
            session: pid,
            has_terminal: false,
            is_kernel_thread: false,
            threads: 1,
            memory_bytes: 1024 * 1024,
            user_ms: 0,
            system_ms: 0,
            children_ms: 0,
            pss_bytes: Some(64 << 10),
            io_bytes: Some((0, 0)),
            start_ms: None,
            programs: 0,
            sockets: Vec::new(),
            network: OWN_NETWORK,
        }
    }

    /// A thread of the kernel, child of 2.
    #[must_use]
    pub fn kernel_thread(pid: u32, name: &str) -> Self {
        Self {
            parent_pid: if pid == 2 { 0 } else { 2 },
            arguments: Vec::new(),
            executable: None,
            working_directory: None,
            is_kernel_thread: true,
            state: 'I',
            memory_bytes: 0,
            process_group: 0,
            session: 0,
            ..Self::new(pid, name)
        }
    }

    /// Its parent.
    #[must_use]
    pub fn parent(self, parent_pid: u32) -> Self {
        Self { parent_pid, ..self }
    }

    /// Its command line, its own name first.
    #[must_use]
    pub fn arguments(self, arguments: &[&str]) -> Self {
        Self { arguments: arguments.iter().map(|&one| one.to_owned()).collect(), ..self }
    }

    /// The path of its program; `None` is as good as denied.
    #[must_use]
    pub fn executable(self, path: Option<&str>) -> Self {
        Self { executable: path.map(str::to_owned), ..self }
    }

    /// Its working directory; `None` is as good as denied.
    #[must_use]
    pub fn working_directory(self, path: Option<&str>) -> Self {
        Self { working_directory: path.map(str::to_owned), ..self }
    }

    /// Its control group in version 2.
    #[must_use]
    pub fn control_group(self, path: &str) -> Self {
        Self { control_groups: format!("0::{path}\n"), ..self }
    }

    /// The whole text of its `cgroup`, for version 1 and mixtures.
    #[must_use]
    pub fn control_groups(self, text: &str) -> Self {
        Self { control_groups: text.to_owned(), ..self }
    }

    /// Its effective user.
    #[must_use]
    pub fn user(self, user_id: u32) -> Self {
        Self { user_id, ..self }
    }

    /// Its process group and session.
    #[must_use]
    pub fn group(self, process_group: u32, session: u32) -> Self {
        Self { process_group, session, ..self }
    }

    /// Has a controlling terminal.
    #[must_use]
    pub fn terminal(self) -> Self {
        Self { has_terminal: true, ..self }
    }

    /// Its number of threads.
    #[must_use]
    pub fn threads(self, threads: u32) -> Self {
        Self { threads, ..self }
    }

    /// Its resident memory; whole pages only.
    #[must_use]
    pub fn memory_bytes(self, memory_bytes: u64) -> Self {
        Self { memory_bytes, ..self }
    }

    /// CPU time it has used, milliseconds; whole clock ticks only.
    #[must_use]
    pub fn cpu_ms(self, user_ms: u64, system_ms: u64) -> Self {
        Self { user_ms, system_ms, ..self }
    }

    /// Its memory with shared pages in shares; with `None` there is no `smaps_rollup`.
    #[must_use]
    pub fn pss_bytes(self, bytes: impl Into<Option<u64>>) -> Self {
        Self { pss_bytes: bytes.into(), ..self }
    }

    /// CPU time of its children that ended and were waited for.
    #[must_use]
    pub fn children_ms(self, children_ms: u64) -> Self {
        Self { children_ms, ..self }
    }

    /// Bytes it has read and written.
    #[must_use]
    pub fn io_bytes(self, read_bytes: u64, write_bytes: u64) -> Self {
        Self { io_bytes: Some((read_bytes, write_bytes)), ..self }
    }

    /// Has no file `io`, which is as good as denied.
    #[must_use]
    pub fn without_io(self) -> Self {
        Self { io_bytes: None, ..self }
    }

    /// In another network namespace than the machine's, as containers are.
    #[must_use]
    pub fn network(self, network: u64) -> Self {
        Self { network, ..self }
    }

    /// When it started, milliseconds after boot; otherwise when it is added. Whole clock ticks only.
    #[must_use]
    pub fn start_ms(self, start_ms: u64) -> Self {
        Self { start_ms: Some(start_ms), ..self }
    }

    /// Its state as the kernel writes it, for example `R`.
    #[must_use]
    pub fn state(self, state: char) -> Self {
        Self { state, ..self }
    }

    /// Writes every file of it into its folder. Files that exist are written in place, as open
    /// descriptors must see the new text.
    pub(crate) fn write(&self, folder: &Path) {
        fs::create_dir_all(folder.join("fd")).expect("the folder of a process can be made");
        let put = |name: &str, text: &[u8]| {
            fs::write(folder.join(name), text).expect("a file of a process can be written");
        };
        put("stat", self.stat().as_bytes());
        if let Some(bytes) = self.pss_bytes {
            put("smaps_rollup", format!("Pss: {} kB\n", bytes / 1024).as_bytes());
        }
        put("cgroup", self.control_groups.as_bytes());
        put(
            "status",
            format!("Name:\t{}\nUid:\t{1}\t{1}\t{1}\t{1}\n", self.name, self.user_id).as_bytes(),
        );
        let mut command = self.arguments.join("\0");
        if !self.arguments.is_empty() {
            command.push('\0');
        }
        put("cmdline", command.as_bytes());
        match self.io_bytes {
            Some((read, written)) => put("io", io(read, written).as_bytes()),
            None => drop(fs::remove_file(folder.join("io"))),
        }
        link(folder, "exe", self.executable.as_deref());
        link(folder, "cwd", self.working_directory.as_deref());
        link_network(folder, self.network);
        self.write_descriptors(folder);
    }

    fn write_descriptors(&self, folder: &Path) {
        let folder = folder.join("fd");
        for entry in fs::read_dir(&folder).expect("the folder of descriptors can be listed") {
            let entry = entry.expect("a descriptor can be listed");
            fs::remove_file(entry.path()).expect("a descriptor can be removed");
        }
        if self.is_kernel_thread {
            return;
        }
        for number in 0..3 {
            link(&folder, &number.to_string(), Some("/dev/null"));
        }
        for (number, inode) in (3..).zip(&self.sockets) {
            // A closed one leaves a hole, so that the others keep their numbers.
            if *inode != 0 {
                link(&folder, &number.to_string(), Some(&format!("socket:[{inode}]")));
            }
        }
    }

    /// The line of proc_pid_stat(5), 52 fields.
    fn stat(&self) -> String {
        let Self { pid, name, state, parent_pid, process_group, session, threads, .. } = self;
        let comm = if self.is_kernel_thread { name } else { cut(name) };
        let terminal = if self.has_terminal { 34816 } else { 0 };
        let flags = if self.is_kernel_thread { 0x0020_8040 } else { 0x0040_0000 };
        let (user, system) = (self.user_ms / tick_ms(), self.system_ms / tick_ms());
        let children = self.children_ms / tick_ms();
        let start = self.start_ms.unwrap_or_default() / tick_ms();
        let pages = self.memory_bytes / page_bytes();
        let ended = self.is_kernel_thread || self.state == 'Z';
        let address = |base: u64| if ended { 0 } else { base + self.programs * 4096 };
        let (code, stack) = (address(0x5555_5555_4000), address(0x7ffc_0000_0000));
        let mut line = format!(
            "{pid} ({comm}) {state} {parent_pid} {process_group} {session} {terminal} -1 {flags} \
             100 0 0 0 {user} {system} {children} 0 20 0 {threads} 0 {start} {} {pages} \
             18446744073709551615 {code} {} {stack}",
            self.memory_bytes * 2,
            code + 1000,
        );
        for _ in 29..=52 {
            line.push_str(" 0");
        }
        line.push('\n');
        line
    }
}

/// As the kernel does: at most 15 bytes of a name are kept.
fn cut(name: &str) -> &str {
    let end = (0..=15).rev().find(|end| name.is_char_boundary(*end)).unwrap_or_default();
    name.get(..end).unwrap_or(name)
}

fn io(read_bytes: u64, write_bytes: u64) -> String {
    let mut text = String::new();
    for (key, value) in [
        ("rchar", read_bytes * 3),
        ("wchar", write_bytes * 3),
        ("syscr", 1),
        ("syscw", 1),
        ("read_bytes", read_bytes),
        ("write_bytes", write_bytes),
        ("cancelled_write_bytes", 0),
    ] {
        writeln!(text, "{key}: {value}").expect("a text can be written");
    }
    text
}

/// `ns/net` as namespaces(7) has it.
pub(crate) fn link_network(folder: &Path, network: u64) {
    fs::create_dir_all(folder.join("ns")).expect("the folder of namespaces can be made");
    link(&folder.join("ns"), "net", Some(&format!("net:[{network}]")));
}

fn link(folder: &Path, name: &str, target: Option<&str>) {
    let path = folder.join(name);
    let _ = fs::remove_file(&path);
    if let Some(target) = target {
        symlink(target, path).expect("a link can be made");
    }
}

/// Length of a clock tick, milliseconds.
pub(crate) fn tick_ms() -> u64 {
    #[cfg(target_os = "linux")]
    let per_second = rustix::param::clock_ticks_per_second();
    #[cfg(not(target_os = "linux"))]
    let per_second = 100;
    1000 / per_second.max(1)
}

fn page_bytes() -> u64 {
    #[cfg(target_os = "linux")]
    let bytes = rustix::param::page_size() as u64;
    #[cfg(not(target_os = "linux"))]
    let bytes = 4096;
    bytes
}
