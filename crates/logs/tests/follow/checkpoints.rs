//! Going on where it stopped.
