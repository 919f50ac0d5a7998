//! The members of a JSON object as they are written, found without copying. serde_json says where each begins and ends.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::fields::MAX_FIELDS;

/// Names and values of an object, as they stand in the text: strings with their quotes and escapes.
pub(super) struct Members<'a> {
    list: [(&'a str, &'a str); MAX_FIELDS],
    length: usize,
    /// Whether there were more than there is room for.
    pub(super) cut: bool,
}

impl<'a> Members<'a> {
    /// Reads an object; `None` if the text is anything else.
    pub(super) fn read(text: &'a str) -> Option<Self> {
        if !text.starts_with('{') {
            return None;
        }
        serde_json::from_str(text).ok()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.list.iter().take(self.length).copied()
    }

    /// The value of that name, as it is written.
    pub(super) fn get(&self, name: &str) -> Option<&'a str> {
        self.iter().find(|(n, _)| *n == name).map(|(_, value)| value)
    }

    /// The text of a string of that name, if it needs no decoding.
    pub(super) fn text(&self, name: &str) -> Option<&'a str> {
        let value = self.get(name)?;
        value.strip_prefix('"')?.strip_suffix('"')
    }
}

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Object)
    }
}

struct Object;

impl<'de> Visitor<'de> for Object {
    type Value = Members<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members<'de>, A::Error> {
        let mut members = Members { list: [("", ""); MAX_FIELDS], length: 0, cut: false };
        while let Some((name, value)) = map.next_entry::<&RawValue, &RawValue>()? {
            match members.list.get_mut(members.length) {
                Some(room) => {
                    let name = name.get();
                    *room = (
                        name.get(1..name.len().saturating_sub(1)).unwrap_or_default(),
                        value.get(),
                    );
                    members.length += 1;
                }
                None => members.cut = true,
            }
        }
        Ok(members)
    }
}

pub(super) fn is_string(value: &str) -> bool {
    value.starts_with('"')
}

pub(super) fn is_object(value: &str) -> bool {
    value.starts_with('{')
}

/// The text of a JSON string; what is not one, or holds half a surrogate pair, stays as it is written.
pub(super) fn decode(raw: &str) -> Cow<'_, str> {
    let Some(inner) = raw.strip_prefix('"').and_then(|r| r.strip_suffix('"')) else {
        return Cow::Borrowed(raw);
    };
    if !inner.contains('\\') {
        return Cow::Borrowed(inner);
    }
    serde_json::from_str(raw).map_or(Cow::Borrowed(inner), Cow::Owned)
}
