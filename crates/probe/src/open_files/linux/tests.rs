use super::*;
use ira_testkit::{FakeProc, FakeProcess};
use proptest::prelude::*;
use std::{
    fs::{File, OpenOptions},
    io::{Seek, SeekFrom, Write},
    os::unix::{fs::symlink, net::UnixListener},
};

const SOON: Duration = Duration::from_secs(20);

/// This program itself, as the kernel numbers it.
fn own() -> ProcessKey {
    let text = std::fs::read("/proc/self/stat").unwrap();
    let ticks = crate::linux::stat::parse(&text).unwrap().start_ticks;
    let start_ms = ticks * 1000 / rustix::param::clock_ticks_per_second();
    ProcessKey { pid: std::process::id(), start_ms }
}

fn files_of(key: ProcessKey, most: usize) -> (Vec<OpenFile>, u32, bool) {
    let mut all = read_within("/proc".as_ref(), vec![key], most, SOON);
    assert!(!all.timed_out, "nothing here hangs");
    match all.processes.pop() {
        Some((_, HeldFiles::Read { files, sockets, more })) => (files, sockets, more),
        other => panic!("not read: {other:?}"),
    }
}

#[test]
fn what_this_program_holds_open_is_told_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let mut appended = OpenOptions::new().create(true).append(true).open(path("log")).unwrap();
    appended.write_all(&[b'x'; 5000]).unwrap();
    let mut gone = File::create(path("gone")).unwrap();
    gone.write_all(&vec![1; 1 << 20]).unwrap();
    gone.sync_all().unwrap();
    gone.seek(SeekFrom::Start(77)).unwrap();
    std::fs::remove_file(path("gone")).unwrap();
    let twice = File::create(path("twice")).unwrap();
    std::fs::hard_link(path("twice"), path("again")).unwrap();
    std::fs::remove_file(path("twice")).unwrap();
    let odd = File::create(path("odd (deleted)")).unwrap();
    let open_folder = File::open(folder.path()).unwrap();
    let null = File::open("/dev/null").unwrap();
    let (from_pipe, to_pipe) = std::io::pipe().unwrap();
    let listener = UnixListener::bind(path("socket")).unwrap();

    let (files, sockets, more) = files_of(own(), 10_000);
    let find = |name: &str| {
        let found = files.iter().find(|file| file.path == path(name).to_string_lossy());
        found.unwrap_or_else(|| panic!("{name} is not among {files:?}"))
    };
    let log = find("log");
    assert_eq!(log.kind, FileKind::Regular);
    assert_eq!(log.access, FileAccess { read: false, write: true, append: true });
    assert_eq!((log.size_bytes, log.position_bytes), (Some(5000), Some(5000)));
    assert!(!log.is_deleted);
    let lost = find("gone");
    assert!(lost.is_deleted, "its path is told without the mark");
    assert_eq!((lost.size_bytes, lost.position_bytes), (Some(1 << 20), Some(77)));
    assert!(lost.disk_bytes.unwrap() >= 1 << 20, "what would be freed: {:?}", lost.disk_bytes);
    assert_eq!(lost.access, FileAccess { read: false, write: true, append: false });
    assert!(!find("odd (deleted)").is_deleted, "it is really called so");
    assert!(!find("twice (deleted)").is_deleted, "it has another name still");
    let of = |path: &str| files.iter().find(|file| file.path == path).unwrap();
    assert_eq!(of(&folder.path().to_string_lossy()).kind, FileKind::Directory);
    assert_eq!(of("/dev/null").kind, FileKind::Device);
    let pipes: Vec<_> = files.iter().filter(|file| file.kind == FileKind::Pipe).collect();
    assert!(pipes.iter().any(|pipe| pipe.access.write) && pipes.iter().any(|p| p.access.read));
    assert!(sockets >= 1 && !more);
    drop((odd, twice, open_folder, null, from_pipe, to_pipe, listener));
}

#[test]
fn only_so_many_are_read_and_a_reused_pid_shows_nothing() {
    let _held: Vec<File> = (0..20).map(|_| File::open("/dev/null").unwrap()).collect();
    let (files, sockets, more) = files_of(own(), 5);
    assert!(files.len() + sockets as usize <= 5 && more, "more is said");
    let other = ProcessKey { start_ms: own().start_ms + 10_000, ..own() };
    let all = read_within("/proc".as_ref(), vec![other], 100, SOON);
    assert_eq!(all.processes, [(other, HeldFiles::Gone)]);
}

/// A tree of files like `/proc`, whose links lead wherever the test says.
fn fake(link: &str, fdinfo: &str) -> (FakeProc, ProcessKey) {
    let mut fake = FakeProc::new();
    fake.add(FakeProcess::new(50, "db").start_ms(5000));
    let root = fake.proc_root();
    for folder in ["50/fd", "50/fdinfo", "50/ns"] {
        std::fs::create_dir_all(root.join(folder)).unwrap();
    }
    symlink(link, root.join("50/fd/7")).unwrap();
    fake.write("50/fdinfo/7", fdinfo);
    fake.write(
        "50/mountinfo",
        "36 35 98:0 / / rw shared:1 - ext4 /dev/sda1 rw\n\
         40 36 0:50 / /far rw,relatime shared:9 master:2 - nfs4 host:/far rw\n",
    );
    (fake, ProcessKey { pid: 50, start_ms: 5000 })
}

#[test]
fn a_file_of_another_machine_is_never_asked() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("data");
    std::fs::write(&path, "12345").unwrap();
    let link = path.to_string_lossy().into_owned();
    for (mount, size) in [(36, Some(5)), (40, None), (99, None)] {
        let (fake, key) = fake(&link, &format!("pos:\t3\nflags:\t0100002\nmnt_id:\t{mount}\n"));
        let all = read_within(&fake.proc_root(), vec![key], 100, SOON);
        let Some((_, HeldFiles::Read { files, .. })) = all.processes.first() else {
            panic!("not read: {all:?}");
        };
        assert_eq!(files[0].size_bytes, size, "mount {mount}");
        assert_eq!(files[0].path, link);
        assert_eq!(files[0].position_bytes, Some(3), "the kernel tells that without asking");
        assert_eq!(files[0].access, FileAccess { read: true, write: true, append: false });
        if mount == 40 {
            assert_eq!(files[0].kind, FileKind::NotAsked);
            assert_eq!(files[0].file_system.as_deref(), Some("nfs4"));
        }
    }
}

#[test]
fn what_hangs_is_left_behind() {
    let (fake, key) = fake("/srv/data", "");
    let fifo = fake.proc_root().join("50/fdinfo/7");
    std::fs::remove_file(&fifo).unwrap();
    // Opening a pipe that nobody writes to waits, as a dead mount would.
    let mode = rustix::fs::Mode::from_raw_mode(0o600);
    rustix::fs::mknodat(rustix::fs::CWD, &fifo, FileType::Fifo, mode, 0).unwrap();
    let all = read_within(&fake.proc_root(), vec![key], 100, Duration::from_millis(50));
    assert_eq!(all, OpenFiles { processes: Vec::new(), timed_out: true });
    // Lets the reader go on, and end.
    drop(OpenOptions::new().write(true).open(&fifo).unwrap());
}

#[test]
fn one_with_thousands_leaves_something_for_the_others() {
    let (first, key) = fake("/a", "flags:\t0\n");
    let root = first.proc_root();
    let mut other = FakeProc::new();
    other.add(FakeProcess::new(51, "idle").start_ms(6000));
    for descriptor in 8..60 {
        symlink("/a", root.join(format!("50/fd/{descriptor}"))).unwrap();
        first.write(&format!("50/fdinfo/{descriptor}"), "flags:\t0\n");
    }
    let second = ProcessKey { pid: 51, start_ms: 6000 };
    rename(&other.proc_root().join("51"), &root.join("51"));
    std::fs::create_dir_all(root.join("51/fd")).unwrap();
    std::fs::create_dir_all(root.join("51/fdinfo")).unwrap();
    symlink("/b", root.join("51/fd/3")).unwrap();
    first.write("51/fdinfo/3", "flags:\t01\n");
    let all = read_within(&root, vec![key, second], 10, SOON);
    let read = |held: &HeldFiles| match held {
        HeldFiles::Read { files, more, .. } => (files.len(), *more),
        other => panic!("not read: {other:?}"),
    };
    assert_eq!(read(&all.processes[0].1), (5, true));
    assert_eq!(read(&all.processes[1].1), (1, false));
}

fn rename(from: &Path, to: &Path) {
    std::fs::rename(from, to).unwrap();
}

proptest! {
    #[test]
    fn any_bytes_are_survived(bytes: Vec<u8>) {
        let _ = (Opened::parse(&bytes), parse_mounts(&bytes));
    }
}
