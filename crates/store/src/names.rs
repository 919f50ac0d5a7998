//! Who the processes of an epoch are: everything about them that is text. Written when a process
//! is introduced, once an epoch for those that stay; each text once, later by number.
//!
//! A stream is a row of groups, one for each tick that introduces something:
//! `tick, flags, [listeners], [ended], count, introduction*`; tick 0 is the state before the first
//! tick.

mod listener;
mod weight;
mod write;

pub(crate) use write::{Introduced, NamesWriter};

use crate::{StoreError, codec::Bytes, tick::Ended};
use ira_model::{
    Application, ApplicationClass, ApplicationKind, EndedProcess, Evidence, ExitStatus, Listener,
    ProcessDetails, ProcessKey, Rule,
};
use std::{collections::HashMap, sync::Arc};

/// More texts than this, or longer ones, end an epoch, so that the writer's memory stays bounded.
const TEXTS: usize = 50_000;
const TEXT_BYTES: usize = 16 << 20;

/// More ordinals than this are refused when reading.
pub(crate) const ORDINALS: u32 = 1 << 20;

const HAS_LISTENERS: u8 = 1;
const HAS_ENDED: u8 = 2;
const IS_KERNEL_THREAD: u8 = 1;
const HAS_TERMINAL: u8 = 2;
const DENIED: u8 = 4;
/// Beside the status of one that ended, above what wait(2) uses.
const OUT_OF_MEMORY: u32 = 1 << 16;
/// The same place. There, a status may be missing while this is said.
const GIVEN_UP: u32 = 1 << 17;
const NO_STATUS: u32 = 1 << 18;

/// A text of the stream: where it lies.
pub(crate) type TextId = u32;

/// An introduction with its texts still in the stream; most are never asked for.
#[derive(Debug, Clone)]
pub(crate) struct Name {
    pub(crate) key: ProcessKey,
    pub(crate) parent_pid: u32,
    user_id: Option<u32>,
    process_group: u32,
    session: u32,
    flags: u8,
    name: TextId,
    argument_count: usize,
    pub(crate) arguments: TextId,
    executable: Option<TextId>,
    working_directory: Option<TextId>,
    control_group: Option<TextId>,
    pub(crate) application: ApplicationTexts,
    evidence: (u32, u32),
    /// Differs for each introduction.
    pub(crate) serial: u32,
}

/// An application with its texts still in the stream.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ApplicationTexts {
    kind: u8,
    class: u8,
    pub(crate) id: TextId,
    name: TextId,
    engine: Option<TextId>,
    pub(crate) version: Option<TextId>,
    icon: Option<TextId>,
}

/// Reads the name streams of an epoch, in order.
#[derive(Debug, Default)]
pub(crate) struct Names {
    text: String,
    spans: Vec<(u32, u32)>,
    names: HashMap<u32, Name>,
    /// The ordinal that had a pid last.
    pids: HashMap<u32, u32>,
    serial: u32,
    evidence: Vec<(u8, TextId, TextId)>,
    listeners: Vec<Listener>,
    listeners_tick: u64,
    ended: Vec<Ended>,
    ended_tick: u64,
}

impl Names {
    /// Adds the whole stream of an earlier block, whose ticks are not those of the next.
    pub(crate) fn read(&mut self, stream: &[u8]) -> Result<(), StoreError> {
        NamesCursor::new(stream).advance(self, u64::MAX)?;
        self.ended.clear();
        self.listeners_tick = 0;
        Ok(())
    }

    fn group(&mut self, bytes: &mut Bytes<'_>, tick: u64) -> Result<(), StoreError> {
        let flags = bytes.byte()?;
        if flags & HAS_LISTENERS != 0 {
            let count = bytes.take_count()?;
            self.listeners.clear();
            self.listeners_tick = tick;
            for _ in 0..count {
                self.listeners.push(listener::take(bytes)?);
            }
        }
        if flags & HAS_ENDED != 0 {
            self.ended.clear();
            self.ended_tick = tick;
            let mut room = weight::ENDED_BYTES;
            for _ in 0..bytes.take_count()? {
                let one = self.take_ended(bytes, &mut room)?;
                self.ended.push(one);
            }
        }
        for _ in 0..bytes.take_count()? {
            self.introduction(bytes)?;
        }
        Ok(())
    }

    fn take_ended(&mut self, bytes: &mut Bytes<'_>, room: &mut usize) -> Result<Ended, StoreError> {
        let key = ProcessKey { pid: bytes.take_u32()?, start_ms: bytes.take()? };
        let parent_pid = bytes.take_u32()?;
        let name = self.take_text(bytes)?;
        let user_id = bytes.take_optional()?.and_then(|id| u32::try_from(id).ok());
        let (user_ms, system_ms) = (bytes.take()?, bytes.take()?);
        let status = bytes.take_optional()?.and_then(|status| u32::try_from(status).ok());
        let application = self.take_application(bytes)?;
        let weight = self.ended_weight(name, &application);
        *room = room.checked_sub(weight).ok_or_else(|| bytes.fail("too much ended at once"))?;
        let process = EndedProcess {
            key,
            parent_pid,
            name: self.text(name).to_owned(),
            user_id,
            user_ms,
            system_ms,
            status: status.filter(|status| status & NO_STATUS == 0).map(ExitStatus::from_wait),
            out_of_memory: status.is_some_and(|status| status & OUT_OF_MEMORY != 0),
        };
        let given_up = status.is_some_and(|status| status & GIVEN_UP != 0);
        Ok(Ended { process, application: Arc::new(self.application(&application)), given_up })
    }

    fn take_application(&mut self, bytes: &mut Bytes<'_>) -> Result<ApplicationTexts, StoreError> {
        Ok(ApplicationTexts {
            kind: bytes.byte()?,
            class: bytes.byte()?,
            id: self.take_text(bytes)?,
            name: self.take_text(bytes)?,
            engine: self.take_optional_text(bytes)?,
            version: self.take_optional_text(bytes)?,
            icon: self.take_optional_text(bytes)?,
        })
    }

    fn introduction(&mut self, bytes: &mut Bytes<'_>) -> Result<(), StoreError> {
        let ordinal = bytes.take_u32()?;
        if ordinal >= ORDINALS {
            return Err(bytes.fail("an ordinal is out of range"));
        }
        let key = ProcessKey { pid: bytes.take_u32()?, start_ms: bytes.take()? };
        let parent_pid = bytes.take_u32()?;
        let user_id = bytes.take_optional()?.and_then(|id| u32::try_from(id).ok());
        let (process_group, session) = (bytes.take_u32()?, bytes.take_u32()?);
        let flags = bytes.byte()?;
        let name = self.take_text(bytes)?;
        let argument_count = usize::try_from(bytes.take()?).unwrap_or(0);
        let arguments = self.take_text(bytes)?;
        let executable = self.take_optional_text(bytes)?;
        let working_directory = self.take_optional_text(bytes)?;
        let control_group = self.take_optional_text(bytes)?;
        let application = self.take_application(bytes)?;
        let first = self.evidence.len() as u32;
        let count = bytes.take_count()?;
        for _ in 0..count {
            let rule = bytes.byte()?;
            let (input, result) = (self.take_text(bytes)?, self.take_text(bytes)?);
            self.evidence.push((rule, input, result));
        }
        let name = Name {
            key,
            parent_pid,
            user_id,
            process_group,
            session,
            flags,
            name,
            argument_count,
            arguments,
            executable,
            working_directory,
            control_group,
            application,
            evidence: (first, count as u32),
            serial: self.serial,
        };
        self.serial = self.serial.wrapping_add(1);
        self.pids.insert(key.pid, ordinal);
        self.names.insert(ordinal, name);
        Ok(())
    }

    fn take_text(&mut self, bytes: &mut Bytes<'_>) -> Result<TextId, StoreError> {
        let number = bytes.take()?;
        let known = self.spans.len() as u64;
        if let Some(number) = number.checked_sub(1) {
            return if number < known {
                Ok(number as u32)
            } else {
                Err(bytes.fail("a text is named before it came"))
            };
        }
        let text = bytes.take_text()?;
        self.spans.push((self.text.len() as u32, text.len() as u32));
        self.text.push_str(text);
        Ok(known as u32)
    }

    fn take_optional_text(&mut self, bytes: &mut Bytes<'_>) -> Result<Option<TextId>, StoreError> {
        if bytes.byte()? == 0 { Ok(None) } else { self.take_text(bytes).map(Some) }
    }

    /// A text by its number.
    pub(crate) fn text(&self, id: TextId) -> &str {
        let (start, length) = self.spans.get(id as usize).copied().unwrap_or_default();
        let start = start as usize;
        self.text.get(start..start + length as usize).unwrap_or_default()
    }

    /// The name of an ordinal.
    pub(crate) fn get(&self, ordinal: u32) -> Option<&Name> {
        self.names.get(&ordinal)
    }

    /// The ordinal of a process.
    pub(crate) fn ordinal(&self, key: ProcessKey) -> Option<u32> {
        self.names.iter().find(|(_, name)| name.key == key).map(|(ordinal, _)| *ordinal)
    }

    /// The process that had a pid last.
    pub(crate) fn of_pid(&self, pid: u32) -> Option<(u32, &Name)> {
        let ordinal = *self.pids.get(&pid)?;
        Some((ordinal, self.names.get(&ordinal)?))
    }

    /// Every process that was introduced, as it was last.
    pub(crate) fn all(&self) -> impl Iterator<Item = &Name> {
        self.names.values()
    }

    /// What is known of an application that discovery found.
    pub(crate) fn known(&self, id: &str) -> Option<Application> {
        let of_it = self.all().filter(|name| self.text(name.application.id) == id);
        let name = of_it.min_by_key(|name| name.serial)?;
        Some(self.application(&name.application))
    }

    /// Processes that ended within that tick, the last that was read.
    pub(crate) fn ended(&self, tick: u64) -> &[Ended] {
        if self.ended_tick == tick { &self.ended } else { &[] }
    }

    /// Whether the listening ports differ from those of the tick before.
    pub(crate) fn listeners_changed(&self, tick: u64) -> bool {
        tick > 0 && self.listeners_tick == tick
    }

    /// Name of a process.
    pub(crate) fn process_name(&self, name: &Name) -> &str {
        self.text(name.name)
    }

    /// Listening ports then.
    pub(crate) fn listeners(&self) -> &[Listener] {
        &self.listeners
    }

    /// The details of a process.
    pub(crate) fn details(&self, name: &Name) -> ProcessDetails {
        let owned = |id: TextId| self.text(id).to_owned();
        let arguments = if name.argument_count == 0 {
            Vec::new()
        } else {
            self.text(name.arguments).split('\0').map(str::to_owned).collect()
        };
        ProcessDetails {
            name: owned(name.name),
            arguments,
            executable: name.executable.map(owned),
            working_directory: name.working_directory.map(owned),
            control_group: name.control_group.map(owned),
            user_id: name.user_id,
            process_group: name.process_group,
            session: name.session,
            has_terminal: name.flags & HAS_TERMINAL != 0,
            is_kernel_thread: name.flags & IS_KERNEL_THREAD != 0,
            denied: name.flags & DENIED != 0,
        }
    }

    /// The application of those texts.
    pub(crate) fn application(&self, texts: &ApplicationTexts) -> Application {
        let owned = |id: TextId| self.text(id).to_owned();
        Application {
            id: owned(texts.id),
            kind: ApplicationKind::from_number(texts.kind),
            name: owned(texts.name),
            class: ApplicationClass::from_number(texts.class),
            engine: texts.engine.map(owned),
            version: texts.version.map(owned),
            icon: texts.icon.map(owned),
        }
    }

    /// Why it counts under it.
    pub(crate) fn evidence(&self, name: &Name) -> Arc<[Evidence]> {
        self.evidence_of(name)
            .iter()
            .filter_map(|(rule, input, result)| {
                Some(Evidence {
                    rule: Rule::from_number(*rule)?,
                    input: self.text(*input).to_owned(),
                    result: self.text(*result).to_owned(),
                })
            })
            .collect()
    }
}

/// Reads a stream tick by tick, beside a replay of the counters.
#[derive(Debug)]
pub(crate) struct NamesCursor<'a> {
    bytes: Bytes<'a>,
    next_tick: Option<u64>,
}

impl<'a> NamesCursor<'a> {
    pub(crate) fn new(stream: &'a [u8]) -> Self {
        Self { bytes: Bytes::new(stream, "process names"), next_tick: None }
    }

    /// Adds what is introduced up to and including that tick.
    pub(crate) fn advance(&mut self, names: &mut Names, tick: u64) -> Result<(), StoreError> {
        loop {
            let next = match self.next_tick {
                Some(next) => next,
                None if self.bytes.is_empty() => return Ok(()),
                None => *self.next_tick.insert(self.bytes.take()?),
            };
            if next > tick {
                return Ok(());
            }
            self.next_tick = None;
            names.group(&mut self.bytes, next)?;
        }
    }
}
