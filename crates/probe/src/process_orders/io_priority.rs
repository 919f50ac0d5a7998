//! `ioprio_get` and `ioprio_set` (ioprio_set(2)), which no library wraps.
#![allow(unsafe_code)]

use super::IoClass;
use std::io;

/// `IOPRIO_WHO_PROCESS`: one thread.
const WHO_THREAD: libc::c_int = 1;
/// The class stands above the level (include/uapi/linux/ioprio.h).
const CLASS_SHIFT: libc::c_long = 13;
const CLASS_NONE: libc::c_long = 0;
const CLASS_BEST_EFFORT: libc::c_long = 2;
const CLASS_IDLE: libc::c_long = 3;

/// The class of a thread; `None` for one that is not ours to name.
pub(super) fn get(thread: u32) -> io::Result<Option<IoClass>> {
    let thread = libc::c_long::from(thread);
    // SAFETY: takes two numbers and returns one; no memory of ours is involved.
    let value = unsafe { libc::syscall(libc::SYS_ioprio_get, WHO_THREAD, thread) };
    if value < 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(match (value >> CLASS_SHIFT, value & 7) {
        (CLASS_NONE, _) => Some(IoClass::Normal),
        (CLASS_BEST_EFFORT, 0) => Some(IoClass::High),
        (CLASS_BEST_EFFORT, 4) => Some(IoClass::Normal),
        (CLASS_IDLE, _) => Some(IoClass::Idle),
        _ => None,
    })
}

/// Sets the class of a thread.
pub(super) fn set(thread: u32, class: IoClass) -> io::Result<()> {
    let value = match class {
        IoClass::Normal => CLASS_NONE << CLASS_SHIFT,
        IoClass::Idle => CLASS_IDLE << CLASS_SHIFT,
        IoClass::High => CLASS_BEST_EFFORT << CLASS_SHIFT,
    };
    let thread = libc::c_long::from(thread);
    // SAFETY: takes three numbers; no memory of ours is involved.
    let result = unsafe { libc::syscall(libc::SYS_ioprio_set, WHO_THREAD, thread, value) };
    if result < 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
}
