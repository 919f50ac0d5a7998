//! What texts take once they are copied out of the stream, where many may share a long one: a hostile
//! file of a few bytes must not fill the memory.

use super::{ApplicationTexts, Name, Names, TextId};

/// More than this of processes that ended within one tick is refused.
pub(super) const ENDED_BYTES: usize = 32 << 20;
/// What one that ended takes beside its texts.
const OWN_BYTES: usize = 512;

impl Names {
    /// Bytes that one that ended takes.
    pub(super) fn ended_weight(&self, name: TextId, application: &ApplicationTexts) -> usize {
        OWN_BYTES + self.text(name).len() + self.application_weight(application)
    }

    fn application_weight(&self, texts: &ApplicationTexts) -> usize {
        [Some(texts.id), Some(texts.name), texts.engine, texts.version, texts.icon]
            .into_iter()
            .flatten()
            .map(|id| self.text(id).len())
            .sum()
    }

    /// Bytes that the texts of a process take once they are its own.
    pub(crate) fn weight(&self, name: &Name) -> usize {
        let arguments = match name.argument_count {
            0 => 0,
            _ => self.text(name.arguments).split('\0').map(|one| one.len() + 24).sum(),
        };
        let texts = [name.executable, name.working_directory, name.control_group];
        let texts: usize = texts.into_iter().flatten().map(|id| self.text(id).len()).sum();
        let evidence: usize = self
            .evidence_of(name)
            .iter()
            .map(|(_, input, result)| self.text(*input).len() + self.text(*result).len() + 56)
            .sum();
        self.text(name.name).len()
            + arguments
            + texts
            + evidence
            + self.application_weight(&name.application)
    }

    pub(super) fn evidence_of(&self, name: &Name) -> &[(u8, TextId, TextId)] {
        let (first, count) = (name.evidence.0 as usize, name.evidence.1 as usize);
        self.evidence.get(first..first + count).unwrap_or_default()
    }
}
