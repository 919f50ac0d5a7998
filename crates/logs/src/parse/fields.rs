//! Names and values of an entry, in one piece of memory that is used again from line to line.

/// The most fields of one entry.
pub const MAX_FIELDS: usize = 64;
/// The most bytes of a field's name.
pub const MAX_NAME_BYTES: usize = 128;
/// The most bytes of a field's value.
pub const MAX_VALUE_BYTES: usize = 16 << 10;
/// The most bytes of all fields of an entry.
pub const MAX_FIELDS_BYTES: usize = 64 << 10;

/// The fields of an entry, in the order of the line. Bounded: [`MAX_FIELDS`], [`MAX_FIELDS_BYTES`].
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Fields {
    text: String,
    /// Where each name and each value ends in `text`.
    ends: Vec<(usize, usize)>,
}

impl Fields {
    /// Names and values.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        let mut start = 0;
        self.ends.iter().map(move |&(name, value)| {
            let pair = (
                self.text.get(start..name).unwrap_or_default(),
                self.text.get(name..value).unwrap_or_default(),
            );
            start = value;
            pair
        })
    }

    /// The value of the first field of that name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.iter().find(|(n, _)| *n == name).map(|(_, value)| value)
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// Adds one; answers whether all of it found room.
    pub(super) fn push(&mut self, name: &str, value: &str) -> bool {
        self.push_with(name, |text| text.push_str(value))
    }

    /// Adds one whose value is written by `write`; answers whether all of it found room.
    pub(super) fn push_with(&mut self, name: &str, write: impl FnOnce(&mut String)) -> bool {
        let start = self.text.len();
        if self.ends.len() >= MAX_FIELDS || start >= MAX_FIELDS_BYTES {
            return false;
        }
        let short = head(name, MAX_NAME_BYTES);
        self.text.push_str(short);
        let name_end = self.text.len();
        write(&mut self.text);
        let value_len = self.text.len() - name_end;
        let most = MAX_VALUE_BYTES.min(MAX_FIELDS_BYTES.saturating_sub(name_end));
        if value_len > most {
            let kept = head(self.text.get(name_end..).unwrap_or_default(), most).len();
            self.text.truncate(name_end + kept);
        }
        self.ends.push((name_end, self.text.len()));
        short.len() == name.len() && value_len <= most
    }

    pub(super) fn clear(&mut self) {
        self.text.clear();
        self.ends.clear();
    }

    pub(super) fn shrink_to(&mut self, most: usize) {
        self.text.shrink_to(most);
    }
}

/// The first bytes of a text, at most so many, without half a character.
pub(super) fn head(text: &str, most: usize) -> &str {
    if text.len() <= most {
        text
    } else {
        text.get(..text.floor_char_boundary(most)).unwrap_or_default()
    }
}
