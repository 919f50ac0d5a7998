//! Reads the counters of one process: `stat` each tick, `io` when it can have changed.

use super::{
    descriptors::Descriptors,
    due,
    entry::{Entry, IoSource},
    io,
    limits::Refusals,
    source::{PidPath, Tree, is_denied, is_gone, read_once},
    stat,
};
use ira_model::{ProcessKey, ProcessState};
use rustix::io::Errno;
use std::sync::Arc;

/// The parts that reading any process needs.
#[derive(Debug)]
pub(crate) struct CounterReader {
    tree: Arc<Tree>,
    pub(crate) descriptors: Descriptors,
    ticks_per_second: u64,
    page_bytes: u64,
    buffer: Vec<u8>,
}

/// How reading one process ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reading {
    Done,
    Gone,
    /// Not possible in this tick; what was known stays.
    Postponed,
}

impl CounterReader {
    pub(crate) fn new(tree: Arc<Tree>, descriptors: Descriptors) -> Self {
        Self {
            tree,
            descriptors,
            ticks_per_second: rustix::param::clock_ticks_per_second().max(1),
            page_bytes: rustix::param::page_size() as u64,
            buffer: Vec::with_capacity(4096),
        }
    }

    /// Reads what is due of a process; one that is gone is marked as not present.
    pub(crate) fn read(&mut self, entry: &mut Entry, now_ms: u64, refusals: &mut Refusals) {
        match self.read_stat(entry, refusals) {
            Reading::Gone => entry.present = false,
            Reading::Postponed => {}
            Reading::Done => {
                entry.is_fresh = true;
                entry.stat_due_ms = due::next_stat_ms(entry, now_ms);
                if due::io(entry, now_ms) {
                    self.read_io(entry, now_ms, refusals);
                }
            }
        }
    }

    fn read_stat(&mut self, entry: &mut Entry, refusals: &mut Refusals) -> Reading {
        // A kept descriptor belongs to one process for ever: once that has ended it gives ESRCH
        // (or nothing, where a test's file was emptied), whoever has the pid now.
        let kept = entry.stat_file.take();
        if let Some(file) = kept
            && let Ok(1..) = read_once(&file, &mut self.buffer)
        {
            entry.stat_file = Some(file);
            return self.take_stat(entry, refusals);
        }
        match self.open_stat(entry) {
            Ok(()) => self.take_stat(entry, refusals),
            Err(error) if is_gone(error) => Reading::Gone,
            Err(Errno::MFILE | Errno::NFILE) => {
                self.descriptors.exhausted();
                Reading::Postponed
            }
            Err(error) => {
                refusals.hidden_processes |= is_denied(error);
                Reading::Gone
            }
        }
    }

    fn open_stat(&mut self, entry: &mut Entry) -> Result<(), Errno> {
        let file = self.tree.file(PidPath::new(entry.pid, "stat").as_c_str())?;
        if read_once(&file, &mut self.buffer)? == 0 {
            return Err(Errno::SRCH);
        }
        if self.descriptors.take_stat() {
            entry.stat_file = Some(file);
        }
        Ok(())
    }

    /// Takes over what stands in the buffer.
    fn take_stat(&self, entry: &mut Entry, refusals: &mut Refusals) -> Reading {
        let stat = match stat::parse(&self.buffer) {
            Ok(stat) => stat,
            Err(malformed) => {
                refusals.malformed_item.get_or_insert(malformed.item);
                return Reading::Gone;
            }
        };
        if entry.is_read && entry.start_ticks != stat.start_ticks {
            entry.become_another();
        }
        entry.take_identity(&stat);
        let ms = |ticks: u64| self.ms(ticks);
        entry.children_ms = ms(stat.children_ticks);
        entry.sample.key = ProcessKey { pid: entry.pid, start_ms: ms(stat.start_ticks) };
        entry.sample.parent_pid = stat.parent_pid;
        entry.sample.state = ProcessState::from_letter(stat.state);
        entry.sample.threads = Some(stat.threads);
        entry.sample.user_ms = ms(stat.user_ticks);
        entry.sample.system_ms = ms(stat.system_ticks);
        entry.sample.memory_bytes = Some(stat.resident_pages.saturating_mul(self.page_bytes));
        Reading::Done
    }

    fn ms(&self, ticks: u64) -> u64 {
        ticks.saturating_mul(1000) / self.ticks_per_second
    }

    fn read_io(&mut self, entry: &mut Entry, now_ms: u64, refusals: &mut Refusals) {
        let outcome = match &entry.io {
            IoSource::Absent => return,
            IoSource::Kept(file) => read_once(file, &mut self.buffer).map(|_| None),
            IoSource::Opened => {
                let path = PidPath::new(entry.pid, "io");
                self.tree
                    .file(path.as_c_str())
                    .and_then(|file| read_once(&file, &mut self.buffer).map(|_| Some(file)))
            }
        };
        entry.io_at_cpu_ticks = Some(entry.cpu_ticks);
        entry.ran_since_io = false;
        entry.io_due_ms = due::next_io_ms(entry, now_ms);
        match outcome {
            Ok(opened) => {
                if let Some(file) = opened
                    && self.descriptors.take_io()
                {
                    entry.io = IoSource::Kept(file);
                }
                if let Ok(io) = io::parse(&self.buffer) {
                    entry.sample.read_bytes = Some(io.read_bytes);
                    entry.sample.write_bytes = Some(io.write_bytes);
                }
            }
            // It is ending; its last figures stay.
            Err(Errno::SRCH) => {}
            Err(Errno::MFILE | Errno::NFILE) => {
                self.descriptors.exhausted();
                entry.io_at_cpu_ticks = None;
            }
            Err(error) => {
                refusals.note_io(error);
                entry.io = IoSource::Absent;
                entry.sample.read_bytes = None;
                entry.sample.write_bytes = None;
            }
        }
    }
}
