//! The counters of a block, like beside like: each column of all its ticks is a stream of its own,
//! so that each is packed by its own statistics.

use crate::{
    StoreError,
    codec::{Bytes, ROOM, put, put_packed, take_packed},
};

const WHAT: &str = "frame block";

/// See the module. Ticks only append.
#[derive(Debug, Clone, Default)]
pub(crate) struct Streams {
    /// The layout, and time and length of each tick.
    pub(crate) head: Vec<u8>,
    /// The machine as a whole.
    pub(crate) host: Vec<u8>,
    /// Whole rows: the base, and processes that came; ordinals of those that went.
    pub(crate) table: Vec<u8>,
    /// Which processes changed.
    pub(crate) ordinals: Vec<u8>,
    /// In which columns.
    pub(crate) masks: Vec<u8>,
    /// State and threads.
    pub(crate) state: Vec<u8>,
    /// User time.
    pub(crate) user: Vec<u8>,
    /// System time.
    pub(crate) system: Vec<u8>,
    /// Resident memory.
    pub(crate) memory: Vec<u8>,
    /// Bytes read and written.
    pub(crate) io: Vec<u8>,
    /// Shared memory and network.
    pub(crate) other: Vec<u8>,
}

impl Streams {
    fn all(&self) -> [&Vec<u8>; 11] {
        let Self { head, host, table, ordinals, masks, state, user, system, memory, io, other } =
            self;
        [head, host, table, ordinals, masks, state, user, system, memory, io, other]
    }

    fn all_mut(&mut self) -> [&mut Vec<u8>; 11] {
        let Self { head, host, table, ordinals, masks, state, user, system, memory, io, other } =
            self;
        [head, host, table, ordinals, masks, state, user, system, memory, io, other]
    }

    pub(crate) fn clear(&mut self) {
        self.all_mut().into_iter().for_each(Vec::clear);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.head.is_empty()
    }

    /// Appends what another tick wrote.
    pub(crate) fn extend(&mut self, other: &Self) {
        for (own, more) in self.all_mut().into_iter().zip(other.all()) {
            own.extend_from_slice(more);
        }
    }

    /// Plain, for the journal.
    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        for stream in self.all() {
            put(out, stream.len() as u64);
            out.extend_from_slice(stream);
        }
    }

    /// Appends what [`Self::write`] wrote.
    pub(crate) fn read(&mut self, plain: &[u8]) -> Result<(), StoreError> {
        let mut bytes = Bytes::new(plain, WHAT);
        for stream in self.all_mut() {
            let length = bytes.take_count()?;
            stream.extend_from_slice(bytes.take_slice(length)?);
        }
        Ok(())
    }

    /// Packed, for the database: each stream by itself, as it is where packing gains nothing.
    pub(crate) fn pack(&self) -> Result<Vec<u8>, StoreError> {
        let mut out = Vec::new();
        for stream in self.all() {
            put_packed(&mut out, stream, WHAT)?;
        }
        Ok(out)
    }

    /// The reverse of [`Self::pack`].
    pub(crate) fn unpack(packed: &[u8]) -> Result<Self, StoreError> {
        let mut streams = Self::default();
        let count = streams.all().len();
        unpack_first(packed, streams.all_mut().into_iter().take(count))?;
        Ok(streams)
    }

    /// Only what the base of the first block of an epoch takes.
    pub(crate) fn unpack_base(packed: &[u8]) -> Result<Self, StoreError> {
        let mut streams = Self::default();
        // Head, host, table: the order of `all`.
        unpack_first(packed, streams.all_mut().into_iter().take(3))?;
        Ok(streams)
    }
}

fn unpack_first<'a>(
    packed: &[u8],
    streams: impl Iterator<Item = &'a mut Vec<u8>>,
) -> Result<(), StoreError> {
    let mut bytes = Bytes::new(packed, WHAT);
    let mut room = ROOM;
    for stream in streams {
        *stream = take_packed(&mut bytes, WHAT, &mut room)?;
    }
    Ok(())
}
