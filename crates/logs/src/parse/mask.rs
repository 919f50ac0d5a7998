//! Secrets in the text of logs: found by their names or their form, and replaced by [`MASK`].
//!
//! Found are: passwords in URLs (RFC 3986, 3.2.1), credentials behind `Authorization` and `Bearer` (RFC 6750), values whose
//! name ends like `password`, `secret`, `token` or `api_key`, AWS access keys, JSON Web Tokens (RFC 7519), private keys
//! (RFC 7468), cookies, and the tokens of well-known services, which have a prefix for this purpose. A guard, no proof: what
//! has neither such a name nor such a form passes.

mod rules;

use std::borrow::Cow;
use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind};

use rules::{Rule, Secret};

/// What stands for a secret.
pub const MASK: &str = "***";

/// A private key of more lines than this is none.
const KEY_LINES: u32 = 200;

/// Masks the secrets of a text of one or several lines. A text that is answered borrowed had none.
#[must_use]
pub fn mask(text: &str) -> Cow<'_, str> {
    Masker::default().line(text)
}

/// Masks the lines of one source, in their order: a private key has several.
#[derive(Debug, Clone, Copy, Default)]
pub struct Masker {
    /// So many more lines may belong to a private key.
    key_lines: u32,
}

impl Masker {
    /// Masks a line. One that is answered borrowed had no secret.
    #[must_use]
    pub fn line<'a>(&mut self, text: &'a str) -> Cow<'a, str> {
        let mut masked = String::new();
        let mut from = 0;
        if self.key_lines > 0 {
            let (end, ends) = rules::rest_of_key(text);
            self.key_lines = if ends { 0 } else { self.key_lines - 1 };
            if end > 0 {
                masked.push_str(MASK);
                from = end;
            }
        }
        let Some(automaton) = AUTOMATON.as_ref() else { return Cow::Borrowed(text) };
        let mut seen = from;
        while let Some(hit) =
            automaton.find(aho_corasick::Input::new(text).range(seen.min(text.len())..))
        {
            seen = hit.end();
            let Some((_, rule)) = rules::NEEDLES.get(hit.pattern().as_usize()) else { continue };
            let Some(secret) = rules::judge(*rule, text, hit.start(), hit.end()) else { continue };
            let Secret { start, end, open } = secret;
            if start < from || end < start {
                continue;
            }
            if open {
                self.key_lines = KEY_LINES;
            }
            let hidden = text.get(start..end).unwrap_or_default();
            seen = seen.max(end);
            if hidden.is_empty() || is_masked(hidden) {
                continue;
            }
            masked.push_str(text.get(from..start).unwrap_or_default());
            masked.push_str(MASK);
            from = end;
        }
        if masked.is_empty() {
            return Cow::Borrowed(text);
        }
        masked.push_str(text.get(from..).unwrap_or_default());
        Cow::Owned(masked)
    }
}

/// Whether somebody has masked it before.
fn is_masked(text: &str) -> bool {
    let inner = text.trim_matches(['[', ']', '<', '>', '(', ')']);
    text.bytes().all(|b| matches!(b, b'*' | b'x' | b'X' | b'.'))
        || ["redacted", "filtered", "masked", "hidden", "removed"]
            .iter()
            .any(|m| inner.eq_ignore_ascii_case(m))
}

static AUTOMATON: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
    AhoCorasick::builder()
        .ascii_case_insensitive(true)
        .kind(Some(AhoCorasickKind::DFA))
        .build(rules::NEEDLES.iter().map(|(needle, _): &(&str, Rule)| *needle))
        .ok()
});
