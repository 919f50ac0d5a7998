//! Who ran in a span, and what discovery found of them: from the names alone, which takes a small
//! part of the time that the seconds themselves would.

use super::Reader;
use crate::{StoreError, names::Names, tables::frames};
use ira_model::{Application, ProcessDetails};
use std::collections::HashSet;

impl Reader {
    /// Hands every process of the blocks that touch a span to `each`, as it was last in it, with the
    /// application discovery found, before any correction. One that ran on is told once.
    ///
    /// # Errors
    /// When what is kept cannot be read.
    pub fn each_found(
        &mut self,
        from_ms: i64,
        to_ms: i64,
        mut each: impl FnMut(&ProcessDetails, &Application),
    ) -> Result<(), StoreError> {
        if let Some(minute) = self.minute()? {
            let mut names = minute.earlier()?;
            names.read(&minute.names)?;
            let mut told = HashSet::new();
            tell(&names, minute.boot_ms, &mut told, &mut each);
            self.each_kept((from_ms, to_ms), &mut told, &mut each)
        } else {
            self.each_kept((from_ms, to_ms), &mut HashSet::new(), &mut each)
        }
    }

    /// Of the tables, the latest epoch first.
    fn each_kept(
        &mut self,
        span: (i64, i64),
        told: &mut Told,
        each: &mut impl FnMut(&ProcessDetails, &Application),
    ) -> Result<(), StoreError> {
        for boot in self.boots()? {
            let within = (span.0.saturating_sub(boot.boot_ms), span.1.saturating_sub(boot.boot_ms));
            let blocks = self.ask(|c| frames::within(c, boot.id, within))?;
            let touches = blocks.iter().filter(|block| block.end_ms >= within.0);
            let mut epochs: Vec<(i64, i64)> = Vec::new();
            for block in touches {
                match epochs.last_mut() {
                    Some((epoch, last)) if *epoch == block.epoch => *last = block.id,
                    _ => epochs.push((block.epoch, block.id)),
                }
            }
            for (epoch, last) in epochs.into_iter().rev() {
                let mut names = Names::default();
                for stream in super::unpack_names(self.ask(|c| frames::names(c, epoch, last))?)? {
                    names.read(&stream)?;
                }
                tell(&names, boot.boot_ms, told, each);
            }
        }
        Ok(())
    }
}

/// Boot, pid and start of those that were told.
type Told = HashSet<(i64, u32, u64)>;

fn tell(
    names: &Names,
    boot_ms: i64,
    told: &mut Told,
    each: &mut impl FnMut(&ProcessDetails, &Application),
) {
    for name in names.all() {
        if told.insert((boot_ms, name.key.pid, name.key.start_ms)) {
            each(&names.details(name), &names.application(&name.application));
        }
    }
}
