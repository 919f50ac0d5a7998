//! Whoever holds the lock records; the others read. The lock is the operating system's, so it goes
//! with the program that held it, however that ended.

use crate::{Location, StoreError};
use std::{
    fs::{File, OpenOptions, TryLockError},
    io::{Read, Seek, Write},
};

/// The held lock; dropping it releases it.
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

/// What came of asking for the lock.
#[derive(Debug)]
pub enum LockOutcome {
    /// It is ours.
    Held(Lock),
    /// Another program records.
    Elsewhere {
        /// Its pid, where it could be read.
        pid: Option<u32>,
    },
}

impl Lock {
    /// Takes the lock of a store, making its folder where it is missing.
    ///
    /// # Errors
    /// When the folder or the file cannot be made.
    pub fn take(location: &Location) -> Result<LockOutcome, StoreError> {
        let folder = location.folder();
        std::fs::create_dir_all(folder).map_err(|e| StoreError::file(folder, e))?;
        let path = location.lock();
        let fail = |e| StoreError::file(&path, e);
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .map_err(fail)?;
        match file.try_lock() {
            Ok(()) => {
                file.set_len(0).and_then(|()| file.rewind()).map_err(fail)?;
                write!(file, "{}", std::process::id()).map_err(fail)?;
                Ok(LockOutcome::Held(Self { _file: file }))
            }
            Err(TryLockError::WouldBlock) => Ok(LockOutcome::Elsewhere { pid: pid_in(file) }),
            Err(TryLockError::Error(e)) => Err(fail(e)),
        }
    }

    /// Whether a program records, and its pid where it could be read: for one that only looks.
    #[must_use]
    #[allow(clippy::option_option)] // nobody, somebody, and who
    pub fn holder(location: &Location) -> Option<Option<u32>> {
        let file = File::open(location.lock()).ok()?;
        let is_held = matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock));
        is_held.then(|| pid_in(file))
    }
}

fn pid_in(file: File) -> Option<u32> {
    let mut text = String::new();
    file.take(16).read_to_string(&mut text).ok().and_then(|_| text.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_holds_it_and_the_next_learns_who() {
        let folder = tempfile::tempdir().unwrap();
        let location = Location::in_folder(&folder.path().join("new"));
        let held = Lock::take(&location).unwrap();
        assert!(matches!(held, LockOutcome::Held(_)), "the first has it");
        match Lock::take(&location).unwrap() {
            LockOutcome::Elsewhere { pid } => {
                assert_eq!(pid, Some(std::process::id()), "the second learns who has it");
            }
            LockOutcome::Held(_) => panic!("two held the lock"),
        }
        let own = Some(std::process::id());
        assert_eq!(Lock::holder(&location), Some(own), "who only looks learns it, too");
        drop(held);
        assert_eq!(Lock::holder(&location), None);
        assert!(matches!(Lock::take(&location).unwrap(), LockOutcome::Held(_)), "released");
    }
}
