//! Files whose path somebody else chose: opened without waiting, and read only where that can end.

use std::{
    fs::{File, Metadata, OpenOptions},
    io::{self, Read as _},
    path::Path,
};

/// Opens a plain file to read. What is none is not opened: a device might do something, a pipe under the
/// name would hold up whoever opens it.
///
/// # Errors
/// What the system said, or that it is no plain file.
pub fn open_plain(path: &Path) -> io::Result<(File, Metadata)> {
    let is_plain = |found: &Metadata| match found.is_file() {
        true => Ok(()),
        false => Err(io::Error::other("not a plain file")),
    };
    is_plain(&std::fs::metadata(path)?)?;
    let mut options = OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.custom_flags(rustix::fs::OFlags::NONBLOCK.bits().cast_signed());
    }
    let file = options.open(path)?;
    // It may have become something else in between.
    let found = file.metadata()?;
    is_plain(&found)?;
    Ok((file, found))
}

/// The beginning of a plain file, so many bytes at most. Files that the kernel makes up as they are read
/// have no length and are told as empty: `/proc/kmsg` would wait for the next message, and take it from
/// whoever else waits.
///
/// # Errors
/// As [`open_plain`].
pub fn read_plain(path: &Path, most_bytes: u64) -> io::Result<Vec<u8>> {
    let (file, found) = open_plain(path)?;
    let mut bytes = Vec::new();
    if found.len() > 0 {
        file.take(most_bytes).read_to_end(&mut bytes)?;
    }
    Ok(bytes)
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_waits_or_acts_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        std::fs::write(at("file"), "text").unwrap();
        let made = std::process::Command::new("mkfifo").arg(at("pipe")).status().unwrap();
        assert!(made.success());
        let links =
            [("to-file", "file"), ("to-pipe", "pipe"), ("zero", "/dev/zero"), ("self", "self")];
        for (name, to) in links {
            std::os::unix::fs::symlink(to, at(name)).unwrap();
        }
        assert_eq!(read_plain(&at("to-file"), 3).unwrap(), b"tex");
        for other in ["pipe", "to-pipe", "zero", "self", "."] {
            assert!(read_plain(&at(other), 3).is_err(), "{other}");
        }
        // It would wait for the kernel to say something.
        if let Ok(read) = read_plain(Path::new("/proc/kmsg"), 3) {
            assert_eq!(read, b"");
        }
    }
}
