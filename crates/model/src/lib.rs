//! Floor 0: the nouns of Ira and the arithmetic on them.
//!
//! Owns: what a sample of a machine is, how rates come from two samples, what an application is.
//! Leaves out: input and output, the clock, the operating system, the wire.

pub mod application;
pub mod correction;
pub mod host;
pub mod life;
pub mod process;
pub mod rates;
pub mod sample;
pub mod usage;

pub use application::{
    Application, ApplicationClass, ApplicationKind, Attribution, Evidence, Rule,
};
pub use correction::{
    Action, Condition, Correction, Corrections, Field, Form, Matcher, Problem, Target, check,
};
pub use host::{
    CpuTimes, DiskCounters, HostLayout, HostSample, InterfaceCounters, Load, Memory, Pressure,
};
pub use life::LifeNote;
pub use process::{
    EndedProcess, ExitStatus, ProcessDetails, ProcessKey, ProcessSample, ProcessState,
};
pub use rates::{CpuShares, HostRates, ProcessRates, per_second};
pub use sample::{Listener, Machine, Protocol, Sample};
pub use usage::{Totals, Usage};
