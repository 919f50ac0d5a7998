//! Following log files, from outside: real files in a temporary folder, a clock made by hand.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod backward;
mod bell;
mod bytes;
mod desk;
mod fairness;
mod lines;
mod packed;
mod random;
mod refusals;
mod rotation;
mod world;
