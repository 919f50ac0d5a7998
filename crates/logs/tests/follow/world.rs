//! A folder with a log in it, and what is known of it: which lines are in which file, and which may
//! have been destroyed before anybody could read them.

use crate::desk::gz;
use std::{
    collections::{BTreeMap, HashSet},
    fs::{self, OpenOptions},
    io::Write,
    path::{Path, PathBuf},
};

const KEPT: usize = 4;

/// Numbers that depend on a seed alone (xorshift64*).
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) % bound
    }

    pub(crate) fn once_in(&mut self, times: u64) -> bool {
        self.below(times) == 0
    }
}

/// What a file holds. A copy or an archive is another content with the same lines.
#[derive(Clone, Default)]
pub(crate) struct Content {
    pub(crate) lines: Vec<u32>,
    /// The last line, and how much of it is written.
    partial: Option<(u32, usize)>,
    pub(crate) bytes: usize,
}

pub(crate) struct World {
    root: PathBuf,
    pub(crate) contents: Vec<Content>,
    /// Which content is under which name; `log` is there only as a plain file.
    pub(crate) names: BTreeMap<String, usize>,
    /// The name that `log` leads to.
    link: Option<String>,
    /// When which target had the name last, in turns.
    left: BTreeMap<String, usize>,
    turns: usize,
    pub(crate) next_line: u32,
    /// Contents whose file has another now.
    pub(crate) emptied: HashSet<usize>,
    pub(crate) seed: u64,
}

impl World {
    pub(crate) fn new(root: &Path, seed: u64) -> Self {
        let (contents, names, left) = (Vec::new(), BTreeMap::new(), BTreeMap::new());
        Self {
            root: root.to_owned(),
            contents,
            names,
            link: None,
            left,
            turns: 0,
            next_line: 0,
            emptied: HashSet::new(),
            seed,
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    pub(crate) fn text(&self, line: u32) -> String {
        let mut dice = Dice::new(self.seed ^ (u64::from(line) << 20));
        let length = if dice.once_in(20) { 3000 } else { 60 };
        let padding = usize::try_from(dice.below(length)).expect("small");
        format!("line {line:08} {}", "abcdefghij".chars().cycle().take(padding).collect::<String>())
    }

    /// What the name stands for.
    pub(crate) fn current(&self) -> Option<usize> {
        let name = self.link.as_deref().unwrap_or("log");
        self.names.get(name).copied()
    }

    /// Contents under the name or its rotated names.
    pub(crate) fn reachable(&self) -> Vec<usize> {
        let rotated = self.names.iter().filter(|(name, _)| name.starts_with("log."));
        rotated.map(|(_, content)| *content).chain(self.current()).collect()
    }

    fn write(&mut self, name: &str, bytes: &[u8]) {
        let content = match self.names.get(name) {
            Some(content) => *content,
            None => self.add(name, Content::default()),
        };
        let mut file =
            OpenOptions::new().create(true).append(true).open(self.path(name)).expect(name);
        file.write_all(bytes).expect("room");
        self.contents[content].bytes += bytes.len();
    }

    fn add(&mut self, name: &str, content: Content) -> usize {
        self.turns += 1;
        self.contents.push(content);
        self.names.insert(name.to_owned(), self.contents.len() - 1);
        self.contents.len() - 1
    }

    fn finish_partial(&mut self, name: &str) {
        let Some(content) = self.names.get(name).copied() else { return };
        if let Some((line, written)) = self.contents[content].partial.take() {
            let rest = format!("{}\n", &self.text(line)[written..]);
            self.write(name, rest.as_bytes());
        }
    }

    pub(crate) fn append_to(&mut self, name: &str, count: u64) {
        self.finish_partial(name);
        for _ in 0..count {
            let line = self.next_line;
            self.next_line += 1;
            let text = self.text(line) + "\n";
            self.write(name, text.as_bytes());
            let content = self.names[name];
            self.contents[content].lines.push(line);
        }
    }

    pub(crate) fn writer(&self) -> String {
        self.link.clone().unwrap_or_else(|| "log".to_owned())
    }

    /// Writes a part of a line, or more of one, or its newline alone.
    pub(crate) fn write_part(&mut self, dice: &mut Dice) {
        let name = self.writer();
        let pending = self.names.get(&name).and_then(|content| self.contents[*content].partial);
        let (line, written) = pending.unwrap_or((self.next_line, 0));
        let text = self.text(line);
        // So much that its number can be read.
        let least = (written + 1).max(14);
        if least >= text.len() {
            return self.append_to(&name, 1);
        }
        let room = u64::try_from(text.len() - least).expect("small");
        let upto = if dice.once_in(3) { text.len() } else { least + dice.below(room) as usize };
        self.write(&name, &text.as_bytes()[written..upto]);
        let content = &mut self.contents[self.names[&name]];
        if pending.is_none() {
            self.next_line += 1;
            content.lines.push(line);
        }
        content.partial = Some((line, upto));
    }

    /// Makes room for a new `log.1`.
    fn shift(&mut self) {
        for ending in ["", ".gz"] {
            self.remove(&format!("log.{KEPT}{ending}"));
        }
        for old in (1..KEPT).rev() {
            for ending in ["", ".gz"] {
                let (from, to) = (format!("log.{old}{ending}"), format!("log.{}{ending}", old + 1));
                if let Some(content) = self.names.remove(&from) {
                    fs::rename(self.path(&from), self.path(&to)).expect("renamed");
                    self.names.insert(to, content);
                }
            }
        }
    }

    fn remove(&mut self, name: &str) {
        if self.names.remove(name).is_some() {
            fs::remove_file(self.path(name)).expect("removed");
        }
    }

    fn unlink(&mut self) {
        if let Some(target) = self.link.take() {
            fs::remove_file(self.path("log")).expect("unlinked");
            self.left.insert(target, self.turns);
        }
    }

    /// Renames, perhaps with late lines of the old writer, perhaps creates.
    pub(crate) fn rotate(&mut self, dice: &mut Dice) {
        if self.link.is_some() {
            self.unlink();
        } else if let Some(content) = self.names.get("log").copied() {
            self.shift();
            self.names.remove("log");
            fs::rename(self.path("log"), self.path("log.1")).expect("renamed");
            self.names.insert("log.1".to_owned(), content);
            if dice.once_in(3) {
                self.append_to("log.1", 2);
            }
        }
        if !dice.once_in(4) {
            self.write("log", b"");
        }
    }

    pub(crate) fn copy_and_empty(&mut self) {
        let Some(content) = self.current() else { return };
        self.shift();
        fs::copy(self.path("log"), self.path("log.1")).expect("copied");
        let mut copy = self.contents[content].clone();
        copy.partial = None;
        self.add("log.1", copy);
        self.empty();
    }

    pub(crate) fn empty(&mut self) {
        let name = self.writer();
        if self.names.contains_key(&name) {
            let file = OpenOptions::new().write(true).open(self.path(&name)).expect("it");
            file.set_len(0).expect("emptied");
            self.emptied.extend(self.current());
            self.add(&name, Content::default());
        }
    }

    pub(crate) fn delete(&mut self) {
        if self.link.is_some() {
            self.unlink();
        } else {
            self.remove("log");
        }
    }

    pub(crate) fn pack(&mut self, dice: &mut Dice) {
        let name = format!("log.{}", 1 + dice.below(KEPT as u64));
        let Some(content) = self.names.get(&name).copied() else { return };
        let bytes = fs::read(self.path(&name)).expect("it");
        let packed = format!("{name}.gz");
        fs::write(self.path(&packed), gz(&bytes)).expect("room");
        self.remove(&name);
        let mut packed_content = self.contents[content].clone();
        packed_content.partial = None;
        self.add(&packed, packed_content);
    }

    /// Turns the link to another target, which may have been there before.
    pub(crate) fn switch(&mut self, dice: &mut Dice) {
        if self.link.is_none() && self.names.contains_key("log") {
            let late = &mut Dice::new(2);
            self.rotate(late);
            self.remove("log");
        }
        // Those that left long ago are forgotten, and would be new files again.
        let lately: Vec<String> = self
            .left
            .iter()
            .filter(|(_, turn)| self.turns - **turn < 6)
            .map(|(target, _)| target.clone())
            .collect();
        self.unlink();
        let target = match lately.get(dice.below(3) as usize) {
            Some(target) => target.clone(),
            None => format!("target {}", self.turns),
        };
        self.write(&target, b"");
        std::os::unix::fs::symlink(&target, self.path("log")).expect("linked");
        self.left.remove(&target);
        self.link = Some(target);
    }

    pub(crate) fn set_times(&mut self, dice: &mut Dice) {
        let name = self.writer();
        if self.names.contains_key(&name) {
            let file = OpenOptions::new().append(true).open(self.path(&name)).expect("it");
            let time = std::time::Duration::from_secs(dice.below(4_000_000_000));
            file.set_modified(std::time::UNIX_EPOCH + time).expect("set");
        }
    }

    /// Lines in files that have no name any more, of those in the files given.
    pub(crate) fn unreachable_lines(&self) -> HashSet<u32> {
        let reachable = self.reachable();
        let held: HashSet<u32> =
            reachable.iter().flat_map(|content| self.contents[*content].lines.clone()).collect();
        (0..self.next_line).filter(|line| !held.contains(line)).collect()
    }

    /// Whether rotation can be traced from a content: by its file, or by a copy if enough of it was
    /// seen to know it by.
    pub(crate) fn is_traceable(&self, content: usize, seen: usize) -> bool {
        let rotated = self.names.iter().filter(|(name, _)| name.starts_with("log."));
        let rotated: Vec<usize> = rotated.map(|(_, content)| *content).collect();
        let anchor = &self.contents[content];
        let is_copy =
            |other: usize| seen >= 16 && self.contents[other].lines.first() == anchor.lines.first();
        rotated.contains(&content) || rotated.into_iter().any(is_copy)
    }
}
