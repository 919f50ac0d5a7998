//! Development only: fake /proc trees, a manual clock, temporary stores.
//!
//! What cannot be set up for a test ends the test, so these helpers panic where production code
//! returns an error.
#![allow(clippy::expect_used, clippy::panic)]

#[cfg(target_os = "linux")]
mod broken_file;
mod clock;
#[cfg(unix)]
mod fake_engine;
#[cfg(unix)]
mod fake_groups;
#[cfg(unix)]
mod fake_host;
#[cfg(unix)]
mod fake_proc;
#[cfg(unix)]
mod fake_process;

#[cfg(target_os = "linux")]
pub use broken_file::break_open_file;
pub use clock::ManualClock;
#[cfg(unix)]
pub use fake_engine::{FakeEngine, Say};
#[cfg(unix)]
pub use fake_proc::FakeProc;
#[cfg(unix)]
pub use fake_process::FakeProcess;
