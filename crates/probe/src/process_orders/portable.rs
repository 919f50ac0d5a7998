//! Systems on which orders are not carried out yet: each says so.

use super::{IoClass, OrderError, Peer, Standing};
use ira_model::ProcessKey;
use std::{collections::BTreeSet, time::Duration};

/// See the Linux one.
#[derive(Debug)]
pub struct ProcessHandle;

fn refusal<T>(what: &str) -> Result<T, OrderError> {
    Err(OrderError::Unsupported { what: what.to_owned() })
}

impl ProcessHandle {
    /// # Errors
    /// Always.
    pub fn open(_key: ProcessKey) -> Result<Self, OrderError> {
        refusal("orders to processes")
    }

    /// # Errors
    /// Always.
    pub fn signal(&self, _signal: u8) -> Result<(), OrderError> {
        refusal("signals")
    }

    /// Whether it ended within that time.
    #[must_use]
    pub fn ends_within(&self, _at_most: Duration) -> bool {
        false
    }

    /// # Errors
    /// Always.
    pub fn standing(&self) -> Result<Standing, OrderError> {
        refusal("priorities")
    }

    /// # Errors
    /// Always.
    pub fn set_nice(&self, _nice: i32) -> Result<(), OrderError> {
        refusal("priorities")
    }

    /// # Errors
    /// Always.
    pub fn set_io_class(&self, _class: IoClass) -> Result<(), OrderError> {
        refusal("classes of access to storage")
    }
}

/// Who is connected; not known here.
#[must_use]
pub fn peers(_ports: &BTreeSet<u16>, _at_most: usize) -> Vec<Peer> {
    Vec::new()
}
