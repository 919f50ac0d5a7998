//! One file a table: its statement of creation and every query on it.

pub(crate) mod applications;
pub(crate) mod audit;
pub(crate) mod boots;
pub(crate) mod corrections;
pub(crate) mod events;
pub(crate) mod frames;
pub(crate) mod registrations;
pub(crate) mod series;
pub(crate) mod settings;
