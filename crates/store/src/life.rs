//! The lives of applications: what a block tells of them ([`watch`]), and what that means beside what
//! was told before ([`judge`]). Both are made again from what is kept, so that a minute that was rescued,
//! or is still under way, tells the same as one that ended well.

pub(crate) mod judge;
pub(crate) mod parts;
pub(crate) mod watch;

use ira_model::{LifeNote, Protocol};

/// One thing a block tells of an application.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fact {
    /// Milliseconds since boot.
    pub(crate) at_ms: i64,
    pub(crate) application: String,
    /// Its name.
    pub(crate) name: String,
    pub(crate) what: What,
}

/// See [`Fact`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum What {
    /// It ran when this began to be looked at; its oldest process began then.
    Ran,
    /// Its first process appeared; that began then, milliseconds since boot.
    Began(i64),
    /// Its last process went.
    Ended(LifeNote),
    /// A process of it ended by its own fault or for want of memory; the others went on.
    Part(LifeNote),
    /// A process of it ended, nobody knows by what fault, and was started again.
    PartAgain(LifeNote),
    /// Ira ran it, and starts it no more.
    GivenUp(LifeNote),
    PortsOpened(Vec<(Protocol, u16)>),
    PortsClosed(Vec<(Protocol, u16)>),
    /// It is of this version, of the other before where the block tells.
    Version(String, Option<String>),
}
