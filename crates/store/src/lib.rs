//! Floor 1: what Ira keeps.
//!
//! Owns: the database and its tables, the block format of frames, the file of the second under
//! way, the lock of the data folder. One [`Writer`] at a time writes; any number of [`Reader`]s,
//! in this or other programs, read.
//! Leaves out: when something is kept, and what it means to a user.
//!
//! ```text
//!  Tick --FrameEncoder--> record --Journal--> (a minute of records) --Writer--> frames, series, events
//!                                    \------------------------------Reader--> Frame of a past second
//! ```
#![cfg_attr(
    test,
    allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)
)]

mod block;
mod chunk;
mod codec;
mod correcting;
mod database;
mod digest;
mod encoder;
mod error;
mod export;
mod journal;
mod life;
mod location;
mod lock;
mod names;
mod reader;
mod rollup;
mod span;
mod streams;
mod tables;
mod tick;
mod writer;

pub use block::{Frame, FrameProcess};
pub use database::{Foreign, check, open_foreign};
pub use error::StoreError;
pub use export::{Progress, export};
pub use location::Location;
pub use lock::{Lock, LockOutcome};
pub use reader::{Held, Ledger, Reader};
pub use span::{Bucket, Gap, Retention, SeriesPoints, Tier};
pub use tables::applications::StoredApplication;
pub use tables::audit::{OrderResult, StoredOrder};
pub use tables::events::{StoredEvent, StoredEventKind};
pub use tables::registrations::StoredRegistration;
pub use tables::series::{APPLICATION_METRICS, HOST_METRICS, Metric};
pub use tick::{Before, Boot, Ended, Introduction, Tick};
pub use writer::{Reattribution, Writer};
