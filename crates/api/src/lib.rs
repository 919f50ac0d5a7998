//! Floor 3: everything Ira can do.
//!
//! Owns: the list of commands, one function for each, and the types on the wire.
//! Leaves out: how a request arrives (desktop shell, HTTP, terminal).

pub mod commands;
pub mod wire;
