//! Logs: found, followed, parsed and searched. Floor 1: it knows files and lines, and nothing of
//! applications.

pub mod filter;
pub mod follow;
pub mod journal;
pub mod pages;
pub mod parse;
