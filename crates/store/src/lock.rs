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
            Err(TryLockError::WouldBlock) => {
                let mut text = String::new();
                let pid =
                    file.take(16).read_to_string(&mut text).ok().and_then(|_| text.parse().ok());
                Ok(LockOutcome::Elsewhere { pid })
            }
            Err(TryLockError::Error(e)) => Err(fail(e)),
        }
    }
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
        drop(held);
        assert!(matches!(Lock::take(&location).unwrap(), LockOutcome::Held(_)), "released");
    }
}
