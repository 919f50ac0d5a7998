//! Development only: fake /proc trees, a manual clock, temporary stores.
//!
//! What cannot be set up for a test ends the test, so these helpers panic where production code
//! returns an error.
#![allow(clippy::expect_used, clippy::panic)]

mod clock;
mod fake_host;
mod fake_proc;
mod fake_process;

pub use clock::ManualClock;
pub use fake_proc::FakeProc;
pub use fake_process::FakeProcess;
