//! Whether what stands around a found word is a secret, and from where to where it goes.

use crate::parse::fields::head;

/// How a word that was found is judged.
#[derive(Clone, Copy)]
pub(super) enum Rule {
    Url,
    Authorization,
    Bearer,
    Cookie,
    /// A name that passwords have.
    Password,
    /// A name that other secrets have.
    Name,
    AwsKey,
    WebToken,
    PrivateKey,
    /// A prefix that some service gives its tokens.
    Prefix,
}

/// What is looked for, in upper or lower case.
pub(super) const NEEDLES: [(&str, Rule); 39] = [
    ("://", Rule::Url),
    ("authorization", Rule::Authorization),
    ("bearer ", Rule::Bearer),
    ("cookie:", Rule::Cookie),
    ("password", Rule::Password),
    ("passwd", Rule::Password),
    ("passphrase", Rule::Password),
    ("pwd", Rule::Password),
    ("secret", Rule::Name),
    ("token", Rule::Name),
    ("api_key", Rule::Name),
    ("api-key", Rule::Name),
    ("apikey", Rule::Name),
    ("access_key", Rule::Name),
    ("access-key", Rule::Name),
    ("accesskey", Rule::Name),
    ("private_key", Rule::Name),
    ("privatekey", Rule::Name),
    ("credential", Rule::Name),
    ("sessionid", Rule::Name),
    ("session_id", Rule::Name),
    ("akia", Rule::AwsKey),
    ("asia", Rule::AwsKey),
    ("eyj", Rule::WebToken),
    ("-----begin ", Rule::PrivateKey),
    ("ghp_", Rule::Prefix),
    ("gho_", Rule::Prefix),
    ("ghs_", Rule::Prefix),
    ("ghu_", Rule::Prefix),
    ("ghr_", Rule::Prefix),
    ("github_pat_", Rule::Prefix),
    ("glpat-", Rule::Prefix),
    ("xoxb-", Rule::Prefix),
    ("xoxp-", Rule::Prefix),
    ("sk_live_", Rule::Prefix),
    ("sk-ant-", Rule::Prefix),
    ("sk-proj-", Rule::Prefix),
    ("aiza", Rule::Prefix),
    ("npm_", Rule::Prefix),
];

/// From where to where a secret goes in the text, in bytes.
pub(super) struct Secret {
    pub(super) start: usize,
    pub(super) end: usize,
    /// Whether it is a private key that goes on in the next line.
    pub(super) open: bool,
}

/// So many bytes are looked at before it is clear that there is a secret: hostile lines are full of words that begin one.
const WINDOW: usize = 1_024;

/// The secret at a word that stands from `start` to `end`, if there is one.
pub(super) fn judge(rule: Rule, text: &str, start: usize, end: usize) -> Option<Secret> {
    let rest = text.get(end..)?;
    match rule {
        Rule::Url => url(rest, end),
        Rule::Authorization => authorization(rest, end),
        Rule::Bearer => {
            let token = run(rest, is_token);
            (token.len() >= 20 || (token.len() >= 8 && has_digit(token)))
                .then(|| found(end, end + token.len()))
        }
        Rule::Cookie => {
            let value = rest.trim_start_matches([' ', '\\', '"']);
            let at = end + (rest.len() - value.len());
            let is_value = |b: u8| !matches!(b, b'"' | b'\n' | b'\'');
            run(head(value, WINDOW), is_value)
                .contains('=')
                .then(|| found(at, at + run(value, is_value).len()))
        }
        Rule::Password => named(text, start, end, true),
        Rule::Name => named(text, start, end, false),
        Rule::AwsKey => {
            let key = text.get(start..start + 20)?;
            let upper = key.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
            (upper && alone(text, start, start + 20) && has_digit(key))
                .then(|| found(start, start + 20))
        }
        Rule::WebToken => {
            let token = text.get(start..)?;
            let is_part = |b: u8| is_word(b) || matches!(b, b'-' | b'.');
            let near = run(head(token, WINDOW), is_part);
            let (header, payload) = near.split_once('.')?;
            let three = near.len() + 4 > WINDOW || payload.contains('.');
            let payload = payload.split('.').next().unwrap_or_default();
            let shaped = near.starts_with("eyJ") && header.len() > 5 && payload.len() > 5 && three;
            (shaped && alone(text, start, start))
                .then(|| found(start, start + run(token, is_part).len()))
        }
        Rule::PrivateKey => private_key(rest, end),
        Rule::Prefix => {
            let is_rest = |b: u8| is_word(b) || b == b'-';
            let near = run(head(rest, WINDOW), is_rest);
            let likely = near.len() >= 16 && has_digit(near) && alone(text, start, start);
            let token = if likely { run(rest, is_rest) } else { near };
            likely.then(|| found(start, end + token.len()))
        }
    }
}

const fn found(start: usize, end: usize) -> Secret {
    Secret { start, end, open: false }
}

/// `user:password@` behind `://`, or a user that is a token.
fn url(rest: &str, at: usize) -> Option<Secret> {
    let authority = run(rest, |b| {
        b.is_ascii_graphic() && !matches!(b, b'/' | b'?' | b'#' | b'"' | b'\'' | b'<' | b'>' | b'`')
    });
    let user = authority.get(..authority.rfind('@')?)?;
    match user.split_once(':') {
        Some((name, _)) => Some(found(at + name.len() + 1, at + user.len())),
        None => (user.len() >= 20 && has_digit(user)).then(|| found(at, at + user.len())),
    }
}

/// The credentials of the header: behind the scheme, if there is one.
fn authorization(rest: &str, at: usize) -> Option<Secret> {
    let value = rest.trim_start_matches(['"', '\\', '\'', ' ']);
    let value = value.strip_prefix([':', '='])?.trim_start_matches(['"', '\\', '\'', ' ', '[']);
    let first = run(value, is_token);
    let behind = value.get(first.len()..)?;
    let credentials = behind.trim_start_matches(' ');
    let known = ["bearer", "basic", "digest", "token", "negotiate", "apikey", "aws4-hmac-sha256"];
    let scheme =
        known.iter().any(|s| first.eq_ignore_ascii_case(s)) && credentials.len() < behind.len();
    let start = at + rest.len() - if scheme { credentials.len() } else { value.len() };
    // Digest and AWS have several parts with commas between them.
    let several =
        scheme && ["digest", "aws4-hmac-sha256"].iter().any(|s| first.eq_ignore_ascii_case(s));
    let secret = if scheme { credentials } else { first };
    let secret = if several {
        run(secret, |b| !matches!(b, b'\n' | b'\''))
    } else {
        run(secret, |b| !matches!(b, b' ' | b'"' | b'\'' | b',' | b'\\' | b'\n' | b']' | b'}'))
    };
    (secret.len() >= 4 && (scheme || secret.len() >= 16 || has_digit(secret)))
        .then(|| found(start, start + secret.len()))
}

/// A value behind a name that ends with the word: `name=value`, `"name": "value"`, `name: value`, `--name value`.
fn named(text: &str, start: usize, end: usize, password: bool) -> Option<Secret> {
    let rest = text.get(end..)?;
    // The name must end here, or with what still makes it one: `tokens` and `token_type` are something else.
    let tail = run(head(rest, 24), |b| is_word(b) || b == b'-');
    let key = ["", "key", "_key", "-key", "_access_key", "-access-key", "accesskey", "_value"];
    if !key.iter().any(|k| tail.eq_ignore_ascii_case(k))
        || (tail.eq_ignore_ascii_case("_id") && password)
    {
        return None;
    }
    if tail.eq_ignore_ascii_case("_id") {
        return None;
    }
    let rest = rest.get(tail.len()..)?;
    let flag = is_flag(text, start);
    let quoted = rest.starts_with(['"', '\'', '\\']);
    let behind = rest.trim_start_matches(['\\', '"', '\'', ']']);
    let trimmed = behind.trim_start_matches(' ');
    let (value, certain) = if let Some(value) = trimmed.strip_prefix("=>") {
        (value, true)
    } else if let Some(value) = trimmed.strip_prefix('=') {
        // `name= other=value` has no value; `name = value` has one.
        if value.starts_with(['=', '~'])
            || (value.starts_with(' ') && trimmed.len() == behind.len())
        {
            return None;
        }
        (value, true)
    } else if let Some(value) = trimmed.strip_prefix(':') {
        if value.starts_with(':') {
            return None;
        }
        (value, quoted)
    } else if flag && trimmed.len() < behind.len() && !trimmed.starts_with('-') {
        (trimmed, true)
    } else {
        return None;
    };
    let value = value.trim_start_matches(' ');
    let (open, inner) = opening(value);
    if inner.starts_with(['[', '{', '$', '(', '%']) {
        return None;
    }
    let inner_at = text.len() - inner.len();
    let length = match open {
        Some(quote) => closing(inner, quote),
        None => run(inner, |b| {
            !matches!(
                b,
                b' ' | b','
                    | b';'
                    | b'&'
                    | b')'
                    | b']'
                    | b'}'
                    | b'"'
                    | b'\''
                    | b'<'
                    | b'\n'
                    | b'\t'
            )
        })
        .len(),
    };
    let secret = inner.get(..length)?;
    let name_is_pwd = text.get(start..end)?.eq_ignore_ascii_case("pwd");
    if nothing(secret, password)
        || (name_is_pwd && (secret.starts_with(['/', '~']) || secret.contains(":\\")))
    {
        return None;
    }
    let likely = certain
        || open.is_some() && has_digit(secret)
        || looks_secret(secret, inner.get(length..)?, password);
    likely.then(|| found(inner_at, inner_at + length))
}

/// `--password`, also with a word between (`--db-password`).
fn is_flag(text: &str, start: usize) -> bool {
    let before = text.get(..start).unwrap_or_default();
    let name = before.bytes().rev().take(64).take_while(|b| is_word(*b) || *b == b'-').count();
    before.get(before.len() - name..).is_some_and(|n| n.starts_with("--"))
}

/// A quote at the beginning, perhaps escaped.
fn opening(value: &str) -> (Option<u8>, &str) {
    let bare = value.strip_prefix('\\').unwrap_or(value);
    match bare.bytes().next() {
        Some(quote @ (b'"' | b'\'')) => (Some(quote), bare.get(1..).unwrap_or_default()),
        _ => (None, value),
    }
}

/// Where a quoted value ends: at its quote, or at the backslash before it if that is escaped as the first was.
fn closing(inner: &str, quote: u8) -> usize {
    let bytes = inner.as_bytes();
    let at = bytes.iter().enumerate().position(|(at, b)| {
        *b == quote
            && (at == 0
                || bytes.get(at - 1) != Some(&b'\\')
                || bytes.get(at + 1).is_none_or(|n| matches!(n, b',' | b'}' | b' ')))
    });
    let end = at.unwrap_or(bytes.len());
    if end > 0 && bytes.get(end - 1) == Some(&b'\\') { end - 1 } else { end }
}

/// Values that keep no secret.
fn nothing(value: &str, password: bool) -> bool {
    let known = ["null", "nil", "none", "true", "false", "undefined", "yes", "no", "<nil>"];
    value.is_empty()
        || known.iter().any(|k| value.eq_ignore_ascii_case(k))
        || (!password && value.len() <= 3 && value.bytes().all(|b| b.is_ascii_digit()))
}

/// Behind a bare `name:` there may be prose: it is a secret if it does not look like a word of it.
fn looks_secret(value: &str, behind: &str, password: bool) -> bool {
    let odd = has_digit(value)
        || value
            .bytes()
            .any(|b| matches!(b, b'!' | b'@' | b'#' | b'$' | b'%' | b'^' | b'+' | b'/' | b'='));
    if password {
        return value.len() >= 4 && (odd || behind.trim().is_empty());
    }
    value.len() >= 8 && odd && value.bytes().any(|b| b.is_ascii_alphabetic()) || value.len() >= 24
}

/// What follows the first words of a PEM block, if it is a private key: all up to its end.
fn private_key(rest: &str, at: usize) -> Option<Secret> {
    let (label, body) = rest.split_once("-----")?;
    if !label.ends_with("PRIVATE KEY") && !label.ends_with("PRIVATE KEY BLOCK") {
        return None;
    }
    let start = at + label.len() + 5;
    match body.find("-----END") {
        Some(length) => Some(found(start, start + length)),
        None => Some(Secret { start, end: start + body.len(), open: true }),
    }
}

/// Within a private key: how much of the line belongs to it, and whether it ends there.
pub(super) fn rest_of_key(text: &str) -> (usize, bool) {
    if let Some(at) = text.find("-----END") {
        return (at, true);
    }
    let body = text.trim();
    let header = body.starts_with("Proc-Type:") || body.starts_with("DEK-Info:");
    // What is around the lines of a key (a time, a prefix of a logger) has blanks.
    let ends = !header && (body.contains(' ') || body.bytes().any(|b| !(is_token(b) || b == b':')));
    (if ends || body.is_empty() { 0 } else { text.len() }, ends)
}

fn run(text: &str, is: impl Fn(u8) -> bool) -> &str {
    text.get(..text.bytes().take_while(|b| is(*b)).count()).unwrap_or(text)
}

const fn is_word(b: u8) -> bool {
    b.is_ascii_alphanumeric() || b == b'_'
}

/// RFC 6750's `b68token`.
const fn is_token(b: u8) -> bool {
    is_word(b) || matches!(b, b'-' | b'.' | b'~' | b'+' | b'/' | b'=')
}

fn has_digit(text: &str) -> bool {
    text.bytes().any(|b| b.is_ascii_digit())
}

/// Whether neither a letter nor a digit stands before or behind.
fn alone(text: &str, start: usize, end: usize) -> bool {
    let bytes = text.as_bytes();
    let before = start.checked_sub(1).and_then(|at| bytes.get(at));
    !before.is_some_and(u8::is_ascii_alphanumeric)
        && (start == end || !bytes.get(end).is_some_and(u8::is_ascii_alphanumeric))
}
