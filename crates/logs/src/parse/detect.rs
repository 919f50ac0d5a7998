//! Which format a line has: the one its source had last is tried first, and learnt anew when others fit instead.

use super::clock::Clock;
use super::entry::Entry;
use super::stamp::{Stamp, stamp};
use super::{
    access, databases, dotnet, elixir, go, guess, java, json, kernel, klog, logfmt, python, ruby,
    rust, servers, syslog,
};

/// A line, with the time at its beginning if it has one, so that it is read once and not by each format.
#[derive(Clone, Copy)]
pub(super) struct Head<'a> {
    pub(super) text: &'a str,
    /// The time at the beginning and what follows it.
    pub(super) at: Option<(Stamp<'a>, &'a str)>,
}

impl<'a> Head<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, at: stamp(text) }
    }
}

/// Reads a line if it has the format; otherwise what it has written to the entry is forgotten.
type Read = fn(&Head<'_>, &mut Entry, &mut Clock) -> Option<()>;

/// In the order in which they are tried: those come first that another would take for its own.
const FORMATS: [Read; 20] = [
    json::read,
    syslog::read_5424,
    kernel::read,
    syslog::read_3164,
    access::read,
    servers::read_nginx,
    servers::read_apache,
    databases::read_postgresql,
    databases::read_mysql,
    databases::read_redis,
    klog::read,
    ruby::read,
    dotnet::read,
    elixir::read,
    python::read,
    rust::read,
    java::read,
    go::read,
    logfmt::read,
    guess::read,
];
const GUESS: usize = FORMATS.len() - 1;
/// So many lines in a row of another format make it the one that is tried first.
const RELEARN: u32 = 4;

/// What a source taught so far.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Detector {
    /// The format that is tried first.
    current: Option<usize>,
    /// How many lines in a row had it.
    hits: u32,
    rival: usize,
    rival_hits: u32,
}

impl Detector {
    /// Reads a line into the (empty) entry. What has no format becomes a plain message.
    pub(super) fn read(&mut self, text: &str, entry: &mut Entry, clock: &mut Clock) {
        let head = Head::new(text);
        let mut attempt = |number: usize| {
            let fits = FORMATS.get(number).is_some_and(|read| read(&head, entry, clock).is_some());
            if !fits {
                entry.clear();
            }
            fits
        };
        if let Some(current) = self.current
            && attempt(current)
        {
            self.hits = self.hits.saturating_add(1);
            self.rival_hits = 0;
            return;
        }
        let found = (0..FORMATS.len()).find(|n| self.current != Some(*n) && attempt(*n));
        match found {
            Some(GUESS) => {}
            Some(number) => self.learn(number),
            None => {
                entry.say(text);
                entry.suppose(super::level::guess(text));
            }
        }
    }

    /// Whether the source has kept to one format for some lines.
    pub(super) const fn settled(&self) -> bool {
        self.hits >= 3
    }

    fn learn(&mut self, number: usize) {
        self.rival_hits = if self.rival == number { self.rival_hits.saturating_add(1) } else { 1 };
        self.rival = number;
        if self.current.is_none() || self.rival_hits >= RELEARN {
            *self = Self { current: Some(number), ..Self::default() };
        }
    }
}
