//! Open files of this program that fail from one moment to the next.
#![allow(unsafe_code)]

use std::{
    fs,
    os::fd::{FromRawFd as _, IntoRawFd as _, OwnedFd},
    path::Path,
};

/// Has every write to an open file of this program fail: its descriptors become those of a device
/// that is `full`, or else of memory where there is none, which is an error of input and output.
/// Whoever opens the file anew has it whole. Says whether it was open.
pub fn break_open_file(path: &Path, full: bool) -> bool {
    let device = if full { "/dev/full" } else { "/proc/self/mem" };
    let device = fs::OpenOptions::new().read(true).write(true).open(device);
    let device = device.expect("a device that fails");
    let mut broken = false;
    for entry in fs::read_dir("/proc/self/fd").expect("own descriptors").flatten() {
        let number = entry.file_name().to_str().and_then(|name| name.parse().ok());
        if let Some(number) =
            number.filter(|_| fs::read_link(entry.path()).is_ok_and(|p| p == path))
        {
            // SAFETY: it is open, only another file stands behind it afterwards, and it is given back.
            let mut open = unsafe { OwnedFd::from_raw_fd(number) };
            rustix::io::dup2(&device, &mut open).expect("a descriptor replaced");
            let _given_back = open.into_raw_fd();
            broken = true;
        }
    }
    broken
}
