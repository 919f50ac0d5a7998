//! Many figures over the same times, packed: like beside like, and each column either as its values
//! or as their differences, whichever is shorter.
//!
//! A chunk of seconds keeps what accumulated in each tick (milliseconds of CPU, bytes), which is
//! whole and small; rates come from the lengths of its ticks when it is read.

use crate::{
    StoreError,
    codec::{Bytes, ROOM, put, put_packed, put_signed, put_text, take_packed},
    tables::series::Metric,
};

const WHAT: &str = "series chunk";
/// More columns than this are not read.
const COLUMNS: usize = 256;
/// More times than this are not read: a chunk has at most a hundred.
const TIMES: usize = 4096;
/// More values than this are not read: a day of two thousand applications has a third of them.
const VALUES: usize = 1 << 24;

/// One column: a value for each time of the chunk.
pub(crate) type Column = Vec<Option<i64>>;

/// Columns of one subject; the machine's identifier is empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Subject {
    pub(crate) id: String,
    /// Metric by metric, its statistics beside each other (see [`crate::Tier`]).
    pub(crate) columns: Vec<Column>,
}

/// See the module.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Chunk {
    pub(crate) times: Vec<i64>,
    /// Length of each tick, milliseconds; empty where values are rates already.
    pub(crate) lengths: Vec<i64>,
    pub(crate) subjects: Vec<Subject>,
}

const NONE: u8 = 0;
const ALL: u8 = 1;
const SOME: u8 = 2;
const DIFFERENCES: u8 = 4;

impl Chunk {
    /// What a stored number of a tick means.
    pub(crate) fn value(&self, metric: Metric, at: usize, stored: i64) -> f64 {
        match self.lengths.get(at) {
            Some(length) if metric.accumulates() => metric.rate_of(stored, *length),
            _ => metric.value_of(stored),
        }
    }

    /// Packs the chunk.
    pub(crate) fn encode(&self) -> Result<Vec<u8>, StoreError> {
        let mut head = Vec::new();
        put(&mut head, self.times.len() as u64);
        let mut last = 0;
        for time in &self.times {
            put_signed(&mut head, time.wrapping_sub(last));
            last = *time;
        }
        put(&mut head, self.lengths.len() as u64);
        self.lengths.iter().for_each(|length| put_signed(&mut head, *length));
        let count = self.subjects.iter().map(|s| s.columns.len()).max().unwrap_or(0);
        put(&mut head, count as u64);
        put(&mut head, self.subjects.len() as u64);
        let mut values = vec![Vec::new(); count];
        for subject in &self.subjects {
            put_text(&mut head, &subject.id);
            let mut columns = subject.columns.iter();
            for out in &mut values {
                put_column(&mut head, out, columns.next().map(Vec::as_slice).unwrap_or_default());
            }
        }
        let mut packed = Vec::new();
        put_packed(&mut packed, &head, WHAT)?;
        for stream in &values {
            put_packed(&mut packed, stream, WHAT)?;
        }
        Ok(packed)
    }

    /// Unpacks those subjects of a chunk that are wanted.
    pub(crate) fn decode(
        packed: &[u8],
        mut wanted: impl FnMut(&str) -> bool,
    ) -> Result<Self, StoreError> {
        let mut packed = Bytes::new(packed, WHAT);
        let mut room = ROOM;
        let head = take_packed(&mut packed, WHAT, &mut room)?;
        let mut head = Bytes::new(&head, WHAT);
        let count = head.take_few(TIMES)?;
        let mut last = 0_i64;
        let times = (0..count)
            .map(|_| {
                last = last.wrapping_add(head.take_signed()?);
                Ok(last)
            })
            .collect::<Result<Vec<_>, StoreError>>()?;
        let lengths = (0..head.take_few(TIMES)?)
            .map(|_| head.take_signed())
            .collect::<Result<Vec<_>, StoreError>>()?;
        let column_count = usize::try_from(head.take()?).unwrap_or(usize::MAX);
        if column_count > COLUMNS {
            return Err(head.fail("it has too many columns"));
        }
        let subject_count = head.take_count()?;
        if count.max(1) * column_count.max(1) > VALUES / subject_count.max(1) {
            return Err(head.fail("it has too many values"));
        }
        let streams = (0..column_count)
            .map(|_| take_packed(&mut packed, WHAT, &mut room))
            .collect::<Result<Vec<_>, _>>()?;
        let mut streams: Vec<Bytes<'_>> =
            streams.iter().map(|stream| Bytes::new(stream, WHAT)).collect();
        let mut subjects = Vec::new();
        for _ in 0..subject_count {
            let id = head.take_text()?;
            if !wanted(id) {
                for stream in &mut streams {
                    pass_column(&mut head, stream, count)?;
                }
                continue;
            }
            let columns = streams
                .iter_mut()
                .map(|stream| take_column(&mut head, stream, count))
                .collect::<Result<Vec<_>, _>>()?;
            subjects.push(Subject { id: id.to_owned(), columns });
        }
        Ok(Self { times, lengths, subjects })
    }
}

/// The form of a column goes to the head, its values to the stream they share with their like.
fn put_column(head: &mut Vec<u8>, out: &mut Vec<u8>, column: &[Option<i64>]) {
    let present = column.iter().flatten().count();
    let form = match present {
        0 => NONE,
        _ if present == column.len() => ALL,
        _ => SOME,
    };
    let (mut values, mut differences) = (Vec::new(), Vec::new());
    let mut last = 0_i64;
    for value in column.iter().flatten() {
        put_signed(&mut values, *value);
        put_signed(&mut differences, value.wrapping_sub(last));
        last = *value;
    }
    let shorter = differences.len() < values.len();
    head.push(form | if shorter { DIFFERENCES } else { 0 });
    if form == SOME {
        for eight in column.chunks(8) {
            head.push(
                eight.iter().enumerate().fold(0, |bits, (i, v)| bits | u8::from(v.is_some()) << i),
            );
        }
    }
    out.extend_from_slice(if shorter { &differences } else { &values });
}

fn take_column(
    head: &mut Bytes<'_>,
    values: &mut Bytes<'_>,
    count: usize,
) -> Result<Column, StoreError> {
    let form = head.byte()?;
    let differences = form & DIFFERENCES != 0;
    let form = form & !DIFFERENCES;
    let bits = if form == SOME { head.take_slice(count.div_ceil(8))? } else { &[] };
    let mut last = 0_i64;
    (0..count)
        .map(|i| {
            let present = match form {
                NONE => false,
                ALL => true,
                _ => bits.get(i / 8).is_some_and(|byte| byte & (1 << (i % 8)) != 0),
            };
            if !present {
                return Ok(None);
            }
            let value = values.take_signed()?;
            last = if differences { last.wrapping_add(value) } else { value };
            Ok(Some(last))
        })
        .collect()
}

/// Goes past a column without looking at its values.
fn pass_column(
    head: &mut Bytes<'_>,
    values: &mut Bytes<'_>,
    count: usize,
) -> Result<(), StoreError> {
    let present = match head.byte()? & !DIFFERENCES {
        NONE => 0,
        ALL => count,
        _ => {
            // Bits after the last value mean nothing.
            let bits = head.take_slice(count.div_ceil(8))?;
            (0..count).filter(|i| bits.get(i / 8).is_some_and(|b| b & (1 << (i % 8)) != 0)).count()
        }
    };
    (0..present).try_for_each(|_| values.take().map(drop))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn chunks_come_back(columns in proptest::collection::vec(
            proptest::collection::vec(proptest::option::of(any::<i64>()), 13), 0..5)
        ) {
            let chunk = Chunk {
                times: (0..13).map(|i| 1_700_000_000_000 + i * 1000).collect(),
                lengths: vec![1001; 13],
                subjects: vec![
                    Subject { id: "process:/a".into(), columns: columns.clone() },
                    Subject { id: String::new(), columns },
                ],
            };
            let packed = chunk.encode().unwrap();
            prop_assert_eq!(&Chunk::decode(&packed, |_| true).unwrap(), &chunk);
            let one = Chunk::decode(&packed, str::is_empty).unwrap();
            prop_assert_eq!(&one.subjects[0], &chunk.subjects[1]);
        }

        #[test]
        fn any_bytes_are_read_without_panic(input: Vec<u8>) {
            let _ = Chunk::decode(&input, |_| true);
        }
    }
}
