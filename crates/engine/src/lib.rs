//! Floor 2: the running system.
//!
//! Owns: the sampler thread, the recorder thread, discovery, what is true now.
//! Leaves out: the wire, and everything a user sees.
//!
//! ```text
//!  Probe --Sample--> Live (rates, attribution) --Tick--> recorder thread --> store
//!                      \--> ticks (a watch of the tick's number) --> whoever looks
//! ```
#![cfg_attr(
    test,
    allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)
)]

pub mod containers;
mod corrections;
pub mod discovery;
mod engine;
mod live;
pub mod logs;
mod opened;
pub mod orders;
mod own;
mod recorder;
pub mod registry;
mod sampler;
pub mod services;

pub use engine::{Engine, News, Options, default_folder, identity};
pub use ira_probe::give_back_free_memory;
pub use live::{Live, LiveProcess, Snapshot};
pub use opened::describe;
pub use own::{Budget, OwnCost};
pub use recorder::Recording;
pub use sampler::Sampler;
