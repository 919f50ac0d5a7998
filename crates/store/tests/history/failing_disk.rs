//! A disk that fails on demand: a VFS between SQLite and the one it comes with, for all of this
//! program's connections (<https://sqlite.org/vfs.html>). Only files in a folder that was named are
//! touched, so that other tests beside go on.
#![allow(unsafe_code)]

use rusqlite::ffi;
use std::{
    ffi::{CStr, c_char, c_int, c_void},
    path::Path,
    ptr,
    sync::{
        Mutex, Once, PoisonError,
        atomic::{AtomicU32, AtomicU64, Ordering::Relaxed},
    },
};

/// The files of one folder, and how often they fail.
#[derive(Debug)]
pub(crate) struct Disk {
    folder: String,
    /// One call in so many fails; 0 for none.
    one_in: AtomicU32,
    noise: AtomicU64,
    failed: AtomicU32,
}

static DISKS: Mutex<Vec<&'static Disk>> = Mutex::new(Vec::new());

impl Disk {
    /// From now on the files of that folder lie on a disk that can fail.
    pub(crate) fn of(folder: &Path, seed: u64) -> &'static Self {
        static REGISTERED: Once = Once::new();
        REGISTERED.call_once(register);
        let disk = Box::leak(Box::new(Self {
            folder: folder.to_str().unwrap().to_owned(),
            one_in: AtomicU32::new(0),
            noise: AtomicU64::new(seed),
            failed: AtomicU32::new(0),
        }));
        DISKS.lock().unwrap_or_else(PoisonError::into_inner).push(disk);
        disk
    }

    /// One call in so many fails from now on; 0 for none.
    pub(crate) fn fail_one_in(&self, calls: u32) {
        self.one_in.store(calls, Relaxed);
    }

    /// Calls that failed.
    pub(crate) fn failed(&self) -> u32 {
        self.failed.load(Relaxed)
    }

    fn random(&self) -> u64 {
        let next = self.noise.load(Relaxed).wrapping_mul(6_364_136_223_846_793_005) + 1;
        self.noise.store(next, Relaxed);
        next >> 33
    }

    fn fails(&self) -> bool {
        let one_in = self.one_in.load(Relaxed);
        let fails = one_in > 0 && self.random().is_multiple_of(u64::from(one_in));
        self.failed.fetch_add(u32::from(fails), Relaxed);
        fails
    }

    fn find(name: *const c_char) -> Option<&'static Self> {
        if name.is_null() {
            return None;
        }
        // SAFETY: SQLite passes names that end with a zero.
        let name = unsafe { CStr::from_ptr(name) }.to_str().ok()?;
        let disks = DISKS.lock().unwrap_or_else(PoisonError::into_inner);
        disks.iter().find(|disk| name.starts_with(&disk.folder)).copied()
    }
}

/// What SQLite holds of an open file; the file of the real VFS follows it.
#[repr(C)]
struct File {
    base: ffi::sqlite3_file,
    disk: Option<&'static Disk>,
}

fn register() {
    // SAFETY: the default VFS is there for as long as the program; the copy is never freed. Methods
    // that are not replaced do not look at the VFS they are called with.
    unsafe {
        let real = ffi::sqlite3_vfs_find(ptr::null());
        let mut ours = *real;
        ours.szOsFile += size_of::<File>() as c_int;
        ours.zName = c"ira-failing".as_ptr();
        ours.pNext = ptr::null_mut();
        ours.pAppData = real.cast();
        ours.xOpen = Some(open);
        ours.xDelete = Some(delete);
        ours.xAccess = Some(access);
        assert_eq!(ffi::sqlite3_vfs_register(Box::leak(Box::new(ours)), 1), ffi::SQLITE_OK);
    }
}

// SAFETY of all below: SQLite calls them as it calls those of the VFS they stand before, with the
// same promises; the file of that one lies right behind ours, in room asked for by `szOsFile`.

unsafe fn real_vfs(vfs: *mut ffi::sqlite3_vfs) -> *mut ffi::sqlite3_vfs {
    unsafe { (*vfs).pAppData.cast() }
}

unsafe fn real_file(file: *mut ffi::sqlite3_file) -> *mut ffi::sqlite3_file {
    unsafe { file.cast::<File>().add(1).cast() }
}

unsafe fn fails(file: *mut ffi::sqlite3_file) -> bool {
    unsafe { (*file.cast::<File>()).disk.is_some_and(Disk::fails) }
}

unsafe extern "C" fn open(
    vfs: *mut ffi::sqlite3_vfs,
    name: ffi::sqlite3_filename,
    file: *mut ffi::sqlite3_file,
    flags: c_int,
    out_flags: *mut c_int,
) -> c_int {
    unsafe {
        (*file).pMethods = ptr::null();
        let disk = Disk::find(name);
        if disk.is_some_and(Disk::fails) {
            return ffi::SQLITE_CANTOPEN;
        }
        let real = real_vfs(vfs);
        let result = (*real).xOpen.unwrap()(real, name, real_file(file), flags, out_flags);
        if result == ffi::SQLITE_OK {
            let base = ffi::sqlite3_file { pMethods: &raw const METHODS };
            file.cast::<File>().write(File { base, disk });
        }
        result
    }
}

unsafe extern "C" fn delete(vfs: *mut ffi::sqlite3_vfs, name: *const c_char, sync: c_int) -> c_int {
    unsafe {
        if Disk::find(name).is_some_and(Disk::fails) {
            return ffi::SQLITE_IOERR_DELETE;
        }
        let real = real_vfs(vfs);
        (*real).xDelete.unwrap()(real, name, sync)
    }
}

unsafe extern "C" fn access(
    vfs: *mut ffi::sqlite3_vfs,
    name: *const c_char,
    flags: c_int,
    out: *mut c_int,
) -> c_int {
    unsafe {
        if Disk::find(name).is_some_and(Disk::fails) {
            return ffi::SQLITE_IOERR_ACCESS;
        }
        let real = real_vfs(vfs);
        (*real).xAccess.unwrap()(real, name, flags, out)
    }
}

/// A method that calls the real one, or fails before with a code where one is given.
macro_rules! passed_on {
    ($name:ident, $method:ident, ($($argument:ident: $type:ty),*), $result:ty $(, $code:expr)?) => {
        unsafe extern "C" fn $name(file: *mut ffi::sqlite3_file $(, $argument: $type)*) -> $result {
            unsafe {
                $(if fails(file) {
                    return $code;
                })?
                let real = real_file(file);
                (*(*real).pMethods).$method.unwrap()(real $(, $argument)*)
            }
        }
    };
}

passed_on!(close, xClose, (), c_int);
passed_on!(read, xRead, (to: *mut c_void, n: c_int, at: i64), c_int, ffi::SQLITE_IOERR_READ);
passed_on!(truncate, xTruncate, (size: i64), c_int, ffi::SQLITE_IOERR_TRUNCATE);
passed_on!(sync, xSync, (flags: c_int), c_int, ffi::SQLITE_IOERR_FSYNC);
passed_on!(file_size, xFileSize, (size: *mut i64), c_int, ffi::SQLITE_IOERR_FSTAT);
passed_on!(lock, xLock, (level: c_int), c_int, ffi::SQLITE_IOERR_LOCK);
passed_on!(unlock, xUnlock, (level: c_int), c_int);
passed_on!(check_reserved_lock, xCheckReservedLock, (out: *mut c_int), c_int);
passed_on!(file_control, xFileControl, (op: c_int, argument: *mut c_void), c_int);
passed_on!(sector_size, xSectorSize, (), c_int);
passed_on!(characteristics, xDeviceCharacteristics, (), c_int);
passed_on!(
    shm_map, xShmMap, (page: c_int, size: c_int, extend: c_int, out: *mut *mut c_void), c_int,
    ffi::SQLITE_IOERR_SHMMAP
);
passed_on!(shm_lock, xShmLock, (offset: c_int, n: c_int, flags: c_int), c_int);
passed_on!(shm_barrier, xShmBarrier, (), ());
passed_on!(shm_unmap, xShmUnmap, (delete: c_int), c_int);
passed_on!(fetch, xFetch, (at: i64, n: c_int, out: *mut *mut c_void), c_int);
passed_on!(unfetch, xUnfetch, (at: i64, page: *mut c_void), c_int);

/// A write fails in three ways: not at all written, written in half, no room for the rest.
unsafe extern "C" fn write(
    file: *mut ffi::sqlite3_file,
    from: *const c_void,
    n: c_int,
    at: i64,
) -> c_int {
    unsafe {
        let real = real_file(file);
        let real_write = (*(*real).pMethods).xWrite.unwrap();
        let Some(disk) = (*file.cast::<File>()).disk.filter(|disk| disk.fails()) else {
            return real_write(real, from, n, at);
        };
        let way = disk.random() % 3;
        if way > 0 {
            real_write(real, from, n / 2, at);
        }
        if way == 1 { ffi::SQLITE_IOERR_WRITE } else { ffi::SQLITE_FULL }
    }
}

static METHODS: ffi::sqlite3_io_methods = ffi::sqlite3_io_methods {
    iVersion: 3,
    xClose: Some(close),
    xRead: Some(read),
    xWrite: Some(write),
    xTruncate: Some(truncate),
    xSync: Some(sync),
    xFileSize: Some(file_size),
    xLock: Some(lock),
    xUnlock: Some(unlock),
    xCheckReservedLock: Some(check_reserved_lock),
    xFileControl: Some(file_control),
    xSectorSize: Some(sector_size),
    xDeviceCharacteristics: Some(characteristics),
    xShmMap: Some(shm_map),
    xShmLock: Some(shm_lock),
    xShmBarrier: Some(shm_barrier),
    xShmUnmap: Some(shm_unmap),
    xFetch: Some(fetch),
    xUnfetch: Some(unfetch),
};
