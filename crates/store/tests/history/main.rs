//! The store from outside: seconds, time, room, loss.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    missing_docs
)]

mod corrections;
mod failing_disk;
mod faults;
mod ledger;
mod loss;
mod machine;
mod orders;
mod portable;
mod room;
mod seconds;
mod time;
