//! Writing the names of an epoch.

use super::{
    DENIED, GIVEN_UP, HAS_ENDED, HAS_LISTENERS, HAS_TERMINAL, IS_KERNEL_THREAD, NO_STATUS,
    OUT_OF_MEMORY, TEXT_BYTES, TEXTS, listener,
};
use crate::{
    codec::{put, put_optional, put_text},
    tick::Ended,
};
use ira_model::{Application, Attribution, Listener, ProcessDetails, ProcessKey};
use std::collections::HashMap;

/// One process as it is introduced.
pub(crate) struct Introduced<'a> {
    pub(crate) ordinal: u32,
    pub(crate) key: ProcessKey,
    pub(crate) parent_pid: u32,
    pub(crate) details: &'a ProcessDetails,
    pub(crate) attribution: &'a Attribution,
}

/// Writes names and remembers which texts the stream has already.
#[derive(Debug, Default)]
pub(crate) struct NamesWriter {
    texts: HashMap<Box<str>, u64>,
    bytes: usize,
}

impl NamesWriter {
    /// Begins an epoch: nothing is known any more.
    pub(crate) fn clear(&mut self) {
        // A new map, not `clear`: a burst must not hold its memory for ever.
        self.texts = HashMap::new();
        self.bytes = 0;
    }

    /// Whether the epoch should end because it has seen too many texts.
    pub(crate) fn is_full(&self) -> bool {
        self.texts.len() > TEXTS || self.bytes > TEXT_BYTES
    }

    /// Writes one group.
    pub(crate) fn group<'a>(
        &mut self,
        out: &mut Vec<u8>,
        tick: u64,
        listeners: Option<&[Listener]>,
        ended: &[Ended],
        introduced: impl ExactSizeIterator<Item = Introduced<'a>>,
    ) {
        put(out, tick);
        out.push(
            if listeners.is_some() { HAS_LISTENERS } else { 0 }
                | if ended.is_empty() { 0 } else { HAS_ENDED },
        );
        if let Some(listeners) = listeners {
            put(out, listeners.len() as u64);
            for listener in listeners {
                listener::put(out, listener);
            }
        }
        if !ended.is_empty() {
            put(out, ended.len() as u64);
            ended.iter().for_each(|one| self.ended(out, one));
        }
        put(out, introduced.len() as u64);
        for one in introduced {
            self.introduction(out, &one);
        }
    }

    fn introduction(&mut self, out: &mut Vec<u8>, one: &Introduced<'_>) {
        let details = one.details;
        put(out, u64::from(one.ordinal));
        put(out, u64::from(one.key.pid));
        put(out, one.key.start_ms);
        put(out, u64::from(one.parent_pid));
        put_optional(out, details.user_id.map(u64::from));
        put(out, u64::from(details.process_group));
        put(out, u64::from(details.session));
        out.push(
            if details.is_kernel_thread { IS_KERNEL_THREAD } else { 0 }
                | if details.has_terminal { HAS_TERMINAL } else { 0 }
                | if details.denied { DENIED } else { 0 },
        );
        self.text(out, &details.name);
        // Arguments cannot hold a NUL, so one text with NULs between them keeps them apart.
        put(out, details.arguments.len() as u64);
        self.text(out, &details.arguments.join("\0"));
        self.optional_text(out, details.executable.as_deref());
        self.optional_text(out, details.working_directory.as_deref());
        self.optional_text(out, details.control_group.as_deref());
        self.application(out, &one.attribution.application);
        put(out, one.attribution.evidence.len() as u64);
        for evidence in one.attribution.evidence.iter() {
            out.push(evidence.rule as u8);
            self.text(out, &evidence.input);
            self.text(out, &evidence.result);
        }
    }

    fn ended(&mut self, out: &mut Vec<u8>, one: &Ended) {
        let process = &one.process;
        put(out, u64::from(process.key.pid));
        put(out, process.key.start_ms);
        put(out, u64::from(process.parent_pid));
        self.text(out, &process.name);
        put_optional(out, process.user_id.map(u64::from));
        put(out, process.user_ms);
        put(out, process.system_ms);
        let killed = if process.out_of_memory { OUT_OF_MEMORY } else { 0 };
        let status = match (process.status, one.given_up) {
            (Some(status), false) => Some(status.to_wait() | killed),
            (Some(status), true) => Some(status.to_wait() | GIVEN_UP),
            (None, true) => Some(NO_STATUS | GIVEN_UP),
            (None, false) => None,
        };
        put_optional(out, status.map(u64::from));
        self.application(out, &one.application);
    }

    fn application(&mut self, out: &mut Vec<u8>, application: &Application) {
        out.push(application.kind as u8);
        out.push(application.class as u8);
        self.text(out, &application.id);
        self.text(out, &application.name);
        self.optional_text(out, application.engine.as_deref());
        self.optional_text(out, application.version.as_deref());
        self.optional_text(out, application.icon.as_deref());
    }

    /// A text: its number plus one where the stream has it, else 0 and the text itself.
    fn text(&mut self, out: &mut Vec<u8>, text: &str) {
        if let Some(number) = self.texts.get(text) {
            put(out, number + 1);
        } else {
            put(out, 0);
            put_text(out, text);
            let number = self.texts.len() as u64;
            self.bytes += text.len();
            self.texts.insert(text.into(), number);
        }
    }

    fn optional_text(&mut self, out: &mut Vec<u8>, text: Option<&str>) {
        out.push(u8::from(text.is_some()));
        if let Some(text) = text {
            self.text(out, text);
        }
    }
}
