//! Logs: found, followed, parsed and searched. Floor 1: it knows files and lines, and nothing of
//! applications.

pub mod follow;
pub mod parse;
