//! Where rotation put the old files of a name: `app.log.1`, `app.log-20261125.gz`, `app.1.log`.

use super::{
    content::{Content, Unpacker},
    generation::{fits, is_telling},
    identity::{FileId, Mark},
    opening::{Allowed, Stamp, open},
};
use std::{
    fs,
    path::{Path, PathBuf},
};

/// Names of one folder that are looked at.
const MOST_NAMES: usize = 10_000;
/// Old files that are opened to be compared.
const MOST_OPENED: usize = 64;
/// Numbers of rotation have so many digits at most; longer ones are dates.
const COUNT_DIGITS: usize = 4;

/// An old file, opened.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) content: Content,
    pub(super) stamp: Stamp,
    pub(super) head: Vec<u8>,
}

impl Found {
    /// Whether it is known to have more.
    pub(super) fn is_longer_than(&self, offset: u64) -> bool {
        !self.content.is_packed() && self.stamp.length > offset
    }
}

/// What rotation left of the file of a mark and of those after it.
#[derive(Debug, Default)]
pub(super) struct Trail {
    /// The file itself or a copy of it.
    pub(super) found: Option<Found>,
    /// Those that had the name after it, oldest first.
    pub(super) between: Vec<Found>,
    /// There was none but these.
    pub(super) whole: bool,
}

/// How old a rotated file is by its name: an older one is greater.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Age {
    Count(u64),
    Date(std::cmp::Reverse<Vec<u64>>),
}

#[derive(Debug)]
struct Candidate {
    age: Age,
    packed: bool,
    path: PathBuf,
}

/// Reading of old files.
pub(super) struct Reach<'a> {
    pub(super) allowed: &'a Allowed,
    pub(super) most_unpacked: u64,
}

impl Reach<'_> {
    /// Looks for the file of a mark beside its name. Files in `taken` are not looked at.
    pub(super) fn trace(&self, path: &Path, mark: &Mark, taken: &[FileId]) -> Trail {
        let candidates = candidates(path);
        let mut after: Vec<&Candidate> = Vec::new();
        for candidate in candidates.iter().take(MOST_OPENED) {
            let matching = self.matching(candidate, mark, taken);
            if let Some(found) = matching {
                // Numbers say nothing of dates.
                let kind = std::mem::discriminant(&candidate.age);
                after.retain(|one| std::mem::discriminant(&one.age) == kind);
                let between: Vec<Found> =
                    after.iter().rev().filter_map(|one| self.unpack(one, taken)).collect();
                let whole = between.len() == after.len() && is_unbroken(candidate, &after);
                return Trail { found: Some(found), between, whole };
            }
            // Of a file and its compressed form, the first is enough.
            if after.last().is_none_or(|last| last.age != candidate.age) {
                after.push(candidate);
            }
        }
        Trail::default()
    }

    fn matching(&self, candidate: &Candidate, mark: &Mark, taken: &[FileId]) -> Option<Found> {
        let mut found = self.unpack(candidate, taken)?;
        let same = found.stamp.id == mark.id && !candidate.packed;
        let long = candidate.packed || found.stamp.length >= mark.offset;
        let known = same || is_telling(mark);
        (known && long && fits(mark, &found.head, &mut found.content).ok()?).then_some(found)
    }

    fn unpack(&self, candidate: &Candidate, taken: &[FileId]) -> Option<Found> {
        let (file, stamp) = open(&candidate.path, self.allowed).ok()?;
        if taken.contains(&stamp.id) {
            return None;
        }
        let mut content = if candidate.packed {
            Content::Packed(Box::new(Unpacker::new(file, self.most_unpacked).ok()?))
        } else {
            Content::Plain(file)
        };
        // A damaged one is read as far as it goes, and said there.
        let head = content.head().unwrap_or_default();
        Some(Found { content, stamp, head })
    }
}

/// Whether no number is missing up to the newest.
fn is_unbroken(found: &Candidate, after: &[&Candidate]) -> bool {
    let Age::Count(count) = found.age else { return true };
    let numbers = after.iter().chain([&found]).filter_map(|one| match one.age {
        Age::Count(count) => Some(count),
        Age::Date(_) => None,
    });
    let numbers: Vec<u64> = numbers.collect();
    let first = numbers.first().copied().unwrap_or_default();
    first <= 1 && numbers.len() as u64 == count - first + 1
}

/// The plain files that a name stood for as far as rotation left them, newest first: the name itself,
/// then the rotated ones.
#[must_use]
pub fn plain_files(path: &Path) -> Vec<PathBuf> {
    let rotated = candidates(path).into_iter().filter(|one| !one.packed).map(|one| one.path);
    std::iter::once(path.to_owned()).chain(rotated.take(MOST_OPENED)).collect()
}

/// Rotated files of a name, newest first.
fn candidates(path: &Path) -> Vec<Candidate> {
    let (Some(folder), Some(name)) =
        (path.parent(), path.file_name().and_then(|name| name.to_str()))
    else {
        return Vec::new();
    };
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut found: Vec<Candidate> = entries
        .take(MOST_NAMES)
        .filter_map(|entry| {
            let other = entry.ok()?.file_name();
            let (age, packed) = age(name, other.to_str()?)?;
            Some(Candidate { age, packed, path: folder.join(other) })
        })
        .collect();
    found.sort_by(|one, other| (&one.age, one.packed).cmp(&(&other.age, other.packed)));
    found
}

/// How old `other` is among the rotated files of `name`, and whether it is compressed.
fn age(name: &str, other: &str) -> Option<(Age, bool)> {
    let (other, packed) = match other.strip_suffix(".gz") {
        Some(rest) => (rest, true),
        None => (other, false),
    };
    let behind = other.strip_prefix(name);
    let inside = || {
        let (stem, ending) = name.rsplit_once('.')?;
        other.strip_prefix(stem)?.strip_suffix(ending)?.strip_suffix('.')
    };
    let tag = behind.or_else(inside)?.strip_prefix(['.', '-', '_'])?;
    let of_date = |letter: char| {
        letter.is_ascii_digit() || matches!(letter, '-' | '_' | '.' | ':' | 'T' | 'Z')
    };
    if !tag.starts_with(|letter: char| letter.is_ascii_digit()) || !tag.chars().all(of_date) {
        return None;
    }
    if tag.len() <= COUNT_DIGITS
        && let Ok(count) = tag.parse()
    {
        return Some((Age::Count(count), packed));
    }
    let numbers =
        tag.split(|letter: char| !letter.is_ascii_digit()).filter_map(|part| part.parse().ok());
    Some((Age::Date(std::cmp::Reverse(numbers.collect())), packed))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(name: &str, others: &[&str]) -> Vec<String> {
        let mut found: Vec<_> =
            others.iter().filter_map(|other| Some((age(name, other)?, *other))).collect();
        found.sort();
        found.into_iter().map(|(_, other)| other.to_owned()).collect()
    }

    #[test]
    fn names_of_rotation_are_known_and_in_order() {
        let numbered = ["app.log.10.gz", "app.log.2.gz", "app.log.1", "app.log", "app.log.bak"];
        assert_eq!(order("app.log", &numbered), ["app.log.1", "app.log.2.gz", "app.log.10.gz"]);
        let dated = ["app.log-20261124.gz", "app.log-20261125", "app.logger.1", "other.log.1"];
        assert_eq!(order("app.log", &dated), ["app.log-20261125", "app.log-20261124.gz"]);
        let inside = ["app-2026-11-25.9.log", "app-2026-11-25.10.log", "app.err.log"];
        assert_eq!(order("app.log", &inside), ["app-2026-11-25.10.log", "app-2026-11-25.9.log"]);
        assert_eq!(order("messages", &["messages.1", "messages-old"]), ["messages.1"]);
    }
}
