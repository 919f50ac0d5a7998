//! Which entries are wanted: by a text, by level, by fields.

use crate::parse::{Entry, Level};
use memchr::memmem;

/// The longest text, bytes.
pub const MAX_TEXT_BYTES: usize = 1_000;
/// The most fields.
pub const MAX_FIELDS: usize = 8;
/// What a regular expression may take when it is compiled, bytes.
const MAX_REGEX_BYTES: usize = 4 << 20;

/// What is searched for in lines.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Search {
    /// The text or the regular expression; nothing is found everywhere.
    pub text: String,
    /// It is a regular expression, as `regex` has them: linear in time, whatever it is.
    pub is_regex: bool,
    /// Upper and lower case differ.
    pub match_case: bool,
}

/// Why a filter makes no sense.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FilterError {
    /// Too long.
    #[error("the text has {0} bytes; {MAX_TEXT_BYTES} at most are searched for")]
    TooLong(usize),
    /// Too many.
    #[error("{0} fields are asked for; {MAX_FIELDS} at most are")]
    TooManyFields(usize),
    /// Not a regular expression.
    #[error("not a regular expression: {0}")]
    Regex(String),
}

#[derive(Debug)]
enum Needle {
    Literal(Box<memmem::Finder<'static>>),
    Regex(regex::bytes::Regex),
}

/// Which entries are wanted. By default all.
#[derive(Debug, Default)]
pub struct Filter {
    needle: Option<Needle>,
    hidden: Vec<Level>,
    hide_unlevelled: bool,
    fields: Vec<(String, String)>,
}

impl Filter {
    /// Entries in which the text is found, without those of hidden levels.
    ///
    /// # Errors
    /// When it is too long, or no regular expression.
    pub fn new(
        search: &Search,
        hidden: Vec<Level>,
        hide_unlevelled: bool,
        fields: Vec<(String, String)>,
    ) -> Result<Self, FilterError> {
        if search.text.len() > MAX_TEXT_BYTES {
            return Err(FilterError::TooLong(search.text.len()));
        }
        if fields.len() > MAX_FIELDS {
            return Err(FilterError::TooManyFields(fields.len()));
        }
        Ok(Self { needle: needle(search)?, hidden, hide_unlevelled, fields })
    }

    /// Whether there is a text to be found.
    #[must_use]
    pub fn has_text(&self) -> bool {
        self.needle.is_some()
    }

    /// Whether the text is in those bytes, of one line or of many.
    #[must_use]
    pub fn is_in(&self, bytes: &[u8]) -> bool {
        match &self.needle {
            None => true,
            Some(Needle::Literal(finder)) => finder.find(bytes).is_some(),
            Some(Needle::Regex(regex)) => regex.is_match(bytes),
        }
    }

    /// Whether an entry is wanted, but for the text.
    #[must_use]
    pub fn wants(&self, entry: &Entry) -> bool {
        let of_level = match entry.level {
            None => !self.hide_unlevelled,
            Some(level) => !self.hidden.contains(&level),
        };
        of_level
            && self
                .fields
                .iter()
                .all(|(name, value)| entry.fields.get(name).is_some_and(|told| told == value))
    }
}

fn needle(search: &Search) -> Result<Option<Needle>, FilterError> {
    if search.text.is_empty() {
        return Ok(None);
    }
    if search.match_case && !search.is_regex {
        let finder = memmem::Finder::new(search.text.as_bytes()).into_owned();
        return Ok(Some(Needle::Literal(Box::new(finder))));
    }
    let escaped;
    let pattern = if search.is_regex {
        search.text.as_str()
    } else {
        escaped = regex::escape(&search.text);
        &escaped
    };
    // Ends of lines match at each line, so that a span of many finds what one line would.
    regex::bytes::RegexBuilder::new(pattern)
        .case_insensitive(!search.match_case)
        .multi_line(true)
        .crlf(true)
        .size_limit(MAX_REGEX_BYTES)
        .dfa_size_limit(MAX_REGEX_BYTES)
        .build()
        .map(|regex| Some(Needle::Regex(regex)))
        .map_err(|error| FilterError::Regex(last_line(&error.to_string())))
}

/// What is wrong, without the drawing above it.
fn last_line(text: &str) -> String {
    let line = text.lines().last().unwrap_or_default();
    line.trim_start_matches("error: ").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn search(text: &str, is_regex: bool, match_case: bool) -> Result<Filter, FilterError> {
        let search = Search { text: text.to_owned(), is_regex, match_case };
        Filter::new(&search, Vec::new(), false, Vec::new())
    }

    #[test]
    fn a_text_is_what_it_is_and_case_counts_only_when_asked() -> Result<(), FilterError> {
        assert!(search("a.c", false, false)?.is_in(b"x A.C y"));
        assert!(!search("a.c", false, true)?.is_in(b"x A.C y"));
        assert!(!search("a.c", false, false)?.is_in(b"abc"));
        assert!(search("^b+$", true, true)?.is_in(b"a\nbbb\r\nc"), "lines begin and end in a span");
        assert!(search("", true, true)?.is_in(b""));
        Ok(())
    }

    #[test]
    fn what_makes_no_sense_says_why() {
        let error = search("(a", true, true).err();
        assert!(
            matches!(&error, Some(FilterError::Regex(why)) if why.contains("unclosed group")),
            "{error:?}"
        );
        let error = search(&"a".repeat(1_001), false, true).err();
        assert_eq!(error, Some(FilterError::TooLong(1_001)));
        let error = search(r"(\w{1000}){1000}", true, true).err();
        assert!(matches!(error, Some(FilterError::Regex(_))), "what takes too much is refused");
    }
}
